#ifndef NARU_ADAPTERS_CLI_COMMANDS_H_
#define NARU_ADAPTERS_CLI_COMMANDS_H_

#include "adapters/cli/session.h"
#include "broker/base/command_line.h"

// The commands of naructl, by what they are about. Each adds its own to the one given; `session`
// must outlive it.
namespace naru::cli {

void AddPersonCommands(Command program, Session* session);
// open, get, check, watch, cancel.
void AddConsentCommands(Command consent, Session* session);
// show, send-code, decide, withdraw, suspend, resume.
void AddCitizenCommands(Command consent, Session* session);
void AddFetchCommand(Command program, Session* session);
void AddHistoryCommands(Command program, Session* session);
void AddApprovalCommands(Command program, Session* session);
void AddLedgerCommands(Command program, Session* session);
void AddCatalogueCommands(Command program, Session* session);
// get, sign, apply.
void AddSignedCatalogueCommands(Command catalogue, Session* session);

}  // namespace naru::cli

#endif  // NARU_ADAPTERS_CLI_COMMANDS_H_
