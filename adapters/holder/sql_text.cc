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

// A parameter in a query: where its name stands, behind the colon.
struct Mention {
  size_t at;
  size_t size;
};

std::vector<Mention> Mentions(absl::string_view query) {
  std::vector<Mention> mentions;
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
      mentions.push_back({at + 1, size});
      at += 1 + size;
    } else {
      ++at;
    }
  }
  return mentions;
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
  for (const Mention& mention : Mentions(query)) {
    names.emplace(query.substr(mention.at, mention.size));
  }
  return names;
}

SqlStatementText SeparateParameters(absl::string_view query) {
  SqlStatementText result;
  size_t copied = 0;
  for (const Mention& mention : Mentions(query)) {
    const std::string name(query.substr(mention.at, mention.size));
    const std::string alias = absl::StrCat("p", result.parameters.size() + 1, "_", name);
    absl::StrAppend(&result.text, query.substr(copied, mention.at - copied), alias);
    copied = mention.at + mention.size;
    result.parameters[alias] = name;
  }
  absl::StrAppend(&result.text, query.substr(copied));
  return result;
}

std::string SelectColumns(absl::string_view query, const std::vector<std::string>& columns,
                          const std::vector<std::string>& order_by, absl::string_view text_type) {
  std::string text = "SELECT ";
  const char* separator = "";
  // With the table's name before it, an unknown column is an error everywhere.
  for (const std::string& column : columns) {
    if (text_type.empty()) {
      absl::StrAppend(&text, separator, "q.", column);
    } else {
      absl::StrAppend(&text, separator, "CAST(q.", column, " AS ", text_type, ")");
    }
    separator = ", ";
  }
  // The line break ends a comment that the query may end with.
  absl::StrAppend(&text, " FROM (", query, "\n) q");
  separator = " ORDER BY ";
  for (const std::string& column : order_by) {
    absl::StrAppend(&text, separator, "q.", column);
    separator = ", ";
  }
  return text;
}

}  // namespace naru
