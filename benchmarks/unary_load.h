#ifndef NARU_BENCHMARKS_UNARY_LOAD_H_
#define NARU_BENCHMARKS_UNARY_LOAD_H_

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_unary_call.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "benchmarks/rounds.h"
#include "broker/base/clock.h"
#include "broker/base/grpc/deadline.h"

namespace naru {

// A closed loop of unary calls: so many are always under way, each answer starts the next. On
// completion queues, one for each thread: the cheapest client that gRPC has.
template <typename Request, typename Response>
class UnaryLoad {
 public:
  using Reader = grpc::ClientAsyncResponseReader<Response>;
  struct Options {
    int threads = 2;
    int outstanding = 64;
    // No new call after this.
    absl::Duration length = absl::InfiniteDuration();
    // Prepares a call; `slot` (from 0 to outstanding - 1) spreads calls over channels.
    std::function<std::unique_ptr<Reader>(int slot, grpc::ClientContext*, const Request&,
                                          grpc::CompletionQueue*)>
        prepare;
    // The next request; false when there is none any more. On any thread.
    std::function<bool(Request&)> next;
    // Whether the answer is what it should be. On any thread.
    std::function<bool(const Request&, const grpc::Status&, Response&)> good;
  };

  static Round Run(const Options& options) {
    Round round;
    absl::Mutex mu;
    const absl::Duration start = Clock::Real()->Monotonic();
    std::vector<std::thread> threads;
    for (int t = 0; t < options.threads; ++t) {
      threads.emplace_back([&, t] {
        Round own = OneThread(options, t, start + options.length);
        absl::MutexLock lock(&mu);
        round.operations += own.operations;
        round.errors += own.errors;
        round.latencies.Add(own.latencies);
      });
    }
    for (std::thread& thread : threads) thread.join();
    round.took = Clock::Real()->Monotonic() - start;
    return round;
  }

 private:
  struct Call {
    int slot = 0;
    Request request;
    Response response;
    grpc::Status status;
    absl::Duration start;
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<Reader> reader;
  };

  static bool Start(const Options& options, absl::Duration end, grpc::CompletionQueue& queue,
                    Call& call) {
    call.start = Clock::Real()->Monotonic();
    if (call.start >= end || !options.next(call.request)) return false;
    call.context = std::make_unique<grpc::ClientContext>();
    call.context->set_deadline(DeadlineAfter(absl::Seconds(60)));
    call.reader = options.prepare(call.slot, call.context.get(), call.request, &queue);
    call.reader->StartCall();
    call.reader->Finish(&call.response, &call.status, &call);
    return true;
  }

  static Round OneThread(const Options& options, int thread, absl::Duration end) {
    Round round;
    grpc::CompletionQueue queue;
    std::vector<std::unique_ptr<Call>> calls;
    int running = 0;
    for (int slot = thread; slot < options.outstanding; slot += options.threads) {
      calls.push_back(std::make_unique<Call>());
      calls.back()->slot = slot;
      if (Start(options, end, queue, *calls.back())) ++running;
    }
    void* tag = nullptr;
    bool ok = false;
    while (running > 0 && queue.Next(&tag, &ok)) {
      Call& call = *static_cast<Call*>(tag);
      ++round.operations;
      round.latencies.Add(Clock::Real()->Monotonic() - call.start);
      if (!options.good(call.request, call.status, call.response)) ++round.errors;
      if (!Start(options, end, queue, call)) --running;
    }
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) continue;
    return round;
  }
};

}  // namespace naru

#endif  // NARU_BENCHMARKS_UNARY_LOAD_H_
