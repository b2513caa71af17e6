#ifndef NARU_CONSENT_CONSENT_HARNESS_H_
#define NARU_CONSENT_CONSENT_HARNESS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "broker/base/fake_executor.h"
#include "broker/proof/catalogue_keys.h"
#include "consent/catalog/deploy_catalogue.h"
#include "consent/catalog/policy.h"
#include "consent/consent_book.h"
#include "consent/consent_events.h"
#include "consent/journal_harness.h"
#include "consent/person_directory.h"
#include "consent/rules_context.h"

namespace naru {

// A call whose answer is waited for.
template <typename Response>
class Answer {
 public:
  // For the call's `done`; the answer must outlive it.
  std::function<void(absl::StatusOr<Response>)> done() {
    return [this](absl::StatusOr<Response> response) {
      response_ = std::move(response);
      answered_.Notify();
    };
  }
  const absl::StatusOr<Response>& status() {
    answered_.WaitForNotification();
    return response_;
  }
  // Ends the test process when the answer is an error.
  const Response& operator*() { return status().value(); }
  const Response* operator->() { return &status().value(); }

 private:
  absl::Notification answered_;
  absl::StatusOr<Response> response_ = absl::UnknownError("not answered");
};

// A consent book with all it stands on, over a store in memory, the catalogue of deploy/ and a
// second agency that asks. One thread uses it.
class ConsentHarness {
 public:
  static constexpr char kAgency[] = "B553077";
  static constexpr char kOtherAgency[] = "B999999";
  static constexpr char kAffair[] = "SMALL_BUSINESS_POLICY_FUND";
  static constexpr char kApproval[] = "fund-2026";
  static constexpr char kBusinessNumber[] = "2208162517";
  static constexpr char kOfficial[] = "official-7731";
  static constexpr char kCase[] = "case-2026-114077";
  static constexpr char kContact[] = "contact-ref-1";

  explicit ConsentHarness(MemoryStore::Options options = {});
  ~ConsentHarness();

  SimulatedClock& clock() { return journal_.clock(); }
  MemoryStore& store() { return journal_.store(); }
  JournalHarness& journal_harness() { return journal_; }
  ConsentBook& book() { return *book_; }
  Policy& policy() { return *policy_; }
  ConsentEvents& events() { return events_; }
  const RulesContext& context() const { return context_; }

  // As after a crash.
  void Restart();

  static Caller Counter(const std::string& agency = kAgency);
  static Caller System(const std::string& agency = kAgency);
  static Caller Citizen();
  static v1::Subject Person(char letter = 'A');
  static v1::CaseContext Case();
  std::string NewId() { return NewRequestId(clock().Now(), random_); }

  // --- Calls, waiting for their answer ---

  // Three papers: 1 a household's, 2 a business's, 3 the person's with years.
  v1::OpenConsentRequest OpenRequest(char person = 'A');
  absl::StatusOr<v1::OpenConsentResponse> Open(const v1::OpenConsentRequest& request,
                                               const Caller& caller = Counter(),
                                               const std::string& contact = kContact);
  // Opened, or the end of the test process.
  v1::OpenedConsent MustOpen(char person = 'A');

  // All papers agreed to but those named.
  v1::DecideConsentRequest DecideRequest(const v1::OpenedConsent& opened,
                                         std::vector<uint32_t> refused = {});
  v1::DecideConsentRequest DecideByCode(const v1::OpenedConsent& opened, const std::string& code,
                                        std::vector<uint32_t> refused = {});
  v1::DecideConsentRequest DecideByAssertion(const v1::OpenedConsent& opened,
                                             std::vector<uint32_t> refused = {});
  absl::StatusOr<v1::DecideConsentResponse> Decide(const v1::DecideConsentRequest& request);
  // Granted by code, or by assertion.
  v1::OpenedConsent MustGrant(v1::EvidenceKind evidence, char person = 'A');

  absl::StatusOr<v1::SendCodeResponse> SendCode(const v1::OpenedConsent& opened,
                                                v1::CodePurpose purpose);
  absl::StatusOr<v1::WithdrawConsentResponse> Withdraw(const v1::WithdrawConsentRequest& request);
  v1::WithdrawConsentRequest WithdrawByAssertion(const v1::OpenedConsent& opened,
                                                 std::vector<uint32_t> papers,
                                                 std::vector<uint32_t> bound);
  absl::StatusOr<v1::SuspendConsentResponse> Suspend(const v1::OpenedConsent& opened);
  absl::StatusOr<v1::ResumeConsentResponse> Resume(const v1::OpenedConsent& opened);
  absl::StatusOr<v1::CancelConsentResponse> Cancel(const std::string& consent_id,
                                                   const Caller& caller = Counter());
  absl::StatusOr<v1::CheckConsentResponse> Check(const v1::CheckConsentRequest& request,
                                                 const Caller& caller);
  absl::StatusOr<v1::CheckConsentResponse> CheckById(const std::string& consent_id,
                                                     const Caller& caller = System());
  absl::StatusOr<v1::CheckConsentResponse> CheckByPerson(char person,
                                                         const Caller& caller = System());
  void SuspendApproval();

  // --- Evidence ---

  struct Vouch {
    char person = 'A';
    std::string action;
    std::string consent_id;
    std::string text_sha256;
    std::vector<v1::PaperDecision> decisions;
    // Since the person signed in; the assertion itself is of this moment.
    absl::Duration age = absl::ZeroDuration();
  };
  v1::Evidence Assertion(const Vouch& vouch);
  std::string Session(char person = 'A', absl::Duration age = absl::ZeroDuration());

  // --- What is there ---

  struct Message {
    uint64_t index = 0;
    storage::v1::OutboxMessage message;
  };
  // What waits for contacts, in order.
  std::vector<Message> Messages();
  // The six digits of the newest code message.
  std::string LastCode();
  static std::string Other(std::string code);

  struct Entry {
    uint64_t index = 0;
    v1::OuterEntry outer;
    storage::v1::InnerEntry inner;
    storage::v1::RecordRow record;
  };
  std::vector<Entry> Entries(std::optional<v1::EntryKind> kind = std::nullopt);
  storage::v1::Details Details(const Entry& entry);
  // Every row of every table.
  std::vector<Row> AllRows();
  storage::v1::ConsentRow ConsentRow(const std::string& consent_id);

 private:
  void Build();

  InlineExecutor inline_;
  FakeRandom random_{7};
  ConsentEvents events_{&inline_};
  PersonDirectory directory_{std::string(32, 'p'), std::string(32, 'k'), "kek-1", &random_};
  DeployCatalogue deploy_;
  std::shared_ptr<const Catalogue> catalogue_;
  CatalogueKeys keys_;
  std::unique_ptr<Policy> policy_;
  JournalHarness journal_;
  RulesContext context_;
  std::unique_ptr<ConsentBook> book_;
};

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_HARNESS_H_
