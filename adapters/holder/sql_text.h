#ifndef NARU_ADAPTERS_HOLDER_SQL_TEXT_H_
#define NARU_ADAPTERS_HOLDER_SQL_TEXT_H_

#include <map>
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

// A statement in which no parameter stands twice: drivers that know parameters by position alone
// would leave the second without a value.
struct SqlStatementText {
  std::string text;
  std::map<std::string, std::string> parameters;  // Name in `text` -> name in the query.
};
SqlStatementText SeparateParameters(absl::string_view query);

// SELECT of `columns` from the result of `query`, ordered by the columns `order_by` (as they come
// when there are none). Columns are SQL names; they are read as `text_type` unless that is empty.
// Nothing else of what `query` selects leaves the database.
std::string SelectColumns(absl::string_view query, const std::vector<std::string>& columns,
                          const std::vector<std::string>& order_by,
                          absl::string_view text_type = "");

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_SQL_TEXT_H_
