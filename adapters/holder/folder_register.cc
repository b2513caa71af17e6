#include "adapters/holder/folder_register.h"

#include <glog/logging.h>

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/escaping.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

using config::v1::FolderDocument;
using config::v1::FolderFile;

// Files being digested at once.
constexpr size_t kReaders = 2;

DocumentForm FormOf(const FolderDocument& document) {
  DocumentForm form;
  form.kind = document.kind();
  form.subject_type = document.subject_type();
  form.parameters = {document.parameters().begin(), document.parameters().end()};
  identity::v1::NumberKind_Parse(document.number_kind(), &form.number_kind);
  return form;
}

// Whether it is the same file with the same content, as far as its directory entry tells.
bool Unchanged(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

// Whom the file names: the asking person when one of its references means that person, else the
// first one, or nobody's number when that is keyed.
v1::Subject PersonOf(const FolderManifest& manifest, const FolderFile& file,
                     const v1::Subject& asked) {
  for (const config::v1::FolderReference& reference : file.persons()) {
    if (manifest.Means(reference, asked)) return asked;
  }
  v1::Subject other;
  other.set_type(v1::SUBJECT_TYPE_PERSON);
  const config::v1::FolderReference& first = file.persons(0);
  if (!first.has_keyed()) other.set_number(first.number());
  return other;
}

}  // namespace

FolderRegister::FolderRegister(const config::v1::FolderRegister& config,
                               std::unique_ptr<FolderFiles> files, std::string reference_key)
    : config_(config), files_(std::move(files)), reference_key_(std::move(reference_key)) {
  for (const FolderDocument& document : config_.documents()) {
    documents_[document.kind()] = {FormOf(document), &document};
  }
}

absl::StatusOr<std::unique_ptr<FolderRegister>> FolderRegister::Open(
    const config::v1::FolderRegister& config) {
  ABSL_ASSIGN_OR_RETURN(auto files, FolderFiles::Open(config.directory()));
  std::string key;
  if (config.has_reference_key()) {
    ABSL_ASSIGN_OR_RETURN(key, crypto::ReadHexSecret(config.reference_key().file()));
  }
  auto result = absl::WrapUnique(new FolderRegister(config, std::move(files), std::move(key)));
  // Said in full once; later, only the log knows.
  ABSL_RETURN_IF_ERROR(FolderManifest::Load(config, result->reference_key_).status());
  return result;
}

const DocumentForm* FolderRegister::FindForm(absl::string_view kind) const {
  const auto found = documents_.find(kind);
  return found == documents_.end() ? nullptr : &found->second.form;
}

size_t FolderRegister::connections() const { return kReaders; }

absl::StatusOr<std::shared_ptr<const FolderManifest>> FolderRegister::Manifest() {
  struct stat now = {};
  if (stat(config_.manifest_file().c_str(), &now) != 0) {
    LOG(ERROR) << "register " << config_.name() << ": the manifest is not there";
    return DependencyUnavailable("register");
  }
  absl::MutexLock lock(&mu_);
  if (!Unchanged(now, read_)) {
    absl::StatusOr<std::unique_ptr<FolderManifest>> loaded =
        FolderManifest::Load(config_, reference_key_);
    if (loaded.ok()) {
      LOG(INFO) << "register " << config_.name() << ": the manifest has "
                << (*loaded)->message().files_size() << " files";
      manifest_ = *std::move(loaded);
    } else {
      // What was in the one before may be gone for a reason.
      LOG(ERROR) << "register " << config_.name() << ": " << loaded.status().message();
      manifest_.reset();
    }
    // A change between the two is a change again the next time.
    read_ = now;
  }
  if (manifest_ == nullptr) return DependencyUnavailable("register");
  return manifest_;
}

absl::StatusOr<std::optional<Record>> FolderRegister::Find(absl::string_view kind,
                                                           const RecordQuery& query) {
  const auto found = documents_.find(kind);
  CHECK(found != documents_.end()) << "a kind of another register";
  const Served& served = found->second;
  ABSL_RETURN_IF_ERROR(CheckParameters(served.form, query.parameters));
  for (const std::string& field : served.document->fields()) {
    if (query.approved_fields.count(field) == 0) {
      return FieldMalformed("request.approved_fields", "all fields of a ready-made document");
    }
  }
  ABSL_ASSIGN_OR_RETURN(const auto manifest, Manifest());
  const FolderFile* file = manifest->Find(kind, query.subject, query.parameters);
  if (file == nullptr) return std::optional<Record>();
  v1::Subject subject;
  subject.set_type(served.form.subject_type);
  subject.set_number(query.subject.number());
  if (!IsAboutPerson(served.form.subject_type)) {
    v1::Subject person = PersonOf(*manifest, *file, query.person);
    if (person.number() != query.person.number()) {
      return Record(std::move(subject), std::move(person),
                    std::vector<holder::v1::DocumentField>());
    }
  }
  ABSL_ASSIGN_OR_RETURN(ReadyDocument document, Open(*file, served, query.max_bytes));
  return Record(std::move(subject), query.person, std::move(document));
}

absl::StatusOr<ReadyDocument> FolderRegister::Open(const FolderFile& file, const Served& served,
                                                   uint64_t max_bytes) const {
  ReadyDocument document;
  auto body = files_->OpenFile(file.file());
  if (!body.ok()) {
    // Its name may say whose it is; the document number is what the agency finds it by.
    LOG(ERROR) << "register " << config_.name() << ": the file of document "
               << file.document_number() << " is not there, or not a regular file";
    return DataDamaged("document");
  }
  document.body = *std::move(body);
  if (document.body->size() > max_bytes) {
    return FieldTooLarge("max_size_bytes", static_cast<int64_t>(max_bytes));
  }
  ABSL_RETURN_IF_ERROR(DigestFile(*document.body, document.head));
  if (document.head.size_bytes() == 0 ||
      document.head.body_sha256() != absl::HexStringToBytes(file.sha256())) {
    LOG(ERROR) << "register " << config_.name() << ": the file of document "
               << file.document_number() << " is not the one of the manifest";
    return DataDamaged("document");
  }
  *document.head.mutable_fields() = served.document->fields();
  document.head.set_document_number(file.document_number());
  *document.head.mutable_issue_time() = file.issue_time();
  document.head.set_media_type(file.media_type());
  return document;
}

absl::Status FolderRegister::CheckFiles() const {
  ABSL_ASSIGN_OR_RETURN(const auto manifest, FolderManifest::Load(config_, reference_key_));
  for (int i = 0; i < manifest->message().files_size(); ++i) {
    if (!files_->OpenFile(manifest->message().files(i).file()).ok()) {
      return manifest->ErrorAt(i, "file", "is no regular file below the directory");
    }
  }
  return absl::OkStatus();
}

}  // namespace naru
