#ifndef NARU_CONSENT_CALLER_H_
#define NARU_CONSENT_CALLER_H_

#include <set>
#include <string>

#include "naru/config/v1/catalogue.pb.h"

namespace naru {

// Who makes a call: from the certificate and the catalogue, never from the message.
struct Caller {
  std::string agency;   // Code.
  std::string service;  // Of the certificate.
  std::set<config::v1::Role> roles;

  bool Has(config::v1::Role role) const { return roles.count(role) != 0; }
  // As entries name it.
  std::string text() const { return agency + ":" + service; }
};

}  // namespace naru

#endif  // NARU_CONSENT_CALLER_H_
