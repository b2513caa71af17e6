#ifndef NARU_CONSENT_RULES_CONTEXT_H_
#define NARU_CONSENT_RULES_CONTEXT_H_

#include <functional>
#include <string>
#include <vector>

#include "broker/base/clock.h"
#include "broker/base/random.h"
#include "broker/proof/assertion.h"
#include "broker/proof/crypto.h"
#include "broker/proof/key_ring.h"
#include "consent/text/messages.h"

namespace naru {

class ConsentEvents;
class Journal;
class Ledger;
class PersonDirectory;
class Policy;
class Store;

// What the books of rules share. Plain pointers; the broker owns everything and outlives the books.
struct RulesContext {
  Clock* clock = nullptr;
  Random* random = nullptr;
  Store* store = nullptr;
  Journal* journal = nullptr;
  Ledger* ledger = nullptr;
  Policy* policy = nullptr;
  PersonDirectory* directory = nullptr;
  ConsentEvents* events = nullptr;
  const KeyRing* keys = nullptr;
  // Providers whose assertions count now.
  std::function<std::vector<TrustedIssuer>()> issuers;
  std::string code_key;  // 32 bytes; HMAC of codes.
  std::string code_key_id;
  std::string link_key;  // 32 bytes; HMAC of links.
  HelpLine help_line;    // What messages name; each part passes FitsHelpLine.
};

}  // namespace naru

#endif  // NARU_CONSENT_RULES_CONTEXT_H_
