#include "broker/release_fakes.h"

#include <gtest/gtest.h>

#include <utility>

#include "broker/base/errors.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {

// --- The record.

void FakeReleaseRecord::Refuse(v1::RefusalReason reason) {
  refuse_ = reason;
  refused_since_ = clock_->Monotonic();
}

void FakeReleaseRecord::Change(std::function<void()> change) {
  if (held_) {
    waiting_.push_back(std::move(change));
  } else {
    executor_->Run(std::move(change));
  }
}

void FakeReleaseRecord::LetGo() {
  held_ = false;
  for (std::function<void()>& change : std::exchange(waiting_, {})) executor_->Run(change);
}

RecordedOutcome FakeReleaseRecord::Enter(size_t paper, End end) {
  EXPECT_TRUE(ends_.emplace(paper, std::move(end)).second) << "paper " << paper << " ended twice";
  return {entries_++, clock_->Now()};
}

ReleaseBook::Commitment FakeReleaseRecord::Commit(size_t paper, bool no_record) {
  ReleaseBook::Commitment commitment;
  if (refuse_.has_value()) {
    commitment.refused = MakeRefusal(*refuse_);
    commitment.refusal_entry = Enter(paper, {v1::OUTCOME_NOT_PERMITTED, *refuse_, "", "", false});
    return commitment;
  }
  EXPECT_TRUE(released_.insert(paper).second) << "paper " << paper << " released twice";
  v1::OuterEntry outer;
  outer.set_kind(no_record ? v1::ENTRY_KIND_NO_RECORD_RELEASED : v1::ENTRY_KIND_DOCUMENT_RELEASED);
  outer.mutable_time()->set_seconds(absl::ToUnixSeconds(clock_->Now()));
  Released& released = commitment.released.emplace();
  released.proof.set_index(entries_);
  released.proof.set_outer(outer.SerializeAsString());
  if (no_record) {
    Enter(paper, {v1::OUTCOME_NO_RECORD, v1::REFUSAL_REASON_UNSPECIFIED, "", "", false});
  } else {
    ++entries_;
  }
  released.tree_size = entries_;
  return commitment;
}

void FakeReleaseRecord::Release(const AdmittedFetch& fetch, size_t paper,
                                const std::string& header_sha256,
                                const std::string& document_sha256, bool no_record,
                                std::function<void(absl::StatusOr<ReleaseBook::Commitment>)> done) {
  EXPECT_FALSE(fetch.all_or_nothing) << "a paper of a bundle released alone";
  EXPECT_EQ(header_sha256.size(), 32u);
  EXPECT_EQ(document_sha256.empty(), no_record);
  Change([this, paper, no_record, done = std::move(done)] {
    if (fault_.ok()) {
      done(Commit(paper, no_record));
    } else {
      done(fault_);
    }
  });
}

void FakeReleaseRecord::ReleaseAll(
    const AdmittedFetch& fetch, std::vector<AnswerDigests> answers,
    std::function<void(absl::StatusOr<std::vector<ReleaseBook::Commitment>>)> done) {
  EXPECT_TRUE(fetch.all_or_nothing);
  EXPECT_EQ(answers.size(), fetch.papers.size()) << "a bundle that is not whole";
  for (const AnswerDigests& answer : answers) {
    EXPECT_EQ(answer.header_sha256.size(), 32u);
    EXPECT_EQ(answer.document_sha256.empty(), answer.no_record);
  }
  Change([this, answers = std::move(answers), done = std::move(done)] {
    if (!fault_.ok()) {
      done(fault_);
      return;
    }
    std::vector<ReleaseBook::Commitment> commitments;
    for (size_t i = 0; i < answers.size(); ++i) {
      commitments.push_back(Commit(i, answers[i].no_record));
    }
    done(std::move(commitments));
  });
}

void FakeReleaseRecord::RecordOutcome(const AdmittedFetch&, size_t paper, v1::Outcome outcome,
                                      v1::RefusalReason reason, const std::string& ground,
                                      const std::string& header_sha256, Recorded done) {
  Change([=, done = std::move(done)] {
    if (!fault_.ok()) {
      done(fault_);
      return;
    }
    EXPECT_TRUE(outcome != v1::OUTCOME_SENT || released(paper));
    EXPECT_TRUE(outcome != v1::OUTCOME_DECLINED || !released(paper));
    EXPECT_NE(outcome, v1::OUTCOME_NO_RECORD);
    done(Enter(paper, {outcome, reason, ground, header_sha256, false}));
  });
}

void FakeReleaseRecord::Quarantine(const AdmittedFetch&, size_t paper, v1::RefusalReason reason,
                                   const std::string& header_sha256, Recorded done) {
  Change([=, done = std::move(done)] {
    if (!fault_.ok()) {
      done(fault_);
      return;
    }
    done(Enter(paper, {v1::OUTCOME_FAILED, reason, "", header_sha256, true}));
  });
}

void FakeReleaseRecord::Finish(const AdmittedFetch& fetch,
                               std::function<void(absl::StatusOr<v1::FetchSummary>)> done) {
  Change([this, papers = fetch.papers, done = std::move(done)] {
    if (!fault_.ok()) {
      done(fault_);
      return;
    }
    EXPECT_FALSE(finished_) << "a fetch ended twice";
    finished_ = true;
    v1::FetchSummary summary;
    for (size_t i = 0; i < papers.size(); ++i) {
      if (papers[i].refused.has_value()) {
        summary.set_not_permitted(summary.not_permitted() + 1);
        continue;
      }
      EXPECT_EQ(ends_.count(i), 1u) << "paper " << i << " has no outcome";
      switch (ends_[i].outcome) {
        case v1::OUTCOME_SENT:
          summary.set_sent(summary.sent() + 1);
          break;
        case v1::OUTCOME_NO_RECORD:
          summary.set_no_record(summary.no_record() + 1);
          break;
        case v1::OUTCOME_DECLINED:
          summary.set_declined(summary.declined() + 1);
          break;
        case v1::OUTCOME_DEFERRED:
          summary.set_deferred(summary.deferred() + 1);
          break;
        case v1::OUTCOME_NOT_PERMITTED:
          summary.set_not_permitted(summary.not_permitted() + 1);
          break;
        default:
          summary.set_failed(summary.failed() + 1);
      }
    }
    done(std::move(summary));
  });
}

absl::StatusOr<v1::LedgerProof> FakeReleaseRecord::ProofFor(const Released& released,
                                                            uint64_t known_size) {
  if (known_size > entries_) return absl::FailedPreconditionError("not of this ledger");
  v1::LedgerProof proof = released.proof;
  proof.set_known_size(known_size);
  return proof;
}

absl::StatusOr<std::optional<v1::Refusal>> FakeReleaseRecord::WhyNotPermitted(const AdmittedFetch&,
                                                                              size_t) {
  if (!fault_.ok()) return fault_;
  if (!refuse_.has_value()) return std::nullopt;
  return MakeRefusal(*refuse_);
}

// --- The holders.

class FakeHolderStreams::Stream : public HolderStream, public std::enable_shared_from_this<Stream> {
 public:
  Stream(FakeHolderStreams* holders, std::string holder)
      : holders_(holders),
        holder_(std::move(holder)),
        script_(holders->scripts_[holder_]),
        seen_(&holders->seen_[holder_]) {
    ++holders_->open_;
  }
  ~Stream() override { --holders_->open_; }

  void Start(const holder::v1::DocumentRequest& request,
             std::shared_ptr<Observer> observer) override {
    EXPECT_EQ(observer_, nullptr);
    observer_ = std::move(observer);
    seen_->request = request;
    reading_ = true;
    GoOn();
  }

  void Proceed(const v1::LedgerProof& proof) override {
    EXPECT_TRUE(answered_);
    EXPECT_FALSE(seen_->proceed.has_value());
    if (over_) return;
    if (holders_->checks_.on_proceed) holders_->checks_.on_proceed(seen_->request.release_id());
    seen_->proceed = proof;
    if (!busy_) GoOn();
  }

  void ReadNext() override {
    EXPECT_FALSE(reading_) << "two reads of holder " << holder_;
    if (over_) return;
    if (holders_->checks_.on_read) {
      holders_->checks_.on_read(seen_->request.release_id(), seen_->chunks);
    }
    reading_ = true;
    if (!busy_) GoOn();
  }

  void Cancel() override {
    if (over_) return;
    over_ = true;
    seen_->cancelled = true;
    end_ = absl::CancelledError();
    // What is on its way comes before the end.
    if (!busy_) After(absl::ZeroDuration(), [this] { Tell(); });
  }

 private:
  // Does what the script has next for the read that waits, if it has anything.
  void GoOn() {
    if (!reading_) return;
    if (!answered_) {
      if (script_.answer.has_value()) {
        After(script_.answer_delay, [this] { TellAnswer(); });
      } else if (!script_.end.ok()) {
        After(script_.answer_delay, [this] { TellEnd(); });
      }
      return;
    }
    const bool flows = seen_->proceed.has_value() || script_.chunk_before_proceed;
    if (next_ < script_.chunks.size()) {
      if (flows) After(script_.chunk_delay, [this] { TellChunk(); });
    } else if (!script_.never_ends && (flows || script_.chunks.empty() || !script_.end.ok())) {
      After(script_.chunk_delay, [this] { TellEnd(); });
    }
  }

  void TellAnswer() {
    reading_ = false;
    answered_ = true;
    observer_->OnAnswer(*script_.answer);
  }
  void TellChunk() {
    reading_ = false;
    ++seen_->chunks;
    observer_->OnChunk(script_.chunks[next_++]);
  }
  void TellEnd() {
    over_ = true;
    end_ = script_.end;
    Tell();
  }
  void Tell() {
    if (seen_->ended) return;
    seen_->ended = true;
    std::exchange(observer_, nullptr)->OnEnd(end_);
  }

  void After(absl::Duration delay, std::function<void()> work) {
    busy_ = true;
    auto run = [self = shared_from_this(), work = std::move(work)] {
      self->busy_ = false;
      if (self->over_ && self->reading_) {
        self->Tell();
        return;
      }
      work();
      if (self->over_) self->Tell();
    };
    if (delay <= absl::ZeroDuration()) {
      holders_->executor_->Run(std::move(run));
    } else {
      holders_->timer_->After(delay, std::move(run));
    }
  }

  FakeHolderStreams* const holders_;
  const std::string holder_;
  const HolderScript script_;
  Seen* const seen_;
  std::shared_ptr<Observer> observer_;
  bool reading_ = false;
  bool busy_ = false;  // Something is on its way.
  bool answered_ = false;
  bool over_ = false;
  size_t next_ = 0;
  absl::Status end_;
};

absl::StatusOr<std::shared_ptr<HolderStream>> FakeHolderStreams::Open(const std::string& holder) {
  EXPECT_EQ(scripts_.count(holder), 1u) << "nobody asks holder " << holder;
  if (scripts_[holder].cannot_open) return DependencyUnavailable("holder");
  return std::make_shared<Stream>(this, holder);
}

// --- The requester.

void FakeSink::Listen(Events events) {
  events_ = std::move(events);
  if (gone_) executor_->Run(events_.on_peer_gone);
}

void FakeSink::Write(v1::FetchDocumentsResponse step) {
  EXPECT_FALSE(finished_.has_value());
  EXPECT_EQ(steps_.size(), taken_) << "two writes under way";
  if (gone_) return;
  if (check_) check_(step);
  steps_.push_back(std::move(step));
  if (!stalled_) Take();
}

void FakeSink::Take() {
  executor_->Run([this] {
    if (gone_ || stalled_ || finished_.has_value() || taken_ == steps_.size()) return;
    ++taken_;
    events_.on_written();
  });
}

void FakeSink::Resume() {
  stalled_ = false;
  if (taken_ < steps_.size()) Take();
}

void FakeSink::Leave() {
  if (gone_) return;
  gone_ = true;
  if (events_.on_peer_gone) executor_->Run(events_.on_peer_gone);
}

void FakeSink::Cancel() { Leave(); }

void FakeSink::Finish(const absl::Status& status) {
  EXPECT_FALSE(finished_.has_value()) << "finished twice";
  finished_ = status;
  // Not from inside: the closures may be what runs.
  executor_->Run([this] { events_ = {}; });
}

size_t FakeSink::chunks_taken(uint32_t paper_id) const {
  size_t count = 0;
  for (size_t i = 0; i < taken_; ++i) {
    if (steps_[i].has_chunk() && steps_[i].chunk().paper_id() == paper_id) ++count;
  }
  return count;
}

}  // namespace naru
