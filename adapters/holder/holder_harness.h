#ifndef NARU_ADAPTERS_HOLDER_HOLDER_HARNESS_H_
#define NARU_ADAPTERS_HOLDER_HOLDER_HARNESS_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/holder/holder_metrics.h"
#include "adapters/holder/holder_service.h"
#include "adapters/holder/reload.h"
#include "broker/base/clock.h"
#include "broker/base/fake_executor.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/random.h"
#include "broker/base/thread_pool.h"
#include "broker/proof/document_header.h"
#include "broker/proof/fake_ledger.h"
#include "broker/proof/key_ring.h"
#include "broker/proof/ledger_proof.h"
#include "naru/holder/v1/holder_service.grpc.pb.h"

namespace naru {

inline constexpr char kHolderIdentity[] = "urn:naru:1210000:holder";
inline constexpr char kBrokerIdentity[] = "urn:naru:1741999:broker";

// A whole holder over the register of test_register.h, behind real gRPC with mutual TLS, and the
// broker's side of a call for tests to play. Time stands still unless `timer` is advanced.
class HolderHarness {
 public:
  // `more` is configuration of further registers; "$DB" in it is the database's connection.
  explicit HolderHarness(int documents_max = 64, const std::string& more = "");
  ~HolderHarness();

  // A stub over a connection of its own.
  std::unique_ptr<holder::v1::HolderService::Stub> Connect(const std::string& identity);
  // What an honest broker asks about business i, for its representative.
  holder::v1::DocumentRequest Ask(const std::string& kind, int i);
  // What that request's header must say.
  static ExpectedHeader Expected(const holder::v1::DocumentRequest& request);
  CheckedHeader Check(const holder::v1::DocumentRequest& request,
                      const holder::v1::DocumentAnswer& answer) const;
  // The entry that releases this answer.
  static v1::OuterEntry Release(const holder::v1::DocumentRequest& request,
                                const holder::v1::DocumentAnswer& answer);
  // Enters it, and gives the proof that the holder wants.
  holder::v1::Proceed Enter(const v1::OuterEntry& entry, uint64_t known_size);

  double Metric(const std::string& name) const;

  // What the holder was started with, and a file in its place.
  const std::string& config() const { return config_; }
  void WriteConfig(const std::string& text);
  // A new signing key in the file that the configuration names, known to `keys` by this id.
  void WriteKey(const std::string& key_id);
  Reload& reload() { return *reload_; }

  TestCa ca;
  std::string database;
  SimulatedClock clock;
  SimulatedTimer timer{&clock};
  FakeRandom random;
  FakeLedger ledger;
  absl::Mutex ledger_mu;  // Of `ledger`, which is not thread-safe.
  KeyRing keys;
  HolderMetrics metrics;

 private:
  std::string directory_;
  std::string config_;
  std::unique_ptr<AnswerSource> answers_;
  std::unique_ptr<CheckpointKeeper> checkpoints_;
  std::unique_ptr<ThreadPool> reads_;
  std::unique_ptr<ThreadPool> proofs_;
  std::unique_ptr<Reload> reload_;
  std::unique_ptr<HolderService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

// The broker's side of one call.
class BrokerCall {
 public:
  BrokerCall(holder::v1::HolderService::Stub& stub, const holder::v1::DocumentRequest& request);
  // Ends the call if it has not ended.
  ~BrokerCall();

  // The answer; an empty one when the call ended before.
  holder::v1::DocumentAnswer ReadAnswer();
  void Send(const holder::v1::ProvideDocumentRequest& message) { stream_->Write(message); }
  void Proceed(const holder::v1::Proceed& proceed);
  // No message will follow.
  void HalfClose() { stream_->WritesDone(); }
  // Everything that comes until the end, joined. Counts the messages.
  std::string ReadBody(BodyChecker* checker = nullptr);
  int messages() const { return messages_; }
  grpc::Status Finish();

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<holder::v1::ProvideDocumentRequest,
                                           holder::v1::ProvideDocumentResponse>>
      stream_;
  int messages_ = 0;
  bool finished_ = false;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_HOLDER_HARNESS_H_
