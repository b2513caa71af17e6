#include "broker/base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <limits>

#include "glog/logging.h"

namespace naru {
namespace {

class SystemRandom : public Random {
 public:
  std::string Bytes(size_t count) override {
    std::string bytes(count, '\0');
    size_t filled = 0;
    while (filled < count) {
      const ssize_t got = getrandom(&bytes[filled], count - filled, 0);
      if (got > 0) {
        filled += static_cast<size_t>(got);
      } else {
        // Going on with a guessable id or nonce would be worse than stopping.
        PCHECK(got < 0 && errno == EINTR) << "getrandom";
      }
    }
    return bytes;
  }
};

uint64_t SplitMix64(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

uint64_t Random::Below(uint64_t limit) {
  CHECK_GE(limit, 1u);
  // 2^64 mod limit: that many of the lowest values are dropped, so that a multiple of `limit`
  // values stays and each remainder is equally likely.
  const uint64_t surplus = (std::numeric_limits<uint64_t>::max() % limit + 1) % limit;
  while (true) {
    uint64_t value;
    const std::string bytes = Bytes(sizeof(value));
    std::memcpy(&value, bytes.data(), sizeof(value));
    if (value >= surplus) return value % limit;
  }
}

Random* Random::System() {
  static Random* const random = new SystemRandom;
  return random;
}

std::string FakeRandom::Bytes(size_t count) {
  absl::MutexLock lock(&mu_);
  std::string bytes;
  bytes.reserve(count + sizeof(uint64_t));
  while (bytes.size() < count) {
    const uint64_t word = SplitMix64(&state_);
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(word >> shift));
  }
  bytes.resize(count);
  return bytes;
}

}  // namespace naru
