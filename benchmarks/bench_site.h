#ifndef NARU_BENCHMARKS_BENCH_SITE_H_
#define NARU_BENCHMARKS_BENCH_SITE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "benchmarks/prepared_holder.h"
#include "benchmarks/rounds.h"
#include "naru/v1/consent_service.grpc.pb.h"
#include "tests/support/broker_process.h"
#include "tests/support/test_clients.h"
#include "tests/support/test_site.h"

namespace naru {

// What fetched papers weigh.
inline constexpr uint64_t kSmallDocument = 512 << 10;  // kAbstract.
inline constexpr uint64_t kLargeDocument = 200 << 20;  // kHousehold.

// naru-broker as a process of its own, with real certificates and everybody around it. Ends the
// process when something does not work. Thread-safe but for the constructor.
class BenchSite {
 public:
  struct Options {
    std::string directory;  // Must not be there yet.
    // Also documents of kLargeDocument.
    bool large_documents = false;
  };
  explicit BenchSite(const Options& options);

  TestSite& site() { return *site_; }
  TestClients& clients() { return *clients_; }
  BrokerProcess& broker() { return *broker_; }
  const PreparedHolder& holder() const { return *holder_; }
  // What the driver must know: processes, addresses and files.
  std::string Ready();

  // Connections of one party to whoever listens there with the certificate of `server`.
  std::vector<std::shared_ptr<grpc::Channel>> Channels(absl::string_view party, int count,
                                                       const std::string& address,
                                                       absl::string_view server = kBrokerParty);

  // A consent and whose it is.
  struct Known {
    v1::Consent consent;
    uint64_t person = 0;
  };
  // Opens consents for one paper each, every one about somebody else; 64 calls at a time.
  std::vector<Known> Open(int count, const std::string& kind, uint32_t uses = 0);
  // Their persons' agreement, signed.
  std::vector<v1::DecideConsentRequest> Agreements(const std::vector<Known>& pending) const;
  // Decides; 64 calls at a time. What the round measured is the durable decision.
  Round Decide(std::vector<v1::DecideConsentRequest> decisions);
  // Opened and agreed to; says how far it is on standard error.
  std::vector<Known> Granted(int count, const std::string& kind, uint32_t uses = 0);

 private:
  std::unique_ptr<TestSite> site_;
  std::unique_ptr<PreparedHolder> holder_;
  std::unique_ptr<BrokerProcess> broker_;
  std::unique_ptr<TestClients> clients_;
  std::vector<std::unique_ptr<v1::ConsentService::Stub>> requesters_;
  std::vector<std::unique_ptr<v1::ConsentService::Stub>> citizens_;
  std::atomic<uint64_t> next_person_{1};
};

}  // namespace naru

#endif  // NARU_BENCHMARKS_BENCH_SITE_H_
