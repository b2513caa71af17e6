#ifndef NARU_ADAPTERS_CLI_NARUCTL_H_
#define NARU_ADAPTERS_CLI_NARUCTL_H_

#include <istream>
#include <ostream>

namespace naru::cli {

// The program naructl: reads its arguments, makes the call, prints the answer. Gives the exit
// status: 0 done, 1 an error (also of the arguments), 2 the answer is no.
int RunNaructl(int argc, const char* const* argv, std::istream& in, std::ostream& out,
               std::ostream& err);

}  // namespace naru::cli

#endif  // NARU_ADAPTERS_CLI_NARUCTL_H_
