#include "broker/base/textproto.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace naru {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

// Nobody nests configuration deeper; a file that does would only exhaust the stack.
constexpr int kNesting = 32;

// Keeps the first error; those after it follow from it.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(absl::string_view name) : name_(name) {}

  // Both count from 0, and are -1 for the file as a whole.
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!status_.ok()) return;
    const std::string place = line < 0 ? "" : absl::StrCat(line + 1, ":", column + 1, ":");
    status_ = absl::InvalidArgumentError(absl::StrCat(name_, ":", place, " ", message));
  }

  const absl::Status& status() const { return status_; }

 private:
  const std::string name_;
  absl::Status status_;
};

// The length of the longest start of `text` that is UTF-8 (RFC 3629).
size_t Utf8Prefix(absl::string_view text) {
  const auto byte = [text](size_t i) {
    return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0};
  };
  size_t i = 0;
  while (i < text.size()) {
    const uint8_t lead = byte(i);
    const size_t length = lead < 0x80   ? 1
                          : lead < 0xc2 ? 0
                          : lead < 0xe0 ? 2
                          : lead < 0xf0 ? 3
                          : lead < 0xf5 ? 4
                                        : 0;
    if (length == 0) return i;
    for (size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return i;
    }
    // Overlong forms, surrogates, beyond U+10FFFF.
    const uint8_t second = byte(i + 1);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
      return i;
    }
    i += length;
  }
  return i;
}

absl::Status CheckUtf8(absl::string_view name, absl::string_view text) {
  const size_t good = Utf8Prefix(text);
  if (good == text.size()) return absl::OkStatus();
  const absl::string_view before = text.substr(0, good);
  const auto line = std::count(before.begin(), before.end(), '\n');
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return absl::InvalidArgumentError(absl::StrCat(name, ":", line + 1, ":", good - line_start + 1,
                                                 ": The file is not UTF-8 here."));
}

// One step of a path: "kinds[3]" or "holder".
struct Step {
  absl::string_view field;
  int index = -1;
};

std::optional<Step> ParseStep(absl::string_view text) {
  Step step;
  const size_t bracket = text.find('[');
  step.field = text.substr(0, bracket);
  if (bracket == absl::string_view::npos) return step;
  absl::string_view index = text.substr(bracket + 1);
  if (!absl::ConsumeSuffix(&index, "]") || !absl::SimpleAtoi(index, &step.index) ||
      step.index < 0) {
    return std::nullopt;
  }
  return step;
}

// The line of one value of `field`, counted from 1, or 0. A list in the short form
// `fields: ["a", "b"]` has one place for all its values, so the nearest place before counts.
int LineOf(const TextFormat::ParseInfoTree& tree, const FieldDescriptor* field, int index) {
  if (!field->is_repeated()) return tree.GetLocation(field, -1).line + 1;
  int line = -1;
  for (int i = std::max(index, 0); i >= 0 && line < 0; --i) {
    line = tree.GetLocation(field, i).line;
  }
  return line + 1;
}

// As TextProtoLocations::Line, for a message of `type` with its locations in `tree`.
int LineAt(const Descriptor* type, const TextFormat::ParseInfoTree* tree, absl::string_view path) {
  int line = 0;
  for (absl::string_view text : absl::StrSplit(path, '.', absl::SkipEmpty())) {
    const std::optional<Step> step = ParseStep(text);
    if (!step.has_value() || type == nullptr || tree == nullptr) break;
    const FieldDescriptor* const field = type->FindFieldByName(std::string(step->field));
    if (field == nullptr || (step->index >= 0 && !field->is_repeated())) break;
    const int found = LineOf(*tree, field, step->index);
    if (found == 0) break;
    line = found;
    type = field->message_type();
    if (type == nullptr) break;
    tree = tree->GetTreeForNested(field, field->is_repeated() ? std::max(step->index, 0) : -1);
  }
  return line;
}

absl::Status MakeError(absl::string_view name, int line, absl::string_view path,
                       absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(name, ":",
                                                 line == 0 ? "" : absl::StrCat(line, ":"), " ",
                                                 path, path.empty() ? "" : ": ", what));
}

// The files of a folder whose names end in .textproto, in order; the path itself when it is none.
absl::StatusOr<std::vector<std::string>> PartsOf(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> parts;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".textproto") parts.push_back(at->path().string());
  }
  if (error) return absl::UnavailableError(absl::StrCat(path, ": ", error.message()));
  if (parts.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": has no file *.textproto"));
  }
  std::sort(parts.begin(), parts.end());
  return parts;
}

// A value that the parser takes and that must not be in configuration.
struct BadValue {
  std::string path;
  std::string what;
};

std::optional<BadValue> FindBadValue(const Message& message, const std::string& prefix);

// The value at `index` (-1 when not repeated) of a field that is set.
std::optional<BadValue> CheckValue(const Message& message, const FieldDescriptor* field, int index,
                                   std::string path) {
  const Reflection& reflection = *message.GetReflection();
  const bool repeated = index >= 0;
  if (field->type() == FieldDescriptor::TYPE_STRING) {
    // An escape ("\377") can put bytes into a string that no later reader of the message takes.
    const std::string value = repeated ? reflection.GetRepeatedString(message, field, index)
                                       : reflection.GetString(message, field);
    if (Utf8Prefix(value) != value.size()) return BadValue{std::move(path), "is not UTF-8"};
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    // proto3 keeps any number.
    const int value = repeated ? reflection.GetRepeatedEnumValue(message, field, index)
                               : reflection.GetEnumValue(message, field);
    if (field->enum_type()->FindValueByNumber(value) == nullptr) {
      return BadValue{std::move(path),
                      absl::StrCat(value, " is not a value of ", field->enum_type()->name())};
    }
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return FindBadValue(repeated ? reflection.GetRepeatedMessage(message, field, index)
                                 : reflection.GetMessage(message, field),
                        absl::StrCat(path, "."));
  }
  return std::nullopt;
}

std::optional<BadValue> FindBadValue(const Message& message, const std::string& prefix) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const std::string path = absl::StrCat(prefix, field->name());
    std::optional<BadValue> bad;
    if (!field->is_repeated()) {
      bad = CheckValue(message, field, -1, path);
    }
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 0;
    for (int i = 0; i < count && !bad.has_value(); ++i) {
      bad = CheckValue(message, field, i, absl::StrCat(path, "[", i, "]"));
    }
    if (bad.has_value()) return bad;
  }
  return std::nullopt;
}

}  // namespace

namespace {

// TextProtoLocations of a message that stands somewhere else.
class Locations : public TextProtoLocations {
 public:
  Locations(std::string name, const Descriptor* type) : TextProtoLocations(std::move(name), type) {}
  using TextProtoLocations::LoadInto;
};

}  // namespace

absl::Status LoadTextProto(const std::string& path, Message* message) {
  return Locations(path, message->GetDescriptor()).LoadInto(message);
}

absl::Status ParseTextProto(absl::string_view name, absl::string_view text, Message* message,
                            TextFormat::ParseInfoTree* locations) {
  if (text.size() > kTextProtoBytes) {
    return absl::OutOfRangeError(
        absl::StrCat(name, ": is larger than ", kTextProtoBytes, " bytes"));
  }
  ABSL_RETURN_IF_ERROR(CheckUtf8(name, text));
  FirstError error(name);
  TextFormat::ParseInfoTree own_locations;
  if (locations == nullptr) locations = &own_locations;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(locations);
  parser.SetRecursionLimit(kNesting);
  google::protobuf::io::ArrayInputStream input(text.data(), static_cast<int>(text.size()));
  if (!parser.Parse(&input, message)) {
    return error.status().ok() ? MakeError(name, 0, "", "cannot be parsed") : error.status();
  }
  const std::optional<BadValue> bad = FindBadValue(*message, "");
  if (bad.has_value()) {
    return MakeError(name, LineAt(message->GetDescriptor(), locations, bad->path), bad->path,
                     bad->what);
  }
  return absl::OkStatus();
}

absl::Status TextProtoLocations::LoadInto(Message* message) {
  ABSL_ASSIGN_OR_RETURN(const std::vector<std::string> paths, PartsOf(name_));
  size_t bytes = 0;
  for (const std::string& path : paths) {
    ABSL_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kTextProtoBytes));
    bytes += text.size();
    if (bytes > kTextProtoBytes) {
      return absl::OutOfRangeError(
          absl::StrCat(name_, ": is larger than ", kTextProtoBytes, " bytes"));
    }
    ABSL_RETURN_IF_ERROR(AddPart(path, text, message));
  }
  return absl::OkStatus();
}

absl::Status TextProtoLocations::ParseInto(absl::string_view text, Message* message) {
  return AddPart(name_, text, message);
}

absl::Status TextProtoLocations::AddPart(const std::string& name, absl::string_view text,
                                         Message* message) {
  Part part{name, std::make_unique<TextFormat::ParseInfoTree>(), {}};
  const std::unique_ptr<Message> alone(message->New());
  ABSL_RETURN_IF_ERROR(ParseTextProto(name, text, alone.get(), part.tree.get()));
  const Reflection& reflection = *alone->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*alone, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!field->is_repeated()) {
      if (!reflection.HasField(*message, field)) continue;
      return MakeError(name, LineAt(type_, part.tree.get(), field->name()), field->name(),
                       "stands in another file too");
    }
    const int before = reflection.FieldSize(*message, field);
    part.lists[field->name()] = {before, before + reflection.FieldSize(*alone, field)};
  }
  message->MergeFrom(*alone);
  parts_.push_back(std::move(part));
  return absl::OkStatus();
}

std::pair<const TextProtoLocations::Part*, std::string> TextProtoLocations::Find(
    absl::string_view path) const {
  if (parts_.empty()) return {nullptr, std::string(path)};
  const size_t end = std::min(path.find('.'), path.size());
  const std::optional<Step> step = ParseStep(path.substr(0, end));
  if (parts_.size() == 1 || !step.has_value()) return {&parts_.front(), std::string(path)};
  for (const Part& part : parts_) {
    const auto list = part.lists.find(step->field);
    if (step->index < 0 || list == part.lists.end()) continue;
    if (step->index < list->second.first || step->index >= list->second.second) continue;
    return {&part, absl::StrCat(step->field, "[", step->index - list->second.first, "]",
                                path.substr(end))};
  }
  return {nullptr, std::string(path)};
}

int TextProtoLocations::Line(absl::string_view path) const {
  const auto [part, there] = Find(path);
  return part == nullptr ? 0 : LineAt(type_, part->tree.get(), there);
}

absl::Status TextProtoLocations::ErrorAt(absl::string_view path, absl::string_view what) const {
  const Part* const part = path.empty() ? nullptr : Find(path).first;
  return MakeError(part == nullptr ? name_ : part->name, Line(path), path, what);
}

}  // namespace naru
