#ifndef NARU_CONSENT_PERSON_DIRECTORY_H_
#define NARU_CONSENT_PERSON_DIRECTORY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/base/ids.h"
#include "broker/base/random.h"
#include "consent/store/store.h"
#include "naru/v1/common.pb.h"

namespace naru {

// Finds a person's subject id and data key from the number, and nothing else does (P6). Numbers are
// hashed under the pepper; data keys are wrapped under the key-encryption key. Thread-safe.
class PersonDirectory {
 public:
  struct Person {
    SubjectId subject;
    std::string data_key;  // 32 bytes.
  };
  // `pepper` and `key_encryption_key` are 32 bytes. `random` must outlive the directory.
  PersonDirectory(std::string pepper, std::string key_encryption_key, std::string key_id,
                  Random* random);

  // lookup = HMAC-SHA256(pepper, type, one byte || number); its first ten bits are the shard of
  // person and row.
  std::string Lookup(const v1::Subject& person) const;
  // Keyed hash of a requester's case number: finds a case's entries again.
  std::string CaseHash(absl::string_view requester, absl::string_view case_number) const;
  // Keyed hash of an official, to tell two officials apart (P10 quotas, two-person rules).
  std::string OfficialHash(absl::string_view agency, absl::string_view official) const;

  // nullopt when nobody of that look-up is known. Reads two rows. DATA_LOSS when they do not belong
  // together.
  absl::StatusOr<std::optional<Person>> Find(const Reader& rows, absl::string_view lookup) const;
  absl::StatusOr<std::optional<SubjectId>> FindSubject(const Reader& rows,
                                                       absl::string_view lookup) const;
  // The data key of a subject; DATA_LOSS when the row does not open, nullopt when it was erased.
  absl::StatusOr<std::optional<std::string>> DataKey(const Reader& rows,
                                                     const SubjectId& subject) const;

  // A new person: id and wrapped key drawn beforehand, so that a judge stays pure. The rows are
  // written by the change that first needs the person, under the lock of the look-up.
  struct NewPerson {
    Person person;
    std::vector<Writes::Write> rows;  // Look-up row, key row, subject row (last number 0).
  };
  NewPerson Prepare(absl::string_view lookup, absl::Time now) const;

 private:
  const std::string pepper_;
  const std::string key_encryption_key_;
  const std::string key_id_;
  Random* const random_;
};

}  // namespace naru

#endif  // NARU_CONSENT_PERSON_DIRECTORY_H_
