#include "deploy/people/write_people.h"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "deploy/people/demo.h"
#include "deploy/people/paper_register.h"
#include "deploy/people/registers.h"

namespace naru::people {
namespace {

namespace fs = std::filesystem;

constexpr char kDemoCaseFile[] = "demo_case.env";
constexpr int64_t kProgressEveryMax = 50'000;
// Before 2026 the demo's papers for 2025 would be about the future; past 2040 today's children,
// none of them born after kLastBirthday, would leave no children at all.
constexpr absl::CivilDay kTodayFirst(2026, 1, 1);
constexpr absl::CivilDay kTodayLast(2040, 12, 31);

struct NamedRegister {
  const char* file;
  RegisterFactory open;
};

constexpr NamedRegister kRegisters[] = {
    {"mois.db", OpenMoisRegister},     {"nts.db", OpenNtsRegister},
    {"seocho.db", OpenSeochoRegister}, {"nhis.db", OpenNhisRegister},
    {"nps.db", OpenNpsRegister},       {"comwel.db", OpenComwelRegister},
    {"court.db", OpenCourtRegister},   {"resolver.db", OpenResolverRegister},
};

absl::Status CheckOptions(const PopulationOptions& population) {
  if (population.count < kPeopleMin || population.count > kPeopleMax) {
    return absl::InvalidArgumentError(absl::StrCat("the number of people must be from ", kPeopleMin,
                                                   " to ", kPeopleMax, ", not ", population.count));
  }
  if (population.today < kTodayFirst || population.today > kTodayLast) {
    return absl::InvalidArgumentError(absl::StrCat("the day must be from ",
                                                   absl::FormatCivilTime(kTodayFirst), " to ",
                                                   absl::FormatCivilTime(kTodayLast)));
  }
  return absl::OkStatus();
}

absl::Status PrepareFolder(const std::string& folder, bool replace) {
  fs::create_directories(folder);
  for (const std::string& file : OutputFiles()) {
    const fs::path path = fs::path(folder) / file;
    if (!fs::exists(path)) continue;
    if (!replace) {
      return absl::AlreadyExistsError(
          absl::StrCat(path.string(), " is there already; --replace writes it anew"));
    }
    fs::remove(path);
  }
  return absl::OkStatus();
}

absl::Status WriteDemoCase(const std::string& folder, const std::string& text) {
  const std::string path = absl::StrCat(folder, "/", kDemoCaseFile);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) return absl::UnavailableError(absl::StrCat("cannot write ", path));
  return absl::OkStatus();
}

const Person* BusinessOwner(const Household& household) {
  for (const Person& person : household.people) {
    if (!person.businesses.empty()) return &person;
  }
  return nullptr;
}

// Writes all households; returns the text of the demo's file.
std::string WriteHouseholds(const PopulationOptions& options,
                            const std::vector<std::unique_ptr<Register>>& registers,
                            const std::function<void(const std::string&)>& progress) {
  const int64_t every = std::clamp<int64_t>(options.count / 10, 1, kProgressEveryMax);
  int64_t next_line = every;
  Population population(options);
  Household household;
  std::string demo_case;
  bool other_found = false;
  while (population.Next(household)) {
    for (const std::unique_ptr<Register>& reg : registers) reg->Add(household);
    if (household.number == 1) {
      demo_case = DemoCase(household);
    } else if (const Person* owner = BusinessOwner(household); owner != nullptr && !other_found) {
      demo_case += OtherCase(*owner);
      other_found = true;
    }
    if (population.given() < next_line) continue;
    progress(absl::StrCat(population.given(), " of ", options.count, " people"));
    while (next_line <= population.given()) next_line += every;
  }
  return demo_case;
}

}  // namespace

const std::vector<std::string>& OutputFiles() {
  static const auto* const kFiles = [] {
    auto* files = new std::vector<std::string>;
    for (const NamedRegister& named : kRegisters) files->push_back(named.file);
    for (const PaperBook& book : PaperBooks()) files->push_back(book.info.file);
    files->push_back(kDemoCaseFile);
    return files;
  }();
  return *kFiles;
}

absl::Status WritePeople(const PopulationOptions& population, const std::string& folder,
                         bool replace, const std::function<void(const std::string&)>& progress) {
  absl::Status status = CheckOptions(population);
  if (!status.ok()) return status;
  // SOCI and the file system library report by exceptions; they end here.
  try {
    status = PrepareFolder(folder, replace);
    if (!status.ok()) return status;
    std::vector<std::unique_ptr<Register>> registers;
    for (const NamedRegister& named : kRegisters) {
      registers.push_back(named.open(folder, population));
    }
    for (const PaperBook& book : PaperBooks()) {
      registers.push_back(OpenPaperRegister(book, folder, population));
    }
    const std::string demo_case = WriteHouseholds(population, registers, progress);
    for (size_t i = 0; i < registers.size(); ++i) {
      registers[i]->Finish();
      registers[i].reset();
      progress(absl::StrCat(OutputFiles()[i], " is whole"));
    }
    return WriteDemoCase(folder, demo_case);
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat("writing to ", folder, ": ", error.what()));
  }
}

}  // namespace naru::people
