#include "broker/self_probe.h"

#include <glog/logging.h>
#include <grpcpp/channel.h>
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

// A channel is READY once TLS and HTTP/2 have shaken hands, which takes a listener that accepts.
ProbeResult ResultOf(const grpc::Status& status, grpc::Channel& channel, bool starved) {
  if (status.ok()) return ProbeResult::kAnswered;
  if (channel.GetState(/*try_to_connect=*/false) == GRPC_CHANNEL_READY) return ProbeResult::kSlow;
  return starved ? ProbeResult::kStarved : ProbeResult::kUnheard;
}

const char* TextOf(ProbeResult result) {
  switch (result) {
    case ProbeResult::kAnswered:
      return "answered";
    case ProbeResult::kSlow:
      return "shook hands, but did not answer in time";
    case ProbeResult::kUnheard:
      return "nobody shakes hands";
    case ProbeResult::kStarved:
      return "nobody shakes hands, but the process itself runs late";
  }
  return "";
}

}  // namespace

struct SelfProbe::State {
  explicit State(Options given) : options(std::move(given)), judge(options.clock->Monotonic()) {}
  const Options options;
  absl::Mutex mu;
  bool stopped ABSL_GUARDED_BY(mu) = false;
  ProbeJudge judge ABSL_GUARDED_BY(mu);
  // When the next probe is to start.
  absl::Duration due ABSL_GUARDED_BY(mu);
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
  state->due = state->options.clock->Monotonic() + kInterval;
  state->token = state->options.timer->After(kInterval, [state] { Probe(state); });
}

void SelfProbe::Probe(const std::shared_ptr<State>& state) {
  const Options& options = state->options;
  const absl::Duration start = options.clock->Monotonic();
  bool late = false;
  {
    absl::MutexLock lock(&state->mu);
    if (state->stopped) return;
    late = start - state->due > ProbeJudge::kLag;
  }
  auto channel = ChannelTo(options.address, options.tls, options.identity);
  if (!channel.ok()) {
    Finished(state, ProbeResult::kUnheard);
    return;
  }
  auto call = std::make_shared<Call>();
  call->channel = *std::move(channel);
  call->stub = std::make_unique<grpc::GenericStub>(call->channel);
  call->context.set_deadline(DeadlineAfter(kDeadline));
  // A try to connect that fails is followed by the next.
  call->context.set_wait_for_ready(true);
  const grpc::Slice empty;
  call->request = grpc::ByteBuffer(&empty, 1);
  call->stub->UnaryCall(&call->context, kHealthCheck, grpc::StubOptions(), &call->request,
                        &call->response, [state, call, start, late](grpc::Status status) {
                          const absl::Duration took = state->options.clock->Monotonic() - start;
                          const bool starved = late || took > kDeadline + ProbeJudge::kLag;
                          Finished(state, ResultOf(status, *call->channel, starved));
                        });
}

void SelfProbe::Finished(const std::shared_ptr<State>& state, ProbeResult result) {
  bool deaf = false;
  {
    absl::MutexLock lock(&state->mu);
    if (state->stopped) return;
    deaf = state->judge.IsDeaf(result, state->options.clock->Monotonic());
  }
  if (result != ProbeResult::kAnswered) {
    LOG(WARNING) << "the self-probe of the listener: " << TextOf(result);
    if (state->options.on_failure) state->options.on_failure();
  }
  if (deaf) {
    LOG(ERROR) << "the listener is deaf: " << ProbeJudge::kFailures
               << " self-probes in a row met nobody, or none was answered for "
               << ProbeJudge::kLongest;
    state->options.on_deaf();
    return;
  }
  Schedule(state);
}

}  // namespace naru
