#include "broker/fetch_release.h"

#include <algorithm>
#include <string>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/release_messages.h"
#include "glog/logging.h"

namespace naru {

std::shared_ptr<FetchRelease> FetchRelease::Start(const ReleaseParts& parts, AdmittedFetch fetch,
                                                  std::shared_ptr<ResponseSink> sink,
                                                  std::function<void()> over) {
  std::shared_ptr<FetchRelease> release(
      new FetchRelease(parts, std::move(fetch), std::move(sink), std::move(over)));
  release->Post([release = release.get()] { release->Begin(); });
  return release;
}

FetchRelease::FetchRelease(const ReleaseParts& parts, AdmittedFetch fetch,
                           std::shared_ptr<ResponseSink> sink, std::function<void()> over)
    : parts_(parts),
      fetch_(std::move(fetch)),
      sink_(std::move(sink)),
      strand_(MakeStrand(parts.executor)),
      over_(std::move(over)),
      // A fetch without papers still has a summary.
      writer_(sink_.get(), fetch_.papers.size() + 1) {}

void FetchRelease::Begin() {
  ListenToRequester();
  ListenToConsent();
  TellStarted();
  ReleaseDocuments();
}

void FetchRelease::ListenToRequester() {
  requester_timer_.emplace(parts_.clock, parts_.timer, limits::kRequesterPatience, TimerPost(),
                           [this] { sink_->Cancel(); });
  life_timer_.emplace(parts_.clock, parts_.timer, limits::kFetchLife, TimerPost(),
                      [this] { TimeOut(); });
  life_timer_->Start();
  const auto self = shared_from_this();
  sink_->Listen({[self] { self->Post([self = self.get()] { self->StepWritten(); }); },
                 [self] { self->Post([self = self.get()] { self->RequesterGone(); }); }});
}

void FetchRelease::ListenToConsent() {
  const std::weak_ptr<FetchRelease> weak = weak_from_this();
  events_token_ = parts_.events->Subscribe(fetch_.consent, [weak] {
    const std::shared_ptr<FetchRelease> self = weak.lock();
    if (self == nullptr || self->look_waits_.exchange(true)) return;
    self->Post([self = self.get()] { self->LookAgain(); });
  });
}

void FetchRelease::TellStarted() {
  v1::FetchDocumentsResponse step;
  *step.mutable_started() = StartedMessage(fetch_);
  // Nothing is under way yet, so it is the first.
  Send(fetch_.papers.size(), std::move(step), nullptr);
}

void FetchRelease::ReleaseDocuments() {
  open_documents_ = fetch_.papers.size();
  if (open_documents_ == 0) RecordEnd();
  for (size_t i = 0; i < fetch_.papers.size(); ++i) {
    documents_.push_back(std::make_unique<DocumentRelease>(parts_, this, i));
  }
  for (const std::unique_ptr<DocumentRelease>& document : documents_) document->Begin();
}

void FetchRelease::DocumentEnded(size_t document, const absl::Status& fault) {
  if (fault_.ok()) fault_ = fault;
  if (!bundle_broken_by_.has_value()) {
    bundle_broken_by_ = fetch_.papers[document].paper.paper_id();
  }
  if (--open_documents_ == 0) RecordEnd();
  WeighBundle();
}

void FetchRelease::ReadyToRelease(size_t) { WeighBundle(); }

void FetchRelease::WeighBundle() {
  const auto ready = [](const auto& document) { return document->ready(); };
  const auto count = std::count_if(documents_.begin(), documents_.end(), ready);
  // Nobody is ready but in a bundle, and only before its release.
  if (count == 0 || static_cast<size_t>(count) < open_documents_) return;
  if (!bundle_broken_by_.has_value()) {
    ReleaseBundle();
    return;
  }
  const v1::Refusal why = MakeRefusal(v1::REFUSAL_REASON_BUNDLE_INCOMPLETE,
                                      {{"paper_id", std::to_string(*bundle_broken_by_)}});
  for (const std::unique_ptr<DocumentRelease>& document : documents_) {
    if (document->ready()) document->LeaveBundle(why);
  }
}

void FetchRelease::ReleaseBundle() {
  std::vector<AnswerDigests> answers;
  for (const std::unique_ptr<DocumentRelease>& document : documents_) {
    answers.push_back(document->CommitBundle());
  }
  parts_.record->ReleaseAll(
      fetch_, std::move(answers),
      [self =
           shared_from_this()](absl::StatusOr<std::vector<ReleaseBook::Commitment>> commitments) {
        self->Post([self = self.get(), commitments = std::move(commitments)]() mutable {
          self->BundleCommitted(std::move(commitments));
        });
      });
}

void FetchRelease::BundleCommitted(
    absl::StatusOr<std::vector<ReleaseBook::Commitment>> commitments) {
  for (size_t i = 0; i < documents_.size(); ++i) {
    if (commitments.ok()) {
      documents_[i]->ReleaseCommitted(std::move((*commitments)[i]));
    } else {
      documents_[i]->ReleaseCommitted(commitments.status());
    }
  }
}

void FetchRelease::RecordEnd() {
  parts_.record->Finish(fetch_,
                        [self = shared_from_this()](absl::StatusOr<v1::FetchSummary> summary) {
                          self->Post([self = self.get(), summary = std::move(summary)]() mutable {
                            self->EndRecorded(std::move(summary));
                          });
                        });
}

void FetchRelease::EndRecorded(absl::StatusOr<v1::FetchSummary> summary) {
  end_recorded_ = true;
  if (fault_.ok()) fault_ = summary.status();
  if (!summary.ok()) LOG(ERROR) << "the end of a fetch could not be entered: " << summary.status();
  if (requester_gone_) {
    Finish(absl::CancelledError("the requester is gone"));
  } else if (fault_.ok()) {
    TellSummary(*summary);
  } else {
    // Without an outcome for each document there is no summary: the repeat tells all of them.
    writer_.WhenDrained([this] { Finish(fault_); });
  }
}

void FetchRelease::TellSummary(const v1::FetchSummary& summary) {
  writer_.WhenDrained([this, summary] {
    v1::FetchDocumentsResponse step;
    *step.mutable_summary() = summary;
    Send(fetch_.papers.size(), std::move(step), [this] { Finish(absl::OkStatus()); });
  });
}

void FetchRelease::Finish(const absl::Status& status) {
  if (finished_) return;
  finished_ = true;
  writer_.Close();
  requester_timer_->Disarm();
  life_timer_->Disarm();
  parts_.events->Unsubscribe(*events_token_);
  sink_->Finish(status);
  if (const std::function<void()> over = std::exchange(over_, nullptr)) over();
}

// --- What happens meanwhile.

void FetchRelease::LookAgain() {
  // What changes from here on is looked at by the next look.
  look_waits_.store(false);
  for (size_t i = 0; i < documents_.size(); ++i) {
    if (documents_[i]->ended()) continue;
    absl::StatusOr<std::optional<v1::Refusal>> why = parts_.record->WhyNotPermitted(fetch_, i);
    if (!why.ok()) {
      LOG(ERROR) << "the ground of a release could not be read: " << why.status();
      // In doubt it ends (P8).
      documents_[i]->Abandon(v1::REFUSAL_REASON_INTERRUPTED);
    } else if (why->has_value()) {
      documents_[i]->Cut(**std::move(why));
    }
  }
}

void FetchRelease::Send(size_t document, v1::FetchDocumentsResponse step,
                        std::function<void()> written) {
  writer_.Offer(document, std::move(step), std::move(written));
  WatchRequester();
}

void FetchRelease::StepWritten() {
  if (requester_gone_ || finished_) return;
  requester_timer_->Stop();
  writer_.StepWritten();
  WatchRequester();
}

void FetchRelease::WatchRequester() {
  if (writer_.writing()) requester_timer_->Start();
}

void FetchRelease::RequesterGone() {
  if (requester_gone_ || finished_) return;
  requester_gone_ = true;
  writer_.Close();
  requester_timer_->Disarm();
  for (const std::unique_ptr<DocumentRelease>& document : documents_) {
    document->Abandon(v1::REFUSAL_REASON_REQUESTER_GONE);
  }
  if (end_recorded_) Finish(absl::CancelledError("the requester is gone"));
}

void FetchRelease::TimeOut() {
  for (const std::unique_ptr<DocumentRelease>& document : documents_) document->TimeOut();
}

void FetchRelease::Interrupt() {
  Post([this] {
    for (const std::unique_ptr<DocumentRelease>& document : documents_) {
      document->Abandon(v1::REFUSAL_REASON_INTERRUPTED);
    }
  });
}

void FetchRelease::Post(std::function<void()> work) {
  strand_->Run([self = shared_from_this(), work = std::move(work)] { work(); });
}

StallTimer::Post FetchRelease::TimerPost() {
  return [weak = weak_from_this()](std::function<void()> work) {
    if (const std::shared_ptr<FetchRelease> self = weak.lock()) self->Post(std::move(work));
  };
}

}  // namespace naru
