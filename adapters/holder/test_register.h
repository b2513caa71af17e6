#ifndef NARU_ADAPTERS_HOLDER_TEST_REGISTER_H_
#define NARU_ADAPTERS_HOLDER_TEST_REGISTER_H_

#include <string>

#include "absl/strings/string_view.h"

namespace naru {

// A small tax register in a SQLite file, and the configuration that serves it, for tests. Business
// i (0 to kTestBusinesses - 1) has number TestBusinessNo(i), is represented by person
// TestPersonCi(i), and has rows for the years 2024 and 2025. The view tax_paper has the
// representative's resident number, TestRrn(i), which no configuration names.
inline constexpr int kTestBusinesses = 587;

std::string TestBusinessNo(int i);
std::string TestPersonCi(int i);
std::string TestRrn(int i);

// Makes the database anew at `path`. Ends the process when it cannot.
void MakeTestRegister(const std::string& path);

// Runs SQL on it, as the agency that owns it would.
void ExecuteSql(const std::string& path, const std::string& sql);

// A whole HolderConfig for the register at `path`, kinds TAX_PAPER (a business), INCOME_PAPER (a
// person, parameter tax_years), MIXED_UP (a business; gives whatever row comes first), CROWDED (its
// query gives many rows) and LONG_LIST (its list has more rows than allowed). TLS, key and
// checkpoint files are in `files`, a directory; nothing needs to be there.
std::string TestHolderConfig(const std::string& path, const std::string& files,
                             absl::string_view verifier_key);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_TEST_REGISTER_H_
