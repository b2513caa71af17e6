// What the written databases say, asked the way a holder asks them: one query with named parameters
// for each view. One set of 2,000 people serves all tests.

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "deploy/people/paper_register.h"
#include "deploy/people/population.h"
#include "deploy/people/write_people.h"
#include "gtest/gtest.h"

namespace naru::people {
namespace {

enum class Subject { kPerson, kBusiness, kProperty };

struct Kind {
  const char* file;
  const char* view;
  Subject subject;
  bool by_year;
};

constexpr Kind kKinds[] = {
    {"mois.db", "resident_register_full", Subject::kPerson, false},
    {"mois.db", "resident_register_abstract", Subject::kPerson, false},
    {"nts.db", "business_registration", Subject::kBusiness, false},
    {"nts.db", "vat_base", Subject::kBusiness, true},
    {"nts.db", "standard_financial_statement", Subject::kBusiness, true},
    {"nts.db", "income_amount", Subject::kPerson, true},
    {"nts.db", "national_tax_clearance", Subject::kPerson, false},
    {"seocho.db", "local_tax_clearance", Subject::kPerson, false},
    {"nhis.db", "nhis_eligibility_history", Subject::kPerson, false},
    {"nhis.db", "nhis_premium_payment", Subject::kPerson, false},
    {"nps.db", "nps_membership", Subject::kPerson, false},
    {"comwel.db", "employment_insurance_history", Subject::kPerson, false},
    {"court.db", "real_estate_registry", Subject::kProperty, false},
};

// A view, and the column of the subject that a holder asks by.
struct View {
  std::string file;
  std::string name;
  std::string subject;
};

const char* SubjectColumn(Subject subject) {
  switch (subject) {
    case Subject::kPerson:
      return "person_ci";
    case Subject::kBusiness:
      return "business_no";
    case Subject::kProperty:
      return "property_no";
  }
  return "";
}

// Of every kind of paper, and of the lists in them.
std::vector<View> AllViews() {
  std::vector<View> views = {{"mois.db", "seal_certificate", "person_ci"},
                             {"nts.db", "business_closure", "business_no"},
                             {"seocho.db", "local_tax_by_item", "person_ci"},
                             {"seocho.db", "local_tax_by_item_rows", "person_ci"}};
  for (const Kind& kind : kKinds) {
    for (const char* suffix : {"", "_rows"}) {
      views.push_back({kind.file, absl::StrCat(kind.view, suffix), SubjectColumn(kind.subject)});
    }
  }
  for (const PaperBook& book : PaperBooks()) {
    for (const Paper& paper : book.papers) {
      const std::string subject = paper.subject == nullptr ? "person_ci" : paper.subject;
      views.push_back({book.info.file, paper.view, subject});
      if (paper.row_columns.empty()) continue;
      views.push_back({book.info.file, absl::StrCat(paper.view, "_rows"), subject});
    }
  }
  return views;
}

std::string TestFolder(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", name);
}

PopulationOptions Options(int64_t count, uint64_t seed) {
  PopulationOptions options;
  options.count = count;
  options.seed = seed;
  return options;
}

void Write(const std::string& folder, int64_t count, uint64_t seed) {
  const absl::Status status =
      WritePeople(Options(count, seed), folder, /*replace=*/true, [](const std::string&) {});
  ASSERT_TRUE(status.ok()) << status;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// NARU_DEMO_NAME='김나루' and so on, as a map.
std::map<std::string, std::string> ReadCase(const std::string& path) {
  std::map<std::string, std::string> values;
  for (absl::string_view line : absl::StrSplit(Contents(path), '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "#")) continue;
    const std::pair<std::string, std::string> pair = absl::StrSplit(line, absl::MaxSplits('=', 1));
    values[pair.first] = std::string(absl::StripSuffix(absl::StripPrefix(pair.second, "'"), "'"));
  }
  return values;
}

class RegistersTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    Write(TestFolder("registers"), 2000, 1);
    demo_ = new std::map<std::string, std::string>(ReadCase(Path("demo_case.env")));
  }
  static void TearDownTestSuite() { delete demo_; }

  static std::string Path(const std::string& file) {
    return absl::StrCat(TestFolder("registers"), "/", file);
  }
  static std::string Connect(const std::string& file) {
    return absl::StrCat("dbname=\"", Path(file), "\"");
  }
  static const std::string& Demo(const std::string& name) { return demo_->at("NARU_" + name); }

  static long long Count(soci::session& session, const std::string& query) {
    long long count = -1;
    session << query, soci::into(count);
    return count;
  }

  static std::string SubjectOf(const Kind& kind) {
    switch (kind.subject) {
      case Subject::kPerson:
        return Demo("DEMO_CI");
      case Subject::kBusiness:
        return Demo("DEMO_BUSINESS_1_NO");
      case Subject::kProperty:
        return Demo("DEMO_PROPERTY_NO");
    }
    return "";
  }

  static std::map<std::string, std::string>* demo_;
};

std::map<std::string, std::string>* RegistersTest::demo_ = nullptr;

TEST_F(RegistersTest, SameSeedSameBytes) {
  Write(TestFolder("again"), 2000, 1);
  Write(TestFolder("other"), 2000, 2);
  for (const std::string& file : OutputFiles()) {
    const std::string first = Contents(Path(file));
    EXPECT_EQ(first == Contents(TestFolder("again/" + file)), true) << file;
    EXPECT_EQ(first == Contents(TestFolder("other/" + file)), false) << file;
  }
}

TEST_F(RegistersTest, EveryDatabaseSaysThatItIsSynthetic) {
  for (const std::string& file : OutputFiles()) {
    if (!absl::EndsWith(file, ".db")) continue;
    soci::session session(soci::sqlite3, Connect(file));
    std::string marker, agency;
    session << "SELECT marker, agency_code FROM about", soci::into(marker), soci::into(agency);
    EXPECT_EQ(marker, "합성 데이터") << file;
    EXPECT_EQ(agency.size(), 7u) << file;
  }
}

TEST_F(RegistersTest, EachPaperOfTheDemoPersonHasContent) {
  for (const Kind& kind : kKinds) {
    soci::session session(soci::sqlite3, Connect(kind.file));
    for (const char* suffix : {"", "_rows"}) {
      for (const char* year : {"2024", "2025"}) {
        const std::string query =
            absl::StrCat("SELECT count(*) FROM ", kind.view, suffix, " WHERE ",
                         SubjectColumn(kind.subject), " = :subject AND person_ci = :ci",
                         kind.by_year ? " AND tax_year = " : "", kind.by_year ? year : "");
        const std::string subject = SubjectOf(kind);
        long long count = 0;
        session << query, soci::use(subject, "subject"), soci::use(Demo("DEMO_CI"), "ci"),
            soci::into(count);
        const bool one_row = *suffix == '\0';
        EXPECT_GE(count, 1) << kind.view << suffix << " " << year;
        EXPECT_TRUE(!one_row || count == 1) << kind.view << " " << year << ": " << count;
      }
    }
  }
}

TEST_F(RegistersTest, PapersAreMarkedAndNameThePerson) {
  for (const Kind& kind : kKinds) {
    soci::session session(soci::sqlite3, Connect(kind.file));
    std::string marker;
    const std::string ci = Demo("DEMO_CI");
    session << "SELECT marker FROM " << kind.view << " WHERE person_ci = :ci LIMIT 1",
        soci::use(ci, "ci"), soci::into(marker);
    EXPECT_EQ(marker, "합성 데이터") << kind.view;
  }
}

TEST_F(RegistersTest, NoPaperNeedsAScanOfATable) {
  // A view that scans is quick with a thousand people and useless with a million.
  for (const View& view : AllViews()) {
    soci::session session(soci::sqlite3, Connect(view.file));
    const soci::rowset<soci::row> plan =
        (session.prepare << "EXPLAIN QUERY PLAN SELECT * FROM " << view.name << " WHERE "
                         << view.subject << " = 'x' AND person_ci = 'y'");
    for (const soci::row& step : plan) {
      const std::string text = step.get<std::string>(3);
      const bool scans = absl::StartsWith(text, "SCAN") && !absl::StrContains(text, "about");
      EXPECT_FALSE(scans) << view.name << ": " << text;
    }
  }
}

TEST_F(RegistersTest, AStrangersBusinessIsNotFound) {
  soci::session session(soci::sqlite3, Connect("nts.db"));
  const std::string business = Demo("OTHER_BUSINESS_1_NO");
  const std::string ci = Demo("DEMO_CI");
  long long count = -1;
  session << "SELECT count(*) FROM business_registration WHERE business_no = :b AND person_ci = :p",
      soci::use(business, "b"), soci::use(ci, "p"), soci::into(count);
  EXPECT_EQ(count, 0);
}

TEST_F(RegistersTest, ChildOfTheDemoHasNothingOnFileWithTheTaxService) {
  soci::session session(soci::sqlite3, Connect("nts.db"));
  const std::string ci = Demo("DEMO_CHILD_CI");
  long long count = -1;
  session << "SELECT count(*) FROM income_amount WHERE person_ci = :p", soci::use(ci, "p"),
      soci::into(count);
  EXPECT_EQ(count, 0);
}

TEST_F(RegistersTest, AgenciesAgreeAboutAPerson) {
  struct Table {
    const char* file;
    const char* same;  // Columns that must be equal to those of the resident register.
  };
  constexpr Table kTables[] = {
      {"nts.db",
       "nt_taxpayer o ON o.ci = p.ci WHERE o.tp_nm <> p.kor_nm OR o.rrn <> p.rrn OR "
       "o.addr <> h.road_addr"},
      {"seocho.db",
       "lt_payer o ON o.ci = p.ci WHERE o.payer_nm <> p.kor_nm OR o.rrn <> p.rrn OR "
       "o.addr <> h.road_addr"},
      {"nhis.db",
       "hi_insured o ON o.ci = p.ci WHERE o.insd_nm <> p.kor_nm OR o.rrn <> p.rrn OR "
       "o.addr <> h.road_addr"},
      {"nps.db",
       "np_subscriber o ON o.ci = p.ci WHERE o.sbsc_nm <> p.kor_nm OR o.rrn <> p.rrn OR "
       "o.addr <> h.road_addr"},
      {"comwel.db", "ei_worker o ON o.ci = p.ci WHERE o.wrk_nm <> p.kor_nm OR o.rrn <> p.rrn"},
      {"court.db",
       "re_owner o ON o.owner_ci = p.ci WHERE o.owner_nm <> p.kor_nm OR "
       "o.owner_rrn <> p.rrn OR o.owner_addr <> h.road_addr"},
      {"resolver.db",
       "person o ON o.ci = p.ci WHERE o.name <> p.kor_nm OR o.rrn <> p.rrn OR "
       "o.birth_date <> p.birth_dt OR o.sex <> substr('MF', p.sex_cd, 1)"},
  };
  std::vector<Table> tables(std::begin(kTables), std::end(kTables));
  for (const PaperBook& book : PaperBooks()) {
    tables.push_back({book.info.file,
                      "person o ON o.ci = p.ci WHERE o.nm <> p.kor_nm OR o.rrn <> p.rrn OR "
                      "o.addr <> h.road_addr OR o.birth_dt <> p.birth_dt"});
  }
  for (const Table& table : tables) {
    soci::session session(soci::sqlite3, Connect("mois.db"));
    session << absl::StrCat("ATTACH DATABASE '", Path(table.file), "' AS other");
    EXPECT_EQ(Count(session, absl::StrCat("SELECT count(*) FROM rr_person p JOIN rr_household h "
                                          "ON h.hh_no = p.hh_no JOIN other.",
                                          table.same)),
              0)
        << table.file;
  }
}

TEST_F(RegistersTest, NobodyIsInARegisterWhoDoesNotExist) {
  constexpr std::pair<const char*, const char*> kPeople[] = {
      {"nts.db", "SELECT ci FROM other.nt_taxpayer"},
      {"nts.db", "SELECT person_ci AS ci FROM other.business_registration"},
      {"seocho.db", "SELECT ci FROM other.lt_payer"},
      {"nhis.db", "SELECT ci FROM other.hi_insured"},
      {"nps.db", "SELECT ci FROM other.np_subscriber"},
      {"comwel.db", "SELECT ci FROM other.ei_worker"},
      {"court.db", "SELECT owner_ci AS ci FROM other.re_owner"},
      {"mois.db", "SELECT ci FROM other.rr_person"},
  };
  std::vector<std::pair<std::string, std::string>> all(std::begin(kPeople), std::end(kPeople));
  for (const PaperBook& book : PaperBooks()) {
    all.emplace_back(book.info.file, "SELECT ci FROM other.person");
  }
  for (const auto& [file, people] : all) {
    soci::session session(soci::sqlite3, Connect("resolver.db"));
    session << absl::StrCat("ATTACH DATABASE '", Path(file), "' AS other");
    EXPECT_GT(Count(session, absl::StrCat("SELECT count(*) FROM (", people, ")")), 0) << people;
    EXPECT_EQ(Count(session, absl::StrCat("SELECT count(*) FROM (", people,
                                          ") WHERE ci NOT IN (SELECT ci FROM main.person)")),
              0)
        << people;
  }
}

TEST_F(RegistersTest, EverybodyHasOneHouseholdWithOneHead) {
  soci::session session(soci::sqlite3, Connect("mois.db"));
  session << absl::StrCat("ATTACH DATABASE '", Path("border.db"), "' AS border");
  const long long foreigners =
      Count(session, "SELECT count(*) FROM border.alien_registration_entry");
  EXPECT_GT(foreigners, 0);
  EXPECT_EQ(Count(session, "SELECT count(*) FROM rr_person"), 2000 - foreigners);
  EXPECT_EQ(Count(session, "SELECT count(*) FROM resident_register_full"), 2000 - foreigners);
  EXPECT_EQ(Count(session, "SELECT count(*) FROM rr_household"),
            Count(session, "SELECT count(*) FROM rr_person WHERE rel_cd = '01'"));
  EXPECT_EQ(Count(session,
                  "SELECT count(*) FROM resident_register_full f WHERE member_count <> "
                  "(SELECT count(*) FROM resident_register_full_rows r "
                  "WHERE r.person_ci = f.person_ci)"),
            0);
}

// What two agencies both know of somebody is the same.
TEST_F(RegistersTest, AgenciesAgree) {
  struct Pair {
    const char* first;
    const char* second;    // Attached as `other`.
    const char* disagree;  // Those about whom they do not.
    const char* agree;     // Those they both know: there must be some.
  };
  constexpr Pair kPairs[] = {
      {"vehicle.db", "seocho.db",
       "SELECT count(*) FROM lt_levy l JOIN lt_payer p USING (payer_seq) WHERE l.tax_item LIKE "
       "'자동차세%' AND p.ci NOT IN (SELECT person_ci FROM vehicle_register)",
       "SELECT count(*) FROM vehicle_register"},
      {"mois.db", "military.db",
       "SELECT count(*) FROM rr_person p JOIN other.person o USING (ci) JOIN "
       "military_service_entry m ON m.psn = o.psn WHERE p.mil_svc NOT LIKE "
       "coalesce(m.branch, m.disposition) || '%' OR p.sex_cd <> '1'",
       "SELECT count(*) FROM military_service_entry"},
      {"resolver.db", "passport.db",
       "SELECT count(*) FROM main.person p JOIN other.person o USING (ci) JOIN "
       "passport_info_entry e ON e.psn = o.psn WHERE e.passport_no <> p.passport_no",
       "SELECT count(*) FROM passport_info_entry"},
      {"resolver.db", "police.db",
       "SELECT count(*) FROM main.person p JOIN other.person o USING (ci) JOIN "
       "driving_record_entry e ON e.psn = o.psn WHERE e.licence_no <> p.licence_no",
       "SELECT count(*) FROM driving_record_entry"},
      {"nts.db", "company.db",
       "SELECT count(*) FROM nt_business b JOIN corporate_registry_entry e ON e.subject = "
       "b.corp_no WHERE e.corporation_name <> b.trade_nm OR e.representative_name <> b.rep_nm",
       "SELECT count(*) FROM nt_business b JOIN corporate_registry_entry e ON e.subject = "
       "b.corp_no"},
      {"mois.db", "family.db",
       "SELECT count(*) FROM marriage_relation_entry e JOIN other.person o USING (psn) JOIN "
       "rr_person p ON p.ci = o.ci WHERE NOT EXISTS (SELECT 1 FROM rr_person s WHERE s.hh_no = "
       "p.hh_no AND s.kor_nm = e.spouse_name AND s.birth_dt = e.spouse_birth_date AND s.rel_cd IN "
       "('01', '02'))",
       "SELECT count(*) FROM marriage_relation_entry"},
      {"nhis.db", "welfare.db",
       "SELECT count(*) FROM hi_insured i JOIN basic_livelihood_recipient w ON w.person_ci = i.ci",
       "SELECT count(*) FROM basic_livelihood_recipient"},
  };
  for (const Pair& pair : kPairs) {
    soci::session session(soci::sqlite3, Connect(pair.first));
    session << absl::StrCat("ATTACH DATABASE '", Path(pair.second), "' AS other");
    EXPECT_EQ(Count(session, pair.disagree), 0) << pair.first << " and " << pair.second;
    EXPECT_GT(Count(session, pair.agree), 0) << pair.first << " and " << pair.second;
  }
}

TEST_F(RegistersTest, PapersOfOneBusinessAgree) {
  soci::session session(soci::sqlite3, Connect("nts.db"));
  EXPECT_EQ(Count(session,
                  "SELECT count(*) FROM standard_financial_statement s JOIN vat_base v "
                  "ON v.business_no = s.business_no AND v.tax_year = s.tax_year "
                  "WHERE v.tax_base <> s.revenue"),
            0);
  EXPECT_EQ(Count(session,
                  "SELECT count(*) FROM vat_base v WHERE tax_base <> (SELECT sum(tax_base) FROM "
                  "vat_base_rows r WHERE r.business_no = v.business_no "
                  "AND r.tax_year = v.tax_year)"),
            0);
  EXPECT_EQ(Count(session,
                  "SELECT count(*) FROM income_amount a WHERE income_amount <> (SELECT "
                  "sum(income_amount) FROM income_amount_rows r WHERE r.person_ci = a.person_ci "
                  "AND r.tax_year = a.tax_year)"),
            0);
  EXPECT_GT(Count(session,
                  "SELECT count(*) FROM business_registration "
                  "WHERE representative_rrn IS NOT NULL"),
            0)
      << "the list of allowed fields has nothing to stop";
}

TEST_F(RegistersTest, SomeOweTaxesAndMostDoNot) {
  soci::session session(soci::sqlite3, Connect("seocho.db"));
  const std::string count = "SELECT count(*) FROM local_tax_clearance WHERE clearance_status = ";
  EXPECT_GT(Count(session, count + "'체납액 있음'"), 0);
  EXPECT_GT(Count(session, count + "'징수유예'"), 0);
  EXPECT_GT(Count(session, count + "'체납액 없음'"), 1000);
}

TEST_F(RegistersTest, ResolverFindsPeopleByNumberAndContact) {
  soci::session session(soci::sqlite3, Connect("resolver.db"));
  const std::string name = Demo("DEMO_NAME"), rrn = Demo("DEMO_RRN");
  std::string ci, contact;
  session << "SELECT ci, contact_ref FROM person WHERE name = :name AND rrn = :rrn",
      soci::use(name, "name"), soci::use(rrn, "rrn"), soci::into(ci), soci::into(contact);
  EXPECT_EQ(ci, Demo("DEMO_CI"));
  EXPECT_EQ(contact, Demo("DEMO_CONTACT_REF"));
  EXPECT_EQ(contact.size(), 32u);
  std::string number;
  session << "SELECT number FROM holder_number WHERE ci = :ci AND agency_code = 'B552468'",
      soci::use(ci, "ci"), soci::into(number);
  std::string back;
  session << "SELECT ci FROM holder_number WHERE number = :n AND agency_code = 'B552468'",
      soci::use(number, "n"), soci::into(back);
  EXPECT_EQ(back, ci);
  soci::session pensions(soci::sqlite3, Connect("nps.db"));
  std::string at_holder;
  pensions << "SELECT person_ci FROM nps_membership WHERE subscriber_no = :n",
      soci::use(number, "n"), soci::into(at_holder);
  EXPECT_EQ(at_holder, ci);
}

TEST(WritePeopleTest, RefusesWhatIsOutOfItsLimits) {
  const auto quiet = [](const std::string&) {};
  EXPECT_EQ(WritePeople(Options(9, 1), TestFolder("x"), false, quiet).code(),
            absl::StatusCode::kInvalidArgument);
  PopulationOptions long_ago = Options(10, 1);
  long_ago.today = absl::CivilDay(1999, 1, 1);
  EXPECT_EQ(WritePeople(long_ago, TestFolder("x"), false, quiet).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(TestFolder("x")));
}

TEST(WritePeopleTest, ReportsAFolderThatCannotBe) {
  const std::string file = TestFolder("a_file");
  std::ofstream(file) << "not a folder";
  const absl::Status status =
      WritePeople(Options(10, 1), file + "/inside", false, [](const std::string&) {});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(absl::StrContains(status.message(), "a_file")) << status;
}

}  // namespace
}  // namespace naru::people
