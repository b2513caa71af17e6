#ifndef NARU_DEPLOY_IDP_IDP_DEV_H_
#define NARU_DEPLOY_IDP_IDP_DEV_H_

#include <istream>
#include <ostream>

#include "broker/base/clock.h"
#include "broker/base/random.h"

namespace naru::idp {

// The program naru-idp-dev: signs assertions for whoever runs it, as an identity provider would
// after having seen a person prove who they are. For demo and tests alone: it refuses to run
// without --development and with a key that is not marked as such, and a broker takes its word only
// when it runs with --development itself. Gives 0, or 1 with what is wrong on `err`.
int RunIdpDev(int argc, const char* const* argv, std::istream& in, std::ostream& out,
              std::ostream& err, const Clock& clock, Random& random);

}  // namespace naru::idp

#endif  // NARU_DEPLOY_IDP_IDP_DEV_H_
