#ifndef NARU_ADAPTERS_CLI_COMMANDS_H_
#define NARU_ADAPTERS_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>

#include "adapters/cli/session.h"

// The commands of naructl, by what they are about. Each adds its subcommands to `app`; `session`
// must outlive it.
namespace naru::cli {

void AddPersonCommands(CLI::App& app, Session* session);
// open, get, check, watch, cancel.
void AddConsentCommands(CLI::App* consent, Session* session);
// show, send-code, decide, withdraw, suspend, resume.
void AddCitizenCommands(CLI::App* consent, Session* session);
void AddFetchCommand(CLI::App& app, Session* session);
void AddHistoryCommands(CLI::App& app, Session* session);
void AddApprovalCommands(CLI::App& app, Session* session);
void AddLedgerCommands(CLI::App& app, Session* session);
void AddCatalogueCommands(CLI::App& app, Session* session);

}  // namespace naru::cli

#endif  // NARU_ADAPTERS_CLI_COMMANDS_H_
