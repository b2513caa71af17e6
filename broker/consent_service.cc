#include "broker/consent_service.h"

#include <google/protobuf/util/json_util.h>

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "broker/proof/jws.h"
#include "glog/logging.h"

namespace naru {
namespace {

// A call of the book that only has another name for the response.
template <typename Request, typename Response>
CallFrame::Work<Request, Response> Call(ConsentBook* book,
                                        void (ConsentBook::*method)(const Caller&, const Request&,
                                                                    ConsentBook::Done<Response>)) {
  return [book, method](const Caller& caller, const Request& request,
                        std::function<void(absl::StatusOr<Response>)> done) {
    (book->*method)(caller, request, std::move(done));
  };
}

// A read of the book: answered on the executor it runs on.
template <typename Request, typename Response>
CallFrame::Work<Request, Response> Read(
    ConsentBook* book,
    absl::StatusOr<Response> (ConsentBook::*method)(const Caller&, const Request&) const) {
  return [book, method](const Caller& caller, const Request& request,
                        std::function<void(absl::StatusOr<Response>)> done) {
    done((book->*method)(caller, request));
  };
}

// The field names are the specification's, so they are kept.
std::string SignConsentReceipt(const receipt::v1::ConsentReceipt& receipt,
                               const crypto::SigningKey& key) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  CHECK(google::protobuf::util::MessageToJsonString(receipt, &json, options).ok());
  return SignJws(json, "consent-receipt+jwt", key);
}

}  // namespace

grpc::ServerUnaryReactor* ConsentServiceImpl::OpenConsent(grpc::CallbackServerContext* context,
                                                          const v1::OpenConsentRequest* request,
                                                          v1::OpenConsentResponse* response) {
  using Done = std::function<void(absl::StatusOr<v1::OpenConsentResponse>)>;
  return frame_->Unary<v1::OpenConsentRequest, v1::OpenConsentResponse>(
      context, "ConsentService/OpenConsent", request, response,
      [this](const Caller& caller, const v1::OpenConsentRequest& open, Done done) {
        // The request lives until the reactor is finished, which `done` does.
        resolver_->ResolveContact(
            open.person(), [this, caller, &open, done = std::move(done)](
                               absl::StatusOr<std::string> contact_ref) mutable {
              if (!contact_ref.ok()) return done(contact_ref.status());
              // Off gRPC's thread: opening reads rows.
              frame_->options().executor->Run(
                  [this, caller = std::move(caller), &open, contact_ref = *std::move(contact_ref),
                   done = std::move(done)] { book_->Open(caller, open, contact_ref, done); });
            });
      });
}

grpc::ServerUnaryReactor* ConsentServiceImpl::GetConsent(grpc::CallbackServerContext* context,
                                                         const v1::GetConsentRequest* request,
                                                         v1::GetConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/GetConsent", request, response,
                       Read(book_, &ConsentBook::Get));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::CheckConsent(grpc::CallbackServerContext* context,
                                                           const v1::CheckConsentRequest* request,
                                                           v1::CheckConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/CheckConsent", request, response,
                       Call(book_, &ConsentBook::Check));
}

grpc::ServerWriteReactor<v1::WatchConsentResponse>* ConsentServiceImpl::WatchConsent(
    grpc::CallbackServerContext* context, const v1::WatchConsentRequest* request) {
  constexpr absl::string_view kRpc = "ConsentService/WatchConsent";
  return watches_->Watch(frame_->Admit(*context, kRpc, *request), request->consent_id());
}

grpc::ServerUnaryReactor* ConsentServiceImpl::CancelConsent(grpc::CallbackServerContext* context,
                                                            const v1::CancelConsentRequest* request,
                                                            v1::CancelConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/CancelConsent", request, response,
                       Call(book_, &ConsentBook::Cancel));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::ShowConsent(grpc::CallbackServerContext* context,
                                                          const v1::ShowConsentRequest* request,
                                                          v1::ShowConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/ShowConsent", request, response,
                       Read(book_, &ConsentBook::Show));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::SendCode(grpc::CallbackServerContext* context,
                                                       const v1::SendCodeRequest* request,
                                                       v1::SendCodeResponse* response) {
  return frame_->Unary(context, "ConsentService/SendCode", request, response,
                       Call(book_, &ConsentBook::SendCode));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::DecideConsent(grpc::CallbackServerContext* context,
                                                            const v1::DecideConsentRequest* request,
                                                            v1::DecideConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/DecideConsent", request, response,
                       Call(book_, &ConsentBook::Decide));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::WithdrawConsent(
    grpc::CallbackServerContext* context, const v1::WithdrawConsentRequest* request,
    v1::WithdrawConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/WithdrawConsent", request, response,
                       Call(book_, &ConsentBook::Withdraw));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::SuspendConsent(
    grpc::CallbackServerContext* context, const v1::SuspendConsentRequest* request,
    v1::SuspendConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/SuspendConsent", request, response,
                       Call(book_, &ConsentBook::Suspend));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::ResumeConsent(grpc::CallbackServerContext* context,
                                                            const v1::ResumeConsentRequest* request,
                                                            v1::ResumeConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/ResumeConsent", request, response,
                       Call(book_, &ConsentBook::Resume));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::PreviewConsent(
    grpc::CallbackServerContext* context, const v1::PreviewConsentRequest* request,
    v1::PreviewConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/PreviewConsent", request, response,
                       Read(book_, &ConsentBook::Preview));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::GrantConsent(grpc::CallbackServerContext* context,
                                                           const v1::GrantConsentRequest* request,
                                                           v1::GrantConsentResponse* response) {
  return frame_->Unary(context, "ConsentService/GrantConsent", request, response,
                       Call(book_, &ConsentBook::Grant));
}

grpc::ServerUnaryReactor* ConsentServiceImpl::GetConsentReceipt(
    grpc::CallbackServerContext* context, const v1::GetConsentReceiptRequest* request,
    v1::GetConsentReceiptResponse* response) {
  using Done = ConsentBook::Done<v1::GetConsentReceiptResponse>;
  return frame_->Unary<v1::GetConsentReceiptRequest, v1::GetConsentReceiptResponse>(
      context, "ConsentService/GetConsentReceipt", request, response,
      [this](const Caller& caller, const v1::GetConsentReceiptRequest& get, const Done& done) {
        absl::StatusOr<ConsentBook::Receipt> found = book_->ReceiptOf(caller, get);
        if (!found.ok()) return done(found.status());
        v1::GetConsentReceiptResponse answer;
        if (found->refused.has_value()) {
          *answer.mutable_refusal() = *std::move(found->refused);
        } else {
          answer.set_jws(SignConsentReceipt(found->receipt, receipt_key_));
        }
        done(std::move(answer));
      });
}

}  // namespace naru
