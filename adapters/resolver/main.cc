// naru-resolver: says who a person is who shows a document, and exchanges numbers for those who may
// know them. The steps of Serve() are the program: open the persons, reach the broker, serve, wait
// for the signal to end.

#include <glog/logging.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "adapters/base/program.h"
#include "adapters/resolver/broker_history.h"
#include "adapters/resolver/identity_service.h"
#include "adapters/resolver/look_up_limiter.h"
#include "adapters/resolver/person_register.h"
#include "adapters/resolver/resolver_config.h"
#include "adapters/resolver/resolver_metrics.h"
#include "adapters/resolver/resolver_rights.h"
#include "broker/base/clock.h"
#include "broker/base/command_line.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "broker/base/log.h"
#include "broker/base/ops/ops_server.h"
#include "broker/base/status_macros.h"
#include "broker/base/thread_pool.h"

namespace naru {
namespace {

constexpr char kProgram[] = "naru-resolver";
// What is under way when the program is told to end has so long; longer than the broker's entry.
constexpr absl::Duration kGrace = absl::Seconds(10);

absl::Status Serve(const ResolverConfigFile& file, const EndSignals& end_signals) {
  const config::v1::ResolverConfig& config = file.message();
  ABSL_ASSIGN_OR_RETURN(const ResolverRights rights, ResolverRights::Create(config));
  ABSL_ASSIGN_OR_RETURN(const auto persons, PersonRegister::Open(config.connection()));
  ABSL_ASSIGN_OR_RETURN(const auto credentials, ServerCredentials(config.tls()));
  // Connects with the first look-up: the broker may start later.
  ABSL_ASSIGN_OR_RETURN(const auto channel,
                        ChannelTo(config.broker_address(), config.tls(), config.broker_identity()));

  BrokerHistory history(channel);
  LookUpLimiter limiter(Clock::Real(), rights.requesters());
  ThreadPool reads("resolver-reads", static_cast<int>(persons->connections()));
  ResolverMetrics metrics;
  IdentityServiceImpl service(
      {&rights, persons.get(), &history, &limiter, &reads, &metrics, Clock::Real()});

  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  SetServerBounds(builder, limits::kRequestBytes);
  int port = 0;
  builder.AddListeningPort(config.listen_address(), credentials, &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(absl::StrCat(config.listen_address(), ": cannot listen"));
  }
  const std::string address = WithPort(config.listen_address(), port);
  ABSL_ASSIGN_OR_RETURN(const auto ops,
                        OpsServer::Start({config.ops_address(), kProgram,
                                          config.tls().certificate_file(), metrics.registry()}));
  ABSL_RETURN_IF_ERROR(
      WritePorts(config.ports_file(), address, ops == nullptr ? "" : ops->address()));
  LOG(INFO) << kProgram << " listens on " << address;

  end_signals.Wait();
  LOG(INFO) << kProgram << " ends";
  server->Shutdown(absl::ToChronoTime(Clock::Real()->Now() + kGrace));
  return absl::OkStatus();
}

// All that Serve opens, but for the port.
absl::Status Check(const ResolverConfigFile& file) {
  const config::v1::ResolverConfig& config = file.message();
  ABSL_RETURN_IF_ERROR(ResolverRights::Create(config).status());
  ABSL_RETURN_IF_ERROR(PersonRegister::Open(config.connection()).status());
  ABSL_RETURN_IF_ERROR(ServerCredentials(config.tls()).status());
  std::cout << file.name() << ": OK: " << config.requesters_size() << " requester(s), "
            << config.holders_size() << " holder right(s)\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  std::string config_path;
  bool check = false;
  CommandLine line(
      kProgram,
      "Says who a person is who shows a document at a counter, and exchanges numbers for those "
      "who\n"
      "may know them. Keeps nothing; every look-up is entered with the broker before its answer.");
  Command program = line.program();
  program.Add("--config", &config_path, "configuration file (naru.config.v1.ResolverConfig)")
      .Required();
  program.AddFlag("--check", &check,
                  "check the configuration, its database and certificates, and end; an error names "
                  "file, line and field");
  if (const auto exit_status = line.Parse(argc, argv, kExitBadArguments)) return *exit_status;
  const EndSignals end_signals;
  const absl::StatusOr<ResolverConfigFile> file = LoadResolverConfig(config_path);
  if (!file.ok()) return ExitWith(kProgram, file.status());
  return ExitWith(kProgram, check ? Check(*file) : Serve(*file, end_signals));
}

}  // namespace
}  // namespace naru

int main(int argc, char** argv) {
  naru::InitLogging(argv[0]);
  return naru::Main(argc, argv);
}
