#include "consent/expiry_sweep.h"

#include <glog/logging.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/clock.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "consent/consent_call.h"
#include "consent/consent_events.h"
#include "consent/consent_machine.h"
#include "consent/consent_rows.h"
#include "consent/journal.h"
#include "consent/judged_commit.h"
#include "consent/store/keys.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {
namespace {

struct JudgedEnd {
  Verdict verdict;
  bool entered = false;
};

// `key`: of the expiry row that led here.
absl::StatusOr<JudgedEnd> JudgeEnd(const RulesContext& context, const ConsentId& id,
                                   const std::string& key, const Reader& rows, absl::Time now,
                                   uint64_t next_index) {
  JudgedEnd judged;
  ABSL_ASSIGN_OR_RETURN(std::optional<StoredConsent> consent,
                        ReadConsent(*context.directory, rows, id));
  // The person was erased, or the end moved: the row leads nowhere any more.
  if (!consent.has_value() || ExpiryKey(consent->row) != key) {
    judged.verdict.writes.push_back({Table::kRows, key, std::nullopt});
    return judged;
  }
  if (EffectiveState(consent->row, now) != v1::CONSENT_STATE_EXPIRED) return judged;
  const storage::v1::ConsentRow before = consent->row;
  storage::v1::ConsentRow& row = consent->row;
  row.set_state(v1::CONSENT_STATE_EXPIRED);
  // Nothing can be done with a code any more.
  row.mutable_decide_code()->clear_code_hmac();
  row.mutable_withdraw_code()->clear_code_hmac();
  row.set_last_entry(next_index);
  EntryDraft draft = DraftConsentEntry(v1::ENTRY_KIND_CONSENT_EXPIRED, *consent, Caller(), {});
  draft.outer.clear_caller();  // Nobody called.
  judged.verdict.entries.push_back(std::move(draft));
  PutConsent(before, row, &judged.verdict.writes);
  judged.entered = true;
  return judged;
}

// The changes of one page.
class RunningPage {
 public:
  RunningPage(int waiting, bool more, std::function<void(absl::StatusOr<ExpirySweep::Page>)> done)
      : waiting_(waiting), done_(std::move(done)) {
    page_.more = more;
  }

  void Count(const absl::StatusOr<bool>& entered) ABSL_LOCKS_EXCLUDED(mu_) {
    ExpirySweep::Page page;
    {
      absl::MutexLock lock(&mu_);
      if (!entered.ok()) {
        // One line a page: a full disk fails all of them alike.
        LOG_IF(ERROR, page_.failed == 0)
            << "the end of a consent was not entered: " << entered.status().message();
        ++page_.failed;
      } else if (*entered) {
        ++page_.entered;
      }
      if (--waiting_ > 0) return;
      page = page_;
    }
    done_(page);
  }

 private:
  absl::Mutex mu_;
  int waiting_ ABSL_GUARDED_BY(mu_);
  ExpirySweep::Page page_ ABSL_GUARDED_BY(mu_);
  const std::function<void(absl::StatusOr<ExpirySweep::Page>)> done_;
};

void EnterEnd(const RulesContext* context, const std::string& key,
              std::shared_ptr<RunningPage> page) {
  const ConsentId id = keys::ConsentOfExpiryKey(key);
  const absl::StatusOr<std::optional<SubjectId>> subject = SubjectOfConsent(*context->store, id);
  if (!subject.ok()) return page->Count(subject.status());
  std::vector<std::string> locks;
  if (subject->has_value()) locks.push_back((*subject)->bytes());
  CommitJudged<JudgedEnd>(
      context->journal, std::move(locks),
      [context, id, key](const Reader& rows, const JudgeContext& now) {
        return JudgeEnd(*context, id, key, rows, now.now, now.next_index);
      },
      [context, id, page = std::move(page)](absl::StatusOr<Stood<JudgedEnd>> stood) {
        if (!stood.ok()) return page->Count(stood.status());
        if (stood->judged.entered) context->events->Changed(id);
        page->Count(stood->judged.entered);
      });
}

}  // namespace

absl::StatusOr<std::vector<Row>> ExpirySweep::TakeEnds(bool* more) {
  // Ends of this very microsecond are past.
  const int64_t before_us = absl::ToUnixMicros(context_->clock->Now()) + 1;
  std::vector<Row> ends;
  for (; shard_ < kShards; ++shard_, last_key_.clear()) {
    auto [from, to] = keys::ExpiriesBefore(shard_, before_us);
    if (!last_key_.empty()) from = absl::StrCat(last_key_, std::string(1, '\0'));
    if (from >= to) continue;  // The clock went back.
    const int room = limits::kExpiriesAtOnce - static_cast<int>(ends.size());
    ABSL_ASSIGN_OR_RETURN(std::vector<Row> rows,
                          context_->store->Scan(Table::kRows, from, to, room));
    for (Row& row : rows) ends.push_back(std::move(row));
    if (static_cast<int>(ends.size()) < limits::kExpiriesAtOnce) continue;
    last_key_ = ends.back().key;
    *more = true;
    return ends;
  }
  shard_ = 0;
  *more = false;
  return ends;
}

void ExpirySweep::RunPage(std::function<void(absl::StatusOr<Page>)> done) {
  bool more = false;
  const absl::StatusOr<std::vector<Row>> ends = TakeEnds(&more);
  if (!ends.ok()) return done(ends.status());
  if (ends->empty()) return done(Page());
  auto page = std::make_shared<RunningPage>(static_cast<int>(ends->size()), more, std::move(done));
  for (const Row& end : *ends) EnterEnd(context_, end.key, page);
}

}  // namespace naru
