#include "adapters/client/body_check.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/type.pb.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/type_resolver.h>
#include <google/protobuf/util/type_resolver_util.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "naru/holder/v1/document_body.pb.h"

namespace naru::client {
namespace {

using google::protobuf::util::MessageDifferencer;
using google::protobuf::util::TypeResolver;
using holder::v1::DocumentBody;

constexpr char kTypePrefix[] = "type.googleapis.com";

// The file's chunks, one plain at a time.
class FileInput : public google::protobuf::io::ZeroCopyInputStream {
 public:
  explicit FileInput(const EncryptedFile* file) : file_(file) {}
  ~FileInput() override { crypto::Wipe(chunk_); }

  bool Next(const void** data, int* size) override {
    crypto::Wipe(chunk_);
    if (!status_.ok() || next_ == file_->chunks()) return false;
    absl::StatusOr<std::string> chunk = file_->ReadChunk(next_++);
    status_ = chunk.status();
    if (!chunk.ok()) return false;
    chunk_ = *std::move(chunk);
    bytes_ += static_cast<int64_t>(chunk_.size());
    *data = chunk_.data();
    *size = static_cast<int>(chunk_.size());
    return true;
  }
  // The reader of JSON takes whole buffers.
  void BackUp(int) override {}
  bool Skip(int) override { return false; }
  int64_t ByteCount() const override { return bytes_; }

  const absl::Status& status() const { return status_; }

 private:
  const EncryptedFile* const file_;
  size_t next_ = 0;
  std::string chunk_;
  int64_t bytes_ = 0;
  absl::Status status_;
};

// DocumentBody without `fields`, which then are names that the reader does not know and passes over
// without keeping them.
class HeadOfDocument : public TypeResolver {
 public:
  google::protobuf::util::Status ResolveMessageType(const std::string& url,
                                                    google::protobuf::Type* type) override {
    auto status = all_->ResolveMessageType(url, type);
    if (type->name() == DocumentBody::descriptor()->full_name()) {
      auto* const fields = type->mutable_fields();
      fields->erase(std::remove_if(fields->begin(), fields->end(),
                                   [](const google::protobuf::Field& field) {
                                     return field.number() == DocumentBody::kFieldsFieldNumber;
                                   }),
                    fields->end());
    }
    return status;
  }
  google::protobuf::util::Status ResolveEnumType(const std::string& url,
                                                 google::protobuf::Enum* type) override {
    return all_->ResolveEnumType(url, type);
  }

 private:
  const std::unique_ptr<TypeResolver> all_{google::protobuf::util::NewTypeResolverForDescriptorPool(
      kTypePrefix, google::protobuf::DescriptorPool::generated_pool())};
};

// False when the bytes are no DocumentBody.
bool ReadHead(FileInput& input, DocumentBody* head) {
  HeadOfDocument types;
  std::string binary;
  google::protobuf::io::StringOutputStream output(&binary);
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto read = google::protobuf::util::JsonToBinaryStream(
      &types, absl::StrCat(kTypePrefix, "/", DocumentBody::descriptor()->full_name()), &input,
      &output, options);
  const bool good = read.ok() && head->ParseFromString(binary);
  crypto::Wipe(binary);
  return good;
}

BodyDifference Other(absl::string_view what) {
  return {v1::REFUSAL_REASON_SUBJECT_MISMATCH, absl::StrCat("body: ", what)};
}

}  // namespace

bool IsJsonDocument(absl::string_view media_type) {
  const absl::string_view type = media_type.substr(0, media_type.find(';'));
  return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(type), "application/json");
}

absl::StatusOr<BodyDifference> CompareJsonBody(const EncryptedFile& file,
                                               const holder::v1::DocumentHeader& header,
                                               const ExpectedHeader& expected) {
  FileInput input(&file);
  DocumentBody head;
  const bool read = ReadHead(input, &head);
  ABSL_RETURN_IF_ERROR(input.status());
  if (!read) return BodyDifference{v1::REFUSAL_REASON_HOLDER_FAULT, "body: no document to read"};
  if (!MessageDifferencer::Equals(head.subject(), expected.subject)) {
    return Other("about another subject than its header");
  }
  if (head.document_kind() != expected.document_kind) return Other("another document kind");
  if (head.document_number() != header.document_number()) return Other("another document number");
  if (!std::equal(head.parameters().begin(), head.parameters().end(), expected.parameters.begin(),
                  expected.parameters.end(), [](const v1::Parameter& a, const v1::Parameter& b) {
                    return MessageDifferencer::Equals(a, b);
                  })) {
    return Other("other parameters");
  }
  return BodyDifference();
}

}  // namespace naru::client
