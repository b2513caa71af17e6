#include "consent/store/head_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "broker/proof/merkle.h"
#include "consent/store/big_endian.h"
#include "glog/logging.h"

// Format of HEAD. Never change; a new form takes a new version. Integers are big-endian.
//
//   file := slot[0] slot[1]                       1,024 bytes, never longer or shorter
//   slot :=  0 magic         8   "NARUHEAD"
//            8 version       4   1
//           12 zero          4
//           16 sequence      8   counts writes of HEAD from 1; slot[i] has those with sequence mod
//           2 = i 24 ledger size   8   entries 32 ledger root  32   RFC 6962 root at that size 64
//           update        8   number of the store's update that brought the ledger there 72 zero
//           408
//          480 checksum     32   SHA-256 of the 480 bytes before
//
// Writes alternate between the slots, each slot is one sector of the disk, and a write is synced
// before it counts: so a torn write hurts the older slot alone, and the newest whole slot is at
// most one write behind. A new file has sequence 1 in slot[1] and zeros, which are no whole slot,
// in slot[0].
namespace naru {
namespace {

constexpr absl::string_view kMagic = "NARUHEAD";
constexpr uint32_t kVersion = 1;
constexpr size_t kSlotBytes = 512;
constexpr size_t kSlots = 2;
constexpr size_t kChecksumAt = kSlotBytes - crypto::kHashBytes;

std::string EncodeSlot(uint64_t sequence, const HeadFile::Content& content) {
  CHECK_EQ(content.ledger.root.size(), crypto::kHashBytes);
  std::string slot(kMagic);
  AppendBigEndian(slot, kVersion);
  AppendBigEndian(slot, uint32_t{0});
  AppendBigEndian(slot, sequence);
  AppendBigEndian(slot, content.ledger.size);
  slot += content.ledger.root;
  AppendBigEndian(slot, content.update);
  slot.resize(kChecksumAt);
  slot += crypto::Sha256(slot);
  return slot;
}

struct Slot {
  uint32_t version;
  uint64_t sequence;
  HeadFile::Content content;
};

// nullopt when the slot is torn, damaged or was never written.
std::optional<Slot> DecodeSlot(absl::string_view bytes, size_t index) {
  if (bytes.substr(0, kMagic.size()) != kMagic) return std::nullopt;
  if (crypto::Sha256(bytes.substr(0, kChecksumAt)) != bytes.substr(kChecksumAt)) {
    return std::nullopt;
  }
  Slot slot;
  slot.version = ReadBigEndian<uint32_t>(bytes, 8);
  slot.sequence = ReadBigEndian<uint64_t>(bytes, 16);
  slot.content.ledger.size = ReadBigEndian<uint64_t>(bytes, 24);
  slot.content.ledger.root = std::string(bytes.substr(32, crypto::kHashBytes));
  slot.content.update = ReadBigEndian<uint64_t>(bytes, 64);
  if (slot.sequence % kSlots != index) return std::nullopt;
  return slot;
}

std::string PathOf(const std::string& directory) {
  return absl::StrCat(directory, "/", HeadFile::kName);
}

}  // namespace

absl::StatusOr<std::unique_ptr<HeadFile>> HeadFile::Open(const std::string& directory) {
  const std::string path = PathOf(directory);
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return nullptr;
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  auto file = absl::WrapUnique(new HeadFile(fd, 0, Content()));
  for (size_t i = 0; i < kSlots; ++i) {
    std::string bytes(kSlotBytes, '\0');
    const ssize_t got = pread(fd, bytes.data(), bytes.size(), i * kSlotBytes);
    if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    std::optional<Slot> slot = DecodeSlot(bytes, i);  // What is missing at the end reads as zeros.
    if (!slot.has_value()) continue;
    if (slot->version != kVersion) {
      return absl::FailedPreconditionError(absl::StrCat(path, " has version ", slot->version,
                                                        "; this program reads version ", kVersion));
    }
    if (slot->sequence > file->sequence_) {
      file->sequence_ = slot->sequence;
      file->content_ = std::move(slot->content);
    }
  }
  if (file->sequence_ == 0) {
    return DataDamaged(absl::StrCat(
        "both slots of ", path,
        ". Bring the file back from its disk or restore store and HEAD from one backup"));
  }
  return file;
}

HeadFile::Content HeadFile::Empty() { return {{0, merkle::EmptyRoot()}, 0}; }

absl::StatusOr<std::unique_ptr<HeadFile>> HeadFile::Create(const std::string& directory,
                                                           const Content& content) {
  const std::string path = PathOf(directory);
  static_assert(1 % kSlots == 1, "sequence 1 lies in slot[1]");
  // Whole at once or not at all: a crash must not leave a HEAD without a slot.
  ABSL_RETURN_IF_ERROR(
      AtomicWriteFile(path, absl::StrCat(std::string(kSlotBytes, '\0'), EncodeSlot(1, content))));
  const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  return absl::WrapUnique(new HeadFile(fd, 1, content));
}

HeadFile::HeadFile(int fd, uint64_t sequence, Content content)
    : fd_(fd), sequence_(sequence), content_(std::move(content)) {}

HeadFile::~HeadFile() { close(fd_); }

absl::Status HeadFile::Write(const Content& content) {
  const uint64_t sequence = sequence_ + 1;
  const std::string slot = EncodeSlot(sequence, content);
  const ssize_t put = pwrite(fd_, slot.data(), slot.size(), sequence % kSlots * kSlotBytes);
  if (put < 0) return absl::ErrnoToStatus(errno, "cannot write HEAD");
  if (static_cast<size_t>(put) != slot.size()) return absl::DataLossError("HEAD was cut short");
  if (fdatasync(fd_) != 0) return absl::ErrnoToStatus(errno, "cannot sync HEAD");
  sequence_ = sequence;
  content_ = content;
  return absl::OkStatus();
}

}  // namespace naru
