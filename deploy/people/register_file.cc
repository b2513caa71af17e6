#include "deploy/people/register_file.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"

namespace naru::people {
namespace {

// SOCI's connect string splits at blanks unless the value is quoted.
std::string ConnectString(const std::string& path) { return absl::StrCat("dbname=\"", path, "\""); }

std::string NewFile(const std::string& path) {
  std::filesystem::remove(path);
  return path;
}

}  // namespace

RegisterFile::RegisterFile(const std::string& folder, const PopulationOptions& population,
                           const Info& info, const Statements& tables)
    : path_(absl::StrCat(folder, "/", info.file)),
      session_(soci::sqlite3, ConnectString(NewFile(path_ + ".partial"))) {
  session_ << "PRAGMA journal_mode = OFF";
  session_ << "PRAGMA synchronous = OFF";
  session_ << "PRAGMA cache_size = -16384";
  session_ << "BEGIN";
  for (const char* statement : tables) session_ << statement;
  WriteAbout(population, info);
}

void RegisterFile::WriteAbout(const PopulationOptions& population, const Info& info) {
  session_ << "CREATE TABLE about (marker TEXT NOT NULL, note TEXT NOT NULL, "
              "agency_code TEXT NOT NULL, agency_name TEXT NOT NULL, seed TEXT NOT NULL, "
              "people INTEGER NOT NULL, as_of TEXT NOT NULL)";
  RowInserter<Text, Text, Text, Text, Text, Number, Text> about(session_, "about");
  about.Add("합성 데이터", "모든 사람, 번호, 사업체, 부동산은 지어낸 것입니다. 실제와 무관합니다.",
            info.agency_code, info.agency_name, absl::StrCat(population.seed), population.count,
            IsoDay(population.today));
}

void RegisterFile::Finish(const Statements& indices_and_views) {
  for (const char* statement : indices_and_views) session_ << statement;
  session_ << "COMMIT";
  session_.close();
  std::filesystem::rename(path_ + ".partial", path_);
}

std::string InsertStatement(const std::string& table, InsertRule rule,
                            const std::vector<bool>& is_text) {
  std::string sql = absl::StrCat(
      rule == InsertRule::kFail ? "INSERT INTO " : "INSERT OR IGNORE INTO ", table, " VALUES (");
  for (size_t i = 0; i < is_text.size(); ++i) {
    const std::string place = absl::StrCat(":c", i);
    absl::StrAppend(&sql, i == 0 ? "" : ", ",
                    is_text[i] ? absl::StrCat("NULLIF(", place, ", '')") : place);
  }
  return sql + ")";
}

}  // namespace naru::people
