#include "adapters/cli/naructl.h"

#include "adapters/cli/commands.h"
#include "adapters/cli/session.h"
#include "broker/base/command_line.h"

namespace naru::cli {
namespace {

constexpr char kPurpose[] =
    "Talks to a Naru broker for operators, agency developers and auditors. It has no power of its\n"
    "own: what it may do, the role of the certificate in --config says.\n"
    "Exit status: 0 done, 1 error, 2 refused. Numbers of persons, codes and assertions are read\n"
    "from files (\"-\" for standard input), because arguments can be seen by others.";

}  // namespace

int RunNaructl(int argc, const char* const* argv, std::istream& in, std::ostream& out,
               std::ostream& err) {
  CommandLine line("naructl", kPurpose);
  Command program = line.program();
  program.NeedsCommand();
  Session session(&in, &out, &err);
  session.AddOptions(program);
  AddPersonCommands(program, &session);
  Command consent = program.AddCommand("consent", "consents");
  consent.NeedsCommand();
  AddConsentCommands(consent, &session);
  AddCitizenCommands(consent, &session);
  AddFetchCommand(program, &session);
  AddHistoryCommands(program, &session);
  AddApprovalCommands(program, &session);
  AddLedgerCommands(program, &session);
  AddCatalogueCommands(program, &session);
  if (const auto exit_status = line.Parse(argc, argv, kExitError, out, err)) return *exit_status;
  return session.Run();
}

}  // namespace naru::cli
