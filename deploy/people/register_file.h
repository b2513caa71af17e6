#ifndef NARU_DEPLOY_PEOPLE_REGISTER_FILE_H_
#define NARU_DEPLOY_PEOPLE_REGISTER_FILE_H_

#include <soci/soci.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "deploy/people/population.h"

namespace naru::people {

// One agency's SQLite database while it is written. It has the name `<file>.partial` until Finish,
// so that a run that was cut short never leaves something that looks whole. No journal and no
// syncs: what breaks is made again from the seed. Throws soci::soci_error, as SOCI does;
// WritePeople catches it. Not thread-safe.
class RegisterFile {
 public:
  struct Info {
    const char* file;         // "mois.db".
    const char* agency_code;  // Seven characters.
    const char* agency_name;
  };
  using Statements = std::vector<const char*>;

  // Makes the file anew in `folder` with `tables` and a table `about` that says 합성 데이터.
  RegisterFile(const std::string& folder, const PopulationOptions& population, const Info& info,
               const Statements& tables);
  RegisterFile(const RegisterFile&) = delete;
  RegisterFile& operator=(const RegisterFile&) = delete;

  soci::session& session() { return session_; }

  // Adds indices and views, once all rows are there, and gives the file its name. Every inserter
  // must be gone before.
  void Finish(const Statements& indices_and_views);

 private:
  void WriteAbout(const PopulationOptions& population, const Info& info);

  const std::string path_;
  soci::session session_;
};

using Text = std::string;  // An empty one is stored as NULL.
using Number = long long;  // SOCI's own 64-bit type.

// What becomes of a row whose key is there already.
enum class InsertRule { kFail, kSkipKnown };

// "INSERT INTO table VALUES (:c0, NULLIF(:c1, ''))", NULLIF where `is_text`.
std::string InsertStatement(const std::string& table, InsertRule rule,
                            const std::vector<bool>& is_text);

// A prepared INSERT of whole rows, its columns in the table's order. `session` must outlive it.
template <typename... Columns>
class RowInserter {
 public:
  RowInserter(soci::session& session, const std::string& table, InsertRule rule = InsertRule::kFail)
      : statement_(session) {
    Bind(std::index_sequence_for<Columns...>());
    statement_.alloc();
    statement_.prepare(InsertStatement(table, rule, {std::is_same_v<Columns, Text>...}));
    statement_.define_and_bind();
  }
  RowInserter(const RowInserter&) = delete;
  RowInserter& operator=(const RowInserter&) = delete;

  void Add(Columns... columns) {
    values_ = std::make_tuple(std::move(columns)...);
    statement_.execute(/*withDataExchange=*/true);
  }

 private:
  template <size_t... kIndex>
  void Bind(std::index_sequence<kIndex...>) {
    (statement_.exchange(soci::use(std::get<kIndex>(values_))), ...);
  }

  std::tuple<Columns...> values_;  // The statement reads from here; never moves.
  soci::statement statement_;
};

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_REGISTER_FILE_H_
