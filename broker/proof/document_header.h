#ifndef NARU_BROKER_PROOF_DOCUMENT_HEADER_H_
#define NARU_BROKER_PROOF_DOCUMENT_HEADER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/proof/crypto.h"
#include "broker/proof/key_ring.h"
#include "naru/holder/v1/holder_service.pb.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/error_reason.pb.h"

// The holder's signed header: made by naru-holder, checked by the broker before anything is
// released and again by the requester's library (P3). Thread-safe.
namespace naru {

inline constexpr absl::string_view kDocumentHeaderContext = "naru-document-header-v1";

// Serializes and signs. The chunk digests and sizes must be set (see DigestBody).
v1::SignedHeader SignDocumentHeader(const holder::v1::DocumentHeader& header,
                                    const crypto::SigningKey& key);

// Sets size_bytes, body_sha256, chunk_size_bytes and chunk_sha256 for a body.
void DigestBody(absl::string_view body, holder::v1::DocumentHeader& header);

// What a header must say. Fields are those of the request; bindings are computed from the
// identifiers.
struct ExpectedHeader {
  std::string nonce;
  std::string release_id;
  std::string holder;     // Agency code.
  std::string requester;  // Agency code.
  std::string document_kind;
  std::vector<v1::Parameter> parameters;
  v1::Subject subject;
  v1::Subject person;
  std::vector<std::string> approved_fields;
  uint64_t max_size_bytes = 0;  // 0 means limits::kDocumentBytesDefault.
};

// A header that was checked, or why it was not taken.
struct CheckedHeader {
  holder::v1::DocumentHeader
      header;  // Parsed, when it could be parsed. Not to be trusted unless nothing was refused.
  std::string header_sha256;
  // UNSPECIFIED when everything is as expected, else, in the order of the checks:
  // HOLDER_SIGNATURE_INVALID, HOLDER_FAULT (context, form), SUBJECT_MISMATCH (nonce, release,
  // holder, requester, kind, parameters or binding are not the asked ones: quarantine),
  // FIELD_NOT_APPROVED, HOLDER_FAULT (body fields, limits), DOCUMENT_TOO_LARGE.
  v1::RefusalReason refused = v1::REFUSAL_REASON_UNSPECIFIED;
  std::string what;  // Which check failed, in English, no value of the header.
};

// Checks signature (ES256, key of that holder, valid at `now`), context, form and everything in
// `expected`:
// - Parameters are the asked ones, in order; bindings are compared in constant time.
// - FOUND names its fields, each approved and none twice, as soon as any are approved; it has a
// document number, an
//   issue time not in the future, a media type, and a body that is not empty, whose size, chunk
//   size and chunk digests fit together: chunks of 64 KiB, or the smallest larger power of two that
//   needs no more than 4,096 of them.
// - NO_RECORD, DECLINED and DEFERRED have none of the body fields; they may have an issue time.
//   DECLINED alone has a decline code, and FORBIDDEN_BY_LAW its ground; DEFERRED alone has a
//   deferral with reason, owner and, maybe, a time.
// - Fields that this version does not know are a fault: nothing passes that was not looked at.
CheckedHeader CheckDocumentHeader(const v1::SignedHeader& signed_header,
                                  const ExpectedHeader& expected, const KeyRing& keys,
                                  absl::Time now);

// Checks the chunks of one body in order against its header, which CheckDocumentHeader took. Not
// thread-safe.
class BodyChecker {
 public:
  explicit BodyChecker(const holder::v1::DocumentHeader& header);
  // FAILED_PRECONDITION when the index, length or digest is not the header's, and for every call
  // after that. The body digest is checked with the last chunk.
  absl::Status Add(uint32_t index, absl::string_view data);
  // True when every byte came and was the header's.
  bool complete() const { return complete_; }

 private:
  const holder::v1::DocumentHeader header_;
  crypto::Sha256Stream whole_;
  uint32_t next_ = 0;
  uint64_t bytes_ = 0;
  bool complete_ = false;
  bool failed_ = false;
};

}  // namespace naru

#endif  // NARU_BROKER_PROOF_DOCUMENT_HEADER_H_
