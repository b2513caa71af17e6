#include "consent/consent_rows.h"

#include <utility>

#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/consent_machine.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

constexpr absl::string_view kAlgorithm = "A256GCM";

ConsentId IdOf(const storage::v1::ConsentRow& consent) {
  return ConsentId::FromBytes(consent.consent_id()).value();
}

// When the consent ends by time; nullopt when time cannot change it any more.
std::optional<int64_t> End(const storage::v1::ConsentRow& consent) {
  if (!Next(consent.state(), ConsentEvent::kExpire).has_value()) return std::nullopt;
  return consent.state() == v1::CONSENT_STATE_PENDING ? consent.decide_until_us()
                                                      : consent.valid_until_us();
}

template <typename Message>
absl::StatusOr<std::optional<Message>> Read(const Reader& rows, Table table, const std::string& key,
                                            absl::string_view damaged) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value, rows.Get(table, key));
  if (!value.has_value()) return std::optional<Message>();
  Message message;
  if (!message.ParseFromString(*value)) return DataDamaged(damaged);
  return std::optional<Message>(std::move(message));
}

absl::StatusOr<std::optional<storage::v1::ConsentRow>> ReadRow(const Reader& rows,
                                                               const ConsentId& id) {
  return Read<storage::v1::ConsentRow>(rows, Table::kRows, keys::Consent(id),
                                       "the row of a consent cannot be read");
}

}  // namespace

absl::StatusOr<std::optional<StoredConsent>> ReadConsent(const PersonDirectory& directory,
                                                         const Reader& rows, const ConsentId& id) {
  ABSL_ASSIGN_OR_RETURN(std::optional<storage::v1::ConsentRow> row, ReadRow(rows, id));
  if (!row.has_value()) return std::optional<StoredConsent>();
  StoredConsent consent;
  consent.id = id;
  consent.row = *std::move(row);
  absl::StatusOr<SubjectId> subject = SubjectId::FromBytes(consent.row.subject_id());
  if (consent.row.consent_id() != id.bytes() || !subject.ok() ||
      consent.row.sealed().algorithm() != kAlgorithm) {
    return DataDamaged("the row of a consent cannot be read");
  }
  consent.subject = *std::move(subject);
  ABSL_ASSIGN_OR_RETURN(std::optional<std::string> data_key,
                        directory.DataKey(rows, consent.subject));
  if (!data_key.has_value()) return std::optional<StoredConsent>();
  consent.data_key = *std::move(data_key);
  const absl::StatusOr<std::string> details = crypto::Open(
      consent.data_key, {consent.row.sealed().nonce(), consent.row.sealed().ciphertext()},
      keys::Consent(id));
  if (!details.ok() || !consent.details.ParseFromString(*details)) {
    return DataDamaged("the personal part of a consent cannot be read");
  }
  return std::optional<StoredConsent>(std::move(consent));
}

absl::StatusOr<std::optional<SubjectId>> SubjectOfConsent(const Reader& rows, const ConsentId& id) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<storage::v1::ConsentRow> row, ReadRow(rows, id));
  if (!row.has_value()) return std::optional<SubjectId>();
  absl::StatusOr<SubjectId> subject = SubjectId::FromBytes(row->subject_id());
  if (!subject.ok()) return DataDamaged("the row of a consent names no subject");
  return std::optional<SubjectId>(*std::move(subject));
}

absl::StatusOr<std::optional<storage::v1::CheckRow>> ReadCheckRow(const Reader& rows,
                                                                  const ConsentId& id) {
  return Read<storage::v1::CheckRow>(rows, Table::kChecks, keys::Check(id),
                                     "the check row of a consent cannot be read");
}

void SealDetails(const storage::v1::ConsentPrivate& details, const std::string& data_key,
                 Random& random, storage::v1::ConsentRow* row) {
  crypto::SealedBytes bytes =
      crypto::Seal(data_key, details.SerializeAsString(), keys::Consent(IdOf(*row)), random);
  storage::v1::Sealed* const sealed = row->mutable_sealed();
  sealed->set_algorithm(std::string(kAlgorithm));
  sealed->set_key_id("data");
  sealed->set_nonce(std::move(bytes.nonce));
  sealed->set_ciphertext(std::move(bytes.ciphertext));
}

storage::v1::CheckRow MakeCheckRow(const storage::v1::ConsentRow& consent) {
  storage::v1::CheckRow check;
  check.set_state(consent.state());
  check.set_requester(consent.requester());
  check.set_affair(consent.affair());
  check.set_valid_from_us(static_cast<uint64_t>(consent.valid_from_us()));
  // Also of one that ended: when it ended is what a check then says.
  check.set_valid_until_us(static_cast<uint64_t>(
      consent.decide_time_us() == 0 ? consent.decide_until_us() : consent.valid_until_us()));
  check.set_uses_left(consent.uses_left());
  check.set_subject_id(consent.subject_id());
  for (const storage::v1::PaperRow& paper : consent.papers()) {
    if (paper.decision() != v1::DECISION_AGREED) continue;
    check.add_agreed(paper.paper_id());
    check.add_agreed(paper.affair_kind());
  }
  return check;
}

void PutConsent(const storage::v1::ConsentRow& consent, std::vector<Writes::Write>* writes) {
  const ConsentId id = IdOf(consent);
  writes->push_back({Table::kRows, keys::Consent(id), consent.SerializeAsString()});
  writes->push_back({Table::kChecks, keys::Check(id), MakeCheckRow(consent).SerializeAsString()});
}

std::optional<std::string> ExpiryKey(const storage::v1::ConsentRow& consent) {
  const std::optional<int64_t> end = End(consent);
  if (!end.has_value()) return std::nullopt;
  return keys::Expiry(IdOf(consent), *end);
}

namespace {

// The row by which the agency's lists find it.
std::string AgencyKey(const storage::v1::ConsentRow& consent) {
  return keys::AgencyConsent(consent.requester(), IsFinal(consent.state()), consent.open_time_us(),
                             IdOf(consent));
}

}  // namespace

void PutConsent(const storage::v1::ConsentRow& before, const storage::v1::ConsentRow& after,
                std::vector<Writes::Write>* writes) {
  PutConsent(after, writes);
  if (!before.consent_id().empty() && IsFinal(before.state()) != IsFinal(after.state())) {
    writes->push_back({Table::kRows, AgencyKey(before), std::nullopt});
    writes->push_back({Table::kRows, AgencyKey(after), std::string()});
  }
  std::optional<std::string> old_end = ExpiryKey(before);
  std::optional<std::string> new_end = ExpiryKey(after);
  if (old_end == new_end) return;
  if (old_end.has_value()) {
    writes->push_back({Table::kRows, *std::move(old_end), std::nullopt});
  }
  if (new_end.has_value()) {
    writes->push_back({Table::kRows, *std::move(new_end), std::string()});
  }
}

void PutNewConsent(const storage::v1::ConsentRow& consent, std::vector<Writes::Write>* writes) {
  PutConsent(storage::v1::ConsentRow(), consent, writes);
  const SubjectId subject = SubjectId::FromBytes(consent.subject_id()).value();
  writes->push_back({Table::kRows,
                     keys::PersonConsent(subject, consent.requester(), consent.affair(),
                                         consent.open_time_us(), IdOf(consent)),
                     std::string()});
  writes->push_back({Table::kRows, AgencyKey(consent), std::string()});
}

}  // namespace naru
