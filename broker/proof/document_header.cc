#include "broker/proof/document_header.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/proof/binding.h"
#include "broker/proof/body_digester.h"
#include "broker/proof/signature.h"

namespace naru {
namespace {

using holder::v1::DocumentHeader;

constexpr size_t kMediaTypeCharsMax = 127;
constexpr size_t kDeclineGroundCharsMax = 200;
constexpr size_t kDeferralOwnerCharsMax = 100;
constexpr int64_t kSecondsEnd = 253'402'300'800;  // The year 10000, where RFC 3339 ends.

// A failed check; reason UNSPECIFIED means none.
struct Failure {
  v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED;
  const char* what = "";
};

Failure Fault(const char* what) { return {v1::REFUSAL_REASON_HOLDER_FAULT, what}; }
Failure Mismatch(const char* what) { return {v1::REFUSAL_REASON_SUBJECT_MISMATCH, what}; }
bool Failed(const Failure& failure) { return failure.reason != v1::REFUSAL_REASON_UNSPECIFIED; }

bool HasUnknownFields(const google::protobuf::Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

bool HasUnknownFields(const DocumentHeader& header) {
  const auto& parameters = header.parameters();
  return HasUnknownFields(static_cast<const google::protobuf::Message&>(header)) ||
         HasUnknownFields(header.issue_time()) || HasUnknownFields(header.deferral()) ||
         HasUnknownFields(header.deferral().eta()) ||
         std::any_of(parameters.begin(), parameters.end(),
                     [](const v1::Parameter& parameter) { return HasUnknownFields(parameter); });
}

// Code points; protobuf has refused what is not UTF-8.
size_t Characters(absl::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool HasControlCharacter(absl::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); });
}

bool IsText(absl::string_view text, size_t characters_max) {
  return !text.empty() && Characters(text) <= characters_max && !HasControlCharacter(text);
}

// type "/" subtype, maybe with parameters behind it, in visible ASCII and spaces.
bool IsMediaType(absl::string_view text) {
  const size_t slash = text.find('/');
  return text.size() <= kMediaTypeCharsMax && slash != absl::string_view::npos && slash > 0 &&
         slash + 1 < text.size() && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isprint(static_cast<unsigned char>(c));
         });
}

bool SameParameters(const DocumentHeader& header, const std::vector<v1::Parameter>& expected) {
  return std::equal(header.parameters().begin(), header.parameters().end(), expected.begin(),
                    expected.end(), [](const v1::Parameter& a, const v1::Parameter& b) {
                      return a.name() == b.name() &&
                             std::equal(a.values().begin(), a.values().end(), b.values().begin(),
                                        b.values().end());
                    });
}

bool BindingIs(absl::string_view binding, absl::string_view nonce, const v1::Subject& subject) {
  return crypto::ConstantTimeEqual(binding,
                                   SubjectBinding(nonce, subject.type(), subject.number()));
}

// P3: the answer is about the one who was asked for, and to this very call.
Failure CheckIsTheAskedOne(const DocumentHeader& header, const ExpectedHeader& expected) {
  if (!crypto::ConstantTimeEqual(header.nonce(), expected.nonce)) return Mismatch("nonce");
  if (header.release_id() != expected.release_id) return Mismatch("release");
  if (header.holder() != expected.holder) return Mismatch("holder");
  if (header.requester() != expected.requester) return Mismatch("requester");
  if (header.document_kind() != expected.document_kind) return Mismatch("document kind");
  if (!SameParameters(header, expected.parameters)) return Mismatch("parameters");
  if (!BindingIs(header.subject_binding(), expected.nonce, expected.subject)) {
    return Mismatch("subject binding");
  }
  if (!BindingIs(header.person_binding(), expected.nonce, expected.person)) {
    return Mismatch("person binding");
  }
  return {};
}

// What can be a time at all.
bool IsTime(const google::protobuf::Timestamp& stamp) {
  return stamp.seconds() >= 0 && stamp.seconds() < kSecondsEnd && stamp.nanos() >= 0 &&
         stamp.nanos() <= 999'999'999;
}

Failure CheckDeferral(const DocumentHeader& header) {
  const bool deferred = header.status() == holder::v1::ANSWER_STATUS_DEFERRED;
  if (!deferred) {
    return header.has_deferral() ? Fault("a deferral in an answer that is none") : Failure();
  }
  const holder::v1::Deferral& deferral = header.deferral();
  if (!holder::v1::DeferralReason_IsValid(deferral.reason()) ||
      deferral.reason() == holder::v1::DEFERRAL_REASON_UNSPECIFIED) {
    return Fault("reason of the deferral");
  }
  if (!IsText(deferral.owner(), kDeferralOwnerCharsMax)) return Fault("owner of the deferral");
  if (deferral.has_eta() && !IsTime(deferral.eta())) return Fault("time of the deferral");
  return {};
}

Failure CheckForm(const DocumentHeader& header) {
  if (header.context() != kDocumentHeaderContext) return Fault("context");
  if (HasUnknownFields(header)) return Fault("a field of the header that is not known");
  const bool declined = header.status() == holder::v1::ANSWER_STATUS_DECLINED;
  if (!declined && header.status() != holder::v1::ANSWER_STATUS_FOUND &&
      header.status() != holder::v1::ANSWER_STATUS_NO_RECORD &&
      header.status() != holder::v1::ANSWER_STATUS_DEFERRED) {
    return Fault("status");
  }
  if (declined && (!holder::v1::DeclineCode_IsValid(header.decline_code()) ||
                   header.decline_code() == holder::v1::DECLINE_CODE_UNSPECIFIED)) {
    return Fault("decline code");
  }
  if (declined && header.decline_code() == holder::v1::DECLINE_CODE_FORBIDDEN_BY_LAW &&
      header.decline_ground().empty()) {
    return Fault("no ground of the decline");
  }
  if (!header.decline_ground().empty() &&
      !IsText(header.decline_ground(), kDeclineGroundCharsMax)) {
    return Fault("ground of the decline");
  }
  if (!declined && (header.decline_code() != holder::v1::DECLINE_CODE_UNSPECIFIED ||
                    !header.decline_ground().empty())) {
    return Fault("a decline in an answer that is none");
  }
  return CheckDeferral(header);
}

Failure CheckFields(const DocumentHeader& header, const ExpectedHeader& expected) {
  const std::set<absl::string_view> approved(expected.approved_fields.begin(),
                                             expected.approved_fields.end());
  std::set<absl::string_view> seen;
  for (const std::string& field : header.fields()) {
    if (approved.count(field) == 0) {
      return {v1::REFUSAL_REASON_FIELD_NOT_APPROVED, "a field that is not approved"};
    }
    if (!seen.insert(field).second) return Fault("a field named twice");
  }
  if (header.status() == holder::v1::ANSWER_STATUS_FOUND && seen.empty() && !approved.empty()) {
    return Fault("no fields named");
  }
  return {};
}

Failure CheckIssueTime(const DocumentHeader& header, absl::Time now) {
  const auto& stamp = header.issue_time();
  if (stamp.nanos() < 0 || stamp.nanos() > 999'999'999) return Fault("issue time");
  const absl::Time time = absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
  if (stamp.seconds() < 0 || time > now + limits::kClockSkew) return Fault("issue time");
  return {};
}

Failure CheckBody(const DocumentHeader& header, const ExpectedHeader& expected) {
  if (!IsText(header.document_number(), limits::kShortText)) return Fault("document number");
  if (!header.has_issue_time()) return Fault("no issue time");
  if (!IsMediaType(header.media_type())) return Fault("media type");
  if (header.size_bytes() == 0) return Fault("an empty body");
  const uint64_t max =
      expected.max_size_bytes == 0 ? limits::kDocumentBytesDefault : expected.max_size_bytes;
  if (header.size_bytes() > std::min(max, limits::kDocumentBytesMax)) {
    return {v1::REFUSAL_REASON_DOCUMENT_TOO_LARGE, "body larger than allowed"};
  }
  if (header.body_sha256().size() != crypto::kHashBytes) return Fault("body digest");
  if (header.chunk_size_bytes() != ChunkBytesFor(header.size_bytes())) return Fault("chunk size");
  if (static_cast<uint64_t>(header.chunk_sha256_size()) !=
      ChunksOf(header.size_bytes(), header.chunk_size_bytes())) {
    return Fault("number of chunks");
  }
  for (const std::string& digest : header.chunk_sha256()) {
    if (digest.size() != crypto::kHashBytes) return Fault("chunk digest");
  }
  if (header.chunk_sha256_size() == 1 && header.chunk_sha256(0) != header.body_sha256()) {
    return Fault("two digests of a body of one chunk");
  }
  return {};
}

Failure CheckNoBody(const DocumentHeader& header) {
  if (header.fields_size() != 0 || !header.document_number().empty() ||
      !header.media_type().empty() || header.size_bytes() != 0 || !header.body_sha256().empty() ||
      header.chunk_size_bytes() != 0 || header.chunk_sha256_size() != 0) {
    return Fault("parts of a document in an answer without one");
  }
  return {};
}

// All checks after the signature, the gravest first.
Failure CheckContent(const DocumentHeader& header, const ExpectedHeader& expected, absl::Time now) {
  if (const Failure failure = CheckForm(header); Failed(failure)) return failure;
  if (const Failure failure = CheckIsTheAskedOne(header, expected); Failed(failure)) return failure;
  if (const Failure failure = CheckFields(header, expected); Failed(failure)) return failure;
  if (const Failure failure = CheckIssueTime(header, now); Failed(failure)) return failure;
  return header.status() == holder::v1::ANSWER_STATUS_FOUND ? CheckBody(header, expected)
                                                            : CheckNoBody(header);
}

}  // namespace

v1::SignedHeader SignDocumentHeader(const DocumentHeader& header, const crypto::SigningKey& key) {
  v1::SignedHeader signed_header;
  signed_header.set_header(header.SerializeAsString());
  *signed_header.mutable_signature() =
      SignInContext(kDocumentHeaderContext, signed_header.header(), key);
  return signed_header;
}

void DigestBody(absl::string_view body, DocumentHeader& header) {
  BodyDigester digester(body.size());
  for (size_t begin = 0; begin < body.size(); begin += digester.chunk_bytes()) {
    digester.Add(body.substr(begin, digester.chunk_bytes()));
  }
  digester.Finish(header);
}

CheckedHeader CheckDocumentHeader(const v1::SignedHeader& signed_header,
                                  const ExpectedHeader& expected, const KeyRing& keys,
                                  absl::Time now) {
  CheckedHeader checked;
  checked.header_sha256 = crypto::Sha256(signed_header.header());
  Failure failure;
  if (signed_header.header().size() > static_cast<size_t>(limits::kHeaderBytes)) {
    failure = Fault("header larger than allowed");
  } else if (const bool parsed = checked.header.ParseFromString(signed_header.header());
             !VerifyInContext(kDocumentHeaderContext, signed_header.header(),
                              signed_header.signature(), expected.holder, keys, now)) {
    failure = {v1::REFUSAL_REASON_HOLDER_SIGNATURE_INVALID,
               "not signed by a key of the holder that counts now"};
  } else if (!parsed) {
    failure = Fault("header cannot be read");
  } else {
    failure = CheckContent(checked.header, expected, now);
  }
  checked.refused = failure.reason;
  checked.what = failure.what;
  return checked;
}

BodyChecker::BodyChecker(const DocumentHeader& header) : header_(header) {}

absl::Status BodyChecker::Add(uint32_t index, absl::string_view data) {
  const auto refuse = [this](absl::string_view what) {
    failed_ = true;
    return absl::FailedPreconditionError(absl::StrCat("body: ", what));
  };
  if (failed_) return refuse("an earlier chunk was refused");
  if (complete_) return refuse("a chunk after the last");
  if (index != next_ || index >= static_cast<uint32_t>(header_.chunk_sha256_size())) {
    return refuse("a chunk out of order");
  }
  const uint64_t left = header_.size_bytes() - bytes_;
  if (data.size() != std::min<uint64_t>(left, header_.chunk_size_bytes())) {
    return refuse("length of a chunk");
  }
  const std::string digest = crypto::Sha256(data);
  if (digest != header_.chunk_sha256(static_cast<int>(index))) return refuse("digest of a chunk");
  const bool only_chunk = header_.chunk_sha256_size() == 1;
  if (!only_chunk) whole_.Update(data);
  bytes_ += data.size();
  ++next_;
  if (bytes_ < header_.size_bytes()) return absl::OkStatus();
  if ((only_chunk ? digest : whole_.Finish()) != header_.body_sha256()) {
    return refuse("digest of the body");
  }
  complete_ = true;
  return absl::OkStatus();
}

}  // namespace naru
