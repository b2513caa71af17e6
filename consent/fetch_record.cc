#include "consent/fetch_record.h"

#include <utility>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

template <typename Papers>
auto* FindIn(Papers& papers, uint32_t paper_id) {
  for (auto& paper : papers) {
    if (paper.paper_id() == paper_id) return &paper;
  }
  return static_cast<decltype(&*papers.begin())>(nullptr);
}

std::string IdText(const absl::StatusOr<FetchId>& id) { return id.ok() ? id->text() : ""; }
std::string IdText(const absl::StatusOr<ReleaseId>& id) { return id.ok() ? id->text() : ""; }

}  // namespace

absl::StatusOr<std::optional<storage::v1::FetchRow>> ReadFetchRow(const Reader& rows,
                                                                  const FetchId& fetch) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        rows.Get(Table::kRows, keys::Fetch(fetch)));
  if (!value.has_value()) return std::optional<storage::v1::FetchRow>();
  storage::v1::FetchRow row;
  if (!row.ParseFromString(*value) || row.fetch_id() != fetch.bytes() ||
      !ConsentId::FromBytes(row.consent_id()).ok()) {
    return DataDamaged("the row of a fetch cannot be read");
  }
  return std::optional<storage::v1::FetchRow>(std::move(row));
}

absl::StatusOr<FetchRecord> ReadFetchRecord(const Reader& rows, const PersonDirectory& directory,
                                            const FetchId& fetch) {
  ABSL_ASSIGN_OR_RETURN(std::optional<storage::v1::FetchRow> row, ReadFetchRow(rows, fetch));
  if (!row.has_value()) return DataDamaged("the row of an admitted fetch is missing");
  ABSL_ASSIGN_OR_RETURN(const ConsentId id, ConsentId::FromBytes(row->consent_id()));
  ABSL_ASSIGN_OR_RETURN(std::optional<StoredConsent> consent, ReadConsent(directory, rows, id));
  if (!consent.has_value()) return NotFound("fetch");
  return FetchRecord{*std::move(consent), *std::move(row)};
}

const storage::v1::PaperRow* FindPaper(const storage::v1::ConsentRow& consent, uint32_t paper_id) {
  return FindIn(consent.papers(), paper_id);
}

storage::v1::PaperRow* FindPaper(storage::v1::ConsentRow& consent, uint32_t paper_id) {
  return FindIn(*consent.mutable_papers(), paper_id);
}

const v1::Paper* FindPaper(const storage::v1::ConsentPrivate& consent, uint32_t paper_id) {
  return FindIn(consent.papers(), paper_id);
}

EntryDraft DraftFetchEntry(const FetchRecord& record, const FetchActor& actor, v1::EntryKind kind,
                           v1::ConsentState state) {
  EntryDraft draft;
  v1::OuterEntry& outer = draft.outer;
  outer.set_kind(kind);
  outer.set_consent_id(record.consent.id.text());
  outer.set_fetch_id(IdText(FetchId::FromBytes(record.fetch.fetch_id())));
  outer.set_requester(record.fetch.requester());
  outer.set_affair(record.consent.row.affair());
  outer.set_mode(record.fetch.mode());
  outer.set_caller(actor.caller);
  outer.set_state(state);
  outer.set_uses_left(record.consent.row.uses_left());
  draft.subject = record.consent.subject;
  storage::v1::Details details;
  if (actor.case_context.ByteSizeLong() > 0) *details.mutable_case_() = actor.case_context;
  draft.details = details.SerializeAsString();
  draft.data_key = record.consent.data_key;
  draft.case_hash = actor.case_hash;
  return draft;
}

EntryDraft DraftPaperEntry(const FetchRecord& record, const storage::v1::FetchedPaperRow& paper,
                           const FetchActor& actor, v1::EntryKind kind, v1::ConsentState state) {
  EntryDraft draft = DraftFetchEntry(record, actor, kind, state);
  draft.outer.set_release_id(IdText(ReleaseId::FromBytes(paper.release_id())));
  draft.outer.set_holder(paper.holder());
  draft.outer.set_paper_id(paper.paper_id());
  const storage::v1::PaperRow* const agreed = FindPaper(record.consent.row, paper.paper_id());
  if (agreed != nullptr) draft.outer.set_document_kind(agreed->kind());
  return draft;
}

void PutFetchRecord(FetchRecord record, uint64_t last_entry, Verdict* verdict) {
  record.consent.row.set_last_entry(last_entry);
  PutConsent(record.consent.row, &verdict->writes);
  const FetchId fetch = FetchId::FromBytes(record.fetch.fetch_id()).value();
  verdict->writes.push_back({Table::kRows, keys::Fetch(fetch), record.fetch.SerializeAsString()});
}

}  // namespace naru
