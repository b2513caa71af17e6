// naru-broker: consents, releases and the ledger, served over gRPC with mutual TLS.

#include <signal.h>

#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "broker/adopt_head.h"
#include "broker/base/command_line.h"
#include "broker/base/log.h"
#include "broker/broker_config.h"
#include "broker/server.h"

namespace naru {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitBadArguments = 2;
// Told apart from other ends by whoever restarts the broker: see SelfProbe.
constexpr int kExitDeaf = 3;
constexpr absl::Duration kGrace = absl::Seconds(10);

// Keeps the signals from every thread, so that the main thread alone takes them. Before the first
// thread.
sigset_t BlockEndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void SayWhatWasFound(const Server& server, bool development) {
  const Server::Found& found = server.found();
  std::cout << "naru-broker: ledger of " << found.entries << " entries, root " << found.root_hex
            << (found.created ? " (new)" : "") << "\n"
            << "naru-broker: catalogue generation " << found.generation << " in force"
            << (found.catalogue_file_differs ? "; catalogue_file is another and does not count"
                                             : "")
            << "\n";
  if (development) {
    std::cout << "naru-broker: DEVELOPMENT: identity providers for development count\n";
  }
  std::cout << "naru-broker: direct mode, for closed networks; gRPC with mutual TLS on "
            << server.grpc_address() << ", operator on http://" << server.ops_address()
            << "/metrics\n"
            << std::flush;
}

// Once, on purpose, and never as part of serving.
int Adopt(const config::v1::BrokerConfig& config) {
  const absl::StatusOr<AdoptedLedger> adopted = AdoptWithoutHead(config);
  if (!adopted.ok()) {
    std::cerr << "naru-broker: " << adopted.status().message() << "\n";
    return kExitFailed;
  }
  std::cout << "naru-broker: adopted a ledger of " << adopted->entries << " entries, root "
            << adopted->root_hex << "\n"
            << "naru-broker: compare them with the last published checkpoint before you start the "
               "broker: what the store lost before now is not noticed any more\n";
  return 0;
}

int Run(const std::string& config_file, bool development, bool check, bool adopt) {
  const sigset_t signals = BlockEndSignals();
  auto config = LoadBrokerConfig(config_file);
  if (!config.ok()) {
    std::cerr << "naru-broker: " << config.status().message() << "\n";
    return kExitBadArguments;
  }
  if (check) {
    std::cout << "naru-broker: " << config_file << " is good\n";
    return 0;
  }
  if (adopt) return Adopt(*config);
  Server::Options options;
  options.config = *std::move(config);
  options.development = development;
  // Nothing is lost: what was acknowledged is durable. An orderly end needs the listener that is
  // deaf.
  options.on_deaf = [] { _exit(kExitDeaf); };
  auto server = Server::Start(std::move(options));
  if (!server.ok()) {
    std::cerr << "naru-broker: " << server.status().message() << "\n";
    return kExitFailed;
  }
  SayWhatWasFound(**server, development);
  int signal = 0;
  sigwait(&signals, &signal);
  std::cout << "naru-broker: ending\n" << std::flush;
  (*server)->Shutdown(kGrace);
  return 0;
}

}  // namespace
}  // namespace naru

int main(int argc, char** argv) {
  naru::InitLogging(argv[0]);
  naru::CommandLine line(
      "naru-broker",
      "Naru's broker: records citizens' consents, releases documents under them, and proves both.\n"
      "Ends with 0 when told to, 1 when it cannot start, 2 for bad arguments or configuration,\n"
      "3 when its listener went deaf and it must be started again.");
  naru::Command program = line.program();
  std::string config;
  bool development = false;
  bool check = false;
  bool adopt = false;
  program.Add("--config", &config, "BrokerConfig as textproto").Required();
  program.AddFlag("--development", &development,
                  "let identity providers marked development count; never in production");
  const auto check_flag = program.AddFlag("--check", &check, "check the configuration and end");
  program
      .AddFlag(
          "--adopt-without-head", &adopt,
          "HEAD is lost for good: make a new one for the store as it is, say the ledger's size\n"
          "and root, and end. Compare them with the last published checkpoint")
      .Excludes(check_flag);
  if (const auto exit_status = line.Parse(argc, argv, naru::kExitBadArguments)) return *exit_status;
  return naru::Run(config, development, check, adopt);
}
