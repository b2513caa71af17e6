#include "adapters/client/fetch_stream.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"

namespace naru::client {
namespace {

bool Wanted(const FetchOptions& options, uint32_t paper_id) {
  return options.paper_ids.empty() || std::find(options.paper_ids.begin(), options.paper_ids.end(),
                                                paper_id) != options.paper_ids.end();
}

}  // namespace

const v1::Paper* FetchStream::OwnPaper(uint32_t paper_id) const {
  if (!Wanted(*options_, paper_id)) return nullptr;
  for (const v1::Paper& paper : options_->papers) {
    if (paper.paper_id() == paper_id) return &paper;
  }
  return nullptr;
}

DocumentReceiver* FetchStream::Find(uint32_t paper_id) {
  const auto place = places_.find(paper_id);
  return place == places_.end() ? nullptr : &receivers_[place->second];
}

absl::Status FetchStream::Break(absl::string_view what) {
  broken_ = absl::FailedPreconditionError(absl::StrCat("the broker broke the protocol: ", what));
  return broken_;
}

absl::Status FetchStream::OnStarted(const v1::FetchStarted& started) {
  if (started_) return Break("begun twice");
  started_ = true;
  if (!FetchId::Parse(started.fetch_id()).ok()) return Break("the fetch id is none");
  if (started.papers_size() > limits::kPapersPerConsent) return Break("too many papers");
  receiving_->fetch_id = started.fetch_id();
  receiving_->repeated = started.repeated_request();
  result_.fetch_id = started.fetch_id();
  result_.repeated = started.repeated_request();
  std::set<std::string> releases;
  receivers_.reserve(static_cast<size_t>(started.papers_size()));
  for (const v1::FetchedPaper& announced : started.papers()) {
    const uint32_t id = announced.paper().paper_id();
    if (!places_.emplace(id, receivers_.size()).second) return Break("a paper named twice");
    if (!announced.release_id().empty() && !releases.insert(announced.release_id()).second) {
      return Break("a release named twice");
    }
    receivers_.emplace_back(receiving_, announced,
                            ExpectPaper(announced, OwnPaper(id), *own_, *catalogue_));
  }
  return absl::OkStatus();
}

void FetchStream::OnOutcome(DocumentReceiver& receiver, const v1::DocumentOutcome& outcome) {
  receiver.OnOutcome(outcome);
  if (options_->on_ended) options_->on_ended(outcome.paper_id(), receiver.result());
}

absl::Status FetchStream::OnSummary(const v1::FetchSummary& summary) {
  over_ = true;
  result_.summary = summary;
  std::map<v1::Outcome, uint32_t> counts;
  for (const DocumentReceiver& receiver : receivers_) {
    if (!receiver.ended()) return Break("an end without every outcome");
    ++counts[receiver.outcome()];
  }
  if (counts[v1::OUTCOME_SENT] != summary.sent() ||
      counts[v1::OUTCOME_NO_RECORD] != summary.no_record() ||
      counts[v1::OUTCOME_DECLINED] != summary.declined() ||
      counts[v1::OUTCOME_DEFERRED] != summary.deferred() ||
      counts[v1::OUTCOME_NOT_PERMITTED] != summary.not_permitted() ||
      counts[v1::OUTCOME_FAILED] != summary.failed()) {
    return Break("a summary of other outcomes");
  }
  return absl::OkStatus();
}

absl::Status FetchStream::OnStep(const v1::FetchDocumentsResponse& step) {
  using Case = v1::FetchDocumentsResponse::StepCase;
  ABSL_RETURN_IF_ERROR(broken_);
  if (over_) return Break("a step after the last");
  const bool first = !begun_;
  begun_ = true;
  const auto with = [this](uint32_t paper_id, const auto& act) {
    DocumentReceiver* const receiver = Find(paper_id);
    if (receiver == nullptr) return Break("a paper that it had not announced");
    act(*receiver);
    return absl::OkStatus();
  };
  if (step.step_case() == Case::kRefusal) {
    if (!first) return Break("a refusal in the middle");
    over_ = true;
    result_.refusal = step.refusal();
    return absl::OkStatus();
  }
  if (step.step_case() == Case::kStarted) return OnStarted(step.started());
  if (!started_) return Break("a step before the first");
  switch (step.step_case()) {
    case Case::kHeader:
      return with(step.header().paper_id(), [&](DocumentReceiver& receiver) {
        receiver.OnHeader(step.header().signed_header());
      });
    case Case::kChunk:
      return with(step.chunk().paper_id(),
                  [&](DocumentReceiver& receiver) { receiver.OnChunk(step.chunk()); });
    case Case::kReceipt:
      return with(step.receipt().paper_id(),
                  [&](DocumentReceiver& receiver) { receiver.OnReceipt(step.receipt()); });
    case Case::kOutcome:
      return with(step.outcome().paper_id(),
                  [&](DocumentReceiver& receiver) { OnOutcome(receiver, step.outcome()); });
    case Case::kSummary:
      return OnSummary(step.summary());
    default:
      return Break("a step that this version does not know");
  }
}

FetchedCase FetchStream::Finish(const absl::Status& call) {
  result_.consent_id = receiving_->consent_id;
  result_.stream = call;
  if (result_.stream.ok() && !over_) result_.stream = absl::UnavailableError("no end came");
  if (!broken_.ok()) {
    result_.stream = broken_;
    for (DocumentReceiver& receiver : receivers_) receiver.Distrust(broken_.message());
  }
  for (DocumentReceiver& receiver : receivers_) result_.documents.push_back(receiver.Finish());
  if (result_.refusal.has_value()) return std::move(result_);
  for (const uint32_t id : options_->paper_ids) {
    if (places_.count(id) != 0) continue;
    FetchedDocument missing;
    missing.paper_id = id;
    missing.result = DocumentResult::kMismatch;
    missing.what = "asked for, but not announced";
    result_.documents.push_back(std::move(missing));
  }
  return std::move(result_);
}

}  // namespace naru::client
