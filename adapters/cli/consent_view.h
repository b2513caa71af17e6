#ifndef NARU_ADAPTERS_CLI_CONSENT_VIEW_H_
#define NARU_ADAPTERS_CLI_CONSENT_VIEW_H_

#include "adapters/cli/printer.h"
#include "naru/v1/consent_service.pb.h"

namespace naru::cli {

// Prints a consent for people: head, then its papers with their decisions. Numbers of subjects are
// not printed.
void ShowConsentFields(Printer& printer, const v1::Consent& consent);

}  // namespace naru::cli

#endif  // NARU_ADAPTERS_CLI_CONSENT_VIEW_H_
