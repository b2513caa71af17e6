#include "deploy/people/cli.h"

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "deploy/people/population.h"
#include "deploy/people/write_people.h"

namespace naru::people {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitBadArguments = 2;

constexpr char kPurpose[] =
    "Writes the registers of seven agencies, and the resolver's, for invented people.\n"
    "Everything is synthetic (합성 데이터): no number can be a real person's. The same people,\n"
    "--count and --seed give the same files on every machine.";

}  // namespace

int RunPeople(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  PopulationOptions population;
  std::string folder;
  std::string today = absl::FormatCivilTime(population.today);
  bool replace = false;

  CLI::App app(kPurpose, "naru-people");
  app.add_option("--out", folder, "folder for the databases; made if it is not there")->required();
  app.add_option("--count", population.count, "how many people")
      ->check(CLI::Range(kPeopleMin, kPeopleMax))
      ->capture_default_str();
  app.add_option("--seed", population.seed, "another seed, other people")
      ->check(CLI::NonNegativeNumber)  // Without it, -1 would become a huge number.
      ->capture_default_str();
  app.add_option("--as-of", today, "the day as of which the registers stand, YYYY-MM-DD")
      ->capture_default_str();
  app.add_flag("--replace", replace, "write over files that are there already");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool help = app.exit(error, out, err) == 0;
    return help ? 0 : kExitBadArguments;
  }
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
