#ifndef NARU_CONSENT_LEDGER_TILE_PUBLISHER_H_
#define NARU_CONSENT_LEDGER_TILE_PUBLISHER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "consent/ledger/ledger.h"
#include "consent/store/store.h"

namespace naru {

// Publishes a ledger as plain files that any web server can serve (C2SP tlog-tiles):
//   <directory>/checkpoint
//   <directory>/tile/<level>/<index>[.p/<width>]     256 hashes a full tile
//   <directory>/tile/entries/<index>[.p/<width>]     leaf data: 32 bytes each, which say nothing
//                                                    about anyone
// Partial tiles of every published size stay until the full tile is there, so that a reader of an
// older checkpoint finds its own. Not thread-safe; the broker calls Publish once a second.
class TilePublisher {
 public:
  // `ledger` and `store` must outlive the publisher. Makes the directory.
  TilePublisher(const Ledger* ledger, const Store* store, std::string directory);

  // Writes every tile that grew since the last call, then the checkpoint, each whole or not at all.
  // After a restart it goes on where the published checkpoint stands. INTERNAL names the file that
  // could not be written. DATA_LOSS when the published checkpoint is not one of this ledger, with
  // the numbers, or when a stored entry does not match its leaf; nothing of that is published.
  // Call it before the first change after a start: a ledger that lost published entries must not
  // grow.
  absl::Status Publish();

 private:
  // Where the published checkpoint stands, once it is known to be of this ledger.
  absl::StatusOr<uint64_t> PublishedSize(const LedgerHead& head) const;
  absl::Status WriteTile(int level, uint64_t tile, int width, int published_width) const;
  absl::StatusOr<std::string> Bundle(uint64_t tile, const std::vector<std::string>& leaves,
                                     int published_width) const;
  // Writes a tile under its name and removes the partial ones that it replaces.
  absl::Status WriteTileFile(absl::string_view level, uint64_t tile, int width,
                             absl::string_view data) const;
  absl::Status WriteFile(const std::string& name, absl::string_view data) const;

  const Ledger* const ledger_;
  const Store* const store_;
  const std::string directory_;
  bool resumed_ = false;
  uint64_t published_ = 0;
};

// Name of a tile below the directory: `level` is a number or "entries", `width` 1 to 256.
std::string TileName(absl::string_view level, uint64_t tile, int width);

}  // namespace naru

#endif  // NARU_CONSENT_LEDGER_TILE_PUBLISHER_H_
