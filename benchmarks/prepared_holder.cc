#include "benchmarks/prepared_holder.h"

#include <glog/logging.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/clock.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "broker/proof/binding.h"
#include "broker/proof/document_header.h"
#include "naru/holder/v1/holder_service.grpc.pb.h"

namespace naru {
namespace {

using Reactor = grpc::ServerBidiReactor<holder::v1::ProvideDocumentRequest,
                                        holder::v1::ProvideDocumentResponse>;

}  // namespace

// One call: request, answer, proceed, chunks; one thing at a time.
class PreparedHolder::Call final : public Reactor {
 public:
  explicit Call(const PreparedHolder* holder) : holder_(holder) { StartRead(&message_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    if (message_.has_proceed()) return SendNextChunk();
    const auto found = holder_->documents_.find(message_.request().document_kind());
    if (found == holder_->documents_.end()) {
      return Finish({grpc::StatusCode::NOT_FOUND, "no document of this kind was prepared"});
    }
    document_ = &found->second;
    Answer(message_.request());
    StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    if (response_.has_chunk()) return SendNextChunk();
    message_.Clear();
    StartRead(&message_);
  }

  void OnDone() override { delete this; }

 private:
  void Answer(const holder::v1::DocumentRequest& request) {
    holder::v1::DocumentHeader header = document_->digests;
    header.set_context(std::string(kDocumentHeaderContext));
    header.set_nonce(request.nonce());
    header.set_release_id(request.release_id());
    header.set_holder(holder_->agency_);
    header.set_requester(request.requester());
    header.set_document_kind(request.document_kind());
    *header.mutable_parameters() = request.parameters();
    header.set_status(holder::v1::ANSWER_STATUS_FOUND);
    header.set_subject_binding(
        SubjectBinding(request.nonce(), request.subject().type(), request.subject().number()));
    header.set_person_binding(
        SubjectBinding(request.nonce(), request.person().type(), request.person().number()));
    *header.mutable_fields() = request.approved_fields();
    header.set_document_number(absl::StrCat("DOC-", request.release_id()));
    header.mutable_issue_time()->set_seconds(absl::ToUnixSeconds(Clock::Real()->Now()));
    header.set_media_type("application/octet-stream");
    v1::SignedHeader signed_header = SignDocumentHeader(header, *holder_->key_);
    response_.mutable_answer()->set_header(std::move(*signed_header.mutable_header()));
    *response_.mutable_answer()->mutable_signature() = signed_header.signature();
  }

  void SendNextChunk() {
    const size_t size = document_->digests.chunk_size_bytes();
    const size_t begin = next_chunk_ * size;
    if (begin >= document_->body.size()) return Finish(grpc::Status::OK);
    response_.mutable_chunk()->set_index(static_cast<uint32_t>(next_chunk_++));
    response_.mutable_chunk()->set_data(document_->body.data() + begin,
                                        std::min(size, document_->body.size() - begin));
    StartWrite(&response_);
  }

  const PreparedHolder* const holder_;
  const Document* document_ = nullptr;
  holder::v1::ProvideDocumentRequest message_;
  holder::v1::ProvideDocumentResponse response_;
  size_t next_chunk_ = 0;
};

class PreparedHolder::Service final : public holder::v1::HolderService::CallbackService {
 public:
  explicit Service(const PreparedHolder* holder) : holder_(holder) {}
  Reactor* ProvideDocument(grpc::CallbackServerContext*) override { return new Call(holder_); }

 private:
  const PreparedHolder* const holder_;
};

PreparedHolder::PreparedHolder(std::string agency, const config::v1::TlsFiles& tls,
                               const std::map<std::string, uint64_t>& sizes)
    : agency_(std::move(agency)),
      key_(crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, agency_ + "-1")),
      service_(std::make_unique<Service>(this)) {
  for (const auto& [kind, size] : sizes) {
    Document& document = documents_[kind];
    document.body.resize(size);
    for (size_t i = 0; i < size; ++i) document.body[i] = static_cast<char>(i * 131 + i / 4099);
    DigestBody(document.body, document.digests);
  }
  const auto credentials = ServerCredentials(tls);
  CHECK(credentials.ok()) << credentials.status();
  grpc::ServerBuilder builder;
  SetServerBounds(builder, limits::kRequestBytes);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  CHECK(server_ != nullptr && port != 0);
  address_ = absl::StrCat("127.0.0.1:", port);
}

PreparedHolder::~PreparedHolder() { server_->Shutdown(absl::ToChronoTime(absl::UnixEpoch())); }

}  // namespace naru
