#ifndef NARU_ADAPTERS_CLIENT_ENCRYPTED_FILE_H_
#define NARU_ADAPTERS_CLIENT_ENCRYPTED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/base/random.h"

namespace naru::client {

// Holds a document while it arrives, without a name and without a plain byte on the disk: each
// chunk is sealed (AES-256-GCM, its place as context) under a key that only this object's memory
// has, so that what a crash leaves behind can be read by nobody (P6). Append is not thread-safe;
// Read may run at once in many threads when nobody appends.
class EncryptedFile {
 public:
  // In `directory`; empty means the system's for temporary files. At most `max_bytes` go in.
  // `random` must outlive the file. Errors of the system name the directory.
  static absl::StatusOr<std::unique_ptr<EncryptedFile>> Create(const std::string& directory,
                                                               uint64_t max_bytes, Random* random);
  ~EncryptedFile();

  EncryptedFile(const EncryptedFile&) = delete;
  EncryptedFile& operator=(const EncryptedFile&) = delete;

  // Adds the next chunk, 1 to limits::kChunkBytesMax bytes. RESOURCE_EXHAUSTED when the disk is
  // full, OUT_OF_RANGE past `max_bytes` or for a chunk of another length.
  absl::Status Append(absl::string_view chunk);

  // Gives the chunks in order, decrypted, until `sink` returns an error, which is passed on.
  // DATA_LOSS when what is on the disk is not what was written.
  absl::Status Read(const std::function<absl::Status(absl::string_view)>& sink) const;
  // The whole, for documents that the caller knows to be small: OUT_OF_RANGE past `max_bytes`.
  absl::StatusOr<std::string> ReadAll(uint64_t max_bytes) const;

  // Chunk `index`, below chunks(), decrypted. DATA_LOSS as above.
  absl::StatusOr<std::string> ReadChunk(size_t index) const;
  size_t chunks() const { return chunks_.size(); }

  // Plain bytes.
  uint64_t size() const { return size_; }
  // For tests that look at the disk.
  int descriptor() const { return fd_; }

 private:
  struct Chunk {
    std::string nonce;
    uint64_t offset = 0;  // Of the ciphertext.
    uint32_t length = 0;
  };

  EncryptedFile(int fd, uint64_t max_bytes, Random* random);

  const int fd_;
  const uint64_t max_bytes_;
  Random* const random_;
  std::string key_;
  std::vector<Chunk> chunks_;
  uint64_t size_ = 0;
  uint64_t end_ = 0;  // Of the ciphertext.
};

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_ENCRYPTED_FILE_H_
