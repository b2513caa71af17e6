#include "benchmarks/rounds.h"

#include <glog/logging.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace naru {
namespace {

std::string ToJson(const Round& round) {
  std::string json =
      absl::StrCat(R"({"operations":)", round.operations, R"(,"errors":)", round.errors,
                   R"(,"seconds":)", absl::ToDoubleSeconds(round.took), R"(,"p50_ms":)",
                   absl::ToDoubleMilliseconds(round.latencies.Percentile(0.50)), R"(,"p99_ms":)",
                   absl::ToDoubleMilliseconds(round.latencies.Percentile(0.99)));
  for (const auto& [name, value] : round.more) absl::StrAppend(&json, ",\"", name, "\":", value);
  return json + "}";
}

}  // namespace

void Latencies::Add(absl::Duration took) { nanoseconds_.push_back(absl::ToInt64Nanoseconds(took)); }

void Latencies::Add(const Latencies& other) {
  nanoseconds_.insert(nanoseconds_.end(), other.nanoseconds_.begin(), other.nanoseconds_.end());
}

absl::Duration Latencies::Percentile(double q) const {
  if (nanoseconds_.empty()) return absl::ZeroDuration();
  std::vector<int64_t> sorted = nanoseconds_;
  const auto rank = static_cast<size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  const size_t index = std::min(sorted.size() - 1, rank == 0 ? 0 : rank - 1);
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(index), sorted.end());
  return absl::Nanoseconds(sorted[index]);
}

void ServeRounds(const std::string& ready, const RoundHandlers& handlers) {
  std::cout << ready << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    double seconds = 0;
    if (words.size() == 3 && words[0] == "peer" && handlers.peer) {
      handlers.peer(words[1], words[2]);
    } else if (words.size() == 2 && words[0] == "prepare") {
      if (handlers.prepare) handlers.prepare(words[1]);
      std::cout << "{}" << std::endl;
    } else if (words.size() == 3 && words[0] == "round" && absl::SimpleAtod(words[2], &seconds)) {
      std::cout << ToJson(handlers.round(words[1], absl::Seconds(seconds))) << std::endl;
    } else {
      LOG(FATAL) << "no such command: " << line;
    }
  }
}

std::string JsonObject(const std::map<std::string, std::string>& values) {
  return absl::StrCat("{\"", absl::StrJoin(values, "\",\"", absl::PairFormatter("\":\"")), "\"}");
}

}  // namespace naru
