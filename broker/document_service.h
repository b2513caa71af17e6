#ifndef NARU_BROKER_DOCUMENT_SERVICE_H_
#define NARU_BROKER_DOCUMENT_SERVICE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "broker/call_frame.h"
#include "broker/fetch_release.h"
#include "broker/release_parts.h"
#include "consent/release_acknowledge.h"
#include "consent/release_book.h"
#include "naru/v1/document_service.grpc.pb.h"

namespace naru {

// Translates naru.v1.DocumentService: admits a fetch with the release book, then hands the
// requester's stream to FetchRelease. Bounds the fetches under way, in all and of one agency (P10).
// Thread-safe.
class DocumentServiceImpl : public v1::DocumentService::CallbackService {
 public:
  struct Options {
    CallFrame* frame = nullptr;
    ReleaseBook* book = nullptr;
    AcknowledgeBook* acknowledgements = nullptr;
    const ReleaseParts* parts = nullptr;
    int max_fetches = 0;
    int max_fetches_per_agency = 0;
  };
  // All must outlive the service.
  explicit DocumentServiceImpl(Options options) : options_(options) {}

  grpc::ServerWriteReactor<v1::FetchDocumentsResponse>* FetchDocuments(
      grpc::CallbackServerContext* context, const v1::FetchDocumentsRequest* request) override;
  grpc::ServerUnaryReactor* AcknowledgeDocuments(
      grpc::CallbackServerContext* context, const v1::AcknowledgeDocumentsRequest* request,
      v1::AcknowledgeDocumentsResponse* response) override;

  // The broker stops: fetches under way end as INTERRUPTED.
  void Interrupt() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Fetch;

  // OVERLOADED or QUOTA_EXCEEDED when there is no place; otherwise one is taken until Leave.
  absl::Status Enter(const Caller& caller) ABSL_LOCKS_EXCLUDED(mu_);
  void Leave(Fetch& fetch) ABSL_LOCKS_EXCLUDED(mu_);
  void Admit(std::shared_ptr<Fetch> fetch);
  void Admitted(std::shared_ptr<Fetch> fetch, absl::StatusOr<ReleaseBook::Admission> admission);
  void Repeat(std::shared_ptr<Fetch> fetch, RepeatedFetch repeated);
  void End(const std::shared_ptr<Fetch>& fetch, const absl::Status& status);

  const Options options_;
  absl::Mutex mu_;
  uint64_t next_ ABSL_GUARDED_BY(mu_) = 1;
  int fetches_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, int> by_agency_ ABSL_GUARDED_BY(mu_);
  std::map<uint64_t, std::weak_ptr<FetchRelease>> running_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_DOCUMENT_SERVICE_H_
