#include "broker/self_probe.h"

#include <glog/logging.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/tls.h"

namespace naru {
namespace {

// The health service's method; its request and answer are empty enough to go as raw bytes.
constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";

// One call over one connection; keeps what it needs until it is done.
struct Call {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<grpc::GenericStub> stub;
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
};

}  // namespace

struct SelfProbe::State {
  explicit State(Options given) : options(std::move(given)) {}
  const Options options;
  absl::Mutex mu;
  bool stopped ABSL_GUARDED_BY(mu) = false;
  int failures ABSL_GUARDED_BY(mu) = 0;
  Timer::Token token ABSL_GUARDED_BY(mu) = 0;
};

SelfProbe::SelfProbe(Options options) : state_(std::make_shared<State>(std::move(options))) {
  Schedule(state_);
}

SelfProbe::~SelfProbe() {
  absl::MutexLock lock(&state_->mu);
  state_->stopped = true;
  state_->options.timer->Cancel(state_->token);
}

void SelfProbe::Schedule(const std::shared_ptr<State>& state) {
  absl::MutexLock lock(&state->mu);
  if (state->stopped) return;
  state->token = state->options.timer->After(kInterval, [state] { Probe(state); });
}

void SelfProbe::Probe(const std::shared_ptr<State>& state) {
  {
    absl::MutexLock lock(&state->mu);
    if (state->stopped) return;
  }
  const Options& options = state->options;
  auto channel = ChannelTo(options.address, options.tls, options.identity);
  if (!channel.ok()) {
    Finished(state, false);
    return;
  }
  auto call = std::make_shared<Call>();
  call->channel = *std::move(channel);
  call->stub = std::make_unique<grpc::GenericStub>(call->channel);
  call->context.set_deadline(DeadlineAfter(kDeadline));
  const grpc::Slice empty;
  call->request = grpc::ByteBuffer(&empty, 1);
  call->stub->UnaryCall(&call->context, kHealthCheck, grpc::StubOptions(), &call->request,
                        &call->response,
                        [state, call](grpc::Status status) { Finished(state, status.ok()); });
}

void SelfProbe::Finished(const std::shared_ptr<State>& state, bool ok) {
  bool deaf = false;
  {
    absl::MutexLock lock(&state->mu);
    if (state->stopped) return;
    state->failures = ok ? 0 : state->failures + 1;
    deaf = state->failures >= kFailures;
  }
  if (!ok) {
    LOG(WARNING) << "the self-probe of the listener failed";
    if (state->options.on_failure) state->options.on_failure();
  }
  if (deaf) {
    LOG(ERROR) << "the listener is deaf: " << kFailures << " self-probes failed in a row";
    state->options.on_deaf();
    return;
  }
  Schedule(state);
}

}  // namespace naru
