#include "consent/ledger/tile_publisher.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/ledger/stored_nodes.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

constexpr int kTileWidth = 256;
// A tile of level n has the tree's nodes of level 8n; levels above 7 need more leaves than a number
// can count.
constexpr int kTileLevels = 8;
constexpr int kLevelsPerTile = 8;
constexpr absl::string_view kEntries = "entries";
constexpr absl::string_view kCheckpoint = "checkpoint";
constexpr size_t kCheckpointBytes = 16 * 1024;
// Everyone may read what is published.
constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;

// The head that the text of a checkpoint names; its signatures are for those who do not have the
// ledger itself.
std::optional<LedgerHead> ParseCheckpoint(absl::string_view note, absl::string_view origin) {
  const std::vector<absl::string_view> lines = absl::StrSplit(note, '\n');
  LedgerHead head;
  if (lines.size() < 4 || lines[0] != origin || !absl::SimpleAtoi(lines[1], &head.size) ||
      !absl::Base64Unescape(lines[2], &head.root)) {
    return std::nullopt;
  }
  return head;
}

// Entry bundles (C2SP tlog-tiles): each entry with its length before it, two bytes, big-endian.
void AppendToBundle(absl::string_view leaf_data, std::string* bundle) {
  bundle->push_back(static_cast<char>(leaf_data.size() >> 8));
  bundle->push_back(static_cast<char>(leaf_data.size() & 0xff));
  bundle->append(leaf_data.data(), leaf_data.size());
}

// The leaf data at `place` of a bundle; empty when there is none.
absl::string_view InBundle(absl::string_view bundle, size_t place) {
  constexpr size_t kStep = 2 + crypto::kHashBytes;
  return bundle.size() < (place + 1) * kStep ? absl::string_view()
                                             : bundle.substr(place * kStep + 2, crypto::kHashBytes);
}

}  // namespace

std::string TileName(absl::string_view level, uint64_t tile, int width) {
  std::string index = absl::StrFormat("%03d", tile % 1000);
  while (tile >= 1000) {
    tile /= 1000;
    index = absl::StrFormat("x%03d/%s", tile % 1000, index);
  }
  const std::string name = absl::StrCat("tile/", level, "/", index);
  return width == kTileWidth ? name : absl::StrCat(name, ".p/", width);
}

TilePublisher::TilePublisher(const Ledger* ledger, const Store* store, std::string directory)
    : ledger_(ledger), store_(store), directory_(std::move(directory)) {}

absl::Status TilePublisher::Publish() {
  const Ledger::Newest newest = ledger_->newest();
  const uint64_t size = newest.head.size;
  if (resumed_ && size == published_) return absl::OkStatus();
  if (!resumed_) {
    ABSL_ASSIGN_OR_RETURN(published_, PublishedSize(newest.head));
  }
  for (int level = 0; level < kTileLevels; ++level) {
    const uint64_t before = published_ >> (kLevelsPerTile * level);
    const uint64_t now = size >> (kLevelsPerTile * level);
    if (before == now) continue;
    for (uint64_t tile = before / kTileWidth; tile * kTileWidth < now; ++tile) {
      const uint64_t first = tile * kTileWidth;
      const int width = static_cast<int>(std::min<uint64_t>(kTileWidth, now - first));
      const int published_width = before > first ? static_cast<int>(before - first) : 0;
      ABSL_RETURN_IF_ERROR(WriteTile(level, tile, width, published_width));
    }
  }
  // Last: whoever sees it finds every tile that it covers.
  ABSL_RETURN_IF_ERROR(WriteFile(std::string(kCheckpoint), newest.checkpoint));
  resumed_ = true;
  published_ = size;
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> TilePublisher::PublishedSize(const LedgerHead& head) const {
  const std::string path = absl::StrCat(directory_, "/", kCheckpoint);
  const absl::StatusOr<std::string> note = ReadFile(path, kCheckpointBytes);
  if (absl::IsNotFound(note.status())) return 0;
  ABSL_RETURN_IF_ERROR(note.status());
  const std::optional<LedgerHead> published = ParseCheckpoint(*note, ledger_->origin());
  if (!published.has_value()) {
    return DataDamaged(absl::StrCat(path, " is not a checkpoint of ", ledger_->origin()));
  }
  if (published->size > head.size) {
    return DataDamaged(absl::StrCat(path, " covers ", published->size,
                                    " entries, but the ledger has ", head.size,
                                    ": it must not go on. Restore a copy that has them all, or "
                                    "close it and open a new origin that names the lost range"));
  }
  ABSL_ASSIGN_OR_RETURN(const std::string root,
                        merkle::RootAt(published->size, StoredNodes(store_, ledger_->number())));
  if (root != published->root) {
    return DataDamaged(absl::StrCat(path, " at ", published->size,
                                    " entries has another root than the ledger's first ",
                                    published->size, " of ", head.size));
  }
  return published->size;
}

absl::Status TilePublisher::WriteTile(int level, uint64_t tile, int width,
                                      int published_width) const {
  const uint64_t first = tile * kTileWidth;
  const int node_level = kLevelsPerTile * level;
  ABSL_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      store_->Scan(Table::kLedger, keys::Node(ledger_->number(), node_level, first),
                   keys::Node(ledger_->number(), node_level, first + width), width));
  std::vector<std::string> hashes;
  for (const Row& row : rows) {
    if (row.value.size() == crypto::kHashBytes) hashes.push_back(row.value);
  }
  if (hashes.size() != static_cast<size_t>(width)) {
    return DataDamaged(absl::StrCat("of nodes ", first, " to ", first + width - 1, " of level ",
                                    node_level, " only ", hashes.size(), " are stored"));
  }
  if (level == 0) {
    ABSL_ASSIGN_OR_RETURN(const std::string bundle, Bundle(tile, hashes, published_width));
    ABSL_RETURN_IF_ERROR(WriteTileFile(kEntries, tile, width, bundle));
  }
  std::string data;
  for (const std::string& hash : hashes) data += hash;
  return WriteTileFile(absl::StrCat(level), tile, width, data);
}

absl::StatusOr<std::string> TilePublisher::Bundle(uint64_t tile,
                                                  const std::vector<std::string>& leaves,
                                                  int published_width) const {
  const uint64_t first = tile * kTileWidth;
  const uint16_t number = ledger_->number();
  ABSL_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      store_->Scan(Table::kLedger, keys::Record(number, first),
                   keys::Record(number, first + leaves.size()), static_cast<int>(leaves.size())));
  // A record whose term ended lives on in the bundle that was published while it was there.
  std::string published;
  if (published_width > 0) {
    auto read = ReadFile(absl::StrCat(directory_, "/", TileName(kEntries, tile, published_width)),
                         64 * 1024);
    if (read.ok()) published = *std::move(read);
  }
  std::string bundle;
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (rows.size() <= i || rows[i].key != keys::Record(number, first + i)) {
      return DataDamaged(absl::StrCat("the record of ledger entry ", first + i, " is missing"));
    }
    if (!rows[i].value.empty()) {
      ABSL_ASSIGN_OR_RETURN(const storage::v1::RecordRow record,
                            CheckedRecord(first + i, rows[i].value, leaves[i]));
      AppendToBundle(LeafDataOf(record), &bundle);
      continue;
    }
    const absl::string_view leaf_data = InBundle(published, i);
    if (merkle::LeafHash(leaf_data) != leaves[i]) {
      return DataDamaged(absl::StrCat("the record of ledger entry ", first + i,
                                      " was deleted before it was published"));
    }
    AppendToBundle(leaf_data, &bundle);
  }
  return bundle;
}

absl::Status TilePublisher::WriteTileFile(absl::string_view level, uint64_t tile, int width,
                                          absl::string_view data) const {
  const std::string name = TileName(level, tile, width);
  ABSL_RETURN_IF_ERROR(WriteFile(name, data));
  if (width < kTileWidth) return absl::OkStatus();
  const std::string partial = absl::StrCat(directory_, "/", name, ".p");
  std::error_code error;
  std::filesystem::remove_all(partial, error);
  if (error) return InternalFault(absl::StrCat(partial, ": cannot remove: ", error.message()));
  return absl::OkStatus();
}

absl::Status TilePublisher::WriteFile(const std::string& name, absl::string_view data) const {
  const std::string path = absl::StrCat(directory_, "/", name);
  absl::Status status =
      MakeDirectories(std::filesystem::path(path).parent_path().string(), kDirectoryMode);
  if (status.ok()) status = AtomicWriteFile(path, data, kFileMode);
  return status.ok() ? status : InternalFault(status.message());
}

}  // namespace naru
