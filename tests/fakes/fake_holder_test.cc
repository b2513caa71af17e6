#include "tests/fakes/fake_holder.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/base/grpc/test_certificates.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/ids.h"
#include "broker/base/random.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/document_header.h"
#include "broker/proof/key_ring.h"
#include "naru/holder/v1/holder_service.grpc.pb.h"

namespace naru {
namespace {

using Fault = FakeHolder::Fault;

constexpr char kIdentity[] = "urn:naru:1741000:holder";

// What a caller that checks everything makes of a call.
struct Seen {
  v1::RefusalReason header = v1::REFUSAL_REASON_UNSPECIFIED;
  holder::v1::AnswerStatus status = holder::v1::ANSWER_STATUS_UNSPECIFIED;
  bool body_right = false;
  bool chunk_wrong = false;
  std::string body;
};

class FakeHolderTest : public testing::Test {
 protected:
  FakeHolderTest() : ca_(testing::TempDir() + "/pki") {
    FakeHolder::Options options;
    options.tls = ca_.Issue(kIdentity);
    holder_ = std::make_unique<FakeHolder>(options);
    EXPECT_THAT(
        keys_.Add("1741000", *crypto::ParseVerifyingKey(holder_->public_pem(), holder_->key_id()),
                  absl::InfinitePast(), absl::InfiniteFuture()),
        IsOk());
    stub_ = holder::v1::HolderService::NewStub(
        *ChannelTo(holder_->address(), ca_.Issue("urn:naru:1741999:broker"), kIdentity));
  }

  Seen Fetch(Fault fault) {
    holder_->Misbehave(fault);
    FakeRandom random(7);
    ExpectedHeader expected;
    expected.nonce = random.Bytes(32);
    expected.release_id = ReleaseId::Generate(3, random).text();
    expected.holder = "1741000";
    expected.requester = "B553077";
    expected.document_kind = "RESIDENT_REGISTER_ABSTRACT";
    expected.subject.set_type(v1::SUBJECT_TYPE_PERSON);
    expected.subject.set_number("some CI");
    expected.person = expected.subject;
    expected.approved_fields = {"name", "address"};

    grpc::ClientContext context;
    auto stream = stub_->ProvideDocument(&context);
    holder::v1::ProvideDocumentRequest message;
    holder::v1::DocumentRequest& request = *message.mutable_request();
    request.set_nonce(expected.nonce);
    request.set_release_id(expected.release_id);
    request.set_requester(expected.requester);
    request.set_document_kind(expected.document_kind);
    *request.mutable_subject() = expected.subject;
    *request.mutable_person() = expected.person;
    for (const auto& field : expected.approved_fields) request.add_approved_fields(field);
    request.set_max_size_bytes(200'000);
    expected.max_size_bytes = 200'000;
    stream->Write(message);
    Seen seen;
    holder::v1::ProvideDocumentResponse response;
    if (!stream->Read(&response)) {
      stream->Finish();
      return seen;
    }
    v1::SignedHeader header;
    header.set_header(response.answer().header());
    *header.mutable_signature() = response.answer().signature();
    const CheckedHeader checked =
        CheckDocumentHeader(header, expected, keys_, Clock::Real()->Now());
    seen.header = checked.refused;
    seen.status = checked.header.status();
    if (seen.header != v1::REFUSAL_REASON_UNSPECIFIED ||
        seen.status != holder::v1::ANSWER_STATUS_FOUND) {
      context.TryCancel();
      stream->Finish();
      return seen;
    }
    message.Clear();
    message.mutable_proceed();
    stream->Write(message);
    BodyChecker body(checked.header);
    while (stream->Read(&response)) {
      seen.body += response.chunk().data();
      if (!body.Add(response.chunk().index(), response.chunk().data()).ok()) {
        seen.chunk_wrong = true;
      }
    }
    stream->Finish();
    seen.body_right = body.complete() && !seen.chunk_wrong;
    return seen;
  }

  TestCa ca_;
  std::unique_ptr<FakeHolder> holder_;
  KeyRing keys_;
  std::unique_ptr<holder::v1::HolderService::Stub> stub_;
};

TEST_F(FakeHolderTest, IsHonestUnlessToldOtherwise) {
  const Seen seen = Fetch(Fault::kNone);
  EXPECT_EQ(seen.header, v1::REFUSAL_REASON_UNSPECIFIED);
  EXPECT_TRUE(seen.body_right);
  v1::Subject subject;
  subject.set_type(v1::SUBJECT_TYPE_PERSON);
  subject.set_number("some CI");
  EXPECT_EQ(seen.body, holder_->BodyOf("RESIDENT_REGISTER_ABSTRACT", subject));
  EXPECT_EQ(holder_->counts().bodies, 1);
}

TEST_F(FakeHolderTest, FaultsOfTheHeaderAreWhatTheirNamesSay) {
  const std::vector<std::pair<Fault, v1::RefusalReason>> faults = {
      {Fault::kOtherPersonsAnswer, v1::REFUSAL_REASON_SUBJECT_MISMATCH},
      {Fault::kOtherNonce, v1::REFUSAL_REASON_SUBJECT_MISMATCH},
      {Fault::kOtherRelease, v1::REFUSAL_REASON_SUBJECT_MISMATCH},
      {Fault::kBadSignature, v1::REFUSAL_REASON_HOLDER_SIGNATURE_INVALID},
      {Fault::kGarbageHeader, v1::REFUSAL_REASON_HOLDER_SIGNATURE_INVALID},
      {Fault::kUnapprovedField, v1::REFUSAL_REASON_FIELD_NOT_APPROVED},
      {Fault::kOversized, v1::REFUSAL_REASON_DOCUMENT_TOO_LARGE},
  };
  for (const auto& [fault, reason] : faults) {
    EXPECT_EQ(Fetch(fault).header, reason) << static_cast<int>(fault);
  }
  EXPECT_EQ(holder_->counts().bodies, 0);
}

TEST_F(FakeHolderTest, AnswersWithoutDocumentAreGood) {
  EXPECT_EQ(Fetch(Fault::kNoRecord).status, holder::v1::ANSWER_STATUS_NO_RECORD);
  EXPECT_EQ(Fetch(Fault::kNoRecord).header, v1::REFUSAL_REASON_UNSPECIFIED);
  EXPECT_EQ(Fetch(Fault::kNotEntitled).status, holder::v1::ANSWER_STATUS_DECLINED);
  EXPECT_EQ(Fetch(Fault::kForbiddenByLaw).header, v1::REFUSAL_REASON_UNSPECIFIED);
}

TEST_F(FakeHolderTest, FaultsOfTheBodyAreNotTheHeaders) {
  for (const Fault fault : {Fault::kOtherPersonsBody, Fault::kSwappedBody, Fault::kWrongChunkOrder,
                            Fault::kAlteredChunk, Fault::kTooManyChunks}) {
    const Seen seen = Fetch(fault);
    EXPECT_EQ(seen.header, v1::REFUSAL_REASON_UNSPECIFIED) << static_cast<int>(fault);
    EXPECT_TRUE(seen.chunk_wrong) << static_cast<int>(fault);
  }
  for (const Fault fault : {Fault::kTooFewChunks, Fault::kDiesInTheMiddle}) {
    const Seen seen = Fetch(fault);
    EXPECT_FALSE(seen.chunk_wrong);
    EXPECT_FALSE(seen.body_right);
  }
  // Another's body signed under the asked person's header: only whoever reads the body can tell.
  const Seen seen = Fetch(Fault::kOtherPersonsBodySigned);
  EXPECT_TRUE(seen.body_right);
  EXPECT_EQ(seen.body.find("some CI"), std::string::npos);
}

}  // namespace
}  // namespace naru
