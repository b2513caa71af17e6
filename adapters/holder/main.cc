// naru-holder: serves one agency's registers as documents to the broker. The steps of Serve() are
// the program: read the configuration, open the registers, open what proves releases, serve, wait
// for the signal to end.

#include <glog/logging.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "adapters/base/program.h"
#include "adapters/holder/holder_config.h"
#include "adapters/holder/holder_metrics.h"
#include "adapters/holder/holder_service.h"
#include "adapters/holder/reload.h"
#include "broker/base/clock.h"
#include "broker/base/command_line.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "broker/base/log.h"
#include "broker/base/ops/ops_server.h"
#include "broker/base/random.h"
#include "broker/base/status_macros.h"
#include "broker/base/thread_pool.h"
#include "broker/base/thread_timer.h"

namespace naru {
namespace {

constexpr int kProofThreads = 4;
// What is under way when the program is told to end has so long.
constexpr absl::Duration kGrace = absl::Seconds(10);

absl::StatusOr<std::unique_ptr<CheckpointKeeper>> OpenCheckpoints(
    const config::v1::HolderConfig& config) {
  ABSL_ASSIGN_OR_RETURN(CheckpointVerifier verifier,
                        CheckpointVerifier::Create({config.ledger_verifier_keys().begin(),
                                                    config.ledger_verifier_keys().end()}));
  return CheckpointKeeper::Open(config.checkpoint_file(), std::move(verifier));
}

absl::Status Serve(HolderConfigFile file, const EndSignals& end_signals) {
  const config::v1::HolderConfig config = file.message();
  HolderMetrics metrics;
  const AnswerTools tools{Clock::Real(), Random::System(), &metrics};
  ABSL_ASSIGN_OR_RETURN(auto maker, OpenAnswers(file, tools));
  ABSL_ASSIGN_OR_RETURN(const auto checkpoints, OpenCheckpoints(config));
  ABSL_ASSIGN_OR_RETURN(const auto credentials, ServerCredentials(config.tls()));
  ABSL_ASSIGN_OR_RETURN(const PeerIdentity broker, ParseIdentity(config.broker_identity()));

  ThreadPool reads("holder-reads", static_cast<int>(maker->connections()));
  ThreadPool proofs("holder-proofs", kProofThreads);
  ThreadTimer timer(&proofs);
  AnswerSource answers(std::move(maker));
  Reload reload(std::move(file), &answers, tools, &timer);
  const int documents_max =
      config.max_documents() == 0 ? limits::kHolderDocuments : config.max_documents();
  HolderService service(
      broker, documents_max,
      {&answers, checkpoints.get(), &metrics, &reads, &proofs, &timer, Clock::Real()});

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
  ABSL_ASSIGN_OR_RETURN(const auto ops,
                        OpsServer::Start({config.ops_address(), "naru-holder",
                                          config.tls().certificate_file(), metrics.registry()}));
  const std::string grpc_address = WithPort(config.listen_address(), port);
  ABSL_RETURN_IF_ERROR(
      WritePorts(config.ports_file(), grpc_address, ops == nullptr ? "" : ops->address()));
  LOG(INFO) << "naru-holder of " << config.agency() << " listens on " << grpc_address;

  reload.Watch();
  // What is no good is logged, and changes nothing.
  while (end_signals.Wait()) reload.Now().IgnoreError();
  LOG(INFO) << "naru-holder ends";
  server->Shutdown(absl::ToChronoTime(Clock::Real()->Now() + kGrace));
  return absl::OkStatus();
}

absl::Status Check(const HolderConfigFile& file) {
  ABSL_RETURN_IF_ERROR(OpenRegisters(file).status());
  int kinds = 0;
  int queries = 0;
  for (const config::v1::SqlRegister& source : file.message().registers()) {
    kinds += source.documents_size();
    for (const config::v1::SqlDocument& document : source.documents()) {
      queries += 1 + document.lists_size();
    }
  }
  const config::v1::HolderConfig& config = file.message();
  for (const config::v1::FolderRegister& folder : config.folders()) {
    kinds += folder.documents_size();
  }
  for (const config::v1::HttpRegister& service : config.http_registers()) {
    kinds += service.documents_size();
  }
  const int registers =
      config.registers_size() + config.folders_size() + config.http_registers_size();
  std::cout << file.name() << ": OK: " << registers << " register(s), " << kinds << " kind(s), "
            << queries << " queries\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  std::string config_path;
  bool check = false;
  CommandLine line(
      "naru-holder",
      "Serves one agency's registers as documents to the Naru broker.\n"
      "What it serves is configuration (naru.config.v1.HolderConfig as textproto).\n"
      "\n"
      "A changed configuration or signing key is taken within seconds, and on SIGHUP;\n"
      "documents under way end as they began. What is no good is logged with its line\n"
      "and changes nothing. TLS files are watched too; other settings need a restart.\n"
      "\n"
      "ops_address serves /metrics: naru_holder_answers_total{kind,status},\n"
      "_answer_seconds{kind}, _bodies_total{kind}, _body_bytes_total{kind},\n"
      "_failures_total{reason}, _reloads_total{result}, _documents_under_way,\n"
      "_overloaded_total, _abandoned_total, _callers_refused_total and\n"
      "_proceeds_refused_total. Two must be 0: _mismatches_total (a record of somebody\n"
      "else) and _stray_numbers_total{kind} (a document that showed a resident number\n"
      "where none may be). Either is a fault of the register; nothing of it was sent.");
  Command program = line.program();
  program.Add("--config", &config_path, "configuration file").Required();
  program.AddFlag("--check", &check,
                  "check the configuration, its databases, queries, columns, manifests and files, "
                  "and end; an error names file, line and field");
  if (const auto exit_status = line.Parse(argc, argv, kExitBadArguments)) return *exit_status;
  const EndSignals end_signals(/*with_hang_up=*/true);
  absl::StatusOr<HolderConfigFile> file = LoadHolderConfig(config_path);
  absl::Status status = file.status();
  if (status.ok()) status = check ? Check(*file) : Serve(*std::move(file), end_signals);
  return ExitWith("naru-holder", status);
}

}  // namespace
}  // namespace naru

int main(int argc, char** argv) {
  naru::InitLogging(argv[0]);
  return naru::Main(argc, argv);
}
