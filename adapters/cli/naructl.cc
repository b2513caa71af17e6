#include "adapters/cli/naructl.h"

#include <CLI/CLI.hpp>

#include "adapters/cli/commands.h"
#include "adapters/cli/session.h"

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
  CLI::App app(kPurpose, "naructl");
  app.require_subcommand(1);
  app.fallthrough();
  Session session(&in, &out, &err);
  session.AddOptions(app);
  AddPersonCommands(app, &session);
  CLI::App* const consent = app.add_subcommand("consent", "consents");
  consent->require_subcommand(1)->fallthrough();
  AddConsentCommands(consent, &session);
  AddCitizenCommands(consent, &session);
  AddFetchCommand(app, &session);
  AddHistoryCommands(app, &session);
  AddApprovalCommands(app, &session);
  AddLedgerCommands(app, &session);
  AddCatalogueCommands(app, &session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? kExitOk : kExitError;
  }
  return session.Run();
}

}  // namespace naru::cli
