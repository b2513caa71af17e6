#include "deploy/people/cli.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "broker/base/command_line.h"
#include "deploy/people/population.h"
#include "deploy/people/write_people.h"

namespace naru::people {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitBadArguments = 2;

constexpr char kPurpose[] =
    "Writes the registers of all holding agencies, and the resolver's, for invented people.\n"
    "Everything is synthetic (합성 데이터): no number can be a real person's. The same people,\n"
    "--count and --seed give the same files on every machine.";

}  // namespace

int RunPeople(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  PopulationOptions population;
  std::string folder;
  std::string today = absl::FormatCivilTime(population.today);
  bool replace = false;

  CommandLine line("naru-people", kPurpose);
  Command program = line.program();
  program.Add("--out", &folder, "folder for the databases; made if it is not there").Required();
  program.Add("--count", &population.count, "how many people")
      .Between(kPeopleMin, kPeopleMax)
      .ShowDefault();
  program.Add("--seed", &population.seed, "another seed, other people").ShowDefault();
  program.Add("--as-of", &today, "the day as of which the registers stand, YYYY-MM-DD")
      .ShowDefault();
  program.AddFlag("--replace", &replace, "write over files that are there already");
  if (const auto exit_status = line.Parse(argc, argv, kExitBadArguments, out, err))
    return *exit_status;
  if (!absl::ParseCivilTime(today, &population.today)) {
    err << "--as-of: '" << today << "' is not a day like 2026-11-01\n";
    return kExitBadArguments;
  }

  const absl::Status status =
      WritePeople(population, folder, replace,
                  [&err](const std::string& line) { err << "naru-people: " << line << std::endl; });
  if (!status.ok()) {
    err << "naru-people: " << status.message() << "\n";
    return absl::IsUnavailable(status) ? kExitFailed : kExitBadArguments;
  }
  out << population.count << " synthetic people are in " << folder << "\n";
  return 0;
}

}  // namespace naru::people
