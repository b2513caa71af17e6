// naru-notify: hands the broker's messages to a spool folder, at least once each. The steps of
// Notify() are the program: open the folder and the cursor, reach the broker, carry.

#include <glog/logging.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/base/program.h"
#include "adapters/notify/backoff.h"
#include "adapters/notify/cursor_file.h"
#include "adapters/notify/dead_letters.h"
#include "adapters/notify/notifier.h"
#include "adapters/notify/notify_config.h"
#include "adapters/notify/notify_metrics.h"
#include "adapters/notify/spool_gateway.h"
#include "broker/base/clock.h"
#include "broker/base/command_line.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "broker/base/log.h"
#include "broker/base/ops/ops_server.h"
#include "broker/base/random.h"
#include "broker/base/status_macros.h"
#include "naru/v1/message_service.grpc.pb.h"

namespace naru {
namespace {

constexpr char kProgram[] = "naru-notify";
// --once: how long the broker may take to be there, and when nothing more is to be expected.
constexpr absl::Duration kConnect = absl::Seconds(10);
constexpr absl::Duration kQuiet = absl::Seconds(2);

absl::Status DrainOnce(grpc::Channel& channel, Notifier& notifier) {
  if (!channel.WaitForConnected(DeadlineAfter(kConnect))) {
    return absl::UnavailableError("the broker cannot be reached");
  }
  return notifier.Drain(kQuiet);
}

absl::Status CarryUntilSignal(const EndSignals& end_signals, Notifier& notifier) {
  LOG(INFO) << kProgram << " follows the feed";
  std::thread carrier([&notifier] { notifier.Run(); });
  end_signals.Wait();
  LOG(INFO) << kProgram << " ends";
  notifier.Stop();
  carrier.join();
  return absl::OkStatus();
}

// `end_signals`: nothing for once.
absl::Status Notify(const NotifyConfigFile& file, const std::optional<EndSignals>& end_signals) {
  const config::v1::NotifyConfig& config = file.message();
  ABSL_ASSIGN_OR_RETURN(const auto gateway, SpoolGateway::Open(config.spool_directory()));
  ABSL_ASSIGN_OR_RETURN(CursorFile cursor, CursorFile::Open(config.cursor_file()));
  ABSL_ASSIGN_OR_RETURN(const auto channel,
                        ChannelTo(config.broker_address(), config.tls(), config.broker_identity()));
  const auto broker = v1::MessageService::NewStub(channel);

  DeadLetters dead_letters(config.spool_directory() + "/dead");
  Backoff backoff(Random::System(), limits::kNotifierRetryFirst, limits::kNotifierRetryMost);
  NotifyMetrics metrics;
  ABSL_ASSIGN_OR_RETURN(const auto ops,
                        OpsServer::Start({config.ops_address(), kProgram,
                                          config.tls().certificate_file(), metrics.registry()}));
  ABSL_RETURN_IF_ERROR(WritePorts(config.ports_file(), "", ops == nullptr ? "" : ops->address()));
  Notifier notifier(
      {broker.get(), gateway.get(), &dead_letters, &cursor, &backoff, &metrics, Clock::Real()});
  return end_signals.has_value() ? CarryUntilSignal(*end_signals, notifier)
                                 : DrainOnce(*channel, notifier);
}

// All that Notify opens, but nothing is made or changed.
absl::Status Check(const NotifyConfigFile& file) {
  const config::v1::NotifyConfig& config = file.message();
  ABSL_RETURN_IF_ERROR(CursorFile::Open(config.cursor_file()).status());
  ABSL_RETURN_IF_ERROR(
      ChannelTo(config.broker_address(), config.tls(), config.broker_identity()).status());
  std::cout << file.name() << ": OK\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  std::string config_path;
  bool check = false;
  bool once = false;
  CommandLine line(
      kProgram,
      "Hands the broker's messages to a spool folder, one file each, at least once. Messages that\n"
      "nobody can deliver go to its folder dead/.");
  Command program = line.program();
  program.Add("--config", &config_path, "configuration file (naru.config.v1.NotifyConfig)")
      .Required();
  const auto check_flag = program.AddFlag(
      "--check", &check,
      "check the configuration, certificates and cursor, and end; an error names file, "
      "line and field");
  program
      .AddFlag("--once", &once, "hand over what is there and end once nothing came for two seconds")
      .Excludes(check_flag);
  if (const auto exit_status = line.Parse(argc, argv, kExitBadArguments)) return *exit_status;
  const absl::StatusOr<NotifyConfigFile> file = LoadNotifyConfig(config_path);
  if (!file.ok()) return ExitWith(kProgram, file.status());
  if (check) return ExitWith(kProgram, Check(*file));
  std::optional<EndSignals> end_signals;
  if (!once) end_signals.emplace();
  return ExitWith(kProgram, Notify(*file, end_signals));
}

}  // namespace
}  // namespace naru

int main(int argc, char** argv) {
  naru::InitLogging(argv[0]);
  return naru::Main(argc, argv);
}
