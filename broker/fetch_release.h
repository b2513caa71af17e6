#ifndef NARU_BROKER_FETCH_RELEASE_H_
#define NARU_BROKER_FETCH_RELEASE_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "broker/base/executor.h"
#include "broker/base/strand.h"
#include "broker/document_release.h"
#include "broker/fair_writer.h"
#include "broker/release_parts.h"
#include "broker/response_sink.h"
#include "broker/stall_timer.h"
#include "consent/consent_events.h"
#include "consent/release_book.h"
#include "naru/v1/document_service.pb.h"

namespace naru {

// One admitted fetch: releases all its documents at once, each on its own (document_release.h), so
// that a slow, wrong or oversized one holds up none of the others, and answers the requester: what
// was started, the documents' steps by turns, the summary. When all or nothing was asked, none is
// released before every header is there, and then all are, in one change, or none. Looks at every
// document's ground again when the consent or the policy changes (P2). Everything happens on a
// strand of its own. Keeps itself alive until it is over.
class FetchRelease : public ReleaseFetch, public std::enable_shared_from_this<FetchRelease> {
 public:
  // `parts` must outlive the fetch. `over` (may be empty) runs once, when the requester has been
  // told everything or has gone, every document's end is recorded and the sink is finished. A fault
  // of ours ends the sink with its status.
  static std::shared_ptr<FetchRelease> Start(const ReleaseParts& parts, AdmittedFetch fetch,
                                             std::shared_ptr<ResponseSink> sink,
                                             std::function<void()> over);

  // The broker stops: what has not ended fails as INTERRUPTED. From any thread.
  void Interrupt();

  // For the documents.
  const AdmittedFetch& admitted() const override { return fetch_; }
  std::shared_ptr<ReleaseFetch> Keep() override { return shared_from_this(); }
  void Post(std::function<void()> work) override;
  StallTimer::Post TimerPost() override;
  void Send(size_t document, v1::FetchDocumentsResponse step,
            std::function<void()> written) override;
  void Unsend(size_t document) override { writer_.Drop(document); }
  void ReadyToRelease(size_t document) override;
  void DocumentEnded(size_t document, const absl::Status& fault) override;

 private:
  FetchRelease(const ReleaseParts& parts, AdmittedFetch fetch, std::shared_ptr<ResponseSink> sink,
               std::function<void()> over);

  // The steps.
  void Begin();
  void TellStarted();
  void ReleaseDocuments();
  // All or nothing: once every document is ready or has ended, releases all or none.
  void WeighBundle();
  void ReleaseBundle();
  void BundleCommitted(absl::StatusOr<std::vector<ReleaseBook::Commitment>> commitments);
  void RecordEnd();
  void EndRecorded(absl::StatusOr<v1::FetchSummary> summary);
  void TellSummary(const v1::FetchSummary& summary);
  void Finish(const absl::Status& status);

  // What happens meanwhile.
  void ListenToRequester();
  void ListenToConsent();
  void LookAgain();
  void StepWritten();
  void RequesterGone();
  void TimeOut();
  // Starts to wait for the requester when a step is under way.
  void WatchRequester();

  const ReleaseParts& parts_;
  const AdmittedFetch fetch_;
  const std::shared_ptr<ResponseSink> sink_;
  const std::shared_ptr<Strand> strand_;
  std::function<void()> over_;

  FairWriter writer_;
  // Set by Begin.
  std::vector<std::unique_ptr<DocumentRelease>> documents_;
  size_t open_documents_ = 0;
  // All or nothing: the paper that ended first without a release.
  std::optional<uint32_t> bundle_broken_by_;
  std::optional<StallTimer> requester_timer_;
  std::optional<StallTimer> life_timer_;
  std::optional<ConsentEvents::Token> events_token_;
  // Many changes at once are looked at once.
  std::atomic<bool> look_waits_{false};

  bool requester_gone_ = false;
  bool end_recorded_ = false;
  bool finished_ = false;
  absl::Status fault_;
};

}  // namespace naru

#endif  // NARU_BROKER_FETCH_RELEASE_H_
