#ifndef NARU_DEPLOY_PEOPLE_WRITE_PEOPLE_H_
#define NARU_DEPLOY_PEOPLE_WRITE_PEOPLE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "deploy/people/population.h"

namespace naru::people {

// The files that WritePeople makes, databases first, demo_case.env last.
const std::vector<std::string>& OutputFiles();

// Writes the registers of the seven holders, the resolver's database and demo_case.env for an
// invented population into `folder`, which is made if it is not there. Same options, same bytes.
// `progress` gets a line now and then, at least ten in all.
//
// ALREADY_EXISTS if one of the files is there and `replace` is false; INVALID_ARGUMENT if an option
// is out of its limits (population.h); UNAVAILABLE with the cause if the folder cannot be written.
// Files that are not whole end in ".partial".
absl::Status WritePeople(const PopulationOptions& population, const std::string& folder,
                         bool replace, const std::function<void(const std::string&)>& progress);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_WRITE_PEOPLE_H_
