// A good header with one thing changed at a time, signed by the holder's own key each time: the
// signature alone never saves it.

#include "broker/proof/document_header.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/honest_answer.h"
#include "broker/proof/signature.h"

namespace naru {
namespace {

using holder::v1::DocumentHeader;
using testing::HasSubstr;

constexpr char kHolder[] = "NTS0001";
constexpr v1::RefusalReason kTaken = v1::REFUSAL_REASON_UNSPECIFIED;
constexpr v1::RefusalReason kFault = v1::REFUSAL_REASON_HOLDER_FAULT;
constexpr v1::RefusalReason kMismatch = v1::REFUSAL_REASON_SUBJECT_MISMATCH;
constexpr v1::RefusalReason kSignature = v1::REFUSAL_REASON_HOLDER_SIGNATURE_INVALID;
constexpr v1::RefusalReason kField = v1::REFUSAL_REASON_FIELD_NOT_APPROVED;
constexpr v1::RefusalReason kTooLarge = v1::REFUSAL_REASON_DOCUMENT_TOO_LARGE;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

v1::Subject Subject(v1::SubjectType type, absl::string_view number) {
  v1::Subject subject;
  subject.set_type(type);
  subject.set_number(std::string(number));
  return subject;
}

v1::Parameter Parameter(absl::string_view name, const std::vector<std::string>& values) {
  v1::Parameter parameter;
  parameter.set_name(std::string(name));
  for (const std::string& value : values) parameter.add_values(value);
  return parameter;
}

std::string Body(size_t size, char seed = 'a') {
  std::string body(size, seed);
  for (size_t i = 0; i < size; i += 1000) body[i] = static_cast<char>(seed + i / 1000 % 64);
  return body;
}

class DocumentHeaderTest : public testing::Test {
 protected:
  DocumentHeaderTest() {
    AddKey(kHolder, *key_);
    AddKey("NPS0001", *other_holders_key_);
    expected_.nonce = std::string(32, 'n');
    expected_.release_id = "00010000000000000000000000000001";
    expected_.holder = kHolder;
    expected_.requester = "3210000";
    expected_.document_kind = "INCOME_AMOUNT";
    expected_.parameters = {Parameter("tax_years", {"2024", "2025"}),
                            Parameter("detail", {"true"})};
    expected_.subject = Subject(v1::SUBJECT_TYPE_BUSINESS, "1234567890");
    expected_.person = Subject(v1::SUBJECT_TYPE_PERSON, "CI of the person");
    expected_.approved_fields = {"name", "year", "income"};
    expected_.max_size_bytes = 1 << 20;
  }

  void AddKey(absl::string_view owner, const crypto::SigningKey& key) {
    ASSERT_THAT(
        keys_.Add(owner,
                  crypto::VerifyingKeyFromRaw(key.type(), key.PublicKey(), key.key_id()).value(),
                  kNow - absl::Hours(1), kNow + absl::Hours(1)),
        IsOk());
  }

  CheckedHeader Check(const DocumentHeader& header) {
    return CheckDocumentHeader(SignDocumentHeader(header, *key_), expected_, keys_, kNow);
  }

  const std::unique_ptr<crypto::SigningKey> key_ =
      crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "nts-1");
  const std::unique_ptr<crypto::SigningKey> other_holders_key_ =
      crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "nps-1");
  KeyRing keys_;
  ExpectedHeader expected_;
  const std::string body_ = Body(200'000);
};

TEST_F(DocumentHeaderTest, TheAskedAnswerIsTaken) {
  const DocumentHeader header = HonestAnswer(expected_, body_, kNow);
  const v1::SignedHeader signed_header = SignDocumentHeader(header, *key_);
  const CheckedHeader checked = CheckDocumentHeader(signed_header, expected_, keys_, kNow);
  EXPECT_EQ(checked.refused, kTaken) << checked.what;
  EXPECT_EQ(checked.what, "");
  EXPECT_EQ(checked.header.SerializeAsString(), header.SerializeAsString());
  EXPECT_EQ(checked.header_sha256, crypto::Sha256(signed_header.header()));
}

struct Change {
  int field;  // Number in DocumentHeader, 0 for what is not one field.
  const char* name;
  v1::RefusalReason refused;
  std::function<void(DocumentHeader&)> change;
};

void PutUnknownField(google::protobuf::Message& message) {
  message.GetReflection()->MutableUnknownFields(&message)->AddLengthDelimited(99, "smuggled");
}

const std::vector<Change>& Changes() {
  static const auto* const changes = new std::vector<Change>{
      {1, "another context", kFault, [](auto& h) { h.set_context("naru-receipt-v1"); }},
      {1, "no context", kFault, [](auto& h) { h.clear_context(); }},
      {2, "another nonce", kMismatch, [](auto& h) { (*h.mutable_nonce())[31] ^= 1; }},
      {2, "a shorter nonce", kMismatch, [](auto& h) { h.mutable_nonce()->pop_back(); }},
      {2, "no nonce", kMismatch, [](auto& h) { h.clear_nonce(); }},
      {3, "another release", kMismatch, [](auto& h) { h.mutable_release_id()->back() = '2'; }},
      {3, "no release", kMismatch, [](auto& h) { h.clear_release_id(); }},
      {4, "another holder", kMismatch, [](auto& h) { h.set_holder("NPS0001"); }},
      {5, "another requester", kMismatch, [](auto& h) { h.set_requester("3220000"); }},
      {6, "another kind", kMismatch, [](auto& h) { h.set_document_kind("INCOME_PROOF"); }},
      {7, "another value", kMismatch,
       [](auto& h) { h.mutable_parameters(0)->set_values(1, "2023"); }},
      {7, "a value less", kMismatch,
       [](auto& h) { h.mutable_parameters(0)->mutable_values()->RemoveLast(); }},
      {7, "a value more", kMismatch, [](auto& h) { h.mutable_parameters(0)->add_values("2026"); }},
      {7, "values in another order", kMismatch,
       [](auto& h) { h.mutable_parameters(0)->mutable_values()->SwapElements(0, 1); }},
      {7, "another parameter name", kMismatch,
       [](auto& h) { h.mutable_parameters(1)->set_name("details"); }},
      {7, "a parameter less", kMismatch, [](auto& h) { h.mutable_parameters()->RemoveLast(); }},
      {7, "a parameter more", kMismatch, [](auto& h) { h.add_parameters()->set_name("x"); }},
      {7, "parameters in another order", kMismatch,
       [](auto& h) { h.mutable_parameters()->SwapElements(0, 1); }},
      {7, "an unknown field in a parameter", kFault,
       [](auto& h) { PutUnknownField(*h.mutable_parameters(0)); }},
      {8, "no status", kFault, [](auto& h) { h.clear_status(); }},
      {8, "an unknown status", kFault,
       [](auto& h) { h.set_status(static_cast<holder::v1::AnswerStatus>(9)); }},
      {8, "NO_RECORD with a document", kFault,
       [](auto& h) { h.set_status(holder::v1::ANSWER_STATUS_NO_RECORD); }},
      {8, "DEFERRED without a deferral", kFault,
       [](auto& h) { h.set_status(holder::v1::ANSWER_STATUS_DEFERRED); }},
      {21, "a deferral of a document that is there", kFault,
       [](auto& h) {
         h.mutable_deferral()->set_reason(holder::v1::DEFERRAL_REASON_MAINTENANCE);
         h.mutable_deferral()->set_owner("office");
       }},
      {8, "DECLINED without a code", kFault,
       [](auto& h) { h.set_status(holder::v1::ANSWER_STATUS_DECLINED); }},
      {9, "another subject binding", kMismatch,
       [](auto& h) { (*h.mutable_subject_binding())[0] ^= 1; }},
      {9, "a cut subject binding", kMismatch,
       [](auto& h) { h.mutable_subject_binding()->pop_back(); }},
      {9, "no subject binding", kMismatch, [](auto& h) { h.clear_subject_binding(); }},
      {9, "the person's binding for the subject's", kMismatch,
       [](auto& h) { h.set_subject_binding(h.person_binding()); }},
      {10, "another person binding", kMismatch,
       [](auto& h) { (*h.mutable_person_binding())[31] ^= 1; }},
      {10, "no person binding", kMismatch, [](auto& h) { h.clear_person_binding(); }},
      {10, "the subject's binding for the person's", kMismatch,
       [](auto& h) { h.set_person_binding(h.subject_binding()); }},
      {11, "a field that is not approved", kField, [](auto& h) { h.add_fields("address"); }},
      {11, "a field named twice", kFault, [](auto& h) { h.add_fields("name"); }},
      {11, "no fields", kFault, [](auto& h) { h.clear_fields(); }},
      {11, "fewer fields", kTaken, [](auto& h) { h.mutable_fields()->RemoveLast(); }},
      {12, "no document number", kFault, [](auto& h) { h.clear_document_number(); }},
      {12, "the longest document number", kTaken,
       [](auto& h) {
         h.clear_document_number();
         for (int i = 0; i < limits::kShortText; ++i) *h.mutable_document_number() += "호";
       }},
      {12, "a long document number", kFault,
       [](auto& h) { h.set_document_number(std::string(limits::kShortText + 1, '1')); }},
      {12, "a line in the document number", kFault, [](auto& h) { h.set_document_number("1\n2"); }},
      {13, "no issue time", kFault, [](auto& h) { h.clear_issue_time(); }},
      {13, "issued in the future", kFault,
       [](auto& h) {
         h.mutable_issue_time()->set_seconds(
             absl::ToUnixSeconds(kNow + limits::kClockSkew + absl::Seconds(1)));
       }},
      {13, "issued by a clock a little ahead", kTaken,
       [](auto& h) {
         h.mutable_issue_time()->set_seconds(absl::ToUnixSeconds(kNow + limits::kClockSkew));
       }},
      {13, "no such time", kFault, [](auto& h) { h.mutable_issue_time()->set_nanos(-1); }},
      {13, "an unknown field in the time", kFault,
       [](auto& h) { PutUnknownField(*h.mutable_issue_time()); }},
      {14, "no media type", kFault, [](auto& h) { h.clear_media_type(); }},
      {14, "no subtype", kFault, [](auto& h) { h.set_media_type("application/"); }},
      {14, "a header behind the media type", kFault,
       [](auto& h) { h.set_media_type("text/html\r\nSet-Cookie: a=b"); }},
      {14, "a media type with parameter", kTaken,
       [](auto& h) { h.set_media_type("text/xml; charset=utf-8"); }},
      {15, "no size", kFault, [](auto& h) { h.clear_size_bytes(); }},
      {15, "too small for its chunks", kFault,
       [](auto& h) { h.set_size_bytes(3 * limits::kChunkBytes); }},
      {15, "too large for its chunks", kFault,
       [](auto& h) { h.set_size_bytes(4 * limits::kChunkBytes + 1); }},
      {15, "larger than allowed", kTooLarge, [](auto& h) { h.set_size_bytes((1 << 20) + 1); }},
      {15, "the largest number", kTooLarge, [](auto& h) { h.set_size_bytes(~uint64_t{0}); }},
      {16, "no body digest", kFault, [](auto& h) { h.clear_body_sha256(); }},
      {16, "a long body digest", kFault, [](auto& h) { *h.mutable_body_sha256() += "x"; }},
      {17, "no chunk size", kFault, [](auto& h) { h.clear_chunk_size_bytes(); }},
      {17, "larger chunks than needed", kFault,
       [](auto& h) {
         h.set_chunk_size_bytes(2 * limits::kChunkBytes);
         h.mutable_chunk_sha256()->DeleteSubrange(0, 2);
       }},
      {17, "smaller chunks", kFault, [](auto& h) { h.set_chunk_size_bytes(32 * 1024); }},
      {17, "a chunk size that is no power of two", kFault,
       [](auto& h) { h.set_chunk_size_bytes(limits::kChunkBytes + 1); }},
      {18, "a chunk less", kFault, [](auto& h) { h.mutable_chunk_sha256()->RemoveLast(); }},
      {18, "a chunk more", kFault, [](auto& h) { h.add_chunk_sha256(std::string(32, 'x')); }},
      {18, "a cut chunk digest", kFault, [](auto& h) { h.mutable_chunk_sha256(3)->pop_back(); }},
      {18, "no chunks", kFault, [](auto& h) { h.clear_chunk_sha256(); }},
      {19, "found and declined", kFault,
       [](auto& h) { h.set_decline_code(holder::v1::DECLINE_CODE_NOT_ENTITLED); }},
      {20, "found with a ground of declining", kFault,
       [](auto& h) { h.set_decline_ground("민법 1조"); }},
      {0, "an unknown field", kFault, [](auto& h) { PutUnknownField(h); }},
  };
  return *changes;
}

TEST_F(DocumentHeaderTest, P3_EachChangedFieldIsRefusedForItsReason) {
  for (const Change& change : Changes()) {
    DocumentHeader header = HonestAnswer(expected_, body_, kNow);
    change.change(header);
    const CheckedHeader checked = Check(header);
    EXPECT_EQ(v1::RefusalReason_Name(checked.refused), v1::RefusalReason_Name(change.refused))
        << change.name << ": " << checked.what;
    EXPECT_EQ(checked.what.empty(), change.refused == kTaken) << change.name;
  }
}

TEST_F(DocumentHeaderTest, P3_NoFieldOfTheHeaderIsLeftOut) {
  std::set<int> changed;
  for (const Change& change : Changes()) {
    if (change.refused != kTaken) changed.insert(change.field);
  }
  const google::protobuf::Descriptor& descriptor = *DocumentHeader::descriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    EXPECT_EQ(changed.count(descriptor.field(i)->number()), 1u) << descriptor.field(i)->name();
  }
}

// The other side: the same header against a request in which one thing is another.
TEST_F(DocumentHeaderTest, P3_TheAnswerToAnotherRequestIsRefused) {
  const v1::SignedHeader signed_header =
      SignDocumentHeader(HonestAnswer(expected_, body_, kNow), *key_);
  struct Case {
    const char* name;
    v1::RefusalReason refused;
    std::function<void(ExpectedHeader&)> change;
  };
  const Case cases[] = {
      {"nonce", kMismatch, [](auto& e) { e.nonce = std::string(32, 'm'); }},
      {"no nonce", kMismatch, [](auto& e) { e.nonce.clear(); }},
      {"release", kMismatch, [](auto& e) { e.release_id.back() = '9'; }},
      {"holder", kSignature, [](auto& e) { e.holder = "NPS0001"; }},
      {"requester", kMismatch, [](auto& e) { e.requester = "3220000"; }},
      {"kind", kMismatch, [](auto& e) { e.document_kind = "INCOME_PROOF"; }},
      {"parameters", kMismatch, [](auto& e) { e.parameters.pop_back(); }},
      {"no parameters", kMismatch, [](auto& e) { e.parameters.clear(); }},
      {"subject number", kMismatch, [](auto& e) { e.subject.set_number("1234567891"); }},
      {"subject type", kMismatch,
       [](auto& e) { e.subject.set_type(v1::SUBJECT_TYPE_CORPORATION); }},
      {"person", kMismatch, [](auto& e) { e.person.set_number("CI of another"); }},
      {"approved fields", kField, [](auto& e) { e.approved_fields.pop_back(); }},
      {"no approved fields", kField, [](auto& e) { e.approved_fields.clear(); }},
      {"size", kTooLarge, [](auto& e) { e.max_size_bytes = 199'999; }},
      {"exact size", kTaken, [](auto& e) { e.max_size_bytes = 200'000; }},
      {"default size", kTaken, [](auto& e) { e.max_size_bytes = 0; }},
  };
  for (const Case& c : cases) {
    ExpectedHeader expected = expected_;
    c.change(expected);
    const CheckedHeader checked = CheckDocumentHeader(signed_header, expected, keys_, kNow);
    EXPECT_EQ(v1::RefusalReason_Name(checked.refused), v1::RefusalReason_Name(c.refused))
        << c.name << ": " << checked.what;
  }
}

TEST_F(DocumentHeaderTest, OnlyTheHoldersKeyCountsAndOnlyInItsTime) {
  const DocumentHeader header = HonestAnswer(expected_, body_, kNow);
  const v1::SignedHeader good = SignDocumentHeader(header, *key_);
  const auto check = [&](const v1::SignedHeader& signed_header, absl::Time now = kNow) {
    return CheckDocumentHeader(signed_header, expected_, keys_, now).refused;
  };
  EXPECT_EQ(check(SignDocumentHeader(header, *other_holders_key_)), kSignature);
  EXPECT_EQ(check(good, kNow + absl::Hours(1)), kSignature);
  EXPECT_EQ(check(good, kNow - absl::Hours(2)), kSignature);

  // A stranger who takes the holder's key id.
  const auto stranger =
      crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, key_->key_id());
  EXPECT_EQ(check(SignDocumentHeader(header, *stranger)), kSignature);

  v1::SignedHeader changed = good;
  (*changed.mutable_header())[10] ^= 1;
  EXPECT_EQ(check(changed), kSignature);
  changed = good;
  changed.clear_signature();
  EXPECT_EQ(check(changed), kSignature);
  changed = good;
  changed.mutable_signature()->set_algorithm("none");
  EXPECT_EQ(check(changed), kSignature);
  changed = good;
  changed.mutable_signature()->set_key_id("nts-2");
  EXPECT_EQ(check(changed), kSignature);
  changed = good;
  *changed.mutable_signature() = SignInContext("naru-receipt-v1", good.header(), *key_);
  EXPECT_EQ(check(changed), kSignature);
  EXPECT_EQ(check(v1::SignedHeader()), kSignature);
}

TEST_F(DocumentHeaderTest, WhatCannotBeReadOrIsTooLargeIsAFault) {
  v1::SignedHeader garbage;
  garbage.set_header("\xff\xff\xff");
  *garbage.mutable_signature() = SignInContext(kDocumentHeaderContext, garbage.header(), *key_);
  EXPECT_EQ(CheckDocumentHeader(garbage, expected_, keys_, kNow).refused, kFault);

  v1::SignedHeader large;
  large.set_header(std::string(limits::kHeaderBytes + 1, '\0'));
  *large.mutable_signature() = SignInContext(kDocumentHeaderContext, large.header(), *key_);
  const CheckedHeader checked = CheckDocumentHeader(large, expected_, keys_, kNow);
  EXPECT_EQ(checked.refused, kFault);
  EXPECT_THAT(checked.what, HasSubstr("larger"));
}

TEST_F(DocumentHeaderTest, TheLargestDocumentsHeaderFits) {
  DocumentHeader header = HonestAnswer(expected_, "x", kNow);
  header.set_size_bytes(limits::kDocumentBytesMax);
  header.clear_chunk_sha256();
  for (int i = 0; i < limits::kChunksPerDocument; ++i) {
    header.add_chunk_sha256(std::string(32, 'd'));
  }
  expected_.max_size_bytes = ~uint64_t{0};
  EXPECT_EQ(Check(header).refused, kTaken) << Check(header).what;
  // No approval makes more of it.
  header.set_size_bytes(limits::kDocumentBytesMax + 1);
  EXPECT_EQ(Check(header).refused, kTooLarge);
}

TEST_F(DocumentHeaderTest, P3_NoRecordBindsTheOneAskedForAndHasNoBody) {
  const DocumentHeader good =
      HonestAnswerWithoutDocument(expected_, holder::v1::ANSWER_STATUS_NO_RECORD);
  EXPECT_EQ(Check(good).refused, kTaken) << Check(good).what;
  DocumentHeader timed = good;
  timed.mutable_issue_time()->set_seconds(absl::ToUnixSeconds(kNow));
  EXPECT_EQ(Check(timed).refused, kTaken);
  timed.mutable_issue_time()->set_seconds(absl::ToUnixSeconds(kNow + absl::Hours(1)));
  EXPECT_EQ(Check(timed).refused, kFault);

  struct Case {
    const char* name;
    v1::RefusalReason refused;
    std::function<void(DocumentHeader&)> change;
  };
  const Case cases[] = {
      {"subject binding", kMismatch, [](auto& h) { (*h.mutable_subject_binding())[0] ^= 1; }},
      {"person binding", kMismatch, [](auto& h) { (*h.mutable_person_binding())[0] ^= 1; }},
      {"nonce", kMismatch, [](auto& h) { (*h.mutable_nonce())[0] ^= 1; }},
      {"fields", kFault, [](auto& h) { h.add_fields("name"); }},
      {"a field not approved", kField, [](auto& h) { h.add_fields("address"); }},
      {"document number", kFault, [](auto& h) { h.set_document_number("1"); }},
      {"media type", kFault, [](auto& h) { h.set_media_type("text/xml"); }},
      {"size", kFault, [](auto& h) { h.set_size_bytes(1); }},
      {"body digest", kFault, [](auto& h) { h.set_body_sha256(std::string(32, 'x')); }},
      {"chunk size", kFault, [](auto& h) { h.set_chunk_size_bytes(limits::kChunkBytes); }},
      {"chunks", kFault, [](auto& h) { h.add_chunk_sha256(std::string(32, 'x')); }},
      {"decline code", kFault,
       [](auto& h) { h.set_decline_code(holder::v1::DECLINE_CODE_NOT_ENTITLED); }},
  };
  for (const Case& c : cases) {
    DocumentHeader header = good;
    c.change(header);
    EXPECT_EQ(Check(header).refused, c.refused) << c.name << ": " << Check(header).what;
  }
}

TEST_F(DocumentHeaderTest, DeclinedSaysWhy) {
  DocumentHeader header =
      HonestAnswerWithoutDocument(expected_, holder::v1::ANSWER_STATUS_DECLINED);
  EXPECT_EQ(Check(header).refused, kFault);
  header.set_decline_code(holder::v1::DECLINE_CODE_NOT_ENTITLED);
  EXPECT_EQ(Check(header).refused, kTaken) << Check(header).what;
  header.set_decline_code(holder::v1::DECLINE_CODE_FORBIDDEN_BY_LAW);
  EXPECT_EQ(Check(header).refused, kFault) << "no article named";
  header.set_decline_ground("국세기본법 81조의13");
  EXPECT_EQ(Check(header).refused, kTaken) << Check(header).what;
  header.set_decline_ground(std::string(201, 'x'));
  EXPECT_EQ(Check(header).refused, kFault);
  header.set_decline_ground("a\nb");
  EXPECT_EQ(Check(header).refused, kFault);
  header.set_decline_ground("x");
  header.set_decline_code(static_cast<holder::v1::DeclineCode>(9));
  EXPECT_EQ(Check(header).refused, kFault);
  header.set_decline_code(holder::v1::DECLINE_CODE_NOT_ENTITLED);
  header.set_size_bytes(1);
  EXPECT_EQ(Check(header).refused, kFault);
}

TEST_F(DocumentHeaderTest, DeferredSaysWhyAndWho) {
  const DocumentHeader good =
      HonestAnswerWithoutDocument(expected_, holder::v1::ANSWER_STATUS_DEFERRED);
  EXPECT_EQ(Check(good).refused, kTaken) << Check(good).what;
  using Deferral = holder::v1::Deferral;
  const auto with = [&](const std::function<void(Deferral&)>& change) {
    DocumentHeader header = good;
    change(*header.mutable_deferral());
    return Check(header).refused;
  };
  EXPECT_EQ(with([](Deferral& d) { d.mutable_eta()->set_seconds(1'800'000'000); }), kTaken);
  EXPECT_EQ(with([](Deferral& d) { d.mutable_eta()->set_seconds(-1); }), kFault);
  EXPECT_EQ(with([](Deferral& d) { d.mutable_eta()->set_seconds(253'402'300'800); }), kFault);
  EXPECT_EQ(with([](Deferral& d) { d.mutable_eta()->set_nanos(1'000'000'000); }), kFault);
  EXPECT_EQ(with([](Deferral& d) { PutUnknownField(*d.mutable_eta()); }), kFault);
  EXPECT_EQ(with([](Deferral& d) { PutUnknownField(d); }), kFault);
  EXPECT_EQ(with([](Deferral& d) { d.clear_reason(); }), kFault);
  EXPECT_EQ(with([](Deferral& d) { d.set_reason(static_cast<holder::v1::DeferralReason>(9)); }),
            kFault);
  EXPECT_EQ(with([](Deferral& d) { d.clear_owner(); }), kFault);
  EXPECT_EQ(with([](Deferral& d) { d.set_owner(std::string(101, 'x')); }), kFault);
  EXPECT_EQ(with([](Deferral& d) { d.set_owner("a\nb"); }), kFault);

  DocumentHeader none = good;
  none.clear_deferral();
  EXPECT_EQ(Check(none).refused, kFault);
  DocumentHeader other = good;
  other.set_status(holder::v1::ANSWER_STATUS_NO_RECORD);
  EXPECT_EQ(Check(other).refused, kFault) << "a deferral in an answer that is none";
  DocumentHeader body = good;
  body.set_size_bytes(1);
  EXPECT_EQ(Check(body).refused, kFault);
}

TEST_F(DocumentHeaderTest, WhatFailedNeverTellsAValue) {
  DocumentHeader header = HonestAnswer(expected_, body_, kNow);
  header.set_holder("SECRET7");
  header.set_document_kind("SECRET7");
  EXPECT_THAT(Check(header).what, testing::Not(HasSubstr("SECRET7")));
}

TEST(DigestBodyTest, CutsInto64KiBChunks) {
  DocumentHeader header;
  DigestBody(Body(limits::kChunkBytes), header);
  EXPECT_EQ(header.chunk_sha256_size(), 1);
  EXPECT_EQ(header.chunk_sha256(0), header.body_sha256());
  DigestBody(Body(limits::kChunkBytes + 1), header);
  EXPECT_EQ(header.chunk_sha256_size(), 2);
  EXPECT_EQ(header.chunk_size_bytes(), limits::kChunkBytes);
  EXPECT_EQ(header.size_bytes(), limits::kChunkBytes + 1);
}

}  // namespace
}  // namespace naru
