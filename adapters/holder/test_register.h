#ifndef NARU_ADAPTERS_HOLDER_TEST_REGISTER_H_
#define NARU_ADAPTERS_HOLDER_TEST_REGISTER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace naru {

// A database of an agency, for tests: test_databases.h has some. Ends the process when it fails.
class TestDatabase {
 public:
  virtual ~TestDatabase() = default;
  // What a configuration names.
  virtual std::string connection() const = 0;
  // Runs SQL on it, as the agency that owns it would.
  virtual void Execute(const std::string& sql) = 0;
};

// A small tax register, and the configuration that serves it, for tests. Business
// i (0 to kTestBusinesses - 1) has number TestBusinessNo(i), is represented by person
// TestPersonCi(i), and has rows for the years 2024 and 2025. The view tax_paper has the
// representative's resident number, TestRrn(i), which no configuration names.
inline constexpr int kTestBusinesses = 587;

std::string TestBusinessNo(int i);
std::string TestPersonCi(int i);
std::string TestRrn(int i);

// Fills an empty database.
void FillTestRegister(TestDatabase& database);

// The same in a new SQLite file at `path`, and SQL on it.
void MakeTestRegister(const std::string& path);
void ExecuteSql(const std::string& path, const std::string& sql);

// A whole HolderConfig for the register at `connection`, kinds TAX_PAPER (a business), INCOME_PAPER
// (a person, parameter tax_years), MIXED_UP (a business; gives whatever row comes first), CROWDED
// (its query gives many rows) and LONG_LIST (its list has more rows than allowed). TLS, key and
// checkpoint files are in `files`, a directory; nothing needs to be there.
std::string TestHolderConfigFor(const std::string& connection, const std::string& files,
                                absl::string_view verifier_key);
// The same for the SQLite file at `path`.
std::string TestHolderConfig(const std::string& path, const std::string& files,
                             absl::string_view verifier_key);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_TEST_REGISTER_H_
