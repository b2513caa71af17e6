#ifndef NARU_TESTS_FAKES_FAKE_HOLDER_H_
#define NARU_TESTS_FAKES_FAKE_HOLDER_H_

#include <grpcpp/server.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/proof/crypto.h"
#include "naru/config/v1/config.pb.h"
#include "naru/holder/v1/holder_service.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// A holder in this process, reached over real gRPC with mutual TLS, for tests and benchmarks of the
// broker and its clients. It holds a document of every kind about every subject, made from kind,
// number and parameters, all bodies of one size; only what they say of themselves tells them apart.
// It can be told to misbehave, for all calls or for chosen ones. Thread-safe.
//
//   FakeHolder holder({.agency = "1741000", .tls = ca.Issue("urn:naru:1741000:holder")});
//   catalogue: holder.address(), holder.key_id(), holder.public_pem()
//   holder.Misbehave(FakeHolder::Fault::kOtherPersonsBody);
class FakeHolder {
 public:
  enum class Fault {
    kNone,
    // The right form, the wrong person (P3): a whole and well signed answer about somebody else ...
    kOtherPersonsAnswer,
    // ... the asked person's header, of the asked document, over somebody else's body (as in April
    // 2024) ...
    kOtherPersonsBody,
    // ... the same with the digests of that body signed into the header: only whoever reads the
    // body can tell ...
    kOtherPersonsBodySigned,
    // ... the body of another call than the header's, swapped after both were signed.
    kSwappedBody,
    // An answer to another call.
    kOtherNonce,
    kOtherRelease,
    kBadSignature,
    kUnapprovedField,
    // More than the request's max_size_bytes, rightly signed.
    kOversized,
    kNoRecord,
    kNotEntitled,
    kForbiddenByLaw,
    kDeferred,
    // The transport: bytes that are not the header's, or no bytes.
    kGarbageHeader,
    kWrongChunkOrder,
    kAlteredChunk,
    kTooFewChunks,
    kTooManyChunks,
    kDiesBeforeAnswer,
    kDiesInTheMiddle,
    kNeverAnswers,
    kNeverSendsBody,
    // Each message comes Options::slow_delay late; needs Options::timer.
    kSlow,
    // Chunks without waiting for the Proceed: what P1 forbids.
    kSendsBeforeProceed,
    // Two answers in place of answer and chunks.
    kAnswersTwice,
  };

  struct Options {
    std::string agency = "1741000";
    config::v1::TlsFiles tls;
    // Two chunks. At least 512. Bodies over limits::kDocumentBytesDefault are no JSON documents.
    uint64_t body_bytes = 100'000;
    absl::Duration slow_delay = absl::Seconds(1);
    Timer* timer = nullptr;
    Clock* clock = Clock::Real();
  };

  // Listens on a free port of 127.0.0.1. Ends the process when it cannot.
  explicit FakeHolder(Options options);
  // Cancels what is under way.
  ~FakeHolder();
  FakeHolder(const FakeHolder&) = delete;
  FakeHolder& operator=(const FakeHolder&) = delete;

  const std::string& address() const { return address_; }
  std::string key_id() const { return key_->key_id(); }
  // PEM of the key that signs its headers.
  std::string public_pem() const { return key_->PublicPem(); }

  // From now on, for every call, or as `choose` says for each; `choose` is called on gRPC's
  // threads.
  void Misbehave(Fault fault);
  void Misbehave(std::function<Fault(const holder::v1::DocumentRequest&)> choose);
  // The size from which on the ledger must prove consistency.
  void SetKnownTreeSize(uint64_t size);

  using Parameters = google::protobuf::RepeatedPtrField<v1::Parameter>;
  // The document about `subject`, whose type and number are set: a DocumentBody.
  static std::string BodyOf(absl::string_view kind, const v1::Subject& subject, uint64_t body_bytes,
                            const Parameters& parameters = {});
  std::string BodyOf(absl::string_view kind, const v1::Subject& subject,
                     const Parameters& parameters = {}) const {
    return BodyOf(kind, subject, options_.body_bytes, parameters);
  }

  // What happened so far. A body counts as sent when its last chunk was taken by gRPC.
  struct Counts {
    int64_t requests = 0;
    int64_t answers = 0;
    int64_t proceeds = 0;
    int64_t bodies = 0;
    // Calls that ended before their last message, by whosever fault.
    int64_t cut = 0;
  };
  Counts counts() const;
  // The last Proceed that came.
  holder::v1::Proceed last_proceed() const;
  holder::v1::DocumentRequest last_request() const;

 private:
  class Service;
  class Call;
  struct Prepared;

  Fault FaultFor(const holder::v1::DocumentRequest& request);
  Prepared Prepare(const holder::v1::DocumentRequest& request, Fault fault);

  const Options options_;
  const std::unique_ptr<crypto::SigningKey> key_;
  mutable absl::Mutex mu_;
  std::function<Fault(const holder::v1::DocumentRequest&)> choose_ ABSL_GUARDED_BY(mu_);
  uint64_t known_tree_size_ ABSL_GUARDED_BY(mu_) = 0;
  std::string swap_ ABSL_GUARDED_BY(mu_);  // The body of an earlier call.
  Counts counts_ ABSL_GUARDED_BY(mu_);
  holder::v1::Proceed last_proceed_ ABSL_GUARDED_BY(mu_);
  holder::v1::DocumentRequest last_request_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace naru

#endif  // NARU_TESTS_FAKES_FAKE_HOLDER_H_
