#ifndef NARU_BROKER_CALL_FRAME_H_
#define NARU_BROKER_CALL_FRAME_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "broker/authenticator.h"
#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/executor.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/keyed_rate_limiter.h"
#include "broker/metrics.h"
#include "broker/validation.h"
#include "consent/caller.h"

namespace naru {

// What every RPC needs before its own work: who calls, may it, does it come too often, has the
// request its form; and after it: status, metrics. Permission is checked before anything else is
// looked at (P8, P10). Thread-safe.
class CallFrame {
 public:
  struct Options {
    Clock* clock = nullptr;
    // Runs the work of calls: nothing blocks on a gRPC thread.
    Executor* executor = nullptr;
    Metrics* metrics = nullptr;
    Authenticator* authenticator = nullptr;
    // Calls of one certificate.
    KeyedRateLimiter* callers = nullptr;
    // Calls for one official, by keyed hash.
    KeyedRateLimiter* officials = nullptr;
    std::function<std::string(const Caller&, const std::string& official)> official_hash;
    // Calls a second of a caller; from the catalogue or the default.
    std::function<RateLimit(const Caller&)> limit_of;
    // NOT_READY while nothing that depends on time may be judged. What the public ledger says does
    // not.
    std::function<absl::Status()> ready;
  };
  explicit CallFrame(Options options) : options_(std::move(options)) {}

  const Options& options() const { return options_; }

  // The caller, or why the call is turned away.
  template <typename Request>
  absl::StatusOr<Caller> Admit(const grpc::ServerContextBase& context, absl::string_view rpc,
                               const Request& request) const {
    auto identity = PeerIdentityOf(context);
    if (!identity.ok()) return identity.status();
    auto caller = options_.authenticator->Authorize(*identity, rpc);
    if (!caller.ok()) return caller.status();
    if (auto status = Validate(request); !status.ok()) return status;
    if (!absl::StartsWith(rpc, "LedgerService/")) {
      if (auto status = options_.ready(); !status.ok()) return status;
    }
    std::string official;
    if constexpr (HasCase<Request>(0)) {
      if (auto status = RequireCaseContext(*caller, request.has_case_(), request.case_());
          !status.ok()) {
        return status;
      }
      official = request.case_().official_id();
    }
    if (auto status = Limit(*caller, official); !status.ok()) return status;
    return caller;
  }

  template <typename Request, typename Response>
  using Work = std::function<void(const Caller&, const Request&,
                                  std::function<void(absl::StatusOr<Response>)>)>;

  // One unary call: admits it, runs `work` on the executor, finishes the reactor with what it
  // gives. `work` may answer at once or later, once, on any thread.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* Unary(grpc::CallbackServerContext* context, absl::string_view rpc,
                                  const Request* request, Response* response,
                                  Work<Request, Response> work) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const absl::Duration start = options_.clock->Monotonic();
    auto caller = Admit(*context, rpc, *request);
    if (caller.ok() && !Enter()) caller = Overloaded("calls", kRetryAfter);
    if (!caller.ok()) {
      Finish(rpc, start, caller.status());
      reactor->Finish(ToGrpcStatus(caller.status()));
      return reactor;
    }
    // Request and response live until the reactor is finished.
    auto done = [this, rpc, start, reactor, response](absl::StatusOr<Response> result) {
      Leave();
      if (result.ok()) {
        if constexpr (HasRefusal<Response>(0)) {
          if (result->has_refusal()) options_.metrics->Refused(rpc, result->refusal().reason());
        }
        *response = *std::move(result);
        Finish(rpc, start, absl::OkStatus());
        reactor->Finish(grpc::Status::OK);
        return;
      }
      Finish(rpc, start, result.status());
      reactor->Finish(ToGrpcStatus(result.status()));
    };
    options_.executor->Run([work = std::move(work), caller = *std::move(caller), request,
                            done = std::move(done)] { work(caller, *request, done); });
    return reactor;
  }

  // Counts a call that is over, and logs a fault (code and reason alone).
  void Finish(absl::string_view rpc, absl::Duration start, const absl::Status& status) const;

 private:
  template <typename Request>
  static constexpr auto HasCase(int) -> decltype(std::declval<Request>().case_(), bool()) {
    return true;
  }
  template <typename Request>
  static constexpr bool HasCase(...) {
    return false;
  }
  template <typename Response>
  static constexpr auto HasRefusal(int) -> decltype(std::declval<Response>().refusal(), bool()) {
    return true;
  }
  template <typename Response>
  static constexpr bool HasRefusal(...) {
    return false;
  }

  static constexpr absl::Duration kRetryAfter = absl::Milliseconds(100);

  // RESOURCE_EXHAUSTED when caller or official is over its rate.
  absl::Status Limit(const Caller& caller, const std::string& official) const;
  // False when limits::kCallsInFlight unary calls are being worked on.
  bool Enter();
  void Leave();

  const Options options_;
  std::atomic<int> in_flight_{0};
};

}  // namespace naru

#endif  // NARU_BROKER_CALL_FRAME_H_
