#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/proof/crypto.h"

namespace naru::crypto {
namespace {

constexpr size_t kSecretFileBytesMax = 64 * 1024;
constexpr size_t kHexSecretChars = 64;

absl::Status Refused(const std::string& path, absl::string_view rule) {
  return absl::FailedPreconditionError(absl::StrCat("secret file ", path, ": ", rule));
}

}  // namespace

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  // Non-blocking, so that a pipe in the file's place does not hold the start up.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return Refused(path, absl::StrCat("cannot be opened: ", std::strerror(errno)));
  const absl::Cleanup close_file = [file] { close(file); };

  // Of the open file, not of the path: what is judged is what is read.
  struct stat state;
  if (fstat(file, &state) != 0 || !S_ISREG(state.st_mode)) {
    return Refused(path, "must be a regular file");
  }
  if ((state.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Refused(path, "must be readable by its owner alone (mode 0600 or stricter)");
  }
  std::string secret(kSecretFileBytesMax + 1, '\0');
  size_t size = 0;
  while (size < secret.size()) {
    const ssize_t count = read(file, secret.data() + size, secret.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      Wipe(secret);
      return Refused(path, "cannot be read");
    }
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  if (size > kSecretFileBytesMax) {
    Wipe(secret);
    return Refused(path, "must not be larger than 64 KiB");
  }
  std::string result(secret, 0, size);
  Wipe(secret);
  return result;
}

absl::StatusOr<std::string> ReadHexSecret(const std::string& path) {
  absl::StatusOr<std::string> text = ReadSecretFile(path);
  if (!text.ok()) return text;
  const absl::Cleanup wipe_text = [&text] { Wipe(*text); };
  const absl::string_view hex = absl::StripAsciiWhitespace(*text);
  bool all_hex = hex.size() == kHexSecretChars;
  for (const char c : hex) all_hex = all_hex && absl::ascii_isxdigit(static_cast<unsigned char>(c));
  if (!all_hex) return Refused(path, "must hold 64 hexadecimal characters");
  return absl::HexStringToBytes(hex);
}

}  // namespace naru::crypto
