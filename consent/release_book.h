#ifndef NARU_CONSENT_RELEASE_BOOK_H_
#define NARU_CONSENT_RELEASE_BOOK_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/ids.h"
#include "consent/answer_digests.h"
#include "consent/caller.h"
#include "consent/rules_context.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {

class RunningFetches;
struct FetchActor;
struct PaperEnd;

// One paper that a fetch may have, with everything its holder is asked.
struct PlannedPaper {
  v1::Paper paper;  // Subject and parameters explicit.
  std::string holder;
  ReleaseId release;
  std::vector<std::string> approved_fields;
  uint64_t max_size_bytes = 0;
  // Set when the paper is refused beforehand (NOT_PERMITTED, entered already): the index of that
  // entry. `paper` is only its number when the consent does not name it.
  std::optional<v1::Refusal> refused;
  uint64_t refused_index = 0;
};

// A fetch that was admitted: entered, nothing released yet. Keep it until the fetch is over: while
// a copy lives, the fetch counts as running.
struct AdmittedFetch {
  FetchId fetch;
  ConsentId consent;
  std::string requester;  // Agency code.
  std::string caller;     // As entries name it.
  std::string affair;
  std::string legal_basis;
  v1::AccessMode mode = v1::ACCESS_MODE_VIEW;
  // Papers are released with ReleaseAll, never with Release. When one is refused beforehand, all
  // are.
  bool all_or_nothing = false;
  v1::Subject person;
  std::string nonce;
  uint64_t known_tree_size = 0;
  bool case_verified = false;
  v1::CaseContext case_context;
  std::vector<PlannedPaper> papers;
  // When it was admitted, and the time of the papers' outcomes that were refused beforehand.
  absl::Time time;
  // The consent's person, within the broker only.
  SubjectId subject;
  // Keyed hash of the case; empty without one.
  std::string case_hash;
  // Says that the fetch runs; see RunningFetches.
  std::shared_ptr<const void> running;
};

// A repeat of an admitted fetch: its answer made again, no bodies. Receipts are unsigned:
// `signature` is empty, and the caller signs the serialized receipt, which bears the time of this
// answer. A holder's signed answer (NO_RECORD, DECLINED, DEFERRED) does not rest here and is not
// given again, nor are a deferral's facts.
struct RepeatedFetch {
  std::vector<v1::FetchDocumentsResponse> steps;
};

// What was released: the entry, proven in the group it was committed in.
struct Released {
  v1::LedgerProof proof;  // known_size and consistency path are the requester's.
  uint64_t tree_size = 0;
};

// An outcome that is durable.
struct RecordedOutcome {
  uint64_t ledger_index = 0;
  absl::Time time;
};

// The record's side of a release: every decision that P1, P2, P7 and the uses of a consent rest on.
// Thread-safe; never blocks; callbacks run on the journal's executor, once.
class ReleaseBook {
 public:
  // `context` and all it points to must outlive the book.
  explicit ReleaseBook(const RulesContext* context);
  ~ReleaseBook();

  // Judges the fetch as a whole under the person's lock: consent granted and in time, uses,
  // approval per kind, the person. A consent that is not there and another agency's are one answer,
  // NO_CONSENT (P10). A repeat (P7) of a fetch that still runs is NOT_READY; papers of one that was
  // interrupted are entered as FAILED, INTERRUPTED before they are answered. FieldMalformed for a
  // known_tree_size that the ledger has not reached. Reads a row: not on a gRPC thread.
  struct Admission {
    std::optional<AdmittedFetch> admitted;
    std::optional<RepeatedFetch> repeated;
    std::optional<v1::Refusal> refused;  // Entered.
  };
  void Admit(const Caller& caller, const v1::FetchDocumentsRequest& request,
             std::function<void(absl::StatusOr<Admission>)> done);

  // Commits the release of one paper whose header was checked: judged again, now, under the lock
  // (P2). A refusal was entered as the paper's outcome NOT_PERMITTED; `index` and `time` are that
  // entry's.
  struct Commitment {
    std::optional<Released> released;
    std::optional<v1::Refusal> refused;
    RecordedOutcome refusal_entry;
  };
  // `no_record`: the holder's answer is NO_RECORD; the entry is the paper's outcome too. A release
  // id commits once: INTERNAL for a paper that was released or ended before.
  void Release(const AdmittedFetch& fetch, size_t paper, const std::string& header_sha256,
               const std::string& document_sha256, bool no_record,
               std::function<void(absl::StatusOr<Commitment>)> done);

  // Commits all papers of an all_or_nothing fetch in one change, each judged as in Release;
  // `answers` are those of all papers, in order. When one is refused none is released: the others'
  // outcome is NOT_PERMITTED, BUNDLE_INCOMPLETE, which names it. One Commitment for each paper.
  void ReleaseAll(const AdmittedFetch& fetch, std::vector<AnswerDigests> answers,
                  std::function<void(absl::StatusOr<std::vector<Commitment>>)> done);

  // Enters how a paper ended: SENT (released before), DECLINED or DEFERRED (not released),
  // NOT_PERMITTED, FAILED. Once a paper
  // and fetch: INTERNAL for a second.
  void RecordOutcome(const AdmittedFetch& fetch, size_t paper, v1::Outcome outcome,
                     v1::RefusalReason reason, const std::string& ground,
                     const std::string& header_sha256,
                     std::function<void(absl::StatusOr<RecordedOutcome>)> done);
  // Enters a quarantine (P3): header digest only, never a body; and the outcome FAILED in the same
  // change.
  void Quarantine(const AdmittedFetch& fetch, size_t paper, v1::RefusalReason reason,
                  const std::string& header_sha256,
                  std::function<void(absl::StatusOr<RecordedOutcome>)> done);

  // Ends the fetch, once every paper was tried: enters FETCH_ENDED and tells the citizen, once,
  // when a document was sent. Papers without outcome are entered as FAILED, INTERRUPTED. A second
  // call answers as the first did. The flow calls it at the end of every admitted fetch, also when
  // the requester is gone.
  void Finish(const AdmittedFetch& fetch,
              std::function<void(absl::StatusOr<v1::FetchSummary>)> done);

  // Proof for the holder: the same entry with a consistency proof from the size the holder knows.
  // When that is larger than the release's tree, under the newest checkpoint. FAILED_PRECONDITION
  // when that size is not of this ledger.
  absl::StatusOr<v1::LedgerProof> ProofFor(const Released& released, uint64_t known_size) const;

  // Why the paper may not go on: the consent is no longer GRANTED or EXHAUSTED or in time, the
  // paper withdrawn, or its approval suspended; nullopt when it may. Asked again when ConsentEvents
  // says so, to cut open streams. Reads rows: not on a gRPC thread.
  absl::StatusOr<std::optional<v1::Refusal>> WhyNotPermitted(const AdmittedFetch& fetch,
                                                             size_t paper) const;
  // True when WhyNotPermitted has nothing to say.
  absl::StatusOr<bool> StillPermitted(const AdmittedFetch& fetch, size_t paper) const;

 private:
  void Repeat(const FetchId& fetch, const FetchActor& actor, uint64_t known_size,
              const std::function<void(absl::StatusOr<Admission>)>& done);
  void EnterEnd(const AdmittedFetch& fetch, size_t paper, const PaperEnd& end,
                std::function<void(absl::StatusOr<RecordedOutcome>)> done);

  const RulesContext* const context_;
  const std::unique_ptr<RunningFetches> running_;
};

}  // namespace naru

#endif  // NARU_CONSENT_RELEASE_BOOK_H_
