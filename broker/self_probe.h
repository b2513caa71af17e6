#ifndef NARU_BROKER_SELF_PROBE_H_
#define NARU_BROKER_SELF_PROBE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/probe_judge.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// Calls the broker's own listener as a client would, over a new connection each time. Debian's gRPC
// never accepts again after one failed accept (CVE-2023-4785, descriptors exhausted) while the
// process lives on and looks well; only a probe from outside notices. A listener that is slow is
// not deaf: see ProbeJudge. Thread-safe.
class SelfProbe {
 public:
  static constexpr absl::Duration kInterval = absl::Seconds(1);
  static constexpr absl::Duration kDeadline = absl::Seconds(4);

  struct Options {
    std::string address;  // Of the own listener.
    config::v1::TlsFiles tls;
    std::string identity;  // The own URI SAN.
    const Clock* clock = nullptr;
    Timer* timer = nullptr;
    std::function<void()> on_failure;  // Each probe that was not answered in time.
    std::function<void()> on_deaf;     // Once, then no more probes; the broker ends the process.
  };

  // Starts probing. `clock` and `timer` must outlive the probe.
  explicit SelfProbe(Options options);
  // Stops; a probe under way is given up.
  ~SelfProbe();

 private:
  struct State;
  static void Schedule(const std::shared_ptr<State>& state);
  static void Probe(const std::shared_ptr<State>& state);
  static void Finished(const std::shared_ptr<State>& state, ProbeResult result);

  std::shared_ptr<State> state_;
};

}  // namespace naru

#endif  // NARU_BROKER_SELF_PROBE_H_
