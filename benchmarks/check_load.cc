#include <glog/logging.h>

#include <atomic>
#include <map>

#include "benchmarks/bench_site.h"
#include "benchmarks/loads.h"
#include "benchmarks/unary_load.h"

namespace naru {
namespace {

constexpr int kConnections = 8;
constexpr int kOutstanding = 128;

using Load = UnaryLoad<v1::CheckConsentRequest, v1::CheckConsentResponse>;
using Stubs = std::vector<std::unique_ptr<v1::ConsentService::Stub>>;

// Spreads calls over all consents: neighbours in time are no neighbours in the store.
uint64_t Scatter(uint64_t n) { return n * 0x9E3779B97F4A7C15u >> 17; }

}  // namespace

void CheckLoad(const std::string& directory, int consents) {
  BenchSite bench({directory});
  std::vector<std::string> ids;
  for (BenchSite::Known& known : bench.Granted(consents, kAbstract)) {
    ids.push_back(std::move(*known.consent.mutable_consent_id()));
  }
  std::map<std::string, Stubs> targets;
  const auto add = [&](const std::string& name, const std::string& address) {
    for (const auto& channel : bench.Channels(kSystemParty, kConnections, address)) {
      targets[name].push_back(v1::ConsentService::NewStub(channel));
    }
  };
  add("broker", bench.broker().grpc_address());
  std::atomic<uint64_t> next{0};
  const auto round = [&](const std::string& name, absl::Duration length) {
    const Stubs& stubs = targets.at(name);
    Load::Options load;
    load.outstanding = kOutstanding;
    load.length = length;
    load.prepare = [&](int slot, grpc::ClientContext* context,
                       const v1::CheckConsentRequest& request, grpc::CompletionQueue* queue) {
      return stubs[static_cast<size_t>(slot) % stubs.size()]->PrepareAsyncCheckConsent(
          context, request, queue);
    };
    load.next = [&](v1::CheckConsentRequest& request) {
      request.set_consent_id(ids[Scatter(next.fetch_add(1)) % ids.size()]);
      return true;
    };
    load.good = [](const v1::CheckConsentRequest& request, const grpc::Status& status,
                   v1::CheckConsentResponse& response) {
      return status.ok() && response.allowed().consent_id() == request.consent_id();
    };
    return Load::Run(load);
  };
  ServeRounds(bench.Ready(), {add, nullptr, round});
}

}  // namespace naru
