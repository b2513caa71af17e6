#include "consent/person_directory.h"

#include <glog/logging.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/store/keys.h"
#include "naru/storage/v1/storage.pb.h"

namespace naru {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr absl::string_view kAlgorithm = "A256GCM";
constexpr absl::string_view kNul("\0", 1);

}  // namespace

PersonDirectory::PersonDirectory(std::string pepper, std::string key_encryption_key,
                                 std::string key_id, Random* random)
    : pepper_(std::move(pepper)),
      key_encryption_key_(std::move(key_encryption_key)),
      key_id_(std::move(key_id)),
      random_(random) {
  CHECK_EQ(pepper_.size(), kKeyBytes);
  CHECK_EQ(key_encryption_key_.size(), kKeyBytes);
}

// The three kinds of hash share the pepper: a look-up begins with a byte below 32, the others with
// a word.

std::string PersonDirectory::Lookup(const v1::Subject& person) const {
  return crypto::HmacSha256(
      pepper_, absl::StrCat(std::string(1, static_cast<char>(person.type())), person.number()));
}

std::string PersonDirectory::CaseHash(absl::string_view requester,
                                      absl::string_view case_number) const {
  return crypto::HmacSha256(pepper_, absl::StrCat("case", kNul, requester, kNul, case_number));
}

std::string PersonDirectory::OfficialHash(absl::string_view agency,
                                          absl::string_view official) const {
  return crypto::HmacSha256(pepper_, absl::StrCat("official", kNul, agency, kNul, official));
}

absl::StatusOr<std::optional<SubjectId>> PersonDirectory::FindSubject(
    const Reader& rows, absl::string_view lookup) const {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        rows.Get(Table::kKeys, keys::Lookup(lookup)));
  if (!value.has_value()) return std::optional<SubjectId>();
  storage::v1::LookupRow row;
  if (!row.ParseFromString(*value)) return DataDamaged("a look-up row cannot be read");
  absl::StatusOr<SubjectId> subject = SubjectId::FromBytes(row.subject_id());
  if (!subject.ok()) return DataDamaged("a look-up row names no subject");
  return std::optional<SubjectId>(*std::move(subject));
}

absl::StatusOr<std::optional<std::string>> PersonDirectory::DataKey(
    const Reader& rows, const SubjectId& subject) const {
  const std::string key = keys::DataKey(subject);
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value, rows.Get(Table::kKeys, key));
  if (!value.has_value()) return std::optional<std::string>();
  storage::v1::KeyRow row;
  if (!row.ParseFromString(*value) || row.wrapped_data_key().algorithm() != kAlgorithm) {
    return DataDamaged("a data key cannot be read");
  }
  if (row.wrapped_data_key().key_id() != key_id_) {
    return InternalFault("a data key is wrapped under a key that this broker does not have");
  }
  absl::StatusOr<std::string> data_key =
      crypto::Open(key_encryption_key_,
                   {row.wrapped_data_key().nonce(), row.wrapped_data_key().ciphertext()}, key);
  if (!data_key.ok() || data_key->size() != kKeyBytes) {
    return DataDamaged("a data key does not open");
  }
  return std::optional<std::string>(*std::move(data_key));
}

absl::StatusOr<std::optional<PersonDirectory::Person>> PersonDirectory::Find(
    const Reader& rows, absl::string_view lookup) const {
  ABSL_ASSIGN_OR_RETURN(const std::optional<SubjectId> subject, FindSubject(rows, lookup));
  if (!subject.has_value()) return std::optional<Person>();
  ABSL_ASSIGN_OR_RETURN(std::optional<std::string> data_key, DataKey(rows, *subject));
  // Erasing a person deletes both rows at once.
  if (!data_key.has_value()) return DataDamaged("a person has no data key");
  return std::optional<Person>(Person{*subject, *std::move(data_key)});
}

PersonDirectory::NewPerson PersonDirectory::Prepare(absl::string_view lookup,
                                                    absl::Time now) const {
  NewPerson made;
  made.person.subject = SubjectId::Generate(ShardOfHash(lookup), *random_);
  made.person.data_key = random_->Bytes(kKeyBytes);

  storage::v1::LookupRow lookup_row;
  lookup_row.set_subject_id(made.person.subject.bytes());
  made.rows.push_back({Table::kKeys, keys::Lookup(lookup), lookup_row.SerializeAsString()});

  const std::string key = keys::DataKey(made.person.subject);
  crypto::SealedBytes sealed =
      crypto::Seal(key_encryption_key_, made.person.data_key, key, *random_);
  storage::v1::KeyRow key_row;
  key_row.mutable_wrapped_data_key()->set_algorithm(std::string(kAlgorithm));
  key_row.mutable_wrapped_data_key()->set_key_id(key_id_);
  key_row.mutable_wrapped_data_key()->set_nonce(std::move(sealed.nonce));
  key_row.mutable_wrapped_data_key()->set_ciphertext(std::move(sealed.ciphertext));
  made.rows.push_back({Table::kKeys, key, key_row.SerializeAsString()});

  storage::v1::SubjectRow subject_row;
  const int64_t micros = absl::ToUnixMicros(now);
  subject_row.mutable_create_time()->set_seconds(micros / 1'000'000);
  subject_row.mutable_create_time()->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
  made.rows.push_back(
      {Table::kRows, keys::Subject(made.person.subject), subject_row.SerializeAsString()});
  return made;
}

}  // namespace naru
