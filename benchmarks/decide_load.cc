#include <glog/logging.h>

#include <utility>
#include <vector>

#include "benchmarks/bench_site.h"
#include "benchmarks/loads.h"
#include "broker/base/clock.h"

namespace naru {
namespace {

// A proof of an entry that was just made: the newest checkpoint, and the path to it.
absl::Status Prove(BenchSite& bench, uint64_t index) {
  TestPeer& peer = bench.clients().As(kCitizenParty);
  auto newest = peer.Call(&v1::LedgerService::Stub::GetCheckpoint, v1::GetCheckpointRequest());
  if (!newest.ok()) return newest.status();
  auto checkpoint = bench.site().verifier().Verify(newest->checkpoint());
  if (!checkpoint.ok()) return checkpoint.status();
  if (checkpoint->size <= index) return absl::DataLossError("the checkpoint has no such entry");
  v1::GetInclusionProofRequest request;
  request.set_index(index);
  request.set_tree_size(checkpoint->size);
  auto path = peer.Call(&v1::LedgerService::Stub::GetInclusionProof, request);
  if (!path.ok()) return path.status();
  return path->path().empty() ? absl::DataLossError("no path") : absl::OkStatus();
}

}  // namespace

void DecideLoad(const std::string& directory, int decisions) {
  BenchSite bench({directory});
  std::vector<v1::DecideConsentRequest> prepared;
  RoundHandlers handlers;
  handlers.prepare = [&](const std::string&) {
    prepared = bench.Agreements(bench.Open(decisions, kAbstract));
  };
  handlers.round = [&](const std::string&, absl::Duration) {
    return bench.Decide(std::exchange(prepared, {}));
  };
  ServeRounds(bench.Ready(), handlers);
}

void ProofLoad(const std::string& directory) {
  BenchSite bench({directory});
  // A ledger of some height.
  bench.Granted(5000, kAbstract);
  RoundHandlers handlers;
  handlers.round = [&](const std::string&, absl::Duration length) {
    Round round;
    TestPeer& peer = bench.clients().As(kCitizenParty);
    const absl::Duration start = Clock::Real()->Monotonic();
    while (Clock::Real()->Monotonic() - start < length) {
      const auto decision = bench.Agreements(bench.Open(1, kAbstract)).front();
      const auto decided = peer.Call(&v1::ConsentService::Stub::DecideConsent, decision);
      CHECK(decided.ok() && decided->has_decided()) << decided.status();
      const absl::Duration committed = Clock::Real()->Monotonic();
      const absl::Status proved = Prove(bench, decided->decided().ledger_index());
      round.latencies.Add(Clock::Real()->Monotonic() - committed);
      ++round.operations;
      if (!proved.ok()) ++round.errors;
    }
    round.took = Clock::Real()->Monotonic() - start;
    return round;
  };
  ServeRounds(bench.Ready(), handlers);
}

}  // namespace naru
