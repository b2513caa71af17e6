#include "broker/proof/body_digester.h"

#include <algorithm>

#include "broker/base/limits.h"

namespace naru {

uint64_t ChunksOf(uint64_t size_bytes, uint32_t chunk_bytes) {
  return size_bytes / chunk_bytes + (size_bytes % chunk_bytes == 0 ? 0 : 1);
}

uint32_t ChunkBytesFor(uint64_t size_bytes) {
  for (uint32_t bytes = limits::kChunkBytes; bytes <= limits::kChunkBytesMax; bytes *= 2) {
    if (ChunksOf(size_bytes, bytes) <= limits::kChunksPerDocument) return bytes;
  }
  return 0;
}

BodyDigester::BodyDigester(uint64_t size_bytes)
    : chunk_bytes_(std::max(ChunkBytesFor(size_bytes), limits::kChunkBytes)) {}

void BodyDigester::Add(absl::string_view chunk) {
  bytes_ += chunk.size();
  whole_.Update(chunk);
  digests_.add_chunk_sha256(crypto::Sha256(chunk));
}

void BodyDigester::Finish(holder::v1::DocumentHeader& header) {
  header.set_size_bytes(bytes_);
  header.set_body_sha256(whole_.Finish());
  header.set_chunk_size_bytes(chunk_bytes_);
  header.mutable_chunk_sha256()->Swap(digests_.mutable_chunk_sha256());
}

}  // namespace naru
