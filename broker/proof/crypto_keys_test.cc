#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>

#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"

namespace naru::crypto {
namespace {

using testing::HasSubstr;
using Type = SigningKey::Type;

std::string Hex(absl::string_view hex) { return absl::HexStringToBytes(hex); }

std::string Base64Url(absl::string_view text) {
  std::string bytes;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(text, &bytes));
  return bytes;
}

std::string FlipBit(std::string bytes, size_t index) {
  bytes[index] = static_cast<char>(bytes[index] ^ 1);
  return bytes;
}

class KeyTest : public testing::TestWithParam<Type> {
 protected:
  std::unique_ptr<SigningKey> key_ = GenerateSigningKey(GetParam(), "k1");

  std::unique_ptr<VerifyingKey> Public(const SigningKey& key) {
    return VerifyingKeyFromRaw(key.type(), key.PublicKey(), key.key_id()).value();
  }
};

INSTANTIATE_TEST_SUITE_P(Types, KeyTest, testing::Values(Type::kEcdsaP256, Type::kEd25519),
                         [](const auto& info) {
                           return info.param == Type::kEcdsaP256 ? "EcdsaP256" : "Ed25519";
                         });

TEST_P(KeyTest, ASignatureCountsForItsKeyAndMessageAlone) {
  const std::unique_ptr<VerifyingKey> verifying = Public(*key_);
  const std::string signature = key_->Sign("message");
  EXPECT_TRUE(verifying->Verify("message", signature));
  EXPECT_FALSE(verifying->Verify("messagf", signature));
  EXPECT_FALSE(verifying->Verify("", signature));
  EXPECT_FALSE(verifying->Verify("message", ""));
  EXPECT_FALSE(verifying->Verify("message", signature + "x"));
  EXPECT_FALSE(Public(*GenerateSigningKey(GetParam(), "k1"))->Verify("message", signature));
  for (size_t i = 0; i < signature.size(); ++i) {
    EXPECT_FALSE(verifying->Verify("message", FlipBit(signature, i))) << i;
    EXPECT_FALSE(verifying->Verify("message", signature.substr(0, i))) << i;
  }
  EXPECT_TRUE(verifying->Verify("", key_->Sign("")));
}

TEST_P(KeyTest, EveryWrittenFormReadsBack) {
  const std::string signature = key_->Sign("message");
  ABSL_ASSERT_OK_AND_ASSIGN(const auto from_pem, ParseVerifyingKey(key_->PublicPem(), "k1"));
  EXPECT_TRUE(from_pem->Verify("message", signature));
  EXPECT_EQ(from_pem->type(), GetParam());
  EXPECT_EQ(from_pem->key_id(), "k1");
  ABSL_ASSERT_OK_AND_ASSIGN(const auto private_copy, ParseSigningKey(key_->PrivatePem(), "k2"));
  EXPECT_EQ(private_copy->PublicKey(), key_->PublicKey());
  EXPECT_EQ(private_copy->key_id(), "k2");
  EXPECT_TRUE(from_pem->Verify("other", private_copy->Sign("other")));
}

TEST_P(KeyTest, AThreadOfEachKindMayUseOneKey) {
  const std::unique_ptr<VerifyingKey> verifying = Public(*key_);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 50; ++j) {
        const std::string message = absl::StrCat(i, "/", j);
        EXPECT_TRUE(verifying->Verify(message, key_->Sign(message)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(KeyTest, APrivateKeyIsNoPublicKeyAndTheOtherWayRound) {
  EXPECT_THAT(ParseVerifyingKey(key_->PrivatePem(), "k"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseSigningKey(key_->PublicPem(), "k"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  const Type other = GetParam() == Type::kEcdsaP256 ? Type::kEd25519 : Type::kEcdsaP256;
  EXPECT_THAT(VerifyingKeyFromRaw(other, key_->PublicKey(), "k"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(VerifyingKeyFromRaw(GetParam(), key_->PublicKey() + "x", "k"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// gRPC's TLS reads the same queue.
TEST_P(KeyTest, FailuresLeaveNothingInTheErrorQueue) {
  const std::unique_ptr<VerifyingKey> verifying = Public(*key_);
  EXPECT_FALSE(verifying->Verify("message", "not a signature"));
  EXPECT_FALSE(verifying->VerifyJws("message", std::string(64, '\0')));
  EXPECT_FALSE(ParseSigningKey("garbage", "k").ok());
  EXPECT_FALSE(ParseVerifyingKey("garbage", "k").ok());
  EXPECT_FALSE(VerifyingKeyFromRaw(GetParam(), "garbage", "k").ok());
  EXPECT_FALSE(EcdsaDerToJws("garbage").ok());
  EXPECT_FALSE(Open(std::string(32, 'k'), {std::string(12, 'n'), std::string(20, 'c')}, "").ok());
  EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(Ed25519Test, TakesTheSignatureOfRfc8032) {
  ABSL_ASSERT_OK_AND_ASSIGN(
      const auto key,
      VerifyingKeyFromRaw(Type::kEd25519,
                          Hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
                          "rfc"));
  const std::string signature =
      Hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
          "1cf9b46bd25bf5f0595bbe24655141438e7a100b");
  EXPECT_TRUE(key->Verify("", signature));
  EXPECT_FALSE(key->VerifyJws("", signature));
}

TEST(JwsTest, TakesTheSignatureOfRfc7515) {
  const std::string point = Base64Url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU") +
                            Base64Url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  ABSL_ASSERT_OK_AND_ASSIGN(
      const auto key,
      VerifyingKeyFromRaw(Type::kEcdsaP256,
                          Hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004") + point,
                          "rfc"));
  constexpr char kSigned[] =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
      "NvbS9pc19yb290Ijp0cnVlfQ";
  const std::string signature = Base64Url(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  EXPECT_TRUE(key->VerifyJws(kSigned, signature));
  for (size_t i = 0; i < signature.size(); ++i) {
    EXPECT_FALSE(key->VerifyJws(kSigned, FlipBit(signature, i)));
  }
  EXPECT_FALSE(key->VerifyJws(kSigned, signature.substr(1)));
  EXPECT_FALSE(key->VerifyJws(kSigned, ""));
}

// r or s with leading zero bytes is shorter in DER; 600 signatures have some.
TEST(JwsTest, EverySignatureTurnsInto64Bytes) {
  const auto key = GenerateSigningKey(Type::kEcdsaP256, "k");
  const auto verifying = VerifyingKeyFromRaw(Type::kEcdsaP256, key->PublicKey(), "k").value();
  for (int i = 0; i < 600; ++i) {
    const std::string message = absl::StrCat(i);
    ABSL_ASSERT_OK_AND_ASSIGN(const std::string jws, EcdsaDerToJws(key->Sign(message)));
    ASSERT_EQ(jws.size(), 64u);
    ASSERT_TRUE(verifying->VerifyJws(message, jws));
  }
  const std::string der = key->Sign("x");
  EXPECT_THAT(EcdsaDerToJws(der + "x"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(EcdsaDerToJws(der.substr(1)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(EcdsaDerToJws(""), StatusIs(absl::StatusCode::kInvalidArgument));
  // s one byte too long for P-256.
  EXPECT_THAT(
      EcdsaDerToJws(absl::StrCat(Hex("302602010102"), Hex("21"), "\x01", std::string(32, 'x'))),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

constexpr char kP256Pem[] = R"(-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsKmkAtsk0xOmHjFoPTVd6TFns/Ni
O5yek5k8zRGujOC1sjKxp3Hb8chl0amC7ypcGtWW+zb5zNMKoDE5QNDGxg==
-----END PUBLIC KEY-----
)";
constexpr char kCompressedPem[] = R"(-----BEGIN PUBLIC KEY-----
MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACsKmkAtsk0xOmHjFoPTVd6TFns/Ni
O5yek5k8zRGujOA=
-----END PUBLIC KEY-----
)";
constexpr char kExplicitCurvePem[] = R"(-----BEGIN PUBLIC KEY-----
MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA
AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////
///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd
NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5
RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA
//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABLCppALbJNMTph4xaD01Xekx
Z7PzYjucnpOZPM0RrozgtbIysadx2/HIZdGpgu8qXBrVlvs2+czTCqAxOUDQxsY=
-----END PUBLIC KEY-----
)";
constexpr char kP384Pem[] = R"(-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEM4ooyJ2vhyeo4kN7BHYiS1fHrnee7lju
hWlVHzco0V0LiiJzO6FtG1wwa3o4iFZ08jMwoy3CsJl0SifUU/1KP+XzIuUob7P2
4u5S7KO/4rl+C27ue+z9XXaF1N3RK6Vq
-----END PUBLIC KEY-----
)";
constexpr char kRsaPem[] = R"(-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDZkhk8/Sq8+6ECeMkLBkCy7xhx
0Eockqf9lVOatPoeVBbSJi/ok28L8kNUTZ8kZMb1E6unMsz3n6LXZ8qtVT7JcLiy
SxooZH8dPughBFcURq1pWnNqLX5gA6VQ0eqbV6RO6z77H8EAZKlJTBvCzNZe4sNT
vzWwSeGeWrBnP0hHyQIDAQAB
-----END PUBLIC KEY-----
)";
// Under the passphrase "secret".
constexpr char kEncryptedPem[] = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhOaaK0KH+KhwICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEECF026y1PKHZ/Cy4ePz+2bkEgZCi
yb+doXhdcPDr/F8J0odyi/uzRoxRxTBOhF5HAHiFz8Nqy+uU3oqsxyS6ptGHl423
/jZsZhTIwtNR72XzCAVpjEyam0A00tWCM6E7OJ2rlGloyKNLvMGGVvRBtCIH440i
2GKMCFcRMkbArN/AjAPs9j6EzPwZxZ/P2SU6owdSmYLIelbx25h/QyyPJ1lcGWM=
-----END ENCRYPTED PRIVATE KEY-----
)";

TEST(ParseVerifyingKeyTest, TakesP256Alone) {
  EXPECT_THAT(ParseVerifyingKey(kP256Pem, "k"), IsOk());
  for (const char* pem : {kExplicitCurvePem, kP384Pem, kRsaPem, kEncryptedPem, "", "garbage"}) {
    EXPECT_THAT(ParseVerifyingKey(pem, "k"), StatusIs(absl::StatusCode::kInvalidArgument)) << pem;
  }
  EXPECT_THAT(ParseVerifyingKey(absl::StrCat(std::string(70000, '\n'), kP256Pem), "k"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("too large")));
}

TEST(ParseVerifyingKeyTest, TakesACompressedPoint) {
  EXPECT_THAT(ParseVerifyingKey(kCompressedPem, "k"), IsOk());
}

TEST(ParseVerifyingKeyTest, RefusesAPointThatIsNotOnTheCurve) {
  const auto key = GenerateSigningKey(Type::kEcdsaP256, "k");
  EXPECT_THAT(VerifyingKeyFromRaw(Type::kEcdsaP256,
                                  FlipBit(key->PublicKey(), key->PublicKey().size() - 1), "k"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// It would otherwise wait at the terminal for a passphrase.
TEST(ParseSigningKeyTest, RefusesAPassphrase) {
  EXPECT_THAT(ParseSigningKey(kEncryptedPem, "k"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("passphrase")));
}

}  // namespace
}  // namespace naru::crypto
