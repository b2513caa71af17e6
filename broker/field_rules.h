#ifndef NARU_BROKER_FIELD_RULES_H_
#define NARU_BROKER_FIELD_RULES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/consent_service.pb.h"

// Rules for one field each, which validation.cc puts together. `field` is the path that an error
// names. Pure.
namespace naru::field_rules {

// UUIDv7 in text form; its age is judged with the change.
absl::Status RequestId(absl::string_view value);
// 32 lower-case hexadecimal characters of a known shard.
absl::Status ConsentId(absl::string_view value, absl::string_view field);
absl::Status FetchId(absl::string_view value, absl::string_view field);
// 1 to `max` characters of visible UTF-8 without control characters; `required` says whether empty
// is missing.
absl::Status Text(absl::string_view value, absl::string_view field, int max, bool required);
// Upper-case letters, digits and underscore, 1 to 40.
absl::Status Code(absl::string_view value, absl::string_view field);
// Exactly `size` bytes.
absl::Status Bytes(absl::string_view value, absl::string_view field, size_t size);
// min <= value <= max.
absl::Status Range(int64_t value, absl::string_view field, int64_t min, int64_t max);
// A type and a number of its form; a person's number is a CI.
absl::Status Subject(const v1::Subject& subject, absl::string_view field);
// A person with a CI.
absl::Status Person(bool present, const v1::Subject& person, absl::string_view field);
// Every part given has its form; which parts must be given depends on the caller's role.
absl::Status Case(const v1::CaseContext& context);
absl::Status LinkToken(absl::string_view value);
absl::Status Session(const v1::SessionAssertion& session, bool present);
absl::Status Evidence(const v1::Evidence& evidence, bool present, bool code_allowed);
// 1 to 64, without repeats; `required` says whether an empty list is missing.
absl::Status PaperIds(const google::protobuf::RepeatedField<uint32_t>& ids, bool required);
absl::Status Papers(const google::protobuf::RepeatedPtrField<v1::Paper>& papers);
absl::Status PageSize(int32_t value);
absl::Status PageToken(absl::string_view value);

}  // namespace naru::field_rules

#endif  // NARU_BROKER_FIELD_RULES_H_
