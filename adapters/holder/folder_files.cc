#include "adapters/holder/folder_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_split.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/body_digester.h"

namespace naru {
namespace {

constexpr size_t kPathBytes = 1024;

// An open file that is read by position, so that many may read it at once.
class FileBody final : public Body {
 public:
  FileBody(int file, uint64_t size) : file_(file), size_(size) {}
  ~FileBody() override { close(file_); }

  uint64_t size() const override { return size_; }
  absl::StatusOr<std::string> Read(uint64_t offset, size_t size) const override {
    std::string data(size, '\0');
    for (size_t have = 0; have < size;) {
      const ssize_t got = pread(file_, &data[have], size - have, static_cast<off_t>(offset + have));
      if (got < 0 && errno == EINTR) continue;
      // It became shorter, or the disk failed.
      if (got <= 0) return DataDamaged("document");
      have += static_cast<size_t>(got);
    }
    return data;
  }

 private:
  const int file_;
  const uint64_t size_;
};

}  // namespace

bool IsFolderPath(absl::string_view path) {
  if (path.size() > kPathBytes || path.find('\0') != absl::string_view::npos) return false;
  const std::vector<absl::string_view> names = absl::StrSplit(path, '/');
  return std::none_of(names.begin(), names.end(), [](absl::string_view name) {
    return name.empty() || name == "." || name == "..";
  });
}

absl::StatusOr<std::unique_ptr<FolderFiles>> FolderFiles::Open(const std::string& directory) {
  const int opened = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return absl::ErrnoToStatus(errno, "the directory cannot be opened");
  return absl::WrapUnique(new FolderFiles(opened));
}

FolderFiles::~FolderFiles() { close(directory_); }

absl::StatusOr<std::shared_ptr<const Body>> FolderFiles::OpenFile(absl::string_view path) const {
  if (!IsFolderPath(path)) return NotFound("file");
  const std::vector<std::string> names = absl::StrSplit(path, '/');
  int at = directory_;
  for (size_t i = 0; i < names.size(); ++i) {
    // Without waiting for the other end of a pipe that somebody left there.
    const int kind = i + 1 < names.size() ? O_DIRECTORY : O_NONBLOCK;
    const int next = openat(at, names[i].c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | kind);
    if (at != directory_) close(at);
    if (next < 0) return NotFound("file");
    at = next;
  }
  struct stat facts;
  if (fstat(at, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    close(at);
    return NotFound("file");
  }
  return std::make_shared<FileBody>(at, static_cast<uint64_t>(facts.st_size));
}

absl::Status DigestFile(const Body& body, holder::v1::DocumentHeader& head) {
  BodyDigester digester(body.size());
  for (uint64_t at = 0; at < body.size(); at += digester.chunk_bytes()) {
    ABSL_ASSIGN_OR_RETURN(
        const std::string chunk,
        body.Read(at, std::min<uint64_t>(digester.chunk_bytes(), body.size() - at)));
    digester.Add(chunk);
  }
  digester.Finish(head);
  return absl::OkStatus();
}

}  // namespace naru
