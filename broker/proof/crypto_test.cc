#include "broker/proof/crypto.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_matchers.h"

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

// Gives zero bytes, for published vectors.
class ZeroRandom : public Random {
 public:
  std::string Bytes(size_t count) override { return std::string(count, '\0'); }
};

TEST(Sha256Test, GivesThePublishedHashes) {
  EXPECT_EQ(Sha256(""), Hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  EXPECT_EQ(Sha256("abc"), Hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(Sha256(std::string(1000000, 'a')),
            Hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

TEST(Sha256Test, PartsAndStreamGiveTheHashOfTheWhole) {
  const std::string data(200000, 'x');
  EXPECT_EQ(Sha256({absl::string_view(data).substr(0, 7), absl::string_view(data).substr(7)}),
            Sha256(data));
  Sha256Stream stream;
  for (size_t begin = 0; begin < data.size(); begin += 65536) {
    stream.Update(absl::string_view(data).substr(begin, 65536));
    // A hash made meanwhile on the same thread must not disturb the stream.
    Sha256("something else");
  }
  Sha256Stream moved = std::move(stream);
  EXPECT_EQ(moved.Finish(), Sha256(data));
}

TEST(Sha256Test, ThreadsDoNotDisturbEachOther) {
  const std::string abc = Sha256("abc");
  const std::string mac = HmacSha256("key", "abc");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) {
        EXPECT_EQ(Sha256("abc"), abc);
        EXPECT_EQ(HmacSha256("key", "abc"), mac);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(HmacSha256Test, GivesTheMacsOfRfc4231) {
  EXPECT_EQ(HmacSha256(std::string(20, '\x0b'), "Hi There"),
            Hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  EXPECT_EQ(HmacSha256("Jefe", "what do ya want for nothing?"),
            Hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  EXPECT_EQ(HmacSha256(std::string(131, '\xaa'),
                       "Test Using Larger Than Block-Size Key - Hash Key First"),
            Hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

TEST(HmacSha256Test, TakesAnEmptyKeyAndEmptyData) {
  EXPECT_EQ(HmacSha256("", ""),
            Hex("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"));
  // The key of an earlier call must not serve an empty one.
  HmacSha256("key", "data");
  EXPECT_EQ(HmacSha256(absl::string_view(), absl::string_view()), HmacSha256("", ""));
}

TEST(ConstantTimeEqualTest, ComparesLengthAndEveryByte) {
  EXPECT_TRUE(ConstantTimeEqual("", absl::string_view()));
  EXPECT_TRUE(ConstantTimeEqual("abc", "abc"));
  EXPECT_FALSE(ConstantTimeEqual("abc", "abcd"));
  EXPECT_FALSE(ConstantTimeEqual("abc", ""));
  for (size_t i = 0; i < 32; ++i) {
    const std::string a(32, 'a');
    EXPECT_FALSE(ConstantTimeEqual(a, FlipBit(a, i)));
  }
}

TEST(WipeTest, LeavesNothingInTheBuffer) {
  std::string secret(64, 's');
  secret.resize(40);
  const char* const buffer = secret.data();
  const size_t capacity = secret.capacity();
  Wipe(secret);
  EXPECT_TRUE(secret.empty());
  secret.reserve(capacity);
  ASSERT_EQ(secret.data(), buffer);
  for (size_t i = 0; i < 64; ++i) EXPECT_EQ(buffer[i], '\0') << i;
}

TEST(SealTest, GivesThePublishedCiphertext) {
  ZeroRandom random;
  const SealedBytes sealed = Seal(std::string(32, '\0'), std::string(16, '\0'), "", random);
  EXPECT_EQ(sealed.nonce, std::string(12, '\0'));
  EXPECT_EQ(sealed.ciphertext,
            Hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
}

TEST(SealTest, OpenGivesBackWhatWasSealed) {
  FakeRandom random;
  const std::string key = random.Bytes(32);
  for (const size_t size : {0, 1, 15, 16, 17, 100000}) {
    const std::string plain(size, 'p');
    const SealedBytes sealed = Seal(key, plain, "row key", random);
    EXPECT_EQ(sealed.ciphertext.size(), size + 16);
    EXPECT_THAT(Open(key, sealed, "row key"), IsOkAndHolds(plain));
  }
}

TEST(SealTest, NeverUsesANonceTwice) {
  FakeRandom random;
  const std::string key = random.Bytes(32);
  EXPECT_NE(Seal(key, "plain", "", random).nonce, Seal(key, "plain", "", random).nonce);
}

TEST(SealTest, AnyChangeIsFoundOut) {
  FakeRandom random;
  const std::string key = random.Bytes(32);
  const SealedBytes sealed = Seal(key, "plain text", "row key", random);
  const auto damaged = StatusIs(absl::StatusCode::kDataLoss);

  for (size_t i = 0; i < key.size(); ++i) {
    EXPECT_THAT(Open(FlipBit(key, i), sealed, "row key"), damaged);
  }
  for (size_t i = 0; i < sealed.nonce.size(); ++i) {
    EXPECT_THAT(Open(key, {FlipBit(sealed.nonce, i), sealed.ciphertext}, "row key"), damaged);
  }
  for (size_t i = 0; i < sealed.ciphertext.size(); ++i) {
    EXPECT_THAT(Open(key, {sealed.nonce, FlipBit(sealed.ciphertext, i)}, "row key"), damaged);
    EXPECT_THAT(Open(key, {sealed.nonce, sealed.ciphertext.substr(0, i)}, "row key"), damaged);
  }
  EXPECT_THAT(Open(key, sealed, "row kez"), damaged);
  EXPECT_THAT(Open(key, sealed, ""), damaged);
  EXPECT_THAT(Open(key.substr(1), sealed, "row key"), damaged);
  EXPECT_THAT(Open(key, {sealed.nonce.substr(1), sealed.ciphertext}, "row key"), damaged);
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

class SecretFileTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content, mode_t mode) {
    const std::string path = testing::TempDir() + "/" + name;
    std::ofstream(path, std::ios::binary) << content;
    EXPECT_EQ(chmod(path.c_str(), mode), 0);
    return path;
  }
};

TEST_F(SecretFileTest, IsReadableByItsOwnerAlone) {
  for (const mode_t mode : {0600, 0400, 0700}) {
    EXPECT_THAT(ReadSecretFile(Write("secret", "s3", mode)), IsOkAndHolds("s3"));
  }
  for (const mode_t mode : {0604, 0640, 0660, 0644, 0620, 0601, 0610}) {
    EXPECT_THAT(ReadSecretFile(Write("open", "s3", mode)),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         testing::AllOf(HasSubstr("/open"), HasSubstr("0600"))))
        << mode;
  }
}

TEST_F(SecretFileTest, IsARegularFile) {
  EXPECT_THAT(ReadSecretFile(testing::TempDir()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("regular file")));
  const std::string pipe = testing::TempDir() + "/pipe";
  unlink(pipe.c_str());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(ReadSecretFile(pipe),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("regular file")));
  EXPECT_THAT(ReadSecretFile(testing::TempDir() + "/none"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/none")));
}

TEST_F(SecretFileTest, HasAtMost64KiB) {
  EXPECT_THAT(ReadSecretFile(Write("full", std::string(65536, 's'), 0600)),
              IsOkAndHolds(std::string(65536, 's')));
  EXPECT_THAT(ReadSecretFile(Write("over", std::string(65537, 's'), 0600)),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("64 KiB")));
}

TEST_F(SecretFileTest, HexSecretIs64HexadecimalCharacters) {
  const std::string hex = absl::BytesToHexString(Sha256("secret"));
  EXPECT_THAT(ReadHexSecret(Write("hex", hex, 0600)), IsOkAndHolds(Sha256("secret")));
  EXPECT_THAT(ReadHexSecret(Write("hex", hex + "\n", 0600)), IsOkAndHolds(Sha256("secret")));
  for (const std::string& bad : {hex.substr(1), hex + "0", "g" + hex.substr(1), std::string()}) {
    const absl::StatusOr<std::string> read = ReadHexSecret(Write("bad", bad, 0600));
    EXPECT_THAT(read, StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("/bad")));
    // The error may land in a log: nothing of the secret.
    EXPECT_FALSE(absl::StrContains(read.status().message(), hex.substr(1, 16)));
  }
  EXPECT_THAT(ReadHexSecret(Write("hex", hex, 0644)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace naru::crypto
