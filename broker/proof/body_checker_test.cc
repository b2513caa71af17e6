// The chunks of a body against its header; then the incident of April 2024, when concurrent
// requests were mixed up and 1,233 papers went to other people: each way in which two answers can
// be exchanged is played through.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/document_header.h"
#include "broker/proof/honest_answer.h"

namespace naru {
namespace {

using holder::v1::DocumentHeader;
using testing::HasSubstr;

constexpr v1::RefusalReason kTaken = v1::REFUSAL_REASON_UNSPECIFIED;
constexpr v1::RefusalReason kMismatch = v1::REFUSAL_REASON_SUBJECT_MISMATCH;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

std::string Body(size_t size, char seed = 'a') {
  std::string body(size, seed);
  for (size_t i = 0; i < size; i += 1000) body[i] = static_cast<char>(seed + i / 1000 % 64);
  return body;
}

// Feeds a body as the header cuts it; the error of the first chunk that is refused.
absl::Status Feed(BodyChecker& checker, const DocumentHeader& header, absl::string_view body) {
  uint32_t index = 0;
  for (size_t begin = 0; begin < body.size(); begin += header.chunk_size_bytes()) {
    const absl::Status added = checker.Add(index++, body.substr(begin, header.chunk_size_bytes()));
    if (!added.ok()) return added;
  }
  return absl::OkStatus();
}

class BodyCheckerTest : public testing::Test {
 protected:
  void SetUp() override { DigestBody(body_, header_); }
  std::string Chunk(uint32_t index) const {
    return body_.substr(size_t{index} * limits::kChunkBytes, limits::kChunkBytes);
  }
  auto Refused(absl::string_view what) const {
    return StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(std::string(what)));
  }

  const std::string body_ = Body(3 * limits::kChunkBytes + 100);
  DocumentHeader header_;
};

TEST_F(BodyCheckerTest, TakesTheBodyOfItsHeader) {
  for (const size_t size : {size_t{1}, size_t{limits::kChunkBytes}, size_t{limits::kChunkBytes} + 1,
                            size_t{2} * limits::kChunkBytes, body_.size()}) {
    DocumentHeader header;
    DigestBody(Body(size), header);
    BodyChecker checker(header);
    EXPECT_FALSE(checker.complete());
    EXPECT_THAT(Feed(checker, header, Body(size)), IsOk()) << size;
    EXPECT_TRUE(checker.complete()) << size;
  }
}

TEST_F(BodyCheckerTest, IsCompleteWithTheLastChunkAndNotBefore) {
  BodyChecker checker(header_);
  for (uint32_t i = 0; i < 4; ++i) {
    EXPECT_FALSE(checker.complete());
    EXPECT_THAT(checker.Add(i, Chunk(i)), IsOk());
  }
  EXPECT_TRUE(checker.complete());
  EXPECT_THAT(checker.Add(4, "more"), Refused("after the last"));
}

TEST_F(BodyCheckerTest, RefusesChunksOutOfOrder) {
  BodyChecker skipping(header_);
  EXPECT_THAT(skipping.Add(1, Chunk(1)), Refused("out of order"));
  BodyChecker repeating(header_);
  EXPECT_THAT(repeating.Add(0, Chunk(0)), IsOk());
  EXPECT_THAT(repeating.Add(0, Chunk(0)), Refused("out of order"));
  BodyChecker renamed(header_);
  EXPECT_THAT(renamed.Add(0, Chunk(1)), Refused("digest of a chunk"));
}

TEST_F(BodyCheckerTest, RefusesChunksOfAnotherLength) {
  for (const std::string& data : {std::string(), Chunk(0).substr(1), Chunk(0) + "x"}) {
    BodyChecker checker(header_);
    EXPECT_THAT(checker.Add(0, data), Refused("length"));
  }
  BodyChecker checker(header_);
  for (uint32_t i = 0; i < 3; ++i) EXPECT_THAT(checker.Add(i, Chunk(i)), IsOk());
  EXPECT_THAT(checker.Add(3, Chunk(3) + "x"), Refused("length"));
  EXPECT_FALSE(checker.complete());
}

TEST_F(BodyCheckerTest, RefusesAChangedByteInAnyChunk) {
  for (size_t at : {size_t{0}, size_t{70'000}, body_.size() - 1}) {
    std::string changed = body_;
    changed[at] ^= 1;
    BodyChecker checker(header_);
    EXPECT_THAT(Feed(checker, header_, changed), Refused("digest of a chunk"));
    EXPECT_FALSE(checker.complete());
  }
}

TEST_F(BodyCheckerTest, RefusesABodyWhoseOwnDigestIsAnother) {
  header_.set_body_sha256(crypto::Sha256("another body"));
  BodyChecker checker(header_);
  EXPECT_THAT(Feed(checker, header_, body_), Refused("digest of the body"));
  EXPECT_FALSE(checker.complete());
}

TEST_F(BodyCheckerTest, ARefusalIsForGood) {
  BodyChecker checker(header_);
  EXPECT_THAT(checker.Add(0, "short"), Refused("length"));
  EXPECT_THAT(checker.Add(0, Chunk(0)), Refused("earlier chunk"));
  EXPECT_FALSE(checker.complete());
}

TEST_F(BodyCheckerTest, AHeaderWithoutABodyTakesNone) {
  BodyChecker checker{DocumentHeader()};
  EXPECT_THAT(checker.Add(0, ""), Refused("out of order"));
  EXPECT_FALSE(checker.complete());
}

// April 2024: two people ask for the same kind at the same moment; the holder's side mixes the
// answers up.
class MixUpTest : public testing::Test {
 protected:
  MixUpTest() {
    EXPECT_THAT(
        keys_.Add("NTS0001",
                  crypto::VerifyingKeyFromRaw(key_->type(), key_->PublicKey(), "nts-1").value(),
                  absl::InfinitePast(), absl::InfiniteFuture()),
        IsOk());
    expected_.nonce = std::string(32, 'n');
    expected_.release_id = "00010000000000000000000000000001";
    expected_.holder = "NTS0001";
    expected_.requester = "3210000";
    expected_.document_kind = "INCOME_AMOUNT";
    expected_.subject.set_type(v1::SUBJECT_TYPE_BUSINESS);
    expected_.subject.set_number("1234567890");
    expected_.person.set_type(v1::SUBJECT_TYPE_PERSON);
    expected_.person.set_number("CI of the person");
    expected_.approved_fields = {"name", "income"};
    others_ = expected_;
    others_.nonce = std::string(32, 'o');
    others_.release_id = "00020000000000000000000000000002";
    others_.subject.set_number("9876543210");
    others_.person.set_number("CI of another");
  }

  CheckedHeader Check(const DocumentHeader& header) {
    return CheckDocumentHeader(SignDocumentHeader(header, *key_), expected_, keys_, kNow);
  }

  const std::unique_ptr<crypto::SigningKey> key_ =
      crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "nts-1");
  KeyRing keys_;
  ExpectedHeader expected_;
  ExpectedHeader others_;
  const std::string body_ = Body(200'000);
  const std::string others_body_ = Body(200'000, 'A');
};

TEST_F(MixUpTest, P3_AnothersWholeAnswerIsQuarantined) {
  const CheckedHeader checked = Check(HonestAnswer(others_, others_body_, kNow));
  EXPECT_EQ(checked.refused, kMismatch);
}

// The holder's software echoes this call's nonce and release, but read another's record.
TEST_F(MixUpTest, P3_AnothersRecordUnderThisCallsNonceIsQuarantined) {
  ExpectedHeader mixed = expected_;
  mixed.subject = others_.subject;
  EXPECT_EQ(Check(HonestAnswer(mixed, others_body_, kNow)).refused, kMismatch);
  mixed = expected_;
  mixed.person = others_.person;
  EXPECT_EQ(Check(HonestAnswer(mixed, others_body_, kNow)).refused, kMismatch)
      << "the record names another";
}

// The same person's answer to an earlier call: the right subject, an old document.
TEST_F(MixUpTest, P3_AnAnswerToAnEarlierCallIsQuarantined) {
  ExpectedHeader earlier = expected_;
  earlier.nonce = std::string(32, 'e');
  EXPECT_EQ(Check(HonestAnswer(earlier, body_, kNow)).refused, kMismatch);
}

TEST_F(MixUpTest, P3_TheRightHeaderOverAnothersBodyStopsAtItsFirstChunk) {
  const DocumentHeader header = HonestAnswer(expected_, body_, kNow);
  ASSERT_EQ(Check(header).refused, kTaken);
  BodyChecker checker(header);
  EXPECT_THAT(checker.Add(0, others_body_.substr(0, limits::kChunkBytes)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("digest")));
  EXPECT_FALSE(checker.complete());
}

TEST_F(MixUpTest, P3_TwoBodiesSwappedAfterSigningBothStop) {
  const DocumentHeader mine = HonestAnswer(expected_, body_, kNow);
  const DocumentHeader anothers = HonestAnswer(others_, others_body_, kNow);
  BodyChecker my_checker(mine);
  BodyChecker others_checker(anothers);
  EXPECT_FALSE(Feed(my_checker, mine, others_body_).ok());
  EXPECT_FALSE(Feed(others_checker, anothers, body_).ok());
  EXPECT_FALSE(my_checker.complete());
  EXPECT_FALSE(others_checker.complete());
}

// Streams that cross in the middle: the chunks before were right.
TEST_F(MixUpTest, P3_ABodyThatTurnsIntoAnothersStopsThere) {
  const DocumentHeader header = HonestAnswer(expected_, body_, kNow);
  BodyChecker checker(header);
  EXPECT_THAT(checker.Add(0, body_.substr(0, limits::kChunkBytes)), IsOk());
  EXPECT_FALSE(checker.Add(1, others_body_.substr(limits::kChunkBytes, limits::kChunkBytes)).ok());
  EXPECT_FALSE(checker.complete());
}

TEST_F(MixUpTest, P3_AnothersNoRecordIsQuarantined) {
  EXPECT_EQ(
      Check(HonestAnswerWithoutDocument(others_, holder::v1::ANSWER_STATUS_NO_RECORD)).refused,
      kMismatch);
}

}  // namespace
}  // namespace naru
