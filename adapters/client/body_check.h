#ifndef NARU_ADAPTERS_CLIENT_BODY_CHECK_H_
#define NARU_ADAPTERS_CLIENT_BODY_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/client/encrypted_file.h"
#include "broker/base/limits.h"
#include "broker/proof/document_header.h"
#include "naru/v1/error_reason.pb.h"

// What a body says of itself. Digests show that a body is the one that its holder signed, not that
// the holder signed the right one: in April 2024 headers were right and the bodies other persons'.
// A body of media type application/json is a naru.holder.v1.DocumentBody and names whom it is
// about, so this library reads it; what other media types say, their reader must see to.
namespace naru::client {

// The largest JSON body that is taken; the rest of a register's documents are far smaller, and a
// larger one belongs into another media type. Reading needs memory for a chunk and for the longest
// string in it, never for the whole.
inline constexpr uint64_t kJsonBodyBytes = limits::kDocumentBytesDefault;

// "application/json", with or without parameters.
bool IsJsonDocument(absl::string_view media_type);

struct BodyDifference {
  // UNSPECIFIED when the body is the asked one. SUBJECT_MISMATCH: subject, kind, number or
  // parameters are others than the header's and the asked ones. HOLDER_FAULT: it is no
  // DocumentBody.
  v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED;
  std::string what;  // Which part, in English, no value.
};

// Compares a whole JSON body with what was asked and with its header, which CheckDocumentHeader
// took. `fields` is not looked at. Of a name that comes twice the last counts, as for every reader
// of JSON in protobuf. The status of a file that cannot be read.
absl::StatusOr<BodyDifference> CompareJsonBody(const EncryptedFile& file,
                                               const holder::v1::DocumentHeader& header,
                                               const ExpectedHeader& expected);

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_BODY_CHECK_H_
