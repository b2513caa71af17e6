#include <glog/logging.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <unistd.h>

#include <iostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "benchmarks/loads.h"
#include "benchmarks/rounds.h"
#include "broker/base/clock.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "naru/v1/consent_service.grpc.pb.h"

// What CheckConsent could cost at best: the same stack, TLS, client and messages, and nothing done
// for the answer.
namespace naru {
namespace {

using Service = v1::ConsentService;
constexpr int kSlotsPerQueue = 128;

void Answer(const v1::CheckConsentRequest& request, v1::CheckConsentResponse& response) {
  v1::CheckedConsent& allowed = *response.mutable_allowed();
  allowed.set_consent_id(request.consent_id());
  allowed.add_paper_ids(1);
  allowed.mutable_valid_until()->set_seconds(1'900'000'000);
  allowed.set_uses_left(5);
}

class CallbackEcho final : public Service::WithCallbackMethod_CheckConsent<Service::Service> {
 public:
  grpc::ServerUnaryReactor* CheckConsent(grpc::CallbackServerContext* context,
                                         const v1::CheckConsentRequest* request,
                                         v1::CheckConsentResponse* response) override {
    Answer(*request, *response);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

using QueueEcho = Service::WithAsyncMethod_CheckConsent<Service::Service>;

// One slot of a completion queue: takes a call, answers it, takes the next.
class Slot {
 public:
  Slot(QueueEcho* service, grpc::ServerCompletionQueue* queue) : service_(service), queue_(queue) {
    Await();
  }
  void Proceed(bool ok) {
    if (answering_ || !ok) return Await();
    answering_ = true;
    v1::CheckConsentResponse response;
    Answer(request_, response);
    writer_->Finish(response, grpc::Status::OK, this);
  }

 private:
  void Await() {
    answering_ = false;
    request_.Clear();
    writer_.reset();
    context_ = std::make_unique<grpc::ServerContext>();
    writer_ =
        std::make_unique<grpc::ServerAsyncResponseWriter<v1::CheckConsentResponse>>(context_.get());
    service_->RequestCheckConsent(context_.get(), &request_, writer_.get(), queue_, queue_, this);
  }

  QueueEcho* const service_;
  grpc::ServerCompletionQueue* const queue_;
  bool answering_ = false;
  v1::CheckConsentRequest request_;
  std::unique_ptr<grpc::ServerContext> context_;
  std::unique_ptr<grpc::ServerAsyncResponseWriter<v1::CheckConsentResponse>> writer_;
};

void Serve(grpc::ServerCompletionQueue* queue) {
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<Slot*>(tag)->Proceed(ok);
}

}  // namespace

void ServeEcho(const std::string& api, const std::string& certificate, const std::string& key,
               const std::string& ca) {
  config::v1::TlsFiles tls;
  tls.set_certificate_file(certificate);
  tls.set_key_file(key);
  tls.set_ca_file(ca);
  const auto credentials = ServerCredentials(tls);
  CHECK(credentials.ok()) << credentials.status();
  grpc::ServerBuilder builder;
  SetServerBounds(builder, limits::kRequestBytes);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
  CallbackEcho callback;
  QueueEcho on_queues;
  std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
  if (api == "callback") {
    builder.RegisterService(&callback);
  } else {
    CHECK_EQ(api, "queues");
    builder.RegisterService(&on_queues);
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    for (int i = 0; i < cores; ++i) queues.push_back(builder.AddCompletionQueue());
  }
  const auto server = builder.BuildAndStart();
  CHECK(server != nullptr && port != 0);
  std::vector<std::unique_ptr<Slot>> slots;
  std::vector<std::thread> threads;
  for (const auto& queue : queues) {
    for (int i = 0; i < kSlotsPerQueue; ++i) {
      slots.push_back(std::make_unique<Slot>(&on_queues, queue.get()));
    }
    threads.emplace_back(Serve, queue.get());
  }
  std::cout << JsonObject(
                   {{"pid", absl::StrCat(getpid())}, {"address", absl::StrCat("127.0.0.1:", port)}})
            << std::endl;
  // Nothing is under way when the driver lets go; there is nothing to save.
  std::string line;
  while (std::getline(std::cin, line)) continue;
  std::cout << std::flush;
  _exit(0);
}

}  // namespace naru
