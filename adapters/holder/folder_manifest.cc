#include "adapters/holder/folder_manifest.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "adapters/holder/folder_files.h"
#include "adapters/holder/register.h"
#include "broker/base/file.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/base/textproto.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

using config::v1::FolderDocument;
using config::v1::FolderFile;
using config::v1::FolderReference;

// A file is some 300 bytes of a manifest.
constexpr size_t kManifestBytes = 64 * 1024 * 1024;
constexpr int kFiles = 200'000;
constexpr size_t kDocumentNumber = 64;

bool IsDigest(absl::string_view text) {
  return text.size() == 2 * crypto::kHashBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

std::string Keyed(absl::string_view key, const v1::Subject& subject) {
  return absl::BytesToHexString(crypto::HmacSha256(
      key, absl::StrCat(static_cast<int>(subject.type()), ":", subject.number())));
}

// No two lists of texts give the same.
void Append(std::string& key, absl::string_view text) {
  absl::StrAppend(&key, text.size(), ":", text);
}

// What a file is found by. Values are a set: years asked in another order are the same document.
template <typename Parameters>
std::string KeyOf(absl::string_view kind, absl::string_view reference, bool keyed,
                  const Parameters& parameters) {
  std::map<std::string, std::vector<std::string>> sorted;
  for (const v1::Parameter& parameter : parameters) {
    std::vector<std::string>& values = sorted[parameter.name()];
    values.assign(parameter.values().begin(), parameter.values().end());
    std::sort(values.begin(), values.end());
  }
  std::string key = keyed ? "keyed " : "plain ";
  Append(key, kind);
  Append(key, reference);
  for (const auto& [name, values] : sorted) {
    Append(key, name);
    absl::StrAppend(&key, values.size(), " values ");
    for (const std::string& value : values) Append(key, value);
  }
  return key;
}

std::string KeyOf(const FolderFile& file) {
  const bool keyed = file.subject().has_keyed();
  return KeyOf(file.kind(),
               keyed ? absl::AsciiStrToLower(file.subject().keyed()) : file.subject().number(),
               keyed, file.parameters());
}

// Where and what is wrong.
struct Flaw {
  std::string field;
  std::string what;
};

Flaw CheckReference(const FolderReference& reference, const std::string& at, bool has_key) {
  if (reference.has_keyed()) {
    if (!has_key) return {at + ".keyed", "needs the register's reference_key"};
    if (!IsDigest(reference.keyed())) return {at + ".keyed", "is not 64 hexadecimal characters"};
    return {};
  }
  if (reference.number().empty()) return {at, "is missing"};
  if (reference.number().size() > static_cast<size_t>(limits::kSubjectNumber)) {
    return {at + ".number", absl::StrCat("is longer than ", limits::kSubjectNumber)};
  }
  return {};
}

Flaw CheckParameterNames(const FolderFile& file, const FolderDocument& document) {
  std::vector<std::string> names;
  for (const v1::Parameter& parameter : file.parameters()) {
    if (parameter.values().empty()) return {"parameters", "has one without values"};
    names.push_back(parameter.name());
  }
  std::vector<std::string> wanted(document.parameters().begin(), document.parameters().end());
  std::sort(names.begin(), names.end());
  std::sort(wanted.begin(), wanted.end());
  if (names != wanted) return {"parameters", "are not those of the kind"};
  return {};
}

Flaw CheckFile(const FolderFile& file, const FolderDocument& document, bool has_key) {
  if (Flaw flaw = CheckReference(file.subject(), "subject", has_key); !flaw.what.empty()) {
    return flaw;
  }
  if (IsAboutPerson(document.subject_type()) != file.persons().empty()) {
    return {"persons", file.persons().empty() ? "is missing" : "is not for kinds about a person"};
  }
  for (int i = 0; i < file.persons_size(); ++i) {
    Flaw flaw = CheckReference(file.persons(i), absl::StrCat("persons[", i, "]"), has_key);
    if (!flaw.what.empty()) return flaw;
  }
  if (Flaw flaw = CheckParameterNames(file, document); !flaw.what.empty()) return flaw;
  if (!IsFolderPath(file.file())) return {"file", "is not a path below the directory"};
  if (!IsDigest(file.sha256())) return {"sha256", "is not 64 hexadecimal characters"};
  if (file.document_number().empty() || file.document_number().size() > kDocumentNumber) {
    return {"document_number", absl::StrCat("is not of 1 to ", kDocumentNumber, " characters")};
  }
  if (file.issue_time().seconds() <= 0) return {"issue_time", "is missing"};
  const size_t slash = file.media_type().find('/');
  if (slash == 0 || slash == std::string::npos || slash + 1 == file.media_type().size()) {
    return {"media_type", "is not a media type"};
  }
  return {};
}

absl::Status LocatedError(const std::string& path, const std::string& field,
                          absl::string_view what) {
  // Where every field stands takes much room: it is found only when something is wrong.
  absl::StatusOr<std::string> text = ReadFile(path, kManifestBytes);
  if (text.ok()) {
    const auto file = TextProtoFile<config::v1::FolderManifest>::Parse(path, *text);
    if (file.ok()) return file->ErrorAt(field, what);
  }
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", field, ": ", what));
}

// Where it cannot be parsed, and no more: the parser quotes what it found, which may be a person's
// number, and the error goes into a log (P6).
absl::Status Unquoted(const std::string& path, const absl::Status& error) {
  absl::string_view place = error.message();
  if (!absl::ConsumePrefix(&place, path)) place = "";
  place = place.substr(0, place.find_first_not_of(":0123456789"));
  return absl::InvalidArgumentError(
      absl::StrCat(path, place, " cannot be parsed; what stands there may name a person"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<FolderManifest>> FolderManifest::Load(
    const config::v1::FolderRegister& folder, const std::string& reference_key) {
  auto manifest = absl::WrapUnique(new FolderManifest(folder.manifest_file(), reference_key));
  ABSL_ASSIGN_OR_RETURN(const std::string text, ReadFile(folder.manifest_file(), kManifestBytes));
  const absl::Status parsed = ParseTextProto(folder.manifest_file(), text, &manifest->message_);
  if (!parsed.ok()) return Unquoted(folder.manifest_file(), parsed);
  ABSL_RETURN_IF_ERROR(manifest->Check(folder));
  return manifest;
}

absl::Status FolderManifest::Check(const config::v1::FolderRegister& folder) {
  if (message_.files_size() > kFiles) {
    return LocatedError(path_, "", absl::StrCat("has more than ", kFiles, " files"));
  }
  if (message_.file_count() != static_cast<uint32_t>(message_.files_size())) {
    return LocatedError(path_, "file_count",
                        absl::StrCat("is not the number of files, ", message_.files_size()));
  }
  std::map<std::string, const FolderDocument*> documents;
  for (const FolderDocument& document : folder.documents()) documents[document.kind()] = &document;
  for (int i = 0; i < message_.files_size(); ++i) {
    const FolderFile& file = message_.files(i);
    const auto document = documents.find(file.kind());
    if (document == documents.end()) return ErrorAt(i, "kind", "is none of the register's");
    const Flaw flaw = CheckFile(file, *document->second, !reference_key_.empty());
    if (!flaw.what.empty()) return ErrorAt(i, flaw.field, flaw.what);
    if (!by_key_.emplace(KeyOf(file), i).second) {
      return ErrorAt(i, "", "is a second file of the same kind, subject and parameters");
    }
  }
  return absl::OkStatus();
}

absl::Status FolderManifest::ErrorAt(int index, absl::string_view field,
                                     absl::string_view what) const {
  return LocatedError(path_, absl::StrCat("files[", index, "]", field.empty() ? "" : ".", field),
                      what);
}

const FolderFile* FolderManifest::Find(absl::string_view kind, const v1::Subject& subject,
                                       const std::vector<v1::Parameter>& parameters) const {
  auto found = by_key_.find(KeyOf(kind, subject.number(), false, parameters));
  if (found == by_key_.end() && !reference_key_.empty()) {
    found = by_key_.find(KeyOf(kind, Keyed(reference_key_, subject), true, parameters));
  }
  return found == by_key_.end() ? nullptr : &message_.files(found->second);
}

bool FolderManifest::Means(const FolderReference& reference, const v1::Subject& subject) const {
  if (!reference.has_keyed()) return reference.number() == subject.number();
  return crypto::ConstantTimeEqual(absl::AsciiStrToLower(reference.keyed()),
                                   Keyed(reference_key_, subject));
}

}  // namespace naru
