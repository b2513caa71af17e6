#ifndef NARU_CONSENT_RELEASE_HARNESS_H_
#define NARU_CONSENT_RELEASE_HARNESS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "broker/base/executor.h"
#include "broker/base/fake_executor.h"
#include "broker/base/ids.h"
#include "broker/base/random.h"
#include "consent/caller.h"
#include "consent/catalog/policy.h"
#include "consent/consent_events.h"
#include "consent/journal_harness.h"
#include "consent/person_directory.h"
#include "consent/release_acknowledge.h"
#include "consent/release_book.h"
#include "consent/rules_context.h"

namespace naru {

// A release book with all it stands on, over a store in memory: a catalogue, consents that were
// granted, and calls that wait for their answer. One thread uses it unless a method says otherwise.
class ReleaseHarness {
 public:
  // The catalogue's agencies: two that ask, one that holds.
  static constexpr char kAgency[] = "3210000";
  static constexpr char kOtherAgency[] = "6110000";
  static constexpr char kHolder[] = "1210000";
  static constexpr char kAffair[] = "SMALL_BUSINESS_FUND";
  static constexpr char kLegalBasis[] = "소상공인법 제12조";
  // Papers of every consent: 1 INCOME and 2 FAMILY under approval "fund-main", 3 BUSINESS under
  // "fund-business", 4 CAR under none; all for VIEW.
  static constexpr uint32_t kPapers = 4;

  // Callbacks run on `executor`, which must outlive the harness, or on the journal's thread.
  explicit ReleaseHarness(MemoryStore::Options options = {}, Executor* executor = nullptr);
  ~ReleaseHarness();

  SimulatedClock& clock() { return journal_.clock(); }
  MemoryStore& store() { return journal_.store(); }
  Ledger& ledger() { return journal_.ledger(); }
  Journal& journal() { return journal_.journal(); }
  JournalHarness& journal_harness() { return journal_; }
  Policy& policy() { return *policy_; }
  ReleaseBook& book() { return *book_; }
  ConsentEvents& events() { return events_; }
  const PersonDirectory& directory() const { return directory_; }
  RulesContext& context() { return context_; }

  // As after a crash: what is not durable, and the book's memory, is gone.
  void Restart();

  static Caller Counter(const std::string& agency = kAgency);
  static v1::Subject Person(char letter = 'A');

  struct Grant {
    v1::Subject person = Person();
    uint32_t uses = 3;
    absl::Duration valid_for = absl::Hours(24 * 30);
    // Decisions of papers 1, 2, ...; the others are agreed to.
    std::vector<v1::Decision> decisions = {};
    v1::ConsentState state = v1::CONSENT_STATE_GRANTED;
    std::string contact_ref = "contact-1";
  };
  // A consent of kAgency for kAffair, by an entry.
  ConsentId AddConsent(const Grant& grant);
  ConsentId AddConsent() { return AddConsent(Grant()); }
  // What the citizen does to it: `kind` is entered, `edit` changes the row.
  Change ChangeConsent(const ConsentId& consent, v1::EntryKind kind,
                       std::function<void(storage::v1::ConsentRow*)> edit) const;
  void Edit(const ConsentId& consent, v1::EntryKind kind,
            std::function<void(storage::v1::ConsentRow*)> edit);
  // All of it. The change may be committed on any thread.
  Change Withdrawal(const ConsentId& consent) const;

  v1::FetchDocumentsRequest Request(const ConsentId& consent,
                                    const std::string& case_number = "2026-0001");

  // The book's calls, waiting. Any thread.
  absl::StatusOr<ReleaseBook::Admission> Admit(const v1::FetchDocumentsRequest& request,
                                               const Caller& caller = Counter());
  // The fetch, or the end of the test process.
  AdmittedFetch MustAdmit(const v1::FetchDocumentsRequest& request);
  absl::StatusOr<ReleaseBook::Commitment> Release(const AdmittedFetch& fetch, size_t paper,
                                                  bool no_record = false);
  // NO_RECORD for those `no_record` says so of.
  absl::StatusOr<std::vector<ReleaseBook::Commitment>> ReleaseAll(
      const AdmittedFetch& fetch, const std::vector<bool>& no_record);
  absl::StatusOr<RecordedOutcome> RecordOutcome(
      const AdmittedFetch& fetch, size_t paper, v1::Outcome outcome,
      v1::RefusalReason reason = v1::REFUSAL_REASON_UNSPECIFIED, const std::string& ground = "");
  absl::StatusOr<v1::FetchSummary> Finish(const AdmittedFetch& fetch);
  // What became of papers (numbers, not places) of the fetch; a MISMATCH is of SUBJECT_MISMATCH.
  v1::AcknowledgeDocumentsRequest Acknowledgement(const FetchId& fetch,
                                                  const std::vector<uint32_t>& paper_ids,
                                                  v1::Arrival arrival = v1::ARRIVAL_ARRIVED);
  absl::StatusOr<AcknowledgeBook::Answer> Acknowledge(
      const v1::AcknowledgeDocumentsRequest& request, const Caller& caller = Counter());
  // Released and sent.
  void Send(const AdmittedFetch& fetch, size_t paper);

  storage::v1::ConsentRow ConsentRow(const ConsentId& consent) const;
  storage::v1::CheckRow CheckRow(const ConsentId& consent) const;

  struct Entry {
    uint64_t index = 0;
    v1::OuterEntry outer;
    storage::v1::InnerEntry inner;
  };
  // The ledger, or its entries of one kind.
  std::vector<Entry> Entries(std::optional<v1::EntryKind> kind = std::nullopt) const;
  // Official, terminal, case and papers of the entry.
  storage::v1::Details Details(const Entry& entry) const;

 private:
  void Build();

  InlineExecutor inline_;
  FakeRandom random_{7};
  ConsentEvents events_{&inline_};
  PersonDirectory directory_;
  std::shared_ptr<const Catalogue> catalogue_;
  std::unique_ptr<Policy> policy_;
  JournalHarness journal_;
  RulesContext context_;
  std::unique_ptr<ReleaseBook> book_;
  AcknowledgeBook acknowledgements_{&context_};
};

// Starts a call with a callback and waits for what it gets.
template <typename Response, typename Start>
absl::StatusOr<Response> AwaitCall(Start start) {
  absl::StatusOr<Response> result;
  absl::Notification answered;
  start([&](absl::StatusOr<Response> response) {
    result = std::move(response);
    answered.Notify();
  });
  answered.WaitForNotification();
  return result;
}

}  // namespace naru

#endif  // NARU_CONSENT_RELEASE_HARNESS_H_
