#include "broker/document_service.h"

#include <utility>
#include <vector>

#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/repeated_answer.h"
#include "broker/response_sink.h"
#include "broker/stream_writer.h"

namespace naru {
namespace {

constexpr absl::string_view kRpc = "DocumentService/FetchDocuments";

using Writer = StreamWriter<v1::FetchDocumentsResponse>;

// The requester's gRPC stream as a ResponseSink.
class StreamSink : public ResponseSink {
 public:
  // gRPC keeps `context` until the stream is over, and the writer knows when that is.
  StreamSink(std::shared_ptr<Writer> writer, grpc::CallbackServerContext* context)
      : writer_(std::move(writer)), context_(context) {}

  void Listen(Events events) override {
    auto gone = std::make_shared<std::function<void()>>(std::move(events.on_peer_gone));
    writer_->Listen({[written = std::move(events.on_written), gone](bool ok) {
                       if (ok) written();
                     },
                     [gone] { (*gone)(); }, nullptr});
  }
  void Write(v1::FetchDocumentsResponse step) override { writer_->Write(std::move(step)); }
  void Finish(const absl::Status& status) override { writer_->Finish(ToGrpcStatus(status)); }
  void Cancel() override {
    writer_->WhileOpen([this] { context_->TryCancel(); });
  }

 private:
  const std::shared_ptr<Writer> writer_;
  grpc::CallbackServerContext* const context_;
};

}  // namespace

// One call, from admission to its end.
struct DocumentServiceImpl::Fetch {
  Caller caller;
  v1::FetchDocumentsRequest request;
  std::shared_ptr<StreamSink> sink;
  absl::Duration start;
  uint64_t id = 0;
  bool ended = false;  // Under mu_.
};

grpc::ServerWriteReactor<v1::FetchDocumentsResponse>* DocumentServiceImpl::FetchDocuments(
    grpc::CallbackServerContext* context, const v1::FetchDocumentsRequest* request) {
  const CallFrame::Options& frame = options_.frame->options();
  auto writer = Writer::Create();
  writer->HoldForRpc();
  const absl::Duration start = frame.clock->Monotonic();
  auto caller = options_.frame->Admit(*context, kRpc, *request);
  if (caller.ok()) {
    if (absl::Status status = Enter(*caller); !status.ok()) caller = status;
  }
  if (!caller.ok()) {
    options_.frame->Finish(kRpc, start, caller.status());
    writer->Finish(ToGrpcStatus(caller.status()));
    return writer->reactor();
  }
  auto fetch = std::make_shared<Fetch>();
  fetch->caller = *std::move(caller);
  fetch->request = *request;
  fetch->sink = std::make_shared<StreamSink>(writer, context);
  fetch->start = start;
  {
    absl::MutexLock lock(&mu_);
    fetch->id = next_++;
  }
  frame.metrics->fetches().Increment();
  // Off gRPC's thread: admission reads rows.
  frame.executor->Run([this, fetch] { Admit(fetch); });
  return writer->reactor();
}

absl::Status DocumentServiceImpl::Enter(const Caller& caller) {
  absl::MutexLock lock(&mu_);
  if (fetches_ >= options_.max_fetches) return Overloaded("fetches", absl::Seconds(1));
  int& of_agency = by_agency_[caller.agency];
  if (of_agency >= options_.max_fetches_per_agency) {
    return QuotaExceeded("fetches of the agency", absl::Seconds(1));
  }
  ++of_agency;
  ++fetches_;
  return absl::OkStatus();
}

void DocumentServiceImpl::Leave(Fetch& fetch) {
  absl::MutexLock lock(&mu_);
  fetch.ended = true;
  --fetches_;
  if (--by_agency_[fetch.caller.agency] == 0) by_agency_.erase(fetch.caller.agency);
  running_.erase(fetch.id);
}

void DocumentServiceImpl::Admit(std::shared_ptr<Fetch> fetch) {
  options_.book->Admit(fetch->caller, fetch->request,
                       [this, fetch](absl::StatusOr<ReleaseBook::Admission> admission) {
                         Admitted(fetch, std::move(admission));
                       });
}

void DocumentServiceImpl::Admitted(std::shared_ptr<Fetch> fetch,
                                   absl::StatusOr<ReleaseBook::Admission> admission) {
  if (!admission.ok()) {
    fetch->sink->Finish(admission.status());
    return End(fetch, admission.status());
  }
  if (admission->refused.has_value()) {
    options_.frame->options().metrics->Refused(kRpc, admission->refused->reason());
    RepeatedFetch refused;
    *refused.steps.emplace_back().mutable_refusal() = *admission->refused;
    return Repeat(std::move(fetch), std::move(refused));
  }
  if (admission->repeated.has_value()) {
    return Repeat(std::move(fetch), *std::move(admission->repeated));
  }
  auto release = FetchRelease::Start(*options_.parts, *std::move(admission->admitted), fetch->sink,
                                     [this, fetch] { End(fetch, absl::OkStatus()); });
  absl::MutexLock lock(&mu_);
  if (!fetch->ended) running_[fetch->id] = release;
}

// Answers that are known beforehand: a refusal, or what a repeat gets (P7).
void DocumentServiceImpl::Repeat(std::shared_ptr<Fetch> fetch, RepeatedFetch repeated) {
  RepeatedAnswer::Start(*options_.parts, std::move(repeated), fetch->sink,
                        [this, fetch] { End(fetch, absl::OkStatus()); });
}

void DocumentServiceImpl::End(const std::shared_ptr<Fetch>& fetch, const absl::Status& status) {
  Leave(*fetch);
  options_.frame->Finish(kRpc, fetch->start, status);
  options_.frame->options().metrics->fetches().Decrement();
}

void DocumentServiceImpl::Interrupt() {
  std::vector<std::shared_ptr<FetchRelease>> running;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& [id, weak] : running_) {
      if (auto release = weak.lock()) running.push_back(std::move(release));
    }
  }
  for (const auto& release : running) release->Interrupt();
}

}  // namespace naru
