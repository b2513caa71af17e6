#include "adapters/cli/input.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/base/file.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/base/textproto.h"

namespace naru::cli {
namespace {

constexpr size_t kTextBytes = 16 * 1024;
constexpr size_t kSaltHex = 32;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); });
}

}  // namespace

absl::StatusOr<std::string> ReadText(const std::string& file, std::istream& in) {
  std::string text;
  if (file == "-") {
    text.resize(kTextBytes + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(in.gcount()));
  } else {
    ABSL_ASSIGN_OR_RETURN(text, ReadFile(file, kTextBytes));
  }
  if (text.size() > kTextBytes) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": longer than 16 KiB"));
  }
  absl::StripAsciiWhitespace(&text);
  if (text.empty()) return absl::InvalidArgumentError(absl::StrCat(file, ": is empty"));
  return text;
}

absl::StatusOr<v1::Subject> ReadPerson(const std::string& file, std::istream& in) {
  v1::Subject person;
  person.set_type(v1::SUBJECT_TYPE_PERSON);
  ABSL_ASSIGN_OR_RETURN(*person.mutable_number(), ReadText(file, in));
  if (person.number().size() > static_cast<size_t>(limits::kSubjectNumber)) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": is not one CI"));
  }
  return person;
}

absl::StatusOr<v1::Assertion> ReadAssertion(const std::string& file, std::istream& in) {
  ABSL_ASSIGN_OR_RETURN(const std::string text, ReadText(file, in));
  const std::vector<std::string> words =
      absl::StrSplit(text, absl::ByAnyChar(" \r\n"), absl::SkipEmpty());
  if (words.size() != 2 || words[1].size() != kSaltHex || !IsHex(words[1])) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": want a JWS and, on the next line, 32 hexadecimal characters of salt"));
  }
  v1::Assertion assertion;
  assertion.set_jws(words[0]);
  assertion.set_salt(absl::HexStringToBytes(words[1]));
  return assertion;
}

absl::StatusOr<std::vector<v1::Paper>> ReadPapers(const std::string& file) {
  v1::OpenConsentRequest request;
  ABSL_RETURN_IF_ERROR(LoadTextProto(file, &request));
  if (request.papers().empty() || request.papers_size() > limits::kPapersPerConsent) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": want 1 to 64 papers"));
  }
  return std::vector<v1::Paper>(request.papers().begin(), request.papers().end());
}

absl::StatusOr<std::vector<v1::PaperDecision>> ParseDecisions(absl::string_view text) {
  std::vector<v1::PaperDecision> decisions;
  std::set<uint32_t> seen;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::vector<absl::string_view> sides = absl::StrSplit(part, '=');
    uint32_t paper_id = 0;
    v1::Decision decision = v1::DECISION_UNSPECIFIED;
    if (sides.size() != 2 || !absl::SimpleAtoi(sides[0], &paper_id) ||
        !v1::Decision_Parse(absl::StrCat("DECISION_", sides[1]), &decision) ||
        decision == v1::DECISION_UNSPECIFIED || !seen.insert(paper_id).second) {
      return absl::InvalidArgumentError(
          "decisions: want each paper once, such as 1=AGREED,2=REFUSED");
    }
    v1::PaperDecision& one = decisions.emplace_back();
    one.set_paper_id(paper_id);
    one.set_decision(decision);
  }
  return decisions;
}

absl::StatusOr<std::string> ParseSha256(absl::string_view hex) {
  if (hex.size() != 64 || !IsHex(hex)) {
    return absl::InvalidArgumentError("want a SHA-256 as 64 hexadecimal characters");
  }
  return absl::HexStringToBytes(hex);
}

}  // namespace naru::cli
