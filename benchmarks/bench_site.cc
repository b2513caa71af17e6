#include "benchmarks/bench_site.h"

#include <glog/logging.h>

#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "benchmarks/unary_load.h"
#include "broker/base/file.h"
#include "broker/base/grpc/tls.h"
#include "google/protobuf/text_format.h"

namespace naru {
namespace {

constexpr int kConnections = 8;
constexpr int kSeedBatch = 10'000;

std::vector<std::unique_ptr<v1::ConsentService::Stub>> StubsOn(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels) {
  std::vector<std::unique_ptr<v1::ConsentService::Stub>> stubs;
  for (const auto& channel : channels) stubs.push_back(v1::ConsentService::NewStub(channel));
  return stubs;
}

// The holder's kinds may be as large as their documents.
void AllowLarge(config::v1::Catalogue& catalogue) {
  for (config::v1::DocumentKind& kind : *catalogue.mutable_kinds()) {
    kind.set_max_size_bytes(kLargeDocument);
  }
}

void NameHolder(const PreparedHolder& holder, config::v1::Catalogue& catalogue) {
  for (config::v1::Agency& agency : *catalogue.mutable_agencies()) {
    if (agency.signing_keys().empty()) continue;
    agency.mutable_services(0)->set_address(holder.address());
    agency.mutable_signing_keys(0)->set_key_id(holder.key().key_id());
    agency.mutable_signing_keys(0)->set_pem(holder.key().PublicPem());
  }
}

}  // namespace

BenchSite::BenchSite(const Options& options) {
  TestSite::Options site;
  site.directory = options.directory;
  site.limits.set_calls_per_second(1'000'000);
  site_ = std::make_unique<TestSite>(std::move(site));
  holder_ = std::make_unique<PreparedHolder>(
      "1741000", site_->CertificateOf(kHolderParty),
      std::map<std::string, uint64_t>{
          {kAbstract, kSmallDocument},
          {kHousehold, options.large_documents ? kLargeDocument : kSmallDocument}});
  // The broker's copy of the catalogue: it does not run yet.
  config::v1::Catalogue catalogue = site_->catalogue();
  NameHolder(*holder_, catalogue);
  AllowLarge(catalogue);
  std::string text;
  CHECK(google::protobuf::TextFormat::PrintToString(catalogue, &text));
  CHECK(AtomicWriteFile(site_->PathOf("catalogue.textproto"), text, 0600).ok());
  BrokerProcess::Options process;
  process.config_file = site_->config_file();
  process.stderr_file = options.directory + "/broker.log";
  auto broker = BrokerProcess::Start(process);
  CHECK(broker.ok()) << broker.status();
  broker_ = *std::move(broker);
  clients_ = std::make_unique<TestClients>(site_.get(), broker_->grpc_address());
  requesters_ = StubsOn(Channels(kSystemParty, kConnections, broker_->grpc_address()));
  citizens_ = StubsOn(Channels(kCitizenParty, kConnections, broker_->grpc_address()));
}

std::string BenchSite::Ready() {
  const config::v1::TlsFiles tls = site_->CertificateOf(kBrokerParty);
  return JsonObject({{"pid", absl::StrCat(broker_->pid())},
                     {"holder", holder_->address()},
                     {"certificate", tls.certificate_file()},
                     {"key", tls.key_file()},
                     {"ca", tls.ca_file()}});
}

std::vector<std::shared_ptr<grpc::Channel>> BenchSite::Channels(absl::string_view party, int count,
                                                                const std::string& address,
                                                                absl::string_view server) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < count; ++i) {
    // Credentials of its own, so that gRPC makes a connection of its own.
    auto channel = ChannelTo(address, site_->CertificateOf(party), TestSite::UriOf(server));
    CHECK(channel.ok()) << channel.status();
    channels.push_back(*std::move(channel));
  }
  return channels;
}

std::vector<BenchSite::Known> BenchSite::Open(int count, const std::string& kind, uint32_t uses) {
  using Load = UnaryLoad<v1::OpenConsentRequest, v1::OpenConsentResponse>;
  const uint64_t first = next_person_.fetch_add(static_cast<uint64_t>(count));
  std::atomic<int> next{0};
  absl::Mutex mu;
  std::map<std::string, uint64_t> people;
  std::vector<Known> opened;
  Load::Options load;
  load.prepare = [this](int slot, grpc::ClientContext* context, const v1::OpenConsentRequest& call,
                        grpc::CompletionQueue* queue) {
    return requesters_[static_cast<size_t>(slot) % requesters_.size()]->PrepareAsyncOpenConsent(
        context, call, queue);
  };
  load.next = [&](v1::OpenConsentRequest& request) {
    const int i = next.fetch_add(1);
    if (i >= count) return false;
    const uint64_t person = first + static_cast<uint64_t>(i);
    request = clients_->OpenRequest(PersonOf(person), {PaperOf(1, kind)}, uses);
    absl::MutexLock lock(&mu);
    people[request.person().number()] = person;
    return true;
  };
  load.good = [&](const v1::OpenConsentRequest& request, const grpc::Status& status,
                  v1::OpenConsentResponse& response) {
    if (!status.ok() || !response.has_opened()) {
      LOG(ERROR) << "not opened: " << status.error_message();
      return false;
    }
    absl::MutexLock lock(&mu);
    opened.push_back({std::move(*response.mutable_opened()->mutable_consent()),
                      people.at(request.person().number())});
    return true;
  };
  CHECK_EQ(Load::Run(load).errors, 0u);
  return opened;
}

std::vector<v1::DecideConsentRequest> BenchSite::Agreements(
    const std::vector<Known>& pending) const {
  std::vector<v1::DecideConsentRequest> requests;
  requests.reserve(pending.size());
  for (const Known& known : pending) {
    requests.push_back(clients_->AgreeRequest(known.consent, PersonOf(known.person)));
  }
  return requests;
}

Round BenchSite::Decide(std::vector<v1::DecideConsentRequest> decisions) {
  using Load = UnaryLoad<v1::DecideConsentRequest, v1::DecideConsentResponse>;
  std::atomic<size_t> next{0};
  Load::Options load;
  load.prepare = [this](int slot, grpc::ClientContext* context,
                        const v1::DecideConsentRequest& call, grpc::CompletionQueue* queue) {
    return citizens_[static_cast<size_t>(slot) % citizens_.size()]->PrepareAsyncDecideConsent(
        context, call, queue);
  };
  load.next = [&](v1::DecideConsentRequest& request) {
    const size_t i = next.fetch_add(1);
    if (i >= decisions.size()) return false;
    request = std::move(decisions[i]);
    return true;
  };
  load.good = [](const v1::DecideConsentRequest&, const grpc::Status& status,
                 v1::DecideConsentResponse& response) {
    return status.ok() && response.has_decided();
  };
  return Load::Run(load);
}

std::vector<BenchSite::Known> BenchSite::Granted(int count, const std::string& kind,
                                                 uint32_t uses) {
  std::vector<Known> all;
  all.reserve(static_cast<size_t>(count));
  while (static_cast<int>(all.size()) < count) {
    const int left = count - static_cast<int>(all.size());
    std::vector<Known> batch = Open(std::min(left, kSeedBatch), kind, uses);
    CHECK_EQ(Decide(Agreements(batch)).errors, 0u);
    std::move(batch.begin(), batch.end(), std::back_inserter(all));
    if (count > kSeedBatch) std::cerr << all.size() << " of " << count << " consents\n";
  }
  return all;
}

}  // namespace naru
