#include "consent/fetch_record.h"

#include <utility>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

constexpr absl::string_view kAlgorithm = "A256GCM";

template <typename Message>
absl::StatusOr<std::optional<Message>> ReadRow(const Reader& rows, const std::string& key,
                                               absl::string_view damaged) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value, rows.Get(Table::kRows, key));
  if (!value.has_value()) return std::optional<Message>();
  Message message;
  if (!message.ParseFromString(*value)) return DataDamaged(damaged);
  return std::optional<Message>(std::move(message));
}

template <typename Papers>
auto* FindIn(Papers& papers, uint32_t paper_id) {
  for (auto& paper : papers) {
    if (paper.paper_id() == paper_id) return &paper;
  }
  return static_cast<decltype(&*papers.begin())>(nullptr);
}

std::string IdText(const absl::StatusOr<ConsentId>& id) { return id.ok() ? id->text() : ""; }
std::string IdText(const absl::StatusOr<FetchId>& id) { return id.ok() ? id->text() : ""; }
std::string IdText(const absl::StatusOr<ReleaseId>& id) { return id.ok() ? id->text() : ""; }

}  // namespace

absl::StatusOr<std::optional<storage::v1::ConsentRow>> ReadConsentRow(const Reader& rows,
                                                                      const ConsentId& consent) {
  return ReadRow<storage::v1::ConsentRow>(rows, keys::Consent(consent),
                                          "the row of a consent cannot be read");
}

absl::StatusOr<std::optional<storage::v1::FetchRow>> ReadFetchRow(const Reader& rows,
                                                                  const FetchId& fetch) {
  return ReadRow<storage::v1::FetchRow>(rows, keys::Fetch(fetch),
                                        "the row of a fetch cannot be read");
}

absl::StatusOr<storage::v1::ConsentPrivate> OpenConsentPrivate(
    const storage::v1::ConsentRow& consent, const std::string& data_key) {
  const absl::StatusOr<ConsentId> id = ConsentId::FromBytes(consent.consent_id());
  if (!id.ok() || consent.sealed().algorithm() != kAlgorithm) {
    return DataDamaged("the personal part of a consent cannot be read");
  }
  ABSL_ASSIGN_OR_RETURN(
      const std::string plain,
      crypto::Open(data_key, {consent.sealed().nonce(), consent.sealed().ciphertext()},
                   keys::Consent(*id)));
  storage::v1::ConsentPrivate opened;
  if (!opened.ParseFromString(plain)) {
    return DataDamaged("the personal part of a consent cannot be read");
  }
  return opened;
}

absl::StatusOr<FetchRecord> ReadFetchRecord(const Reader& rows, const PersonDirectory& directory,
                                            const FetchId& fetch) {
  FetchRecord record;
  ABSL_ASSIGN_OR_RETURN(std::optional<storage::v1::FetchRow> fetch_row, ReadFetchRow(rows, fetch));
  if (!fetch_row.has_value()) return DataDamaged("the row of an admitted fetch is missing");
  record.fetch = *std::move(fetch_row);
  const absl::StatusOr<ConsentId> consent = ConsentId::FromBytes(record.fetch.consent_id());
  if (!consent.ok()) return DataDamaged("the row of a fetch names no consent");
  ABSL_ASSIGN_OR_RETURN(std::optional<storage::v1::ConsentRow> consent_row,
                        ReadConsentRow(rows, *consent));
  if (!consent_row.has_value()) return DataDamaged("the consent of a fetch is missing");
  record.consent = *std::move(consent_row);
  absl::StatusOr<SubjectId> subject = SubjectId::FromBytes(record.consent.subject_id());
  if (!subject.ok()) return DataDamaged("the row of a consent names no subject");
  record.subject = *std::move(subject);
  ABSL_ASSIGN_OR_RETURN(std::optional<std::string> data_key,
                        directory.DataKey(rows, record.subject));
  if (!data_key.has_value()) return NotFound("fetch");
  record.data_key = *std::move(data_key);
  return record;
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
  outer.set_consent_id(IdText(ConsentId::FromBytes(record.fetch.consent_id())));
  outer.set_fetch_id(IdText(FetchId::FromBytes(record.fetch.fetch_id())));
  outer.set_requester(record.fetch.requester());
  outer.set_affair(record.consent.affair());
  outer.set_mode(record.fetch.mode());
  outer.set_caller(actor.caller);
  outer.set_state(state);
  outer.set_uses_left(record.consent.uses_left());
  draft.subject = record.subject;
  storage::v1::Details details;
  if (actor.case_context.ByteSizeLong() > 0) *details.mutable_case_() = actor.case_context;
  draft.details = details.SerializeAsString();
  draft.data_key = record.data_key;
  draft.case_hash = actor.case_hash;
  return draft;
}

EntryDraft DraftPaperEntry(const FetchRecord& record, const storage::v1::FetchedPaperRow& paper,
                           const FetchActor& actor, v1::EntryKind kind, v1::ConsentState state) {
  EntryDraft draft = DraftFetchEntry(record, actor, kind, state);
  draft.outer.set_release_id(IdText(ReleaseId::FromBytes(paper.release_id())));
  draft.outer.set_holder(paper.holder());
  draft.outer.set_paper_id(paper.paper_id());
  const storage::v1::PaperRow* const agreed = FindPaper(record.consent, paper.paper_id());
  if (agreed != nullptr) draft.outer.set_document_kind(agreed->kind());
  return draft;
}

void PutFetchRecord(FetchRecord record, uint64_t last_entry, Verdict* verdict) {
  record.consent.set_last_entry(last_entry);
  const absl::StatusOr<ConsentId> consent = ConsentId::FromBytes(record.consent.consent_id());
  const absl::StatusOr<FetchId> fetch = FetchId::FromBytes(record.fetch.fetch_id());
  verdict->writes.push_back(
      {Table::kRows, keys::Consent(consent.value()), record.consent.SerializeAsString()});
  verdict->writes.push_back(
      {Table::kRows, keys::Fetch(fetch.value()), record.fetch.SerializeAsString()});
}

}  // namespace naru
