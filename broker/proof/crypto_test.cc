#include "broker/proof/crypto.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "broker/base/status_matchers.h"

namespace naru::crypto {
namespace {

std::string Hex(absl::string_view hex) { return absl::HexStringToBytes(hex); }

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

}  // namespace
}  // namespace naru::crypto
