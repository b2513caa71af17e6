#include "broker/proof/receipt.h"

#include <gtest/gtest.h>

#include "broker/base/status_matchers.h"
#include "broker/proof/signature.h"

namespace naru {
namespace {

using Type = crypto::SigningKey::Type;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

class ReceiptTest : public testing::Test {
 protected:
  ReceiptTest() {
    Add(kReceiptKeyOwner, *receipt_key_);
    Add("NTS0001", *holder_key_);
  }

  void Add(absl::string_view owner, const crypto::SigningKey& key) {
    EXPECT_THAT(
        keys_.Add(owner,
                  crypto::VerifyingKeyFromRaw(key.type(), key.PublicKey(), key.key_id()).value(),
                  kNow - absl::Hours(1), kNow + absl::Hours(1)),
        IsOk());
  }

  const std::unique_ptr<crypto::SigningKey> receipt_key_ =
      crypto::GenerateSigningKey(Type::kEcdsaP256, "receipt-1");
  const std::unique_ptr<crypto::SigningKey> holder_key_ =
      crypto::GenerateSigningKey(Type::kEcdsaP256, "holder-1");
  KeyRing keys_;
};

TEST_F(ReceiptTest, VerifiesAsItWasSigned) {
  const v1::Signature signature = SignReceipt("receipt", *receipt_key_);
  EXPECT_EQ(signature.algorithm(), "ES256");
  EXPECT_EQ(signature.key_id(), "receipt-1");
  EXPECT_THAT(VerifyReceiptSignature("receipt", signature, keys_, kNow), IsOk());
}

TEST_F(ReceiptTest, AnythingElseIsRefused) {
  const v1::Signature signature = SignReceipt("receipt", *receipt_key_);
  const auto refused = StatusIs(absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(VerifyReceiptSignature("receipu", signature, keys_, kNow), refused);
  EXPECT_THAT(VerifyReceiptSignature("receipt", signature, keys_, kNow + absl::Hours(1)), refused);
  EXPECT_THAT(VerifyReceiptSignature("receipt", signature, keys_, kNow - absl::Hours(2)), refused);
  EXPECT_THAT(VerifyReceiptSignature("receipt", {}, keys_, kNow), refused);
  // A holder's key is no receipt key, whatever it calls itself.
  EXPECT_THAT(VerifyReceiptSignature("receipt", SignReceipt("receipt", *holder_key_), keys_, kNow),
              refused);
  v1::Signature changed = signature;
  changed.set_algorithm("EdDSA");
  EXPECT_THAT(VerifyReceiptSignature("receipt", changed, keys_, kNow), refused);
  changed = signature;
  changed.set_key_id("receipt-2");
  EXPECT_THAT(VerifyReceiptSignature("receipt", changed, keys_, kNow), refused);
}

TEST_F(ReceiptTest, ASignatureInAnotherContextIsNone) {
  EXPECT_THAT(VerifyReceiptSignature(
                  "receipt", SignInContext("naru-document-header-v1", "receipt", *receipt_key_),
                  keys_, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace naru
