#ifndef NARU_CONSENT_STORE_HEAD_FILE_H_
#define NARU_CONSENT_STORE_HEAD_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consent/store/store.h"

namespace naru {

// HEAD: a small file beside the store, best on another disk, that says how far the store must
// reach. RocksDB opens "OK" after some damage to its log and has then lost writes that were
// acknowledged; HEAD, which was made durable before they were, shows it. Not thread-safe.
class HeadFile {
 public:
  // What HEAD confirms.
  struct Content {
    LedgerHead ledger;
    // Number of the store's update that brought the ledger there; updates count from 1.
    uint64_t update = 0;
  };

  // What confirms nothing: no update, the empty ledger.
  static Content Empty();

  // The file's name in its directory.
  static constexpr char kName[] = "HEAD";

  // Opens `directory`/HEAD and reads its newest whole slot. nullptr when there is no such file;
  // DATA_LOSS when there is and neither slot is whole; FAILED_PRECONDITION when a later version of
  // Naru wrote it.
  static absl::StatusOr<std::unique_ptr<HeadFile>> Open(const std::string& directory);
  // Makes the file durably with this content. The directory exists and has no such file.
  static absl::StatusOr<std::unique_ptr<HeadFile>> Create(const std::string& directory,
                                                          const Content& content = Empty());
  ~HeadFile();
  HeadFile(const HeadFile&) = delete;
  HeadFile& operator=(const HeadFile&) = delete;

  // What was read, or written last.
  const Content& content() const { return content_; }

  // Makes `content` durable. After an error nobody knows what the file says: the caller ends the
  // process.
  absl::Status Write(const Content& content);

 private:
  HeadFile(int fd, uint64_t sequence, Content content);

  const int fd_;
  uint64_t sequence_;
  Content content_;
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_HEAD_FILE_H_
