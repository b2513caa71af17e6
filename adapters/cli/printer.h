#ifndef NARU_ADAPTERS_CLI_PRINTER_H_
#define NARU_ADAPTERS_CLI_PRINTER_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "adapters/cli/words.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "naru/v1/error_reason.pb.h"

namespace naru::cli {

// Writes answers for people (aligned, Korean or English) or programs (protobuf's JSON). Not
// thread-safe.
class Printer {
 public:
  // The streams must outlive the printer.
  Printer(std::ostream* out, std::ostream* err) : out_(out), err_(err) {}

  void set_language(Language language) { language_ = language; }
  void set_json(bool json) { json_ = json; }
  Language language() const { return language_; }
  bool json() const { return json_; }

  // One line "label: value" for people; nothing with --json.
  void Field(const Words& label, const std::string& value);
  // Columns as wide as their widest cell; nothing with --json.
  void Table(const std::vector<Words>& head, const std::vector<std::vector<std::string>>& rows);
  void Line(const Words& words);
  // Nothing without --json. `lines`: one message a line.
  void Json(const google::protobuf::Message& message, bool lines = false);
  // Reason, facts, who can mend it; to the output's own stream, as it is an answer.
  void Refusal(const v1::Refusal& refusal);
  // To the error stream, with what to do next.
  void Error(const absl::Status& status);

  // "2026-11-22 14:03:00" in Korea's time; "-" when unset.
  static std::string TimeText(const google::protobuf::Timestamp& time);

 private:
  std::ostream* const out_;
  std::ostream* const err_;
  Language language_ = Language::kKorean;
  bool json_ = false;
};

}  // namespace naru::cli

#endif  // NARU_ADAPTERS_CLI_PRINTER_H_
