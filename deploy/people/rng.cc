#include "deploy/people/rng.h"

#include "glog/logging.h"

namespace naru::people {
namespace {

// The finaliser of splitmix64: neighbouring seeds and streams must not give similar engines.
uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace

Rng::Rng(uint64_t seed, uint64_t stream) : engine_(Mix(Mix(seed) ^ stream)) {}

int64_t Rng::Between(int64_t low, int64_t high) {
  CHECK_LE(low, high);
  const uint64_t width = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  if (width == 0) return static_cast<int64_t>(Next());  // All 64-bit numbers.
  // Draws past the last whole multiple of `width` would make small numbers likelier.
  const uint64_t limit = UINT64_MAX - UINT64_MAX % width;
  uint64_t drawn = Next();
  while (drawn >= limit) drawn = Next();
  return static_cast<int64_t>(static_cast<uint64_t>(low) + drawn % width);
}

}  // namespace naru::people
