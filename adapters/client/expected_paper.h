#ifndef NARU_ADAPTERS_CLIENT_EXPECTED_PAPER_H_
#define NARU_ADAPTERS_CLIENT_EXPECTED_PAPER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "adapters/client/client_catalogue.h"
#include "broker/proof/document_header.h"
#include "naru/v1/document_service.pb.h"

namespace naru::client {

// What the requester itself knows of a fetch, before any answer.
struct OwnFetch {
  std::string requester;  // Own agency code.
  std::string nonce;      // Made here.
  v1::Subject person;     // Type PERSON, CI.
  std::string affair;     // Empty when not known: then any field of the kind may come.
};

// A paper as its holder's answer must be, or why no answer about it will be taken.
struct ExpectedPaper {
  ExpectedHeader header;
  std::string not_expected;  // English, no value; empty when all is well.
};

// Compares what the broker says it will deliver with the paper as the requester knows it (`own`,
// nullptr when it asked for no such paper) and with the catalogue: kind, holder, subject,
// parameters. Identifiers to check against are the requester's own, never the broker's (P3). Pure.
ExpectedPaper ExpectPaper(const v1::FetchedPaper& announced, const v1::Paper* own,
                          const OwnFetch& fetch, const ClientCatalogue& catalogue);

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_EXPECTED_PAPER_H_
