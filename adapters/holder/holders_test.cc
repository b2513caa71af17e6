// The holders' configurations in deploy/, against the catalogue and the registers that naru-people
// invents: every kind is served by one of them, as the catalogue has it, and can say both "here it
// is" and "nothing is on file".

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/holder/holder_config.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "broker/base/status_matchers.h"
#include "broker/base/textproto.h"
#include "broker/proof/fake_ledger.h"
#include "deploy/people/population.h"
#include "deploy/people/write_people.h"
#include "naru/config/v1/catalogue.pb.h"

namespace naru {
namespace {

using config::v1::DocumentKind;

constexpr char kMarker[] = "합성 데이터";

// One thing or person to ask about, and who asks.
struct Candidate {
  std::string number;
  std::string person;
};

class HoldersTest : public testing::Test {
 protected:
  // A holder's configuration with its registers open, as naru-holder has them.
  struct Holder {
    explicit Holder(HolderConfigFile config) : file(std::move(config)) {}
    HolderConfigFile file;
    std::vector<std::unique_ptr<Register>> registers;
  };
  struct Served {
    const Holder* holder;
    Register* source;
    const config::v1::SqlDocument* document;
  };

  static void SetUpTestSuite() {
    people::PopulationOptions options;
    options.count = 1000;
    ABSL_ASSERT_OK(people::WritePeople(options, People(), true, [](const std::string&) {}));
    people::Population population(options);
    people::Household household;
    while (population.Next(household)) Remember(household);
    // Numbers that nobody was given.
    Add(v1::SUBJECT_TYPE_BUSINESS, "9999999999", candidates_[v1::SUBJECT_TYPE_PERSON][0].person);
    Add(v1::SUBJECT_TYPE_CORPORATION, "9999999999999",
        candidates_[v1::SUBJECT_TYPE_PERSON][0].person);
    Add(v1::SUBJECT_TYPE_VEHICLE, "ZZNARU99999999999",
        candidates_[v1::SUBJECT_TYPE_PERSON][0].person);
    ABSL_ASSERT_OK(LoadTextProto("deploy/catalogue", &catalogue_));
    for (const auto& entry : std::filesystem::directory_iterator("deploy/holders")) {
      if (entry.path().extension() == ".textproto") OpenHolder(entry.path());
    }
  }

  static std::string People() { return testing::TempDir() + "/people"; }

  static void Add(v1::SubjectType type, const std::string& number, const std::string& person) {
    candidates_[type].push_back({number, person});
  }

  static void Remember(const people::Household& household) {
    for (const people::Person& person : household.people) {
      Add(v1::SUBJECT_TYPE_PERSON, person.ci, person.ci);
      Add(v1::SUBJECT_TYPE_HOUSEHOLD, person.ci, person.ci);
      for (const people::Business& business : person.businesses) {
        Add(v1::SUBJECT_TYPE_BUSINESS, business.number, person.ci);
        if (!business.corporate) continue;
        Add(v1::SUBJECT_TYPE_CORPORATION, business.corporation_no, person.ci);
      }
    }
    for (const people::Property& property : household.properties) {
      Add(v1::SUBJECT_TYPE_PROPERTY, property.number,
          household.people[property.owners.front().member].ci);
    }
    for (const people::Land& land : household.lands) {
      Add(v1::SUBJECT_TYPE_PROPERTY, land.number, household.people[land.owner].ci);
    }
    for (const people::Vehicle& vehicle : household.vehicles) {
      Add(v1::SUBJECT_TYPE_VEHICLE, vehicle.number, household.people[vehicle.owner].ci);
    }
  }

  static absl::StatusOr<HolderConfigFile> Load(const std::string& path) {
    ABSL_ASSIGN_OR_RETURN(std::string text, ReadFile(path, 1 << 20));
    std::string keys;
    for (const std::string& key : FakeLedger().VerifierKeys()) {
      absl::StrAppend(&keys, "ledger_verifier_keys: \"", key, "\" ");
    }
    text = absl::StrReplaceAll(
        text,
        {{"@PEOPLE@", People()}, {"@PKI@", "/pki"}, {"@RUN@", "/run"}, {"@LEDGER_KEYS@", keys}});
    ABSL_ASSIGN_OR_RETURN(HolderConfigFile file, HolderConfigFile::Parse(path, text));
    ABSL_RETURN_IF_ERROR(CheckHolderConfig(file));
    return file;
  }

  static void OpenHolder(const std::string& path) {
    auto file = Load(path);
    ABSL_ASSERT_OK(file);
    const Holder* holder = holders_.emplace_back(new Holder(*std::move(file))).get();
    auto registers = OpenRegisters(holder->file);
    ABSL_ASSERT_OK(registers) << "what naru-holder --check would say";
    holders_.back()->registers = *std::move(registers);
    for (int i = 0; i < holder->file.message().registers_size(); ++i) {
      for (const auto& document : holder->file.message().registers(i).documents()) {
        served_[document.kind()].push_back(
            {holder, holder->registers[static_cast<size_t>(i)].get(), &document});
      }
    }
  }

  // Asks for all fields, with the kind's defaults; a value that is allowed where there is none.
  static RecordQuery QueryOf(const DocumentKind& kind, const Candidate& candidate) {
    RecordQuery query;
    query.subject.set_type(kind.subject_type());
    query.subject.set_number(candidate.number);
    query.person.set_type(v1::SUBJECT_TYPE_PERSON);
    query.person.set_number(candidate.person);
    query.max_bytes = 1 << 20;
    query.approved_fields.insert(kind.fields().begin(), kind.fields().end());
    for (const config::v1::ParameterRule& rule : kind.parameters()) {
      v1::Parameter& parameter = query.parameters.emplace_back();
      parameter.set_name(rule.name());
      *parameter.mutable_values() = rule.default_values();
      if (!parameter.values().empty()) continue;
      parameter.add_values(rule.choices().empty() ? "2014-06-21" : rule.choices(0));
    }
    return query;
  }

  static absl::StatusOr<std::optional<Record>> Find(const std::string& code,
                                                    const RecordQuery& query) {
    return served_[code].front().source->Find(code, query);
  }

  static const DocumentKind& KindOf(const std::string& code) {
    return *std::find_if(catalogue_.kinds().begin(), catalogue_.kinds().end(),
                         [&code](const DocumentKind& kind) { return kind.code() == code; });
  }

  static std::string ValueOf(const Record& record, const std::string& name) {
    for (const holder::v1::DocumentField& field : record.fields()) {
      if (field.name() == name) return field.value();
    }
    return "";
  }

  // What the record of the kind must be, having been found for the candidate.
  static void CheckRecord(const DocumentKind& kind, const Candidate& candidate,
                          const Record& record) {
    EXPECT_EQ(record.subject().number(), candidate.number) << kind.code();
    EXPECT_EQ(record.subject().type(), kind.subject_type()) << kind.code();
    EXPECT_EQ(record.person().number(), candidate.person) << kind.code();
    EXPECT_EQ(record.fields().size(), static_cast<size_t>(kind.fields_size())) << kind.code();
    EXPECT_EQ(ValueOf(record, "marker"), kMarker) << kind.code();
  }

  static config::v1::Catalogue catalogue_;
  static std::vector<std::unique_ptr<Holder>> holders_;
  static std::map<std::string, std::vector<Served>> served_;  // By kind.
  static std::map<v1::SubjectType, std::vector<Candidate>> candidates_;
};

config::v1::Catalogue HoldersTest::catalogue_;
std::vector<std::unique_ptr<HoldersTest::Holder>> HoldersTest::holders_;
std::map<std::string, std::vector<HoldersTest::Served>> HoldersTest::served_;
std::map<v1::SubjectType, std::vector<Candidate>> HoldersTest::candidates_;

// Holder and catalogue name the same things, or a request would be refused by the other side.
TEST_F(HoldersTest, EveryKindIsServedByOneHolderAsTheCatalogueSays) {
  EXPECT_EQ(catalogue_.kinds_size(), 41);
  EXPECT_EQ(served_.size(), static_cast<size_t>(catalogue_.kinds_size()));
  for (const DocumentKind& kind : catalogue_.kinds()) {
    ASSERT_EQ(served_[kind.code()].size(), 1u) << kind.code();
    const Served& served = served_[kind.code()].front();
    EXPECT_EQ(kind.holder(), served.holder->file.message().agency()) << kind.code();
    const config::v1::SqlDocument& document = *served.document;
    EXPECT_EQ(kind.subject_type(), document.subject_type()) << kind.code();
    EXPECT_EQ(kind.name_ko(), document.title()) << kind.code();
    std::vector<std::string> fields;
    for (const auto& field : document.fields()) {
      EXPECT_NE(field.column(), "representative_rrn") << "of a business's representative";
      fields.push_back(field.field());
    }
    for (const auto& list : document.lists()) fields.push_back(list.field());
    EXPECT_EQ(std::vector<std::string>(kind.fields().begin(), kind.fields().end()), fields)
        << kind.code();
    std::vector<std::string> parameters;
    for (const auto& rule : kind.parameters()) parameters.push_back(rule.name());
    EXPECT_EQ(parameters,
              std::vector<std::string>(document.parameters().begin(), document.parameters().end()))
        << kind.code();
  }
}

TEST_F(HoldersTest, EveryKindIsOnFileForSomebodyAndNotForSomebodyElse) {
  for (const DocumentKind& kind : catalogue_.kinds()) {
    bool found = false, nothing = false;
    for (const Candidate& candidate : candidates_[kind.subject_type()]) {
      const auto record = Find(kind.code(), QueryOf(kind, candidate));
      ABSL_ASSERT_OK(record) << kind.code();
      if (!record->has_value()) {
        nothing = true;
      } else if (!found) {
        found = true;
        CheckRecord(kind, candidate, **record);
      }
      if (found && nothing) break;
    }
    EXPECT_TRUE(found) << kind.code() << " is on file for nobody";
    EXPECT_TRUE(nothing) << kind.code() << " is on file for everybody";
  }
}

// Yes or no about the person's own household, and nothing of anybody in it.
TEST_F(HoldersTest, AHouseholdMemberIsAYesOrANo) {
  const DocumentKind& kind = KindOf("HOUSEHOLD_MEMBER_YN");
  const std::vector<std::string> fields(kind.fields().begin(), kind.fields().end());
  EXPECT_EQ(fields, (std::vector<std::string>{"is_member", "marker"}));
  RecordQuery query = QueryOf(kind, candidates_[v1::SUBJECT_TYPE_HOUSEHOLD].front());
  for (const auto& [birthday, answer] : std::map<std::string, std::string>{
           {"2014-06-21", "예"}, {"2014-06-22", "아니오"}, {"1984-03-15", "예"}}) {
    query.parameters[0].set_values(0, birthday);
    const auto record = Find(kind.code(), query);
    ABSL_ASSERT_OK(record);
    ASSERT_TRUE(record->has_value());
    EXPECT_EQ(ValueOf(**record, "is_member"), answer) << birthday;
  }
}

// A public paper is anybody's; of another's car the record names the owner, so that the holder
// declines.
TEST_F(HoldersTest, AStrangerHasPublicPapersAlone) {
  const std::string stranger = candidates_[v1::SUBJECT_TYPE_PERSON].back().person;
  for (const DocumentKind& kind : catalogue_.kinds()) {
    if (kind.subject_type() == v1::SUBJECT_TYPE_PERSON ||
        kind.subject_type() == v1::SUBJECT_TYPE_HOUSEHOLD) {
      continue;
    }
    int found = 0;
    for (Candidate candidate : candidates_[kind.subject_type()]) {
      if (candidate.person == stranger) continue;
      candidate.person = stranger;
      const auto record = Find(kind.code(), QueryOf(kind, candidate));
      ABSL_ASSERT_OK(record) << kind.code();
      if (!record->has_value()) continue;
      EXPECT_EQ((*record)->person().number() == stranger, kind.open_to_public()) << kind.code();
      if (++found == 10) break;
    }
    EXPECT_GT(found, 0) << kind.code();
  }
}

// An answer keeps to the parameters it was asked with.
TEST_F(HoldersTest, ParametersNarrowWhatIsAnswered) {
  const DocumentKind& kind = KindOf("ENTRY_EXIT_RECORD");
  for (const Candidate& candidate : candidates_[v1::SUBJECT_TYPE_PERSON]) {
    RecordQuery query = QueryOf(kind, candidate);
    const auto all = Find(kind.code(), query);
    ABSL_ASSERT_OK(all);
    if (!all->has_value()) continue;
    const auto rows = [](const Record& record) {
      return record.fields().back().table().rows_size();
    };
    EXPECT_GT(rows(**all), 0);
    query.parameters[0].set_values(0, "1999-01-01");
    query.parameters[1].set_values(0, "1999-12-31");
    const auto none = Find(kind.code(), query);
    ABSL_ASSERT_OK(none);
    ASSERT_TRUE(none->has_value());
    EXPECT_EQ(rows(**none), 0);
    return;
  }
  FAIL() << "nobody travelled";
}

}  // namespace
}  // namespace naru
