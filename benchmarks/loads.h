#ifndef NARU_BENCHMARKS_LOADS_H_
#define NARU_BENCHMARKS_LOADS_H_

#include <string>

// The loads that the program `load` has, one each function; all serve rounds (rounds.h) until
// standard input ends. `directory` is made and holds everything.
namespace naru {

// CheckConsent with `consents` stored. Rounds: "broker", and every peer that answers CheckConsent.
void CheckLoad(const std::string& directory, int consents);
// Durable decisions, 64 callers. Round: "broker"; `decisions` each, whatever its length.
void DecideLoad(const std::string& directory, int decisions);
// Inclusion proofs of decisions just made, one caller. Round: "broker".
void ProofLoad(const std::string& directory);
// Documents of 512 KiB, or of 200 MB. Rounds: "broker", and every peer that passes holder.v1 on.
void DocumentLoad(const std::string& directory, bool large);
// Open watches, and changes that reach them. Round: "broker".
void WatchLoad(const std::string& directory, int streams);
// Commits in this process, 64 waiting threads. Round: "journal".
void JournalLoad(const std::string& directory);
// Not a load: answers CheckConsent and does nothing for it, on "queues" or "callback".
void ServeEcho(const std::string& api, const std::string& certificate, const std::string& key,
               const std::string& ca);

}  // namespace naru

#endif  // NARU_BENCHMARKS_LOADS_H_
