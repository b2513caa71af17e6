#include "adapters/client/encrypted_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"

namespace naru::client {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr absl::string_view kContext = "naru-encrypted-file-v1";

// A chunk that was moved within the file does not open.
std::string ContextOf(size_t index) { return absl::StrCat(kContext, " ", index); }

absl::StatusOr<int> OpenNameless(const std::string& directory) {
  int fd = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
  if (fd >= 0) return fd;
  // Not every file system makes files without a name; there it has one for a moment.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
    return absl::ErrnoToStatus(errno, absl::StrCat(directory, ": cannot make a temporary file"));
  }
  std::string path = absl::StrCat(directory, "/naru-XXXXXX");
  fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(directory, ": cannot make a temporary file"));
  }
  if (unlink(path.c_str()) != 0) {
    const int error = errno;
    close(fd);
    return absl::ErrnoToStatus(error, absl::StrCat(directory, ": cannot unlink a temporary file"));
  }
  return fd;
}

absl::Status WriteAt(int fd, absl::string_view data, uint64_t offset) {
  while (!data.empty()) {
    const ssize_t wrote = pwrite(fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return absl::ErrnoToStatus(errno, "cannot write a temporary file");
    }
    data.remove_prefix(static_cast<size_t>(wrote));
    offset += static_cast<uint64_t>(wrote);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadAt(int fd, size_t length, uint64_t offset) {
  std::string data(length, '\0');
  size_t have = 0;
  while (have < length) {
    const ssize_t got =
        pread(fd, data.data() + have, length - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, "cannot read a temporary file");
    if (got == 0) return absl::DataLossError("a temporary file is shorter than what was written");
    have += static_cast<size_t>(got);
  }
  return data;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EncryptedFile>> EncryptedFile::Create(const std::string& directory,
                                                                     uint64_t max_bytes,
                                                                     Random* random) {
  std::string where = directory;
  if (where.empty()) {
    std::error_code error;
    where = std::filesystem::temp_directory_path(error).string();
    if (error) return absl::FailedPreconditionError("there is no directory for temporary files");
  }
  ABSL_ASSIGN_OR_RETURN(const int fd, OpenNameless(where));
  return std::unique_ptr<EncryptedFile>(new EncryptedFile(fd, max_bytes, random));
}

EncryptedFile::EncryptedFile(int fd, uint64_t max_bytes, Random* random)
    : fd_(fd), max_bytes_(max_bytes), random_(random), key_(random->Bytes(kKeyBytes)) {}

EncryptedFile::~EncryptedFile() {
  crypto::Wipe(key_);
  close(fd_);
}

absl::Status EncryptedFile::Append(absl::string_view chunk) {
  if (chunk.empty() || chunk.size() > limits::kChunkBytesMax || chunk.size() > max_bytes_ - size_) {
    return absl::OutOfRangeError("temporary file: more bytes than it may have");
  }
  const crypto::SealedBytes sealed = crypto::Seal(key_, chunk, ContextOf(chunks_.size()), *random_);
  ABSL_RETURN_IF_ERROR(WriteAt(fd_, sealed.ciphertext, end_));
  chunks_.push_back({sealed.nonce, end_, static_cast<uint32_t>(sealed.ciphertext.size())});
  end_ += sealed.ciphertext.size();
  size_ += chunk.size();
  return absl::OkStatus();
}

absl::StatusOr<std::string> EncryptedFile::ReadChunk(size_t index) const {
  const Chunk& chunk = chunks_[index];
  ABSL_ASSIGN_OR_RETURN(std::string ciphertext, ReadAt(fd_, chunk.length, chunk.offset));
  return crypto::Open(key_, {chunk.nonce, std::move(ciphertext)}, ContextOf(index));
}

absl::Status EncryptedFile::Read(const std::function<absl::Status(absl::string_view)>& sink) const {
  for (size_t i = 0; i < chunks_.size(); ++i) {
    ABSL_ASSIGN_OR_RETURN(std::string plain, ReadChunk(i));
    const absl::Status taken = sink(plain);
    crypto::Wipe(plain);
    ABSL_RETURN_IF_ERROR(taken);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> EncryptedFile::ReadAll(uint64_t max_bytes) const {
  if (size_ > max_bytes) return absl::OutOfRangeError("the document is larger than asked for");
  std::string whole;
  whole.reserve(size_);
  ABSL_RETURN_IF_ERROR(Read([&whole](absl::string_view chunk) {
    whole.append(chunk.data(), chunk.size());
    return absl::OkStatus();
  }));
  return whole;
}

}  // namespace naru::client
