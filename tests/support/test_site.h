#ifndef NARU_TESTS_SUPPORT_TEST_SITE_H_
#define NARU_TESTS_SUPPORT_TEST_SITE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/executor.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/proof/catalogue_keys.h"
#include "broker/proof/checkpoint.h"
#include "broker/proof/crypto.h"
#include "naru/config/v1/catalogue.pb.h"
#include "naru/config/v1/config.pb.h"
#include "tests/fakes/fake_holder.h"
#include "tests/support/fake_resolver.h"

namespace naru {

// Who calls, as "<agency>:<service>"; every one is in the catalogue with one role.
inline constexpr absl::string_view kBrokerParty = "1741999:broker";
inline constexpr absl::string_view kResolverParty = "1741999:resolver";
inline constexpr absl::string_view kNotifierParty = "1741999:notifier";
inline constexpr absl::string_view kCitizenParty = "1741999:citizen";
inline constexpr absl::string_view kApproverParty = "1741999:approver-1";
inline constexpr absl::string_view kOtherApproverParty = "1741999:approver-2";
inline constexpr absl::string_view kOperatorParty = "1741999:operator";
inline constexpr absl::string_view kSystemParty = "B553077:system";
inline constexpr absl::string_view kCounterParty = "B553077:counter";
inline constexpr absl::string_view kOtherSystemParty = "B554321:system";
inline constexpr absl::string_view kHolderParty = "1741000:holder";

// What the catalogue has.
inline constexpr char kAffair[] = "SUPPORT_FUND";
inline constexpr char kApproval[] = "fund-2026";              // Of the agency B553077.
inline constexpr char kAbstract[] = "RESIDENT_ABSTRACT";      // About the person.
inline constexpr char kHousehold[] = "RESIDENT_FULL";         // About the household.
inline constexpr char kBusiness[] = "BUSINESS_REGISTRATION";  // About a business.
inline constexpr char kVatBase[] = "VAT_BASE";                // A business, by tax years.
inline constexpr char kProviderIssuer[] = "https://idp.naru.example/test";
inline constexpr char kProviderAudience[] = "naru";

// A directory of a test's own, below TEST_TMPDIR.
std::string TestDirectory(const std::string& name);

// Everything around a broker of a test: throw-away certificates, keys and secrets, a catalogue, a
// holder and a resolver that answer, and a configuration to start a broker with, in this process
// or as the program, again and again on the same data. Ends the process when it cannot be made.
// Thread-safe but for ca().
class TestSite {
 public:
  struct Options {
    std::string directory;  // Made; all files lie below.
    uint64_t body_bytes = 100'000;
    absl::Duration slow_delay = absl::Seconds(1);
    Timer* holder_timer = nullptr;  // For FakeHolder::Fault::kSlow.
    config::v1::BrokerLimits limits;
    // Changes the catalogue before anybody reads it; keys and addresses are in it.
    std::function<void(config::v1::Catalogue*)> edit_catalogue;
  };
  explicit TestSite(Options options);

  FakeHolder& holder() { return *holder_; }
  const FakeHolder& holder() const { return *holder_; }
  // The broker's configuration as a file, and as LoadBrokerConfig reads it.
  const std::string& config_file() const { return config_file_; }
  const config::v1::BrokerConfig& config() const { return config_; }
  const config::v1::Catalogue& catalogue() const { return catalogue_; }

  // What requesters pin and take from the catalogue.
  const KeyRing& keys() const { return catalogue_keys_.keys; }
  const CheckpointVerifier& verifier() const { return *verifier_; }
  // Another one, to give away.
  CheckpointVerifier NewVerifier() const;
  // For a client library that calls as that party.
  config::v1::ClientConfig ClientConfigOf(absl::string_view party,
                                          const std::string& broker_address)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Of the identity provider.
  const crypto::SigningKey& provider_key() const { return *provider_key_; }

  TestCa& ca() { return ca_; }
  // The certificate of "<agency>:<service>"; made with the first use.
  config::v1::TlsFiles CertificateOf(absl::string_view party) ABSL_LOCKS_EXCLUDED(mu_);
  static std::string UriOf(absl::string_view party);
  std::string PathOf(absl::string_view name) const;

 private:
  std::string SecretFile(absl::string_view name);
  std::string KeyOf(const crypto::SigningKey& key, absl::string_view name);
  void MakeCatalogue(const crypto::SigningKey& receipt_key);
  void MakeConfig();

  const Options options_;
  TestCa ca_;
  absl::Mutex mu_;
  std::map<std::string, config::v1::TlsFiles, std::less<>> certificates_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<FakeHolder> holder_;
  std::unique_ptr<FakeResolver> resolver_;
  std::unique_ptr<crypto::SigningKey> provider_key_;
  config::v1::Catalogue catalogue_;
  CatalogueKeys catalogue_keys_;
  std::vector<std::string> ledger_keys_;  // Pinned.
  std::unique_ptr<CheckpointVerifier> verifier_;
  std::string config_file_;
  config::v1::BrokerConfig config_;
};

}  // namespace naru

#endif  // NARU_TESTS_SUPPORT_TEST_SITE_H_
