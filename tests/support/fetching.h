#ifndef NARU_TESTS_SUPPORT_FETCHING_H_
#define NARU_TESTS_SUPPORT_FETCHING_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/ledger_entry.pb.h"
#include "tests/support/test_clients.h"
#include "tests/support/test_site.h"

// Fetches as a requester's system makes them, with everything that came kept for the test to judge,
// and checked again by what the requester itself knows.
namespace naru {

// What came of one paper.
struct FetchedSteps {
  v1::FetchedPaper announced;
  std::optional<v1::SignedHeader> header;
  std::string body;
  uint32_t chunks = 0;
  std::optional<v1::DocumentReceipt> receipt;
  std::optional<v1::DocumentOutcome> outcome;
};

struct FetchResult {
  absl::Status status;
  std::optional<v1::Refusal> refusal;
  v1::FetchStarted started;
  std::map<uint32_t, FetchedSteps> papers;
  std::optional<v1::FetchSummary> summary;
  // A step that the contract does not allow there; empty when the order was kept.
  std::string disorder;

  // The paper's outcome, or UNSPECIFIED.
  v1::Outcome OutcomeOf(uint32_t paper_id) const;
  v1::RefusalReason ReasonOf(uint32_t paper_id) const;
};

// Fetches without waiting: `done` runs once, on a thread of gRPC, with everything that came.
// `on_step` (may be empty) sees each step as it comes.
void StartFetch(TestPeer& peer, const v1::FetchDocumentsRequest& request,
                std::function<void(FetchResult)> done,
                std::function<void(const v1::FetchDocumentsResponse&)> on_step = nullptr,
                absl::Duration deadline = kTestDeadline);
// Fetches and waits.
FetchResult Fetch(TestPeer& peer, const v1::FetchDocumentsRequest& request);

// Checks one paper that ended SENT as a requester must: header against what was asked, body against
// header and against what the holder has, receipt's signature, its entry's proof in the ledger. OK,
// or which check failed.
absl::Status CheckSent(const TestSite& site, absl::string_view requester,
                       const v1::FetchDocumentsRequest& request, const FetchedSteps& steps);
// The entry that a receipt proves, its signature and proof checked.
absl::StatusOr<v1::OuterEntry> EntryOf(const TestSite& site, const v1::DocumentReceipt& receipt);

}  // namespace naru

#endif  // NARU_TESTS_SUPPORT_FETCHING_H_
