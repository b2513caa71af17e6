#include "consent/outbox.h"

#include <glog/logging.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/ids.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/judged_commit.h"
#include "consent/ledger/ledger.h"
#include "consent/person_directory.h"
#include "consent/store/keys.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {
namespace {

// Rows read at a time; a page of which all is expired is followed by the next.
constexpr int kScan = 64;

absl::StatusOr<storage::v1::OutboxRow> ParseRow(const std::string& value) {
  storage::v1::OutboxRow row;
  if (!row.ParseFromString(value) || !SubjectId::FromBytes(row.subject_id()).ok()) {
    return DataDamaged("a row of the outbox cannot be read");
  }
  return row;
}

bool IsExpired(const storage::v1::OutboxRow& row, absl::Time now) {
  return row.expire_time_us() <= absl::ToUnixMicros(now);
}

// nullopt when its person was erased.
absl::StatusOr<std::optional<v1::Message>> OpenMessage(const RulesContext& context, const Row& at,
                                                       const storage::v1::OutboxRow& row) {
  ABSL_ASSIGN_OR_RETURN(const SubjectId subject, SubjectId::FromBytes(row.subject_id()));
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> data_key,
                        context.directory->DataKey(*context.store, subject));
  if (!data_key.has_value()) return std::optional<v1::Message>();
  ABSL_ASSIGN_OR_RETURN(
      const std::string plain,
      crypto::Open(*data_key, {row.sealed().nonce(), row.sealed().ciphertext()}, at.key));
  storage::v1::OutboxMessage opened;
  if (!opened.ParseFromString(plain)) return DataDamaged("a message cannot be read");
  v1::Message message;
  message.set_cursor(keys::IndexOfOutboxKey(at.key));
  message.set_kind(static_cast<v1::MessageKind>(opened.kind()));
  message.set_contact_ref(opened.contact_ref());
  message.set_text(opened.text());
  message.mutable_expire_time()->set_seconds(row.expire_time_us() / 1'000'000);
  message.mutable_expire_time()->set_nanos(
      static_cast<int32_t>(row.expire_time_us() % 1'000'000 * 1000));
  return std::optional<v1::Message>(std::move(message));
}

// Forgets messages that are of no use any more; nobody waits for it, and the next reader of the
// outbox tries again. Such a row never changes, so that a look at its time is enough.
void ForgetExpired(Journal* journal, std::vector<std::string> keys) {
  if (keys.empty()) return;
  Change change;
  change.judge = [keys = std::move(keys)](const Reader& rows,
                                          const JudgeContext& now) -> absl::StatusOr<Verdict> {
    Verdict verdict;
    for (const std::string& key : keys) {
      ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value, rows.Get(Table::kLedger, key));
      if (!value.has_value()) continue;
      ABSL_ASSIGN_OR_RETURN(const storage::v1::OutboxRow row, ParseRow(*value));
      if (IsExpired(row, now.now)) verdict.writes.push_back({Table::kLedger, key, std::nullopt});
    }
    return verdict;
  };
  journal->Commit(std::move(change), [](const absl::StatusOr<Committed>&) {});
}

struct JudgedHandOver {
  Verdict verdict;
};

absl::StatusOr<JudgedHandOver> JudgeHandOver(const Caller& caller,
                                             const std::map<uint64_t, SubjectId>& messages,
                                             uint16_t ledger, const Reader& rows) {
  JudgedHandOver judged;
  for (const auto& [cursor, subject] : messages) {
    const std::string key = keys::Outbox(ledger, cursor);
    ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value, rows.Get(Table::kLedger, key));
    if (!value.has_value()) continue;
    judged.verdict.writes.push_back({Table::kLedger, key, std::nullopt});
    EntryDraft& draft = judged.verdict.entries.emplace_back();
    draft.outer.set_kind(v1::ENTRY_KIND_MESSAGE_HANDED_OVER);
    draft.outer.set_caller(caller.text());
    draft.outer.set_reference(absl::StrCat("entry ", cursor));
    draft.subject = subject;
  }
  return judged;
}

}  // namespace

Outbox::Outbox(const RulesContext* context) : context_(context) {}

absl::StatusOr<std::vector<v1::Message>> Outbox::Next(uint64_t cursor, int limit) const {
  const uint16_t ledger = context_->ledger->number();
  std::pair<std::string, std::string> range =
      keys::OutboxFrom(ledger, cursor == 0 ? 0 : cursor + 1);
  const absl::Time now = context_->clock->Now();
  std::vector<v1::Message> messages;
  std::vector<std::string> expired;
  while (static_cast<int>(messages.size()) < limit) {
    ABSL_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                          context_->store->Scan(Table::kLedger, range.first, range.second, kScan));
    for (const Row& at : rows) {
      if (static_cast<int>(messages.size()) == limit) break;
      const absl::StatusOr<storage::v1::OutboxRow> row = ParseRow(at.value);
      if (row.ok() && IsExpired(*row, now)) {
        expired.push_back(at.key);
        continue;
      }
      absl::StatusOr<std::optional<v1::Message>> message =
          row.ok() ? OpenMessage(*context_, at, *row) : row.status();
      if (!message.ok()) {
        LOG(ERROR) << "The message of entry " << keys::IndexOfOutboxKey(at.key)
                   << " cannot be handed over: " << message.status();
        continue;
      }
      if (message->has_value()) messages.push_back(**std::move(message));
    }
    if (rows.size() < static_cast<size_t>(kScan)) break;
    range.first = absl::StrCat(rows.back().key, std::string(1, '\0'));
  }
  ForgetExpired(context_->journal, std::move(expired));
  return messages;
}

void Outbox::Acknowledge(
    const Caller& caller, const v1::AcknowledgeMessagesRequest& request,
    std::function<void(absl::StatusOr<v1::AcknowledgeMessagesResponse>)> done) {
  const uint16_t ledger = context_->ledger->number();
  std::map<uint64_t, SubjectId> messages;
  std::set<std::string> locks;
  for (const uint64_t cursor : request.cursors()) {
    const absl::StatusOr<std::optional<std::string>> value =
        context_->store->Get(Table::kLedger, keys::Outbox(ledger, cursor));
    absl::StatusOr<storage::v1::OutboxRow> row = storage::v1::OutboxRow();
    if (value.ok() && !value->has_value()) continue;
    row = value.ok() ? ParseRow(**value) : value.status();
    if (!row.ok()) {
      FailOnExecutor(context_->journal, row.status(), std::move(done));
      return;
    }
    messages.emplace(cursor, SubjectId::FromBytes(row->subject_id()).value());
    locks.insert(row->subject_id());
  }
  CommitJudged<JudgedHandOver>(
      context_->journal, {locks.begin(), locks.end()},
      [caller, messages = std::move(messages), ledger](const Reader& rows, const JudgeContext&) {
        return JudgeHandOver(caller, messages, ledger, rows);
      },
      [done = std::move(done)](absl::StatusOr<Stood<JudgedHandOver>> stood) {
        if (!stood.ok()) {
          done(std::move(stood).status());
          return;
        }
        v1::AcknowledgeMessagesResponse response;
        response.set_deleted(static_cast<uint32_t>(stood->committed.entries.size()));
        done(std::move(response));
      });
}

}  // namespace naru
