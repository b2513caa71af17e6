#ifndef NARU_BROKER_PROOF_BODY_DIGESTER_H_
#define NARU_BROKER_PROOF_BODY_DIGESTER_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "broker/proof/crypto.h"
#include "naru/holder/v1/holder_service.pb.h"

namespace naru {

// The size of the chunks of a body of `size_bytes`: 64 KiB, or the smallest larger power of two
// that needs no more than 4,096 of them; 0 when a chunk would be larger than 1 MiB.
uint32_t ChunkBytesFor(uint64_t size_bytes);
// How many chunks of `chunk_bytes` (not 0) a body has.
uint64_t ChunksOf(uint64_t size_bytes, uint32_t chunk_bytes);

// Digests a body that is read piece by piece, so that it is never held whole. Not thread-safe.
class BodyDigester {
 public:
  // A body that is too large for every chunk size gets a header that no check takes.
  explicit BodyDigester(uint64_t size_bytes);

  // The size of every piece but the last, which may be smaller.
  uint32_t chunk_bytes() const { return chunk_bytes_; }
  void Add(absl::string_view chunk);
  // Sets size_bytes, body_sha256, chunk_size_bytes and chunk_sha256. The digester is then used up.
  void Finish(holder::v1::DocumentHeader& header);

 private:
  const uint32_t chunk_bytes_;
  uint64_t bytes_ = 0;
  crypto::Sha256Stream whole_;
  holder::v1::DocumentHeader digests_;
};

}  // namespace naru

#endif  // NARU_BROKER_PROOF_BODY_DIGESTER_H_
