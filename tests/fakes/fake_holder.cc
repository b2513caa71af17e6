#include "tests/fakes/fake_holder.h"

#include <glog/logging.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "broker/proof/binding.h"
#include "broker/proof/document_header.h"
#include "broker/proof/honest_answer.h"
#include "naru/holder/v1/holder_service.grpc.pb.h"

namespace naru {
namespace {

using holder::v1::DocumentHeader;
using holder::v1::DocumentRequest;
using Fault = FakeHolder::Fault;
using Reactor = grpc::ServerBidiReactor<holder::v1::ProvideDocumentRequest,
                                        holder::v1::ProvideDocumentResponse>;

constexpr uint64_t kBodyBytesMin = 512;

// Somebody of the same kind with a number of the same length.
v1::Subject SomebodyElse(v1::Subject subject) {
  std::string& number = *subject.mutable_number();
  if (!number.empty()) number[0] = number[0] == '9' ? '8' : '9';
  return subject;
}

// The number of the document that is on file.
std::string NumberOf(absl::string_view kind, const v1::Subject& subject) {
  const std::string digest = crypto::Sha256({kind, "/", subject.number()});
  return absl::StrCat("FAKE-", absl::BytesToHexString(digest.substr(0, 8)));
}

DocumentHeader HeaderFor(const DocumentRequest& request, const std::string& agency) {
  DocumentHeader header;
  header.set_context(std::string(kDocumentHeaderContext));
  header.set_nonce(request.nonce());
  header.set_release_id(request.release_id());
  header.set_holder(agency);
  header.set_requester(request.requester());
  header.set_document_kind(request.document_kind());
  *header.mutable_parameters() = request.parameters();
  return header;
}

void Bind(const v1::Subject& subject, const v1::Subject& person, DocumentHeader& header) {
  header.set_subject_binding(SubjectBinding(header.nonce(), subject.type(), subject.number()));
  header.set_person_binding(SubjectBinding(header.nonce(), person.type(), person.number()));
}

}  // namespace

// The messages of one call, made before the first is sent.
struct FakeHolder::Prepared {
  holder::v1::DocumentAnswer answer;
  std::vector<holder::v1::BodyChunk> chunks;
  bool found = false;
};

// One call. Exactly one thing is under way at a time, or the call idles until it is cancelled.
class FakeHolder::Call final : public Reactor {
 public:
  explicit Call(FakeHolder* holder) : holder_(holder) { StartRead(&message_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Cut();
    if (message_.has_request()) return TakeRequest();
    {
      absl::MutexLock lock(&holder_->mu_);
      ++holder_->counts_.proceeds;
      holder_->last_proceed_ = message_.proceed();
    }
    if (fault_ == Fault::kNeverSendsBody) return Idle();
    Later([this] { SendNextChunk(); });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return Cut();
    if (sending_body_) return Later([this] { SendNextChunk(); });
    {
      absl::MutexLock lock(&holder_->mu_);
      ++holder_->counts_.answers;
    }
    if (fault_ == Fault::kAnswersTwice && !std::exchange(answered_twice_, true)) {
      return StartWrite(&response_);
    }
    if (!prepared_.found) return Finish(grpc::Status::OK);
    if (fault_ == Fault::kSendsBeforeProceed) return SendNextChunk();
    message_.Clear();
    StartRead(&message_);
  }

  void OnCancel() override { EndIdle(); }
  void OnDone() override { delete this; }

 private:
  void TakeRequest() {
    fault_ = holder_->FaultFor(message_.request());
    if (fault_ == Fault::kNeverAnswers) return Idle();
    if (fault_ == Fault::kDiesBeforeAnswer) return Die();
    prepared_ = holder_->Prepare(message_.request(), fault_);
    *response_.mutable_answer() = prepared_.answer;
    Later([this] { StartWrite(&response_); });
  }

  void SendNextChunk() {
    sending_body_ = true;
    if (fault_ == Fault::kDiesInTheMiddle && next_chunk_ > 0) return Die();
    if (next_chunk_ == prepared_.chunks.size()) {
      absl::MutexLock lock(&holder_->mu_);
      ++holder_->counts_.bodies;
      return Finish(grpc::Status::OK);
    }
    *response_.mutable_chunk() = std::move(prepared_.chunks[next_chunk_++]);
    StartWrite(&response_);
  }

  // At once, or late when slow. Nothing else is under way, so the call is there by then.
  void Later(std::function<void()> next) {
    if (fault_ != Fault::kSlow) return next();
    CHECK(holder_->options_.timer != nullptr) << "kSlow needs Options::timer";
    holder_->options_.timer->After(holder_->options_.slow_delay, std::move(next));
  }

  void Count() {
    absl::MutexLock lock(&holder_->mu_);
    ++holder_->counts_.cut;
  }
  void Die() {
    Count();
    Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the holder died"));
  }
  void Cut() {
    Count();
    Finish(grpc::Status::CANCELLED);
  }

  // Does nothing until the call is cancelled, which may have happened before.
  void Idle() {
    bool end = false;
    {
      absl::MutexLock lock(&mu_);
      idle_ = true;
      end = std::exchange(cancelled_, false);
      if (end) idle_ = false;
    }
    if (end) Cut();
  }
  void EndIdle() {
    {
      absl::MutexLock lock(&mu_);
      if (!std::exchange(idle_, false)) {
        cancelled_ = true;
        return;
      }
    }
    Cut();
  }

  FakeHolder* const holder_;
  Fault fault_ = Fault::kNone;
  Prepared prepared_;
  holder::v1::ProvideDocumentRequest message_;
  holder::v1::ProvideDocumentResponse response_;
  size_t next_chunk_ = 0;
  bool sending_body_ = false;
  bool answered_twice_ = false;
  absl::Mutex mu_;
  bool idle_ ABSL_GUARDED_BY(mu_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mu_) = false;
};

class FakeHolder::Service final : public holder::v1::HolderService::CallbackService {
 public:
  explicit Service(FakeHolder* holder) : holder_(holder) {}
  Reactor* ProvideDocument(grpc::CallbackServerContext*) override { return new Call(holder_); }

 private:
  FakeHolder* const holder_;
};

FakeHolder::FakeHolder(Options options)
    : options_(std::move(options)),
      key_(
          crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, options_.agency + "-1")),
      service_(std::make_unique<Service>(this)) {
  CHECK_GE(options_.body_bytes, kBodyBytesMin);
  const auto credentials = ServerCredentials(options_.tls);
  CHECK(credentials.ok()) << credentials.status();
  grpc::ServerBuilder builder;
  SetServerBounds(builder, limits::kRequestBytes);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  CHECK(server_ != nullptr && port != 0);
  address_ = absl::StrCat("127.0.0.1:", port);
  Misbehave(Fault::kNone);
}

FakeHolder::~FakeHolder() { server_->Shutdown(absl::ToChronoTime(absl::UnixEpoch())); }

void FakeHolder::Misbehave(Fault fault) {
  Misbehave([fault](const DocumentRequest&) { return fault; });
}

void FakeHolder::Misbehave(std::function<Fault(const DocumentRequest&)> choose) {
  absl::MutexLock lock(&mu_);
  choose_ = std::move(choose);
}

void FakeHolder::SetKnownTreeSize(uint64_t size) {
  absl::MutexLock lock(&mu_);
  known_tree_size_ = size;
}

std::string FakeHolder::BodyOf(absl::string_view kind, const v1::Subject& subject,
                               uint64_t body_bytes, const Parameters& parameters) {
  holder::v1::DocumentBody head;
  head.set_document_kind(std::string(kind));
  head.set_document_number(NumberOf(kind, subject));
  *head.mutable_subject() = subject;
  *head.mutable_parameters() = parameters;
  return HonestBody(std::move(head), body_bytes);
}

FakeHolder::Counts FakeHolder::counts() const {
  absl::MutexLock lock(&mu_);
  return counts_;
}

holder::v1::Proceed FakeHolder::last_proceed() const {
  absl::MutexLock lock(&mu_);
  return last_proceed_;
}

holder::v1::DocumentRequest FakeHolder::last_request() const {
  absl::MutexLock lock(&mu_);
  return last_request_;
}

Fault FakeHolder::FaultFor(const DocumentRequest& request) {
  std::function<Fault(const DocumentRequest&)> choose;
  {
    absl::MutexLock lock(&mu_);
    ++counts_.requests;
    last_request_ = request;
    choose = choose_;
  }
  return choose(request);
}

namespace {

// What is wrong with the header before it is signed, apart from whom it is about.
void SpoilHeader(Fault fault, DocumentHeader& header) {
  switch (fault) {
    case Fault::kOtherNonce:
      header.set_nonce(crypto::Sha256(header.nonce()));
      break;
    case Fault::kOtherRelease:
      header.set_release_id(std::string(header.release_id().rbegin(), header.release_id().rend()));
      break;
    case Fault::kUnapprovedField:
      header.add_fields("representative_rrn");
      break;
    case Fault::kNoRecord:
      header.set_status(holder::v1::ANSWER_STATUS_NO_RECORD);
      break;
    case Fault::kNotEntitled:
      header.set_status(holder::v1::ANSWER_STATUS_DECLINED);
      header.set_decline_code(holder::v1::DECLINE_CODE_NOT_ENTITLED);
      break;
    case Fault::kDeferred:
      header.set_status(holder::v1::ANSWER_STATUS_DEFERRED);
      header.mutable_deferral()->set_reason(holder::v1::DEFERRAL_REASON_BEING_UPDATED);
      header.mutable_deferral()->set_owner("징세과");
      header.mutable_deferral()->mutable_eta()->set_seconds(1'800'000'000);
      break;
    case Fault::kForbiddenByLaw:
      header.set_status(holder::v1::ANSWER_STATUS_DECLINED);
      header.set_decline_code(holder::v1::DECLINE_CODE_FORBIDDEN_BY_LAW);
      header.set_decline_ground("국세기본법 제81조의13");
      break;
    default:
      break;
  }
}

// What is wrong with the chunks of a rightly signed header.
void SpoilChunks(Fault fault, std::vector<holder::v1::BodyChunk>& chunks) {
  switch (fault) {
    case Fault::kWrongChunkOrder:
      CHECK_GE(chunks.size(), 2u) << "kWrongChunkOrder needs a body of two chunks";
      std::swap(chunks[0], chunks[1]);
      break;
    case Fault::kAlteredChunk:
      chunks.back().mutable_data()->front() ^= 1;
      break;
    case Fault::kTooFewChunks:
      chunks.pop_back();
      break;
    case Fault::kTooManyChunks:
      chunks.push_back(chunks.back());
      chunks.back().set_index(static_cast<uint32_t>(chunks.size() - 1));
      break;
    default:
      break;
  }
}

bool HasDocument(Fault fault) {
  return fault != Fault::kNoRecord && fault != Fault::kNotEntitled &&
         fault != Fault::kForbiddenByLaw && fault != Fault::kDeferred;
}

}  // namespace

FakeHolder::Prepared FakeHolder::Prepare(const DocumentRequest& request, Fault fault) {
  const bool other = fault == Fault::kOtherPersonsAnswer;
  const v1::Subject subject = other ? SomebodyElse(request.subject()) : request.subject();
  const v1::Subject person = other ? SomebodyElse(request.person()) : request.person();
  Prepared prepared;
  prepared.found = HasDocument(fault);
  DocumentHeader header = HeaderFor(request, options_.agency);
  Bind(subject, person, header);
  std::string body;
  const auto body_about = [&](const v1::Subject& about, uint64_t bytes) {
    return BodyOf(request.document_kind(), about, bytes, request.parameters());
  };
  if (prepared.found) {
    const uint64_t bytes = fault == Fault::kOversized
                               ? std::max(options_.body_bytes, request.max_size_bytes() + 1)
                               : options_.body_bytes;
    body = body_about(fault == Fault::kOtherPersonsBodySigned ? SomebodyElse(subject) : subject,
                      bytes);
    header.set_status(holder::v1::ANSWER_STATUS_FOUND);
    *header.mutable_fields() = request.approved_fields();
    header.set_document_number(NumberOf(request.document_kind(), subject));
    header.mutable_issue_time()->set_seconds(absl::ToUnixSeconds(options_.clock->Now()));
    header.set_media_type(bytes > limits::kDocumentBytesDefault ? "application/octet-stream"
                                                                : "application/json");
    DigestBody(body, header);
    if (fault == Fault::kOtherPersonsBody) body = body_about(SomebodyElse(subject), bytes);
  }
  SpoilHeader(fault, header);
  v1::SignedHeader signed_header = SignDocumentHeader(header, *key_);
  if (fault == Fault::kBadSignature) signed_header.mutable_signature()->set_signature("forged");
  if (fault == Fault::kGarbageHeader) signed_header.set_header("\xff\xff no header");
  prepared.answer.set_header(signed_header.header());
  *prepared.answer.mutable_signature() = signed_header.signature();
  {
    absl::MutexLock lock(&mu_);
    prepared.answer.set_known_tree_size(known_tree_size_);
    if (fault == Fault::kSwappedBody) {
      if (swap_.empty()) {
        swap_ = body_about(SomebodyElse(subject), options_.body_bytes);
      }
      std::swap(body, swap_);
    }
  }
  for (size_t begin = 0; begin < body.size(); begin += header.chunk_size_bytes()) {
    holder::v1::BodyChunk chunk;
    chunk.set_index(static_cast<uint32_t>(prepared.chunks.size()));
    chunk.set_data(body.substr(begin, header.chunk_size_bytes()));
    prepared.chunks.push_back(std::move(chunk));
  }
  SpoilChunks(fault, prepared.chunks);
  return prepared;
}

}  // namespace naru
