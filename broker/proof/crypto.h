#ifndef NARU_BROKER_PROOF_CRYPTO_H_
#define NARU_BROKER_PROOF_CRYPTO_H_

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/base/random.h"

// All cryptography of Naru: crypto*.cc are the only files that include OpenSSL, through its
// provider interface, so that a validated module is configuration. Thread-safe. What cannot fail
// but for want of memory or a broken provider ends the process.
namespace naru::crypto {

inline constexpr size_t kHashBytes = 32;

// SHA-256 of the parts, one after the other. 32 bytes.
std::string Sha256(absl::string_view data);
std::string Sha256(std::initializer_list<absl::string_view> parts);

// Running SHA-256.
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  void Update(absl::string_view data);
  // 32 bytes; the stream is then used up.
  std::string Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// HMAC-SHA256, 32 bytes.
std::string HmacSha256(absl::string_view key, absl::string_view data);

// Compares in time that depends on the lengths alone.
bool ConstantTimeEqual(absl::string_view a, absl::string_view b);

// Overwrites a secret before its memory is given back.
void Wipe(std::string& secret);

// AES-256-GCM: nonce (12 bytes) || ciphertext || tag (16 bytes). `key` is 32 bytes. `context` is
// authenticated, not encrypted.
struct SealedBytes {
  std::string nonce;
  std::string ciphertext;  // With the tag behind it.
};
SealedBytes Seal(absl::string_view key, absl::string_view plain, absl::string_view context,
                 Random& random);
// DATA_LOSS when key, context, nonce or ciphertext is not what Seal gave.
absl::StatusOr<std::string> Open(absl::string_view key, const SealedBytes& sealed,
                                 absl::string_view context);

// A private key. Signatures: ECDSA P-256 with SHA-256 in DER ("ES256" here), or Ed25519.
class SigningKey {
 public:
  enum class Type { kEcdsaP256, kEd25519 };

  virtual ~SigningKey() = default;
  virtual Type type() const = 0;
  virtual const std::string& key_id() const = 0;
  virtual std::string Sign(absl::string_view message) const = 0;
  // DER SubjectPublicKeyInfo for P-256; the 32 raw bytes for Ed25519.
  virtual std::string PublicKey() const = 0;
  // PEM SubjectPublicKeyInfo.
  virtual std::string PublicPem() const = 0;
  // PEM PKCS #8, not encrypted: for tools that make keys, which write it with mode 0600.
  virtual std::string PrivatePem() const = 0;
};

// INVALID_ARGUMENT for a PEM that is no private key of these types; one with a passphrase is none.
absl::StatusOr<std::unique_ptr<SigningKey>> ParseSigningKey(absl::string_view pem,
                                                            absl::string_view key_id);
// For tests and tools.
std::unique_ptr<SigningKey> GenerateSigningKey(SigningKey::Type type, absl::string_view key_id);

// A public key.
class VerifyingKey {
 public:
  virtual ~VerifyingKey() = default;
  virtual SigningKey::Type type() const = 0;
  virtual const std::string& key_id() const = 0;
  // True when `signature` (DER for P-256) is of this key over `message`.
  virtual bool Verify(absl::string_view message, absl::string_view signature) const = 0;
  // The same for the 64-byte r || s form of JWS; false for Ed25519 keys.
  virtual bool VerifyJws(absl::string_view message, absl::string_view signature) const = 0;
};

// PEM SubjectPublicKeyInfo. INVALID_ARGUMENT for anything else, or a curve other than P-256.
absl::StatusOr<std::unique_ptr<VerifyingKey>> ParseVerifyingKey(absl::string_view pem,
                                                                absl::string_view key_id);
// What SigningKey::PublicKey gives.
absl::StatusOr<std::unique_ptr<VerifyingKey>> VerifyingKeyFromRaw(SigningKey::Type type,
                                                                  absl::string_view raw,
                                                                  absl::string_view key_id);
// DER -> r || s, for JWS. INVALID_ARGUMENT when it is no ECDSA P-256 signature in DER.
absl::StatusOr<std::string> EcdsaDerToJws(absl::string_view der);

// Reads a secret file: it must be a regular file readable by its owner alone (0600 or stricter), at
// most 64 KiB. FAILED_PRECONDITION names the file and the rule otherwise.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);
// A secret of 32 bytes as 64 hexadecimal characters in such a file, white space around them aside.
absl::StatusOr<std::string> ReadHexSecret(const std::string& path);

}  // namespace naru::crypto

#endif  // NARU_BROKER_PROOF_CRYPTO_H_
