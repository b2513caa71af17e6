#include <glog/logging.h>
#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "benchmarks/bench_site.h"
#include "benchmarks/loads.h"
#include "broker/base/clock.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/limits.h"
#include "broker/base/random.h"
#include "naru/holder/v1/holder_service.grpc.pb.h"
#include "naru/v1/document_service.grpc.pb.h"

// Documents through the broker, and the same holder's documents through something that passes its
// bytes on and does nothing else. Both clients read everything, check that it is all there, and
// keep nothing.
namespace naru {
namespace {

constexpr int kConnections = 4;
constexpr int kConsents = 64;
constexpr int kSmallAtOnce = 16;
constexpr int kLargeAtOnce = 1;

// One round: so many documents under way at a time, each end starts the next, until time is up.
class Flow {
 public:
  // Starts one document; its end calls Ended once. `slot` is from 0 to at_once - 1.
  using Start = std::function<void(Flow* flow, int slot)>;

  static Round Run(int at_once, absl::Duration length, Start start) {
    Flow flow(at_once, length, std::move(start));
    for (int slot = 0; slot < at_once; ++slot) flow.Next(slot);
    flow.idle_.Wait();
    flow.round_.took = Clock::Real()->Monotonic() - flow.start_time_;
    return std::move(flow.round_);
  }

  void Ended(int slot, absl::Duration started, bool good) {
    {
      absl::MutexLock lock(&mu_);
      ++round_.operations;
      if (!good) ++round_.errors;
      round_.latencies.Add(Clock::Real()->Monotonic() - started);
    }
    Next(slot);
  }

 private:
  Flow(int at_once, absl::Duration length, Start start)
      : start_time_(Clock::Real()->Monotonic()),
        end_(start_time_ + length),
        start_(std::move(start)),
        idle_(at_once) {}

  void Next(int slot) {
    if (Clock::Real()->Monotonic() < end_) return start_(this, slot);
    idle_.DecrementCount();
  }

  const absl::Duration start_time_;
  const absl::Duration end_;
  const Start start_;
  absl::BlockingCounter idle_;
  absl::Mutex mu_;
  Round round_ ABSL_GUARDED_BY(mu_);
};

// One fetch through the broker; deletes itself.
class BrokerFetch final : public grpc::ClientReadReactor<v1::FetchDocumentsResponse> {
 public:
  BrokerFetch(Flow* flow, int slot, uint64_t size, v1::DocumentService::Stub& stub,
              v1::FetchDocumentsRequest request)
      : flow_(flow), slot_(slot), size_(size), request_(std::move(request)) {
    context_.set_deadline(DeadlineAfter(absl::Seconds(60)));
    stub.async()->FetchDocuments(&context_, &request_, this);
    StartRead(&step_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (step_.has_chunk()) bytes_ += step_.chunk().data().size();
    if (step_.has_receipt()) receipt_ = true;
    if (step_.has_outcome()) sent_ = step_.outcome().outcome() == v1::OUTCOME_SENT;
    if (step_.has_refusal()) LOG(ERROR) << v1::RefusalReason_Name(step_.refusal().reason());
    StartRead(&step_);
  }

  void OnDone(const grpc::Status& status) override {
    const bool good = status.ok() && sent_ && receipt_ && bytes_ == size_;
    LOG_IF(ERROR, !good) << "not fetched: " << status.error_message() << ", " << bytes_ << " bytes";
    Flow* const flow = flow_;
    const int slot = slot_;
    const absl::Duration started = started_;
    delete this;
    flow->Ended(slot, started, good);
  }

 private:
  Flow* const flow_;
  const int slot_;
  const uint64_t size_;
  const absl::Duration started_ = Clock::Real()->Monotonic();
  grpc::ClientContext context_;
  const v1::FetchDocumentsRequest request_;
  v1::FetchDocumentsResponse step_;
  uint64_t bytes_ = 0;
  bool receipt_ = false;
  bool sent_ = false;
};

// One call of a holder, past what stands in front of it; deletes itself.
class HolderFetch final : public grpc::ClientBidiReactor<holder::v1::ProvideDocumentRequest,
                                                         holder::v1::ProvideDocumentResponse> {
 public:
  HolderFetch(Flow* flow, int slot, uint64_t size, holder::v1::HolderService::Stub& stub,
              holder::v1::ProvideDocumentRequest request)
      : flow_(flow), slot_(slot), size_(size), request_(std::move(request)) {
    context_.set_deadline(DeadlineAfter(absl::Seconds(60)));
    stub.async()->ProvideDocument(&context_, this);
    StartWrite(&request_);
    StartRead(&step_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (step_.has_chunk()) bytes_ += step_.chunk().data().size();
    if (step_.has_answer()) {
      request_.mutable_proceed();
      StartWriteLast(&request_, {});
    }
    StartRead(&step_);
  }

  void OnDone(const grpc::Status& status) override {
    const bool good = status.ok() && bytes_ == size_;
    LOG_IF(ERROR, !good) << "not passed: " << status.error_message() << ", " << bytes_ << " bytes";
    Flow* const flow = flow_;
    const int slot = slot_;
    const absl::Duration started = started_;
    delete this;
    flow->Ended(slot, started, good);
  }

 private:
  Flow* const flow_;
  const int slot_;
  const uint64_t size_;
  const absl::Duration started_ = Clock::Real()->Monotonic();
  grpc::ClientContext context_;
  holder::v1::ProvideDocumentRequest request_;
  holder::v1::ProvideDocumentResponse step_;
  uint64_t bytes_ = 0;
};

holder::v1::ProvideDocumentRequest HolderRequest(const std::string& kind) {
  holder::v1::ProvideDocumentRequest message;
  holder::v1::DocumentRequest& request = *message.mutable_request();
  request.set_release_id(std::string(32, '0'));
  request.set_nonce(Random::System()->Bytes(limits::kNonceBytes));
  request.set_requester("B553077");
  request.set_document_kind(kind);
  *request.mutable_subject() = PersonOf(1);
  *request.mutable_person() = PersonOf(1);
  request.add_approved_fields("name");
  request.set_max_size_bytes(kLargeDocument);
  return message;
}

}  // namespace

void DocumentLoad(const std::string& directory, bool large) {
  BenchSite bench({directory, large});
  const std::string kind = large ? kHousehold : kAbstract;
  const uint64_t size = large ? kLargeDocument : kSmallDocument;
  const int at_once = large ? kLargeAtOnce : kSmallAtOnce;
  const std::vector<BenchSite::Known> consents =
      bench.Granted(kConsents, kind, limits::kConsentUses);

  std::vector<std::unique_ptr<v1::DocumentService::Stub>> broker;
  for (const auto& channel :
       bench.Channels(kSystemParty, kConnections, bench.broker().grpc_address())) {
    broker.push_back(v1::DocumentService::NewStub(channel));
  }
  std::atomic<size_t> next{0};
  const auto by_broker = [&](Flow* flow, int slot) {
    const BenchSite::Known& known = consents[next.fetch_add(1) % consents.size()];
    new BrokerFetch(
        flow, slot, size, *broker[static_cast<size_t>(slot) % broker.size()],
        bench.clients().FetchRequest(known.consent.consent_id(), PersonOf(known.person)));
  };

  using HolderStubs = std::vector<std::unique_ptr<holder::v1::HolderService::Stub>>;
  std::map<std::string, HolderStubs> peers;
  const auto add = [&](const std::string& name, const std::string& address) {
    // The holder itself, or what stands in front of it with the broker's certificate.
    const auto server = address == bench.holder().address() ? kHolderParty : kBrokerParty;
    for (const auto& channel : bench.Channels(kSystemParty, kConnections, address, server)) {
      peers[name].push_back(holder::v1::HolderService::NewStub(channel));
    }
  };
  const auto round = [&](const std::string& name, absl::Duration length) {
    if (name == "broker") return Flow::Run(at_once, length, by_broker);
    const HolderStubs& stubs = peers.at(name);
    return Flow::Run(at_once, length, [&](Flow* flow, int slot) {
      new HolderFetch(flow, slot, size, *stubs[static_cast<size_t>(slot) % stubs.size()],
                      HolderRequest(kind));
    });
  };
  ServeRounds(bench.Ready(), {add, nullptr, round});
}

}  // namespace naru
