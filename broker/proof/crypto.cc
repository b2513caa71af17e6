#include "broker/proof/crypto.h"

#include <glog/logging.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <limits>

#include "broker/base/errors.h"
#include "broker/proof/crypto_openssl.h"

namespace naru::crypto {
namespace {

using internal::Bytes;
using internal::CipherContext;
using internal::ErrorQueueGuard;
using internal::MacContext;
using internal::MdContext;

constexpr size_t kGcmKeyBytes = 32;
constexpr size_t kGcmNonceBytes = 12;
constexpr size_t kGcmTagBytes = 16;

// Fetched algorithms are kept for ever: a fetch takes the provider's locks.
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = CHECK_NOTNULL(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return algorithm;
}

const EVP_CIPHER* Aes256GcmAlgorithm() {
  static const EVP_CIPHER* const algorithm =
      CHECK_NOTNULL(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  return algorithm;
}

MdContext NewSha256() {
  MdContext context(EVP_MD_CTX_new());
  CHECK(context != nullptr && EVP_DigestInit_ex2(context.get(), Sha256Algorithm(), nullptr) == 1);
  return context;
}

void Update(EVP_MD_CTX* context, absl::string_view data) {
  CHECK_EQ(EVP_DigestUpdate(context, data.data(), data.size()), 1);
}

std::string Finish(EVP_MD_CTX* context) {
  std::string hash(kHashBytes, '\0');
  unsigned int size = 0;
  CHECK(EVP_DigestFinal_ex(context, Bytes(hash), &size) == 1 && size == kHashBytes);
  return hash;
}

// A Merkle node is 65 bytes: making a context would cost more than hashing it, so each thread keeps
// one.
EVP_MD_CTX* StartedOnThisThread() {
  thread_local const MdContext context(CHECK_NOTNULL(EVP_MD_CTX_new()));
  CHECK_EQ(EVP_DigestInit_ex2(context.get(), Sha256Algorithm(), nullptr), 1);
  return context.get();
}

MacContext NewHmacSha256() {
  static EVP_MAC* const algorithm = CHECK_NOTNULL(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  MacContext context(EVP_MAC_CTX_new(algorithm));
  CHECK(context != nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  // Given once: with every init the provider would look the digest up again.
  CHECK_EQ(EVP_MAC_CTX_set_params(context.get(), parameters), 1);
  return context;
}

int Length(absl::string_view data) {
  CHECK_LE(data.size(), static_cast<size_t>(std::numeric_limits<int>::max()) - kGcmTagBytes);
  return static_cast<int>(data.size());
}

}  // namespace

std::string Sha256(absl::string_view data) {
  EVP_MD_CTX* const context = StartedOnThisThread();
  Update(context, data);
  return Finish(context);
}

std::string Sha256(std::initializer_list<absl::string_view> parts) {
  EVP_MD_CTX* const context = StartedOnThisThread();
  for (absl::string_view part : parts) Update(context, part);
  return Finish(context);
}

struct Sha256Stream::State {
  MdContext context;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>(State{NewSha256()})) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;

void Sha256Stream::Update(absl::string_view data) {
  CHECK(state_ != nullptr) << "used up";
  crypto::Update(state_->context.get(), data);
}

std::string Sha256Stream::Finish() {
  CHECK(state_ != nullptr) << "used up";
  std::string hash = crypto::Finish(state_->context.get());
  state_.reset();
  return hash;
}

std::string HmacSha256(absl::string_view key, absl::string_view data) {
  thread_local const MacContext context = NewHmacSha256();
  std::string mac(kHashBytes, '\0');
  size_t size = 0;
  CHECK_EQ(EVP_MAC_init(context.get(), Bytes(key), key.size(), nullptr), 1);
  CHECK_EQ(EVP_MAC_update(context.get(), Bytes(data), data.size()), 1);
  CHECK(EVP_MAC_final(context.get(), Bytes(mac), &size, mac.size()) == 1 && size == kHashBytes);
  return mac;
}

bool ConstantTimeEqual(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(Bytes(a), Bytes(b), a.size()) == 0;
}

void Wipe(std::string& secret) {
  // The whole buffer: what the string held when it was longer lies behind its end.
  secret.resize(secret.capacity());
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

SealedBytes Seal(absl::string_view key, absl::string_view plain, absl::string_view context,
                 Random& random) {
  CHECK_EQ(key.size(), kGcmKeyBytes);
  SealedBytes sealed;
  sealed.nonce = random.Bytes(kGcmNonceBytes);
  sealed.ciphertext.resize(plain.size() + kGcmTagBytes);
  unsigned char* const out = Bytes(sealed.ciphertext);

  CipherContext cipher(EVP_CIPHER_CTX_new());
  CHECK(cipher != nullptr && EVP_EncryptInit_ex2(cipher.get(), Aes256GcmAlgorithm(), Bytes(key),
                                                 Bytes(sealed.nonce), nullptr) == 1);
  int written = 0;
  CHECK_EQ(EVP_EncryptUpdate(cipher.get(), nullptr, &written, Bytes(context), Length(context)), 1);
  CHECK_EQ(EVP_EncryptUpdate(cipher.get(), out, &written, Bytes(plain), Length(plain)), 1);
  CHECK_EQ(static_cast<size_t>(written), plain.size());
  CHECK_EQ(EVP_EncryptFinal_ex(cipher.get(), out + plain.size(), &written), 1);
  CHECK_EQ(
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, kGcmTagBytes, out + plain.size()),
      1);
  return sealed;
}

absl::StatusOr<std::string> Open(absl::string_view key, const SealedBytes& sealed,
                                 absl::string_view context) {
  const absl::Status damaged = DataDamaged("sealed bytes do not open");
  if (key.size() != kGcmKeyBytes || sealed.nonce.size() != kGcmNonceBytes ||
      sealed.ciphertext.size() < kGcmTagBytes) {
    return damaged;
  }
  const ErrorQueueGuard guard;
  const absl::string_view body(sealed.ciphertext.data(), sealed.ciphertext.size() - kGcmTagBytes);
  std::string tag = sealed.ciphertext.substr(body.size());
  std::string plain(body.size(), '\0');

  CipherContext cipher(EVP_CIPHER_CTX_new());
  CHECK(cipher != nullptr && EVP_DecryptInit_ex2(cipher.get(), Aes256GcmAlgorithm(), Bytes(key),
                                                 Bytes(sealed.nonce), nullptr) == 1);
  int written = 0;
  CHECK_EQ(EVP_DecryptUpdate(cipher.get(), nullptr, &written, Bytes(context), Length(context)), 1);
  CHECK_EQ(EVP_DecryptUpdate(cipher.get(), Bytes(plain), &written, Bytes(body), Length(body)), 1);
  CHECK_EQ(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, kGcmTagBytes, tag.data()), 1);
  unsigned char none[kGcmTagBytes];
  if (EVP_DecryptFinal_ex(cipher.get(), none, &written) != 1) {
    Wipe(plain);
    return damaged;
  }
  return plain;
}

}  // namespace naru::crypto
