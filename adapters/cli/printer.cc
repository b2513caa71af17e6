#include "adapters/cli/printer.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "broker/base/errors.h"
#include "google/protobuf/util/json_util.h"

namespace naru::cli {
namespace {

constexpr size_t kLabelColumns = 18;
constexpr int kKoreaSeconds = 9 * 60 * 60;

// Columns on a terminal: what Hangul and other wide characters take twice.
size_t Columns(absl::string_view text) {
  size_t columns = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) == 0x80) continue;
    // Three bytes from U+1100 on: Hangul, ideographs, full-width forms.
    const bool wide = byte >= 0xe1 && byte != 0xe2;
    columns += wide ? 2 : 1;
  }
  return columns;
}

std::string Padded(const std::string& text, size_t columns) {
  return absl::StrCat(text, std::string(columns - std::min(columns, Columns(text)), ' '));
}

// What a server or library told goes to a terminal: no control characters.
std::string Visible(absl::string_view text) {
  std::string visible(text);
  for (char& c : visible) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return visible;
}

}  // namespace

void Printer::Field(const Words& label, const std::string& value) {
  if (json_) return;
  *out_ << Padded(absl::StrCat(label.in(language_), ":"), kLabelColumns) << " " << Visible(value)
        << "\n";
}

void Printer::Table(const std::vector<Words>& head,
                    const std::vector<std::vector<std::string>>& rows) {
  if (json_) return;
  std::vector<std::vector<std::string>> all(1);
  for (const Words& words : head) all[0].push_back(words.in(language_));
  all.insert(all.end(), rows.begin(), rows.end());
  std::vector<size_t> widths(head.size(), 0);
  for (auto& row : all) {
    for (size_t i = 0; i < head.size(); ++i) {
      row[i] = Visible(row[i]);
      widths[i] = std::max(widths[i], Columns(row[i]));
    }
  }
  for (const auto& row : all) {
    std::string line;
    for (size_t i = 0; i < head.size(); ++i)
      absl::StrAppend(&line, Padded(row[i], widths[i]), "  ");
    *out_ << absl::StripTrailingAsciiWhitespace(line) << "\n";
  }
}

void Printer::Line(const Words& words) {
  if (!json_) *out_ << words.in(language_) << "\n";
}

void Printer::Json(const google::protobuf::Message& message, bool lines) {
  if (!json_) return;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = !lines;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) {
    *err_ << "naructl: an answer has no JSON form\n";
    return;
  }
  *out_ << text << (lines ? "\n" : "") << std::flush;
}

void Printer::Refusal(const v1::Refusal& refusal) {
  if (json_) return;
  Field({"거절", "Refused"}, ReasonText(refusal.reason(), language_));
  std::vector<std::string> facts;
  for (const auto& [key, value] : refusal.facts()) facts.push_back(absl::StrCat(key, "=", value));
  std::sort(facts.begin(), facts.end());
  for (const std::string& fact : facts) Field({"사실", "Fact"}, fact);
  Field({"처리할 곳", "Who can mend it"}, MenderText(refusal.mender(), language_));
}

void Printer::Error(const absl::Status& status) {
  *err_ << "naructl: " << absl::StatusCodeToString(status.code()) << ": "
        << Visible(status.message()) << "\n";
  const std::optional<v1::ErrorDetail> detail = GetErrorDetail(status);
  if (!detail.has_value()) return;
  *err_ << "  reason: " << v1::ErrorReason_Name(detail->reason()) << "\n";
  if (!detail->field().empty()) *err_ << "  field: " << Visible(detail->field()) << "\n";
  if (detail->limit() != 0) *err_ << "  limit: " << detail->limit() << "\n";
  if (!detail->next_step().empty()) *err_ << "  next: " << Visible(detail->next_step()) << "\n";
  if (detail->retry_after_ms() != 0) {
    *err_ << "  retry after: " << detail->retry_after_ms() << " ms\n";
  }
}

std::string Printer::TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0 && time.nanos() == 0) return "-";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(time.seconds()),
                          absl::FixedTimeZone(kKoreaSeconds));
}

}  // namespace naru::cli
