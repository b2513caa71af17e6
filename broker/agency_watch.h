#ifndef NARU_BROKER_AGENCY_WATCH_H_
#define NARU_BROKER_AGENCY_WATCH_H_

#include <grpcpp/support/server_callback.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/metrics.h"
#include "consent/caller.h"
#include "consent/consent_lists.h"
#include "consent/entry_window.h"
#include "consent/rules_context.h"
#include "naru/v1/consent_service.pb.h"

namespace naru {

// Where a watcher's events go: one message in flight. See StreamWriter, which each RPC's sink
// wraps.
class WatchSink {
 public:
  virtual ~WatchSink() = default;
  virtual void Listen(std::function<void(bool)> written, std::function<void()> gone,
                      std::function<void()> done) = 0;
  virtual bool Write(v1::WatchEvent event) = 0;
  virtual void Finish(const absl::Status& status) = 0;
};

// Open watches of a case and of an agency's all: the present state first, or from a cursor; then
// every ledger entry that names the agency, in order, nothing left out; a heartbeat when nothing
// came. A slow reader holds one page in memory and nothing else: what it has not read waits in the
// ledger. No watch holds a thread. Thread-safe.
class AgencyWatches {
 public:
  struct Options {
    Clock* clock = nullptr;
    Timer* timer = nullptr;
    Executor* executor = nullptr;
    const RulesContext* rules = nullptr;
    const Ledger* ledger = nullptr;
    ConsentLists* lists = nullptr;
    Metrics* metrics = nullptr;
    int max_watches = 0;
  };
  // All must outlive the watches.
  explicit AgencyWatches(Options options);

  // The reactor of one call; finished at once when `caller` is a status or there are too many
  // watches.
  grpc::ServerWriteReactor<v1::WatchAgencyResponse>* WatchAgency(
      absl::StatusOr<Caller> caller, const v1::WatchAgencyRequest& request);
  grpc::ServerWriteReactor<v1::WatchCaseResponse>* WatchCase(absl::StatusOr<Caller> caller,
                                                             const v1::WatchCaseRequest& request);
  // A group was committed: there may be something to send. Never blocks.
  void Wake() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  class OneWatch;
  // What is watched, and from where.
  struct Question {
    Caller caller;
    v1::CaseContext case_context;
    bool one_case = false;
    uint64_t cursor = 0;
  };

  void Start(absl::StatusOr<Caller> caller, Question question, std::shared_ptr<WatchSink> sink);
  void Forget(uint64_t id) ABSL_LOCKS_EXCLUDED(mu_);

  const Options options_;
  EntryWindow window_;
  absl::Mutex mu_;
  uint64_t next_ ABSL_GUARDED_BY(mu_) = 1;
  std::map<uint64_t, std::weak_ptr<OneWatch>> watches_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_AGENCY_WATCH_H_
