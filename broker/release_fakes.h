#ifndef NARU_BROKER_RELEASE_FAKES_H_
#define NARU_BROKER_RELEASE_FAKES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/holder_stream.h"
#include "broker/release_record.h"
#include "broker/response_sink.h"
#include "naru/holder/v1/holder_service.pb.h"
#include "naru/v1/document_service.pb.h"

// The other sides of a release, in memory: record, holders and requester. Each tells what happens
// by closures on an executor that the test drives, and fails the test (gtest) when the release
// breaks the contract of its interface. For one thread.
namespace naru {

// The record. Its changes happen when the executor runs them, in any order, as in a journal.
class FakeReleaseRecord : public ReleaseRecord {
 public:
  FakeReleaseRecord(Clock* clock, Executor* executor) : clock_(clock), executor_(executor) {}

  void Release(const AdmittedFetch& fetch, size_t paper, const std::string& header_sha256,
               const std::string& document_sha256, bool no_record,
               std::function<void(absl::StatusOr<ReleaseBook::Commitment>)> done) override;
  void ReleaseAll(
      const AdmittedFetch& fetch, std::vector<AnswerDigests> answers,
      std::function<void(absl::StatusOr<std::vector<ReleaseBook::Commitment>>)> done) override;
  void RecordOutcome(const AdmittedFetch& fetch, size_t paper, v1::Outcome outcome,
                     v1::RefusalReason reason, const std::string& ground,
                     const std::string& header_sha256, Recorded done) override;
  void Quarantine(const AdmittedFetch& fetch, size_t paper, v1::RefusalReason reason,
                  const std::string& header_sha256, Recorded done) override;
  void Finish(const AdmittedFetch& fetch,
              std::function<void(absl::StatusOr<v1::FetchSummary>)> done) override;
  absl::StatusOr<v1::LedgerProof> ProofFor(const Released& released, uint64_t known_size) override;
  absl::StatusOr<std::optional<v1::Refusal>> WhyNotPermitted(const AdmittedFetch& fetch,
                                                             size_t paper) override;

  // The citizen withdraws, or the approval is suspended: from now on nothing is released.
  void Refuse(v1::RefusalReason reason);
  // Every change from now on fails so; OK for none.
  void FailWith(absl::Status fault) { fault_ = std::move(fault); }
  // Changes wait until LetGo.
  void Hold() { held_ = true; }
  void LetGo();

  // How a paper ended.
  struct End {
    v1::Outcome outcome = v1::OUTCOME_UNSPECIFIED;
    v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED;
    std::string ground;
    std::string header_sha256;
    bool quarantined = false;
  };
  const std::map<size_t, End>& ends() const { return ends_; }
  bool released(size_t paper) const { return released_.count(paper) != 0; }
  std::optional<absl::Duration> refused_since() const { return refused_since_; }
  bool finished() const { return finished_; }

 private:
  void Change(std::function<void()> change);
  RecordedOutcome Enter(size_t paper, End end);
  ReleaseBook::Commitment Commit(size_t paper, bool no_record);

  Clock* const clock_;
  Executor* const executor_;
  absl::Status fault_;
  std::optional<v1::RefusalReason> refuse_;
  std::optional<absl::Duration> refused_since_;
  uint64_t entries_ = 100;
  std::set<size_t> released_;
  std::map<size_t, End> ends_;
  bool finished_ = false;
  bool held_ = false;
  std::vector<std::function<void()>> waiting_;
};

// What one holder does in one call.
struct HolderScript {
  // UNAVAILABLE at once.
  bool cannot_open = false;
  // No answer: the stream hangs, or ends with `end` when that is not OK.
  std::optional<holder::v1::DocumentAnswer> answer;
  std::vector<holder::v1::BodyChunk> chunks;
  // The first chunk does not wait for the proceed (which P1 forbids a holder).
  bool chunk_before_proceed = false;
  // After the last chunk the stream hangs.
  bool never_ends = false;
  absl::Status end;
  // How long each message takes, before the answer and after.
  absl::Duration answer_delay;
  absl::Duration chunk_delay;
};

// Holders that go by scripts, one for each release id.
class FakeHolderStreams : public HolderStreams {
 public:
  // Called before the release sees anything of it; both may be empty.
  struct Checks {
    std::function<void(const std::string& release_id)> on_proceed;
    std::function<void(const std::string& release_id, size_t chunks_read)> on_read;
  };

  FakeHolderStreams(Timer* timer, Executor* executor) : timer_(timer), executor_(executor) {}

  absl::StatusOr<std::shared_ptr<HolderStream>> Open(const std::string& holder) override;

  // By holder: each has one call in a test.
  std::map<std::string, HolderScript>& scripts() { return scripts_; }
  void set_checks(Checks checks) { checks_ = std::move(checks); }

  // What happened, by holder.
  struct Seen {
    holder::v1::DocumentRequest request;
    std::optional<v1::LedgerProof> proceed;
    size_t chunks = 0;  // Given to the release.
    bool cancelled = false;
    bool ended = false;
  };
  const Seen& seen(const std::string& holder) { return seen_[holder]; }
  // Streams that live.
  int open() const { return open_; }

 private:
  class Stream;

  Timer* const timer_;
  Executor* const executor_;
  std::map<std::string, HolderScript> scripts_;
  Checks checks_;
  std::map<std::string, Seen> seen_;
  int open_ = 0;
};

// The requester.
class FakeSink : public ResponseSink {
 public:
  explicit FakeSink(Executor* executor) : executor_(executor) {}

  void Listen(Events events) override;
  void Write(v1::FetchDocumentsResponse step) override;
  void Finish(const absl::Status& status) override;
  void Cancel() override;

  // Takes nothing more until Resume.
  void Stall() { stalled_ = true; }
  void Resume();
  // Goes away.
  void Leave();
  // Called at each Write.
  void set_check(std::function<void(const v1::FetchDocumentsResponse&)> check) {
    check_ = std::move(check);
  }

  // What was given to Write, and how much of it was taken.
  const std::vector<v1::FetchDocumentsResponse>& steps() const { return steps_; }
  size_t taken() const { return taken_; }
  // Chunks of a paper that were taken.
  size_t chunks_taken(uint32_t paper_id) const;
  const std::optional<absl::Status>& finished() const { return finished_; }
  bool gone() const { return gone_; }

 private:
  void Take();

  Executor* const executor_;
  Events events_;
  std::function<void(const v1::FetchDocumentsResponse&)> check_;
  std::vector<v1::FetchDocumentsResponse> steps_;
  size_t taken_ = 0;
  bool stalled_ = false;
  bool gone_ = false;
  std::optional<absl::Status> finished_;
};

}  // namespace naru

#endif  // NARU_BROKER_RELEASE_FAKES_H_
