#include "consent/history_page.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/base64.h"
#include "broker/proof/merkle.h"
#include "consent/consent_rows.h"
#include "consent/entry_window.h"
#include "consent/entry_writer.h"
#include "consent/ledger/ledger.h"
#include "consent/person_directory.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

constexpr size_t kTokenBytes = 8;

// A record as it rests, read; nullopt when its term ended.
struct ReadRecord {
  storage::v1::RecordRow row;
  v1::OuterEntry outer;
  storage::v1::InnerEntry inner;
};
absl::StatusOr<std::optional<ReadRecord>> ReadOne(const RulesContext& context, uint64_t index) {
  absl::StatusOr<storage::v1::RecordRow> row = context.ledger->Record(index);
  if (absl::IsNotFound(row.status())) return std::optional<ReadRecord>();
  if (!row.ok()) return std::move(row).status();
  ReadRecord record;
  record.row = *std::move(row);
  if (!record.outer.ParseFromString(record.row.outer()) ||
      !record.inner.ParseFromString(record.row.inner())) {
    return DataDamaged("an entry cannot be read");
  }
  return std::optional<ReadRecord>(std::move(record));
}

v1::HistoryEntry OuterPart(uint64_t index, const ReadRecord& record) {
  v1::HistoryEntry entry;
  entry.set_ledger_index(index);
  *entry.mutable_entry() = record.outer;
  entry.set_outer_salt(record.row.outer_salt());
  entry.set_inner_hash(merkle::InnerHash(record.row.inner_salt(), record.row.inner()));
  return entry;
}

absl::StatusOr<v1::CaseContext> OpenCase(const RulesContext& context, uint64_t index,
                                         const ReadRecord& record, const std::string& data_key) {
  ABSL_ASSIGN_OR_RETURN(
      const std::string bytes,
      OpenDetails(record.row, keys::Record(context.ledger->number(), index), data_key));
  storage::v1::Details details;
  if (!details.ParseFromString(bytes)) return DataDamaged("the details of an entry");
  return details.case_();
}

// Whether the consent is the person's. Ids begin with the person's shard, so almost no other's is
// read.
absl::StatusOr<bool> IsConsentOf(const RulesContext& context, const std::string& consent_id,
                                 const SubjectId& subject) {
  const absl::StatusOr<ConsentId> consent = ConsentId::Parse(consent_id);
  if (!consent.ok() || consent->shard() != subject.shard()) return false;
  ABSL_ASSIGN_OR_RETURN(const std::optional<SubjectId> owner,
                        SubjectOfConsent(*context.store, *consent));
  return owner == subject;
}

absl::StatusOr<std::vector<uint64_t>> ScanIndexes(const RulesContext& context,
                                                  const std::pair<std::string, std::string>& range,
                                                  int limit) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                        context.store->Scan(Table::kRows, range.first, range.second, limit));
  std::vector<uint64_t> indexes;
  for (const Row& row : rows) {
    storage::v1::HistoryRow history;
    if (!history.ParseFromString(row.value)) return DataDamaged("a row of a history");
    indexes.push_back(history.ledger_index());
  }
  return indexes;
}

}  // namespace

absl::StatusOr<PageQuestion> AskPage(int32_t page_size, absl::string_view page_token) {
  PageQuestion page;
  if (page_size < 0 || page_size > limits::kPageMax) {
    return FieldMalformed("page_size", absl::StrCat("0 to ", limits::kPageMax));
  }
  page.size = page_size == 0 ? limits::kPageDefault : page_size;
  if (page_token.empty()) return page;
  const std::optional<std::string> bytes = DecodeBase64Url(page_token);
  if (!bytes.has_value() || bytes->size() != kTokenBytes) {
    return FieldMalformed("page_token", "the next_page_token of an answer");
  }
  uint64_t before = 0;
  for (const char byte : *bytes) before = before << 8 | static_cast<uint8_t>(byte);
  page.before = before;
  return page;
}

std::string PageToken(uint64_t last_index) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(last_index >> shift & 0xff));
  }
  std::string token = absl::WebSafeBase64Escape(bytes);
  return token;
}

absl::StatusOr<std::vector<uint64_t>> ListPersonIndexes(const RulesContext& context,
                                                        const SubjectId& subject,
                                                        const PageQuestion& page) {
  std::pair<std::string, std::string> range = keys::PersonHistoryAll(subject);
  if (page.before.has_value()) {
    if (*page.before == 0) return std::vector<uint64_t>();
    range.first = keys::PersonHistory(subject, *page.before - 1);
  }
  return ScanIndexes(context, range, page.size + 1);
}

absl::StatusOr<std::vector<uint64_t>> ListCaseIndexes(const RulesContext& context,
                                                      const std::string& case_hash,
                                                      const PageQuestion& page) {
  std::vector<uint64_t> newest;
  if (page.before == uint64_t{0}) return newest;
  const size_t limit = static_cast<size_t>(page.size) + 1;
  for (uint16_t shard = 0; shard < kShards; ++shard) {
    std::pair<std::string, std::string> range = keys::CaseHistoryAll(shard, case_hash);
    if (page.before.has_value()) {
      range.first = keys::CaseHistory(shard, case_hash, *page.before - 1);
    }
    ABSL_ASSIGN_OR_RETURN(const std::vector<uint64_t> found,
                          ScanIndexes(context, range, page.size + 1));
    if (found.empty()) continue;
    newest.insert(newest.end(), found.begin(), found.end());
    std::sort(newest.begin(), newest.end(), std::greater<>());
    if (newest.size() > limit) newest.resize(limit);
  }
  return newest;
}

void CutToPage(const PageQuestion& question, std::vector<uint64_t>& indexes,
               v1::HistoryPage* page) {
  if (indexes.size() <= static_cast<size_t>(question.size)) return;
  indexes.resize(static_cast<size_t>(question.size));
  page->set_next_page_token(PageToken(indexes.back()));
}

absl::StatusOr<v1::HistoryEntry> EntryForPerson(const RulesContext& context,
                                                const SubjectId& subject,
                                                const std::string& data_key, uint64_t index) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<ReadRecord> record, ReadOne(context, index));
  v1::HistoryEntry entry;
  entry.set_ledger_index(index);
  if (!record.has_value()) return entry;
  entry = OuterPart(index, *record);
  if (record->outer.checks_size() > 0) {
    // Many persons share it. A part gives no leaf, so what would compute one is left out.
    entry.clear_outer_salt();
    entry.clear_inner_hash();
    entry.mutable_entry()->clear_checks();
    for (const v1::CheckNote& check : record->outer.checks()) {
      ABSL_ASSIGN_OR_RETURN(const bool own, IsConsentOf(context, check.consent_id(), subject));
      if (own) *entry.mutable_entry()->add_checks() = check;
    }
    return entry;
  }
  entry.set_person_number(record->inner.person_number());
  ABSL_ASSIGN_OR_RETURN(const v1::CaseContext case_context,
                        OpenCase(context, index, *record, data_key));
  if (!case_context.case_number().empty()) {
    entry.mutable_case_()->set_case_number(case_context.case_number());
  }
  return entry;
}

absl::StatusOr<std::optional<v1::HistoryEntry>> AgencyEntries::Read(uint64_t index) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<ReadRecord> record, ReadOne(*context_, index));
  v1::HistoryEntry bare;
  bare.set_ledger_index(index);
  if (!record.has_value()) return std::optional<v1::HistoryEntry>(std::move(bare));
  const v1::OuterEntry& outer = record->outer;
  if (!Names(outer, agency_)) {
    return std::optional<v1::HistoryEntry>();
  }
  v1::HistoryEntry entry = OuterPart(index, *record);
  const absl::StatusOr<SubjectId> subject = SubjectId::FromBytes(record->inner.subject_id());
  if (!subject.ok()) return std::optional<v1::HistoryEntry>(std::move(entry));
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> data_key, DataKey(*subject));
  if (data_key.has_value()) {
    ABSL_ASSIGN_OR_RETURN(const v1::CaseContext case_context,
                          OpenCase(*context_, index, *record, *data_key));
    if (case_context.ByteSizeLong() > 0) *entry.mutable_case_() = case_context;
  }
  return std::optional<v1::HistoryEntry>(std::move(entry));
}

absl::StatusOr<std::optional<std::string>> AgencyEntries::DataKey(const SubjectId& subject) {
  const auto known = data_keys_.find(subject);
  if (known != data_keys_.end()) return known->second;
  ABSL_ASSIGN_OR_RETURN(std::optional<std::string> data_key,
                        context_->directory->DataKey(*context_->store, subject));
  data_keys_[subject] = data_key;
  return data_key;
}

std::vector<SubjectId> AgencyEntries::subjects() const {
  std::vector<SubjectId> subjects;
  for (const auto& [subject, data_key] : data_keys_) {
    if (data_key.has_value()) subjects.push_back(subject);
  }
  return subjects;
}

}  // namespace naru
