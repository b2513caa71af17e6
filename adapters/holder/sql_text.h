#ifndef NARU_ADAPTERS_HOLDER_SQL_TEXT_H_
#define NARU_ADAPTERS_HOLDER_SQL_TEXT_H_

#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

// SQL as text: which parameters a configured query names, and the statement that reads chosen
// columns of it. Values never become part of a statement. Thread-safe.
namespace naru {

// A letter or underscore, then letters, digits and underscores; at most 63. What needs no quotes in
// any database, and names of parameters too.
bool IsSqlName(absl::string_view text);

// The names behind a colon (":subject" gives "subject"), outside of literals, quoted names,
// comments and "::" casts.
std::set<std::string> NamedParameters(absl::string_view query);

// SELECT of `columns` from the result of `query`, ordered by the columns `order_by` (as they come
// when there are none). Columns are SQL names. Nothing else of what `query` selects leaves the
// database.
std::string SelectColumns(absl::string_view query, const std::vector<std::string>& columns,
                          const std::vector<std::string>& order_by);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_SQL_TEXT_H_
