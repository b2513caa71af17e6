#include "adapters/cli/paper_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace naru::cli {
namespace {

using google::protobuf::Struct;

absl::string_view EndingOf(absl::string_view media_type) {
  if (absl::StartsWith(media_type, "application/json")) return "json";
  if (absl::StartsWith(media_type, "application/pdf")) return "pdf";
  if (absl::StartsWith(media_type, "application/xml")) return "xml";
  return "bin";
}

// A kind's code as part of a file name.
std::string SafeName(absl::string_view kind) {
  std::string name;
  for (const char c : kind) {
    const bool safe = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_';
    name.push_back(safe ? c : '-');
  }
  return name.substr(0, 64);
}

absl::Status WriteChunks(int fd, const client::EncryptedFile& file, const std::string& path) {
  return file.Read([&](absl::string_view chunk) {
    while (!chunk.empty()) {
      const ssize_t wrote = write(fd, chunk.data(), chunk.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot write"));
      chunk.remove_prefix(static_cast<size_t>(wrote));
    }
    return absl::OkStatus();
  });
}

// As AtomicWriteFile, but never holding the body whole.
absl::Status WriteBody(const std::string& path, const client::EncryptedFile& file) {
  std::string temporary = absl::StrCat(path, ".part");
  const int fd =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat(temporary, ": cannot make"));
  absl::Status status = WriteChunks(fd, file, temporary);
  if (status.ok() && fdatasync(fd) != 0) {
    status = absl::ErrnoToStatus(errno, absl::StrCat(temporary, ": cannot sync"));
  }
  close(fd);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot make"));
  }
  if (!status.ok()) unlink(temporary.c_str());
  return status;
}

void Set(Struct& object, const char* name, absl::string_view text) {
  (*object.mutable_fields())[name].set_string_value(std::string(text));
}
void SetNumber(Struct& object, const char* name, uint64_t number) {
  (*object.mutable_fields())[name].set_number_value(static_cast<double>(number));
}
template <typename Hashes>
void SetHashes(Struct& object, const char* name, const Hashes& hashes) {
  auto& list = *(*object.mutable_fields())[name].mutable_list_value();
  for (const std::string& hash : hashes) {
    list.add_values()->set_string_value(absl::BytesToHexString(hash));
  }
}
Struct& SetObject(Struct& object, const char* name) {
  return *(*object.mutable_fields())[name].mutable_struct_value();
}

void SetSigned(Struct& object, const char* name, absl::string_view bytes,
               const v1::Signature& signature) {
  Struct& part = SetObject(object, name);
  Set(part, "bytes", absl::Base64Escape(bytes));
  Set(part, "algorithm", signature.algorithm());
  Set(part, "key_id", signature.key_id());
  Set(part, "signature", absl::Base64Escape(signature.signature()));
}

void SetLedger(Struct& object, const v1::LedgerProof& proof) {
  Struct& ledger = SetObject(object, "ledger");
  Set(ledger, "origin", proof.origin());
  SetNumber(ledger, "index", proof.index());
  SetNumber(ledger, "tree_size", proof.tree_size());
  Set(ledger, "outer", absl::Base64Escape(proof.outer()));
  Set(ledger, "outer_salt", absl::BytesToHexString(proof.outer_salt()));
  Set(ledger, "inner_hash", absl::BytesToHexString(proof.inner_hash()));
  SetHashes(ledger, "inclusion_path", proof.inclusion_path());
  Set(ledger, "checkpoint", proof.checkpoint());
}

Struct ReceiptOf(const client::FetchedDocument& document, const std::string& body_file) {
  Struct root;
  SetNumber(root, "paper_id", document.paper_id);
  Set(root, "kind", document.kind);
  Set(root, "result", client::ResultName(document.result));
  Set(root, "holder", document.header.holder());
  Set(root, "requester", document.header.requester());
  Set(root, "release_id", document.header.release_id());
  Set(root, "nonce", absl::BytesToHexString(document.header.nonce()));
  SetSigned(root, "header", document.signed_header.header(), document.signed_header.signature());
  if (!body_file.empty()) {
    Struct& body = SetObject(root, "body");
    Set(body, "file", body_file);
    SetNumber(body, "size_bytes", document.header.size_bytes());
    Set(body, "sha256", absl::BytesToHexString(document.header.body_sha256()));
    SetNumber(body, "chunk_size_bytes", document.header.chunk_size_bytes());
    SetHashes(body, "chunk_sha256", document.header.chunk_sha256());
  }
  if (document.receipt.has_value()) {
    Set(root, "consent_id", document.opened_receipt.consent_id());
    Set(root, "fetch_id", document.opened_receipt.fetch_id());
    SetSigned(root, "receipt", document.receipt->receipt(), document.receipt->signature());
    SetLedger(root, document.opened_receipt.proof());
  }
  return root;
}

}  // namespace

absl::StatusOr<std::string> WritePaper(const std::string& directory,
                                       const client::FetchedDocument& document) {
  using client::DocumentResult;
  if (document.result != DocumentResult::kDelivered &&
      document.result != DocumentResult::kNoRecord &&
      document.result != DocumentResult::kDeclined &&
      document.result != DocumentResult::kDeferred) {
    return std::string();
  }
  const std::string stem = absl::StrCat(document.paper_id, "_", SafeName(document.kind));
  std::string body_file;
  if (document.file != nullptr) {
    body_file = absl::StrCat(stem, ".", EndingOf(document.header.media_type()));
    ABSL_RETURN_IF_ERROR(WriteBody(absl::StrCat(directory, "/", body_file), *document.file));
  }
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(ReceiptOf(document, body_file), &json, options)
           .ok()) {
    return absl::InternalError("a receipt has no JSON form");
  }
  ABSL_RETURN_IF_ERROR(AtomicWriteFile(absl::StrCat(directory, "/", stem, ".receipt.json"), json));
  return body_file;
}

}  // namespace naru::cli
