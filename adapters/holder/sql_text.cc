#include "adapters/holder/sql_text.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace naru {
namespace {

constexpr size_t kNameMax = 63;

bool BeginsName(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool ContinuesName(char c) {
  return BeginsName(c) || absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// Where the text goes on behind what begins at `at` with `open` and ends with `close`. A doubled
// quote inside a literal reads as two literals, which is all the same here.
size_t Behind(absl::string_view text, size_t at, absl::string_view open, absl::string_view close) {
  const size_t end = text.find(close, at + open.size());
  return end == absl::string_view::npos ? text.size() : end + close.size();
}

}  // namespace

bool IsSqlName(absl::string_view text) {
  if (text.empty() || text.size() > kNameMax || !BeginsName(text[0])) return false;
  for (const char c : text) {
    if (!ContinuesName(c)) return false;
  }
  return true;
}

std::set<std::string> NamedParameters(absl::string_view query) {
  std::set<std::string> names;
  for (size_t at = 0; at < query.size();) {
    const absl::string_view rest = query.substr(at);
    if (rest[0] == '\'' || rest[0] == '"' || rest[0] == '`') {
      at = Behind(query, at, rest.substr(0, 1), rest.substr(0, 1));
    } else if (rest.substr(0, 2) == "--") {
      at = Behind(query, at, "--", "\n");
    } else if (rest.substr(0, 2) == "/*") {
      at = Behind(query, at, "/*", "*/");
    } else if (rest.substr(0, 2) == "::") {
      at += 2;
    } else if (rest[0] == ':' && rest.size() > 1 && BeginsName(rest[1])) {
      size_t size = 1;
      while (1 + size < rest.size() && ContinuesName(rest[1 + size])) ++size;
      names.emplace(rest.substr(1, size));
      at += 1 + size;
    } else {
      ++at;
    }
  }
  return names;
}

std::string SelectColumns(absl::string_view query, const std::vector<std::string>& columns,
                          const std::vector<std::string>& order_by) {
  std::string text = "SELECT ";
  const char* separator = "";
  // With the table's name before it, an unknown column is an error everywhere.
  for (const std::string& column : columns) {
    absl::StrAppend(&text, separator, "q.", column);
    separator = ", ";
  }
  // The line break ends a comment that the query may end with.
  absl::StrAppend(&text, " FROM (", query, "\n) AS q");
  separator = " ORDER BY ";
  for (const std::string& column : order_by) {
    absl::StrAppend(&text, separator, "q.", column);
    separator = ", ";
  }
  return text;
}

}  // namespace naru
