#ifndef NARU_DEPLOY_PEOPLE_CLI_H_
#define NARU_DEPLOY_PEOPLE_CLI_H_

#include <ostream>

namespace naru::people {

// The program naru-people: reads its arguments, writes the registers, says where. Help goes to
// `out`, progress and errors to `err`. Returns 0, 1 if writing failed, 2 if an argument is wrong.
int RunPeople(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_CLI_H_
