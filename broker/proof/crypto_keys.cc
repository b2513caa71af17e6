#include <glog/logging.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <utility>

#include "broker/proof/crypto.h"
#include "broker/proof/crypto_openssl.h"

namespace naru::crypto {
namespace {

using internal::Bio;
using internal::Bytes;
using internal::EcdsaSignature;
using internal::ErrorQueueGuard;
using internal::MdContext;
using internal::Pkey;
using internal::PkeyContext;

using Type = SigningKey::Type;

constexpr size_t kPemBytesMax = 64 * 1024;
constexpr size_t kScalarBytes = 32;  // Of r and of s on P-256.
constexpr size_t kEd25519Bytes = 32;

bool GroupIsNamedP256(EVP_PKEY* key) {
  char group[64];
  char encoding[64];
  return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
                                        nullptr) == 1 &&
         absl::string_view(group) == SN_X9_62_prime256v1 &&
         EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, encoding,
                                        sizeof(encoding), nullptr) == 1 &&
         absl::string_view(encoding) == OSSL_PKEY_EC_ENCODING_GROUP;
}

// The type of a key that is one of ours; whatever else a PEM can hold is INVALID_ARGUMENT.
absl::StatusOr<Type> TypeOf(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519")) return Type::kEd25519;
  if (!EVP_PKEY_is_a(key, "EC") || !GroupIsNamedP256(key)) {
    return absl::InvalidArgumentError("the key is neither ECDSA P-256 nor Ed25519");
  }
  // A PEM may carry the point compressed; the form that is hashed and compared is always the same.
  if (EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
                                     OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) != 1) {
    return absl::InvalidArgumentError("the key has no public point");
  }
  return Type::kEcdsaP256;
}

bool IsValid(EVP_PKEY* key, int (*check)(EVP_PKEY_CTX*)) {
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context != nullptr && check(context.get()) == 1;
}

Bio ReadingBio(absl::string_view data) {
  Bio bio(BIO_new_mem_buf(Bytes(data), static_cast<int>(data.size())));
  CHECK(bio != nullptr);
  return bio;
}

template <typename Write>
std::string Pem(Write write) {
  const Bio bio(CHECK_NOTNULL(BIO_new(BIO_s_mem())));
  CHECK_EQ(write(bio.get()), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

// Stands where OpenSSL would ask the terminal for a passphrase.
int NoPassphrase(char*, int, int, void*) { return -1; }

std::string PublicDer(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  CHECK_GT(size, 0);
  std::string result(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return result;
}

std::string Ed25519Raw(EVP_PKEY* key) {
  std::string raw(kEd25519Bytes, '\0');
  size_t size = raw.size();
  CHECK(EVP_PKEY_get_raw_public_key(key, Bytes(raw), &size) == 1 && size == raw.size());
  return raw;
}

// A context of the P-256 operation, copied for each use: setting one up costs a fifth of a
// signature. Null for Ed25519, which signs the message itself, not its hash.
PkeyContext EcdsaContext(Type type, EVP_PKEY* key, int (*init)(EVP_PKEY_CTX*)) {
  if (type != Type::kEcdsaP256) return nullptr;
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  CHECK(context != nullptr && init(context.get()) == 1);
  return context;
}

PkeyContext Copy(const PkeyContext& context) {
  PkeyContext copy(EVP_PKEY_CTX_dup(context.get()));
  CHECK(copy != nullptr);
  return copy;
}

class OpensslSigningKey : public SigningKey {
 public:
  OpensslSigningKey(Type type, Pkey key, absl::string_view key_id)
      : type_(type),
        key_(std::move(key)),
        ecdsa_(EcdsaContext(type, key_.get(), EVP_PKEY_sign_init)),
        key_id_(key_id) {}

  Type type() const override { return type_; }
  const std::string& key_id() const override { return key_id_; }

  std::string Sign(absl::string_view message) const override {
    size_t size = static_cast<size_t>(EVP_PKEY_get_size(key_.get()));
    std::string signature(size, '\0');
    if (type_ == Type::kEcdsaP256) {
      const std::string hash = Sha256(message);
      CHECK_EQ(EVP_PKEY_sign(Copy(ecdsa_).get(), Bytes(signature), &size, Bytes(hash), hash.size()),
               1);
    } else {
      const MdContext context(CHECK_NOTNULL(EVP_MD_CTX_new()));
      CHECK_EQ(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key_.get(),
                                     nullptr),
               1);
      CHECK_EQ(
          EVP_DigestSign(context.get(), Bytes(signature), &size, Bytes(message), message.size()),
          1);
    }
    signature.resize(size);
    return signature;
  }

  std::string PublicKey() const override {
    return type_ == Type::kEcdsaP256 ? PublicDer(key_.get()) : Ed25519Raw(key_.get());
  }

  std::string PublicPem() const override {
    return Pem([this](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_.get()); });
  }

  std::string PrivatePem() const override {
    return Pem([this](BIO* bio) {
      return PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

 private:
  const Type type_;
  const Pkey key_;
  const PkeyContext ecdsa_;
  const std::string key_id_;
};

class OpensslVerifyingKey : public VerifyingKey {
 public:
  OpensslVerifyingKey(Type type, Pkey key, absl::string_view key_id)
      : type_(type),
        key_(std::move(key)),
        ecdsa_(EcdsaContext(type, key_.get(), EVP_PKEY_verify_init)),
        key_id_(key_id) {}

  Type type() const override { return type_; }
  const std::string& key_id() const override { return key_id_; }

  bool Verify(absl::string_view message, absl::string_view signature) const override {
    const ErrorQueueGuard guard;
    if (type_ == Type::kEcdsaP256) {
      const std::string hash = Sha256(message);
      return EVP_PKEY_verify(Copy(ecdsa_).get(), Bytes(signature), signature.size(), Bytes(hash),
                             hash.size()) == 1;
    }
    const MdContext context(CHECK_NOTNULL(EVP_MD_CTX_new()));
    CHECK_EQ(EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key_.get(),
                                     nullptr),
             1);
    return EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(message),
                            message.size()) == 1;
  }

  bool VerifyJws(absl::string_view message, absl::string_view signature) const override {
    if (type_ != Type::kEcdsaP256 || signature.size() != 2 * kScalarBytes) return false;
    BIGNUM* const r = BN_bin2bn(Bytes(signature), kScalarBytes, nullptr);
    BIGNUM* const s = BN_bin2bn(Bytes(signature) + kScalarBytes, kScalarBytes, nullptr);
    const EcdsaSignature pair(CHECK_NOTNULL(ECDSA_SIG_new()));
    CHECK_EQ(ECDSA_SIG_set0(pair.get(), r, s), 1);  // Takes r and s over.
    std::string der(static_cast<size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
    unsigned char* end = Bytes(der);
    i2d_ECDSA_SIG(pair.get(), &end);
    return Verify(message, der);
  }

 private:
  const Type type_;
  const Pkey key_;
  const PkeyContext ecdsa_;
  const std::string key_id_;
};

absl::StatusOr<std::unique_ptr<VerifyingKey>> MakeVerifyingKey(Pkey key, absl::string_view key_id) {
  absl::StatusOr<Type> type = TypeOf(key.get());
  if (!type.ok()) return type.status();
  // The provider has no check of an Ed25519 key beyond its length.
  if (*type == Type::kEcdsaP256 && !IsValid(key.get(), EVP_PKEY_public_check)) {
    return absl::InvalidArgumentError("the public key is not a point of P-256");
  }
  return std::make_unique<OpensslVerifyingKey>(*type, std::move(key), key_id);
}

}  // namespace

absl::StatusOr<std::unique_ptr<SigningKey>> ParseSigningKey(absl::string_view pem,
                                                            absl::string_view key_id) {
  const ErrorQueueGuard guard;
  if (pem.size() > kPemBytesMax) return absl::InvalidArgumentError("the PEM is too large");
  Pkey key(PEM_read_bio_PrivateKey(ReadingBio(pem).get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) {
    return absl::InvalidArgumentError("not a private key in PEM without a passphrase");
  }
  absl::StatusOr<Type> type = TypeOf(key.get());
  if (!type.ok()) return type.status();
  if (!IsValid(key.get(), EVP_PKEY_pairwise_check)) {
    return absl::InvalidArgumentError("private and public key do not belong together");
  }
  return std::make_unique<OpensslSigningKey>(*type, std::move(key), key_id);
}

std::unique_ptr<SigningKey> GenerateSigningKey(Type type, absl::string_view key_id) {
  Pkey key(type == Type::kEcdsaP256 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                    : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  CHECK(key != nullptr);
  CHECK(TypeOf(key.get()).ok());
  return std::make_unique<OpensslSigningKey>(type, std::move(key), key_id);
}

absl::StatusOr<std::unique_ptr<VerifyingKey>> ParseVerifyingKey(absl::string_view pem,
                                                                absl::string_view key_id) {
  const ErrorQueueGuard guard;
  if (pem.size() > kPemBytesMax) return absl::InvalidArgumentError("the PEM is too large");
  Pkey key(PEM_read_bio_PUBKEY(ReadingBio(pem).get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) return absl::InvalidArgumentError("not a public key in PEM");
  return MakeVerifyingKey(std::move(key), key_id);
}

absl::StatusOr<std::unique_ptr<VerifyingKey>> VerifyingKeyFromRaw(Type type, absl::string_view raw,
                                                                  absl::string_view key_id) {
  const ErrorQueueGuard guard;
  if (type == Type::kEd25519) {
    Pkey key(raw.size() == kEd25519Bytes ? EVP_PKEY_new_raw_public_key_ex(
                                               nullptr, "ED25519", nullptr, Bytes(raw), raw.size())
                                         : nullptr);
    if (key == nullptr) return absl::InvalidArgumentError("not an Ed25519 public key");
    return MakeVerifyingKey(std::move(key), key_id);
  }
  if (raw.size() > kPemBytesMax) return absl::InvalidArgumentError("the key is too large");
  const unsigned char* end = Bytes(raw);
  Pkey key(d2i_PUBKEY(nullptr, &end, static_cast<long>(raw.size())));
  if (key == nullptr || !EVP_PKEY_is_a(key.get(), "EC")) {
    return absl::InvalidArgumentError("not an ECDSA public key in DER");
  }
  absl::StatusOr<std::unique_ptr<VerifyingKey>> made = MakeVerifyingKey(std::move(key), key_id);
  if (!made.ok()) return made;
  if (end != Bytes(raw) + raw.size()) {
    return absl::InvalidArgumentError("bytes after the public key");
  }
  return made;
}

absl::StatusOr<std::string> EcdsaDerToJws(absl::string_view der) {
  const ErrorQueueGuard guard;
  const absl::Status malformed = absl::InvalidArgumentError("not an ECDSA P-256 signature in DER");
  if (der.size() > kPemBytesMax) return malformed;
  const unsigned char* end = Bytes(der);
  const EcdsaSignature pair(d2i_ECDSA_SIG(nullptr, &end, static_cast<long>(der.size())));
  if (pair == nullptr || end != Bytes(der) + der.size()) return malformed;
  std::string jws(2 * kScalarBytes, '\0');
  if (BN_is_negative(ECDSA_SIG_get0_r(pair.get())) ||
      BN_is_negative(ECDSA_SIG_get0_s(pair.get())) ||
      BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), Bytes(jws), kScalarBytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), Bytes(jws) + kScalarBytes, kScalarBytes) < 0) {
    return malformed;
  }
  return jws;
}

}  // namespace naru::crypto
