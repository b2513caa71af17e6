#include "broker/proof/checkpoint.h"

#include <glog/logging.h>

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/base/status_macros.h"
#include "broker/proof/base64.h"

namespace naru {
namespace {

constexpr size_t kNoteBytesMax = 16 * 1024;
constexpr size_t kSignaturesMax = 16;
constexpr size_t kOriginCharsMax = 128;
constexpr size_t kKeyIdBytes = 4;
constexpr absl::string_view kSignaturePrefix = "\u2014 ";

char TypeByte(crypto::SigningKey::Type type) {
  return type == crypto::SigningKey::Type::kEd25519 ? '\x01' : '\x02';
}

std::string KeyId(absl::string_view name, crypto::SigningKey::Type type, absl::string_view key) {
  const std::string hash = type == crypto::SigningKey::Type::kEd25519
                               ? crypto::Sha256({name, "\n", std::string(1, TypeByte(type)), key})
                               : crypto::Sha256(key);
  return hash.substr(0, kKeyIdBytes);
}

std::string Text(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n",
                      absl::Base64Escape(checkpoint.root), "\n");
}

absl::Status Refused(absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat("checkpoint: ", what));
}

// The three lines of a checkpoint's text.
absl::StatusOr<Checkpoint> ParseText(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.size() != 4 || !lines[3].empty()) return Refused("the text has not three lines");
  Checkpoint checkpoint;
  checkpoint.origin = std::string(lines[0]);
  if (!absl::SimpleAtoi(lines[1], &checkpoint.size) || absl::StrCat(checkpoint.size) != lines[1]) {
    return Refused("the size is not a decimal number");
  }
  std::optional<std::string> root = DecodeBase64(lines[2]);
  if (!root.has_value() || root->size() != crypto::kHashBytes) {
    return Refused("the root is not 32 bytes in base64");
  }
  checkpoint.root = *std::move(root);
  return checkpoint;
}

struct SignatureLine {
  absl::string_view name;
  std::string key_id;
  std::string signature;
};

absl::StatusOr<SignatureLine> ParseSignatureLine(absl::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line.substr(kSignaturePrefix.size()), ' ');
  if (words.size() != 2) return Refused("a signature line has not name and signature");
  const std::optional<std::string> bytes = DecodeBase64(words[1]);
  if (!bytes.has_value() || bytes->size() <= kKeyIdBytes) {
    return Refused("a signature line is not base64 of key id and signature");
  }
  return SignatureLine{words[0], bytes->substr(0, kKeyIdBytes), bytes->substr(kKeyIdBytes)};
}

struct Note {
  absl::string_view text;  // With its last newline.
  std::vector<SignatureLine> signatures;
};

absl::StatusOr<Note> ParseNote(absl::string_view note) {
  if (note.size() > kNoteBytesMax) return Refused("larger than 16 KiB");
  for (const char c : note) {
    if (c != '\n' && absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return Refused("a control character");
    }
  }
  const size_t blank = note.rfind("\n\n");
  if (blank == absl::string_view::npos) return Refused("no blank line before the signatures");
  Note parsed;
  parsed.text = note.substr(0, blank + 1);
  absl::string_view rest = note.substr(blank + 2);
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    if (end == absl::string_view::npos) return Refused("cut off in a signature line");
    if (!absl::StartsWith(rest, kSignaturePrefix)) return Refused("a line that is no signature");
    if (parsed.signatures.size() == kSignaturesMax) return Refused("more than 16 signatures");
    ABSL_ASSIGN_OR_RETURN(SignatureLine line, ParseSignatureLine(rest.substr(0, end)));
    parsed.signatures.push_back(std::move(line));
    rest.remove_prefix(end + 1);
  }
  return parsed;
}

}  // namespace

bool IsValidOrigin(absl::string_view origin) {
  for (const char c : origin) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c)) || c == '+') return false;
  }
  return !origin.empty() && origin.size() <= kOriginCharsMax;
}

CheckpointSigner::CheckpointSigner(std::string origin, std::unique_ptr<crypto::SigningKey> ed25519,
                                   std::unique_ptr<crypto::SigningKey> ecdsa)
    : origin_(std::move(origin)), ed25519_(std::move(ed25519)), ecdsa_(std::move(ecdsa)) {
  CHECK(IsValidOrigin(origin_));
  CHECK(ed25519_->type() == crypto::SigningKey::Type::kEd25519);
  CHECK(ecdsa_->type() == crypto::SigningKey::Type::kEcdsaP256);
}

std::string CheckpointSigner::Sign(const Checkpoint& checkpoint) const {
  CHECK_EQ(checkpoint.origin, origin_);
  CHECK_EQ(checkpoint.root.size(), crypto::kHashBytes);
  const std::string text = Text(checkpoint);
  std::string note = absl::StrCat(text, "\n");
  for (const crypto::SigningKey* key : {ed25519_.get(), ecdsa_.get()}) {
    const std::string id = KeyId(origin_, key->type(), key->PublicKey());
    absl::StrAppend(&note, kSignaturePrefix, origin_, " ",
                    absl::Base64Escape(absl::StrCat(id, key->Sign(text))), "\n");
  }
  return note;
}

std::vector<std::string> CheckpointSigner::VerifierKeys() const {
  std::vector<std::string> lines;
  for (const crypto::SigningKey* key : {ed25519_.get(), ecdsa_.get()}) {
    const std::string raw = key->PublicKey();
    const std::string id = KeyId(origin_, key->type(), raw);
    lines.push_back(
        absl::StrCat(origin_, "+", absl::BytesToHexString(id), "+",
                     absl::Base64Escape(absl::StrCat(std::string(1, TypeByte(key->type())), raw))));
  }
  return lines;
}

struct CheckpointVerifier::Key {
  std::string id;
  std::unique_ptr<crypto::VerifyingKey> key;
};

CheckpointVerifier::CheckpointVerifier() = default;
CheckpointVerifier::CheckpointVerifier(CheckpointVerifier&&) noexcept = default;
CheckpointVerifier::~CheckpointVerifier() = default;

absl::StatusOr<CheckpointVerifier> CheckpointVerifier::Create(
    const std::vector<std::string>& verifier_keys) {
  CheckpointVerifier verifier;
  if (verifier_keys.empty()) return absl::InvalidArgumentError("no verifier key");
  for (size_t i = 0; i < verifier_keys.size(); ++i) {
    const auto malformed = [i](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("verifier key ", i + 1, ": ", what));
    };
    // The base64 may have a "+" of its own.
    const std::vector<absl::string_view> parts =
        absl::StrSplit(verifier_keys[i], absl::MaxSplits('+', 2));
    if (parts.size() != 3) return malformed("not name+id+key");
    if (!IsValidOrigin(parts[0])) return malformed("not a key name");
    if (i > 0 && parts[0] != verifier.origin_) return malformed("another name than the first");
    const std::optional<std::string> bytes = DecodeBase64(parts[2]);
    if (!bytes.has_value() || bytes->empty()) return malformed("the key is not base64");
    using Type = crypto::SigningKey::Type;
    const Type type =
        bytes->front() == TypeByte(Type::kEd25519) ? Type::kEd25519 : Type::kEcdsaP256;
    if (bytes->front() != TypeByte(type)) return malformed("not an Ed25519 or ECDSA key");
    const std::string raw = bytes->substr(1);
    const std::string id = KeyId(parts[0], type, raw);
    if (absl::AsciiStrToLower(parts[1]) != absl::BytesToHexString(id)) {
      return malformed("the id is not the key's");
    }
    absl::StatusOr<std::unique_ptr<crypto::VerifyingKey>> key =
        crypto::VerifyingKeyFromRaw(type, raw, parts[1]);
    if (!key.ok()) return malformed(key.status().message());
    for (const Key& other : verifier.keys_) {
      if (other.id == id) return malformed("named twice");
    }
    verifier.origin_ = std::string(parts[0]);
    verifier.keys_.push_back({id, *std::move(key)});
  }
  return verifier;
}

absl::StatusOr<Checkpoint> CheckpointVerifier::Verify(absl::string_view note) const {
  ABSL_ASSIGN_OR_RETURN(const Note parsed, ParseNote(note));
  for (const Key& key : keys_) {
    bool signed_by_key = false;
    for (const SignatureLine& line : parsed.signatures) {
      if (line.name != origin_ || line.key_id != key.id) continue;
      if (!key.key->Verify(parsed.text, line.signature)) {
        return Refused("a signature of a pinned key is not valid");
      }
      signed_by_key = true;
    }
    if (!signed_by_key) return Refused("not signed by every pinned key");
  }
  ABSL_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseText(parsed.text));
  if (checkpoint.origin != origin_) return Refused("of another origin");
  return checkpoint;
}

}  // namespace naru
