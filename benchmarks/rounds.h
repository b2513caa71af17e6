#ifndef NARU_BENCHMARKS_ROUNDS_H_
#define NARU_BENCHMARKS_ROUNDS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

// How a load is driven: benchmarks/driver.py tells it, line by line, whose round is next, so that
// what is measured and what it is measured against take turns within one run.
namespace naru {

// Times of operations. Not thread-safe: each thread has its own, and they are added up at the end.
class Latencies {
 public:
  void Add(absl::Duration took);
  void Add(const Latencies& other);
  size_t count() const { return nanoseconds_.size(); }
  // The time that the part `q` (0 to 1) of all operations did not exceed; 0 without any.
  absl::Duration Percentile(double q) const;

 private:
  std::vector<int64_t> nanoseconds_;
};

// What one round measured.
struct Round {
  uint64_t operations = 0;
  uint64_t errors = 0;
  absl::Duration took;
  Latencies latencies;
  // Beside it, by name; times in milliseconds, memory in bytes.
  std::map<std::string, double> more;
};

struct RoundHandlers {
  // `peer NAME ADDRESS`: what is measured against listens there. May be unset.
  std::function<void(const std::string& name, const std::string& address)> peer;
  // `prepare NAME`: does what a round needs and does not measure. May be unset.
  std::function<void(const std::string& name)> prepare;
  // `round NAME SECONDS`: one round against the one of that name.
  std::function<Round(const std::string& name, absl::Duration length)> round;
};

// Prints `ready` (a JSON object that says what the driver must know), then does what standard input
// says until it ends. Each round's answer is one line of JSON; preparing answers {}.
void ServeRounds(const std::string& ready, const RoundHandlers& handlers);

// A JSON object of names and values, which must need no escape.
std::string JsonObject(const std::map<std::string, std::string>& values);

}  // namespace naru

#endif  // NARU_BENCHMARKS_ROUNDS_H_
