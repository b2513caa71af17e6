#ifndef NARU_BROKER_BASE_RANDOM_H_
#define NARU_BROKER_BASE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace naru {

// Random bytes for ids, salts, nonces and keys. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;

  // `count` unpredictable bytes. Ends the process when the kernel gives none.
  virtual std::string Bytes(size_t count) = 0;

  // A number in [0, limit), without bias. `limit` is at least 1.
  uint64_t Below(uint64_t limit);

  // The kernel's generator (getrandom); lives for ever.
  static Random* System();
};

// Deterministic bytes from a seed, for tests alone. Thread-safe.
class FakeRandom : public Random {
 public:
  explicit FakeRandom(uint64_t seed = 1) : state_(seed) {}
  std::string Bytes(size_t count) override;

 private:
  absl::Mutex mu_;
  uint64_t state_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_RANDOM_H_
