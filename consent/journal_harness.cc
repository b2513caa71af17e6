#include "consent/journal_harness.h"

#include <glog/logging.h>

#include <utility>

#include "consent/store/keys.h"

namespace naru {

JournalHarness::JournalHarness(MemoryStore::Options options)
    : store_(std::make_unique<MemoryStore>(options)) {
  Restart();
}

JournalHarness::~JournalHarness() { Stop(); }

CheckpointVerifier JournalHarness::Verifier() const {
  return CheckpointVerifier::Create(signer_->VerifierKeys()).value();
}

void JournalHarness::Stop() { journal_.reset(); }

void JournalHarness::Restart() {
  Stop();
  ledger_.reset();
  store_ = store_->Clone();
  auto ledger = Ledger::Open(store_.get(), signer_.get(), 0);
  CHECK(ledger.ok()) << ledger.status();
  ledger_ = *std::move(ledger);
  options_.clock = &clock_;
  options_.random = &random_;
  options_.store = store_.get();
  options_.ledger = ledger_.get();
  if (options_.executor == nullptr) options_.executor = &executor_;
  journal_ = std::make_unique<Journal>(options_);
}

SubjectId JournalHarness::AddSubject() {
  const SubjectId subject =
      SubjectId::Generate(static_cast<uint16_t>(random_.Below(kShards)), random_);
  Change change;
  change.judge = [subject](const Reader&, const JudgeContext&) -> absl::StatusOr<Verdict> {
    Verdict verdict;
    verdict.writes.push_back(
        {Table::kRows, keys::Subject(subject), storage::v1::SubjectRow().SerializeAsString()});
    EntryDraft& entry = verdict.entries.emplace_back();
    entry.subject = subject;
    entry.outer.set_kind(v1::ENTRY_KIND_PERSON_LOOKED_UP);
    return verdict;
  };
  const absl::StatusOr<Committed> committed = journal_->CommitAndWait(std::move(change));
  CHECK(committed.ok()) << committed.status();
  return subject;
}

Change JournalHarness::Enter(const SubjectId& subject, v1::EntryKind kind,
                             const std::string& reference) {
  Change change;
  change.locks = {subject.bytes()};
  change.judge = [=](const Reader&, const JudgeContext&) -> absl::StatusOr<Verdict> {
    Verdict verdict;
    EntryDraft& entry = verdict.entries.emplace_back();
    entry.subject = subject;
    entry.outer.set_kind(kind);
    entry.outer.set_reference(reference);
    return verdict;
  };
  return change;
}

void JournalHarness::Behind(const SubjectId& subject, const std::function<void()>& commit) {
  if (first_ != nullptr) first_->Await();
  store_->StallUpdate(next_update());
  first_ = std::make_unique<CommitResults>(this);
  first_->Commit(Enter(subject));
  store_->AwaitStalled();
  commit();
  store_->Resume();
}

void CommitResults::Commit(Change change) {
  size_t number;
  {
    absl::MutexLock lock(&mu_);
    number = results_.size();
    results_.emplace_back();
  }
  harness_->journal().Commit(std::move(change), [this, number](absl::StatusOr<Committed> result) {
    absl::MutexLock lock(&mu_);
    CHECK(!results_[number].has_value()) << "called twice";
    results_[number] = std::move(result);
    ++finished_;
  });
}

std::vector<absl::StatusOr<Committed>> CommitResults::Await() {
  absl::MutexLock lock(&mu_, absl::Condition(this, &CommitResults::AllThere));
  std::vector<absl::StatusOr<Committed>> results;
  for (const auto& result : results_) results.push_back(*result);
  return results;
}

size_t CommitResults::finished() {
  absl::MutexLock lock(&mu_);
  return finished_;
}

}  // namespace naru
