#ifndef NARU_BROKER_BASE_TEXTPROTO_H_
#define NARU_BROKER_BASE_TEXTPROTO_H_

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

// Configuration files: protobuf's text format, with errors that name file, line and field.
namespace naru {

// The largest file that is read: a catalogue of all agencies has well under 4 MiB.
inline constexpr size_t kTextProtoBytes = 16 * 1024 * 1024;

// Reads a file into `message`. The status of ReadFile, or INVALID_ARGUMENT "file:line:column: what
// is wrong" for the first thing wrong: text that does not parse, a field set twice, unknown fields
// and enum values, text that is not UTF-8.
//
// A large message may lie in several files: `path` is then a folder, and its files *.textproto, in
// order of their names, count as one, list after list. Only lists may stand in more than one.
absl::Status LoadTextProto(const std::string& path, google::protobuf::Message* message);

// The same for text at hand; `name` stands for the file in errors.
absl::Status ParseTextProto(absl::string_view name, absl::string_view text,
                            google::protobuf::Message* message,
                            google::protobuf::TextFormat::ParseInfoTree* locations = nullptr);

// Where the fields of a message that was parsed stand. Immutable.
class TextProtoLocations {
 public:
  // The file's line, counted from 1, of the field at `path` ("kinds[3].parameters[0].name"), or, if
  // the file does not set it, of the nearest message around it that it sets. 0 when there is none.
  int Line(absl::string_view path) const;

  // INVALID_ARGUMENT "deploy/kinds.textproto:41: kinds[3].holder: <what>"; without the line when
  // there is none, and without the field when `path` is empty (the file as a whole). Of several
  // files it names the one, with kinds[3] still counted over all of them.
  absl::Status ErrorAt(absl::string_view path, absl::string_view what) const;

  const std::string& name() const { return name_; }

 protected:
  TextProtoLocations(std::string name, const google::protobuf::Descriptor* type)
      : name_(std::move(name)), type_(type) {}

  // As LoadTextProto and ParseTextProto; once.
  absl::Status LoadInto(google::protobuf::Message* message);
  absl::Status ParseInto(absl::string_view text, google::protobuf::Message* message);

 private:
  // One file of the message.
  struct Part {
    std::string name;
    std::unique_ptr<google::protobuf::TextFormat::ParseInfoTree> tree;
    // Of each list at the top: where the file's first value comes in the whole, and the one after
    // its last.
    std::map<std::string, std::pair<int, int>, std::less<>> lists;
  };
  // The part that sets the field, and its path there.
  std::pair<const Part*, std::string> Find(absl::string_view path) const;
  absl::Status AddPart(const std::string& name, absl::string_view text,
                       google::protobuf::Message* message);

  std::string name_;
  const google::protobuf::Descriptor* type_;
  std::vector<Part> parts_;
};

// A message together with where its fields stand, for what is checked after parsing:
//   ABSL_ASSIGN_OR_RETURN(auto file, TextProtoFile<config::v1::Catalogue>::Load(path));
//   for (int i = 0; i < file.message().kinds_size(); ++i) {
//     if (!agencies.contains(file.message().kinds(i).holder())) {
//       return file.ErrorAt(absl::StrCat("kinds[", i, "].holder"), "no agency has this code");
// A validator that knows no files can report such paths to a function instead.
template <typename T>
class TextProtoFile : public TextProtoLocations {
 public:
  // As LoadTextProto.
  static absl::StatusOr<TextProtoFile> Load(const std::string& path) {
    TextProtoFile file(path);
    absl::Status status = file.LoadInto(&file.message_);
    if (!status.ok()) return status;
    return file;
  }
  // As ParseTextProto.
  static absl::StatusOr<TextProtoFile> Parse(std::string name, absl::string_view text) {
    TextProtoFile file(std::move(name));
    absl::Status status = file.ParseInto(text, &file.message_);
    if (!status.ok()) return status;
    return file;
  }

  const T& message() const { return message_; }
  T* mutable_message() { return &message_; }

 private:
  explicit TextProtoFile(std::string name) : TextProtoLocations(std::move(name), T::descriptor()) {}

  T message_;
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_TEXTPROTO_H_
