#include "tests/support/fetching.h"

#include <grpcpp/support/client_callback.h>

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "broker/base/clock.h"
#include "broker/base/status_macros.h"
#include "broker/proof/document_header.h"
#include "broker/proof/ledger_proof.h"
#include "broker/proof/receipt.h"

namespace naru {
namespace {

// One call; deletes itself.
class FetchCall final : public grpc::ClientReadReactor<v1::FetchDocumentsResponse> {
 public:
  FetchCall(TestPeer& peer, v1::FetchDocumentsRequest request,
            std::function<void(FetchResult)> done,
            std::function<void(const v1::FetchDocumentsResponse&)> on_step, absl::Duration deadline)
      : request_(std::move(request)), done_(std::move(done)), on_step_(std::move(on_step)) {
    context_.set_deadline(DeadlineAfter(deadline));
    peer.stub<v1::DocumentService>().async()->FetchDocuments(&context_, &request_, this);
    StartRead(&step_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (on_step_) on_step_(step_);
    Take();
    step_.Clear();
    StartRead(&step_);
  }

  void OnDone(const grpc::Status& status) override {
    result_.status = FromGrpcStatus(status);
    done_(std::move(result_));
    delete this;
  }

 private:
  void Take();
  // The paper, or nullptr when no step of it may come any more.
  FetchedSteps* Paper(uint32_t id);
  void Disorder(absl::string_view what) {
    if (result_.disorder.empty()) result_.disorder = std::string(what);
  }

  grpc::ClientContext context_;
  const v1::FetchDocumentsRequest request_;
  const std::function<void(FetchResult)> done_;
  const std::function<void(const v1::FetchDocumentsResponse&)> on_step_;
  v1::FetchDocumentsResponse step_;
  bool begun_ = false;
  FetchResult result_;
};

FetchedSteps* FetchCall::Paper(uint32_t id) {
  const auto found = result_.papers.find(id);
  if (found == result_.papers.end()) {
    Disorder("a step of a paper that was not announced");
    return nullptr;
  }
  if (found->second.outcome.has_value()) {
    Disorder("a step after the paper's outcome");
    return nullptr;
  }
  return &found->second;
}

void FetchCall::Take() {
  if (result_.summary.has_value() || result_.refusal.has_value()) Disorder("a step after the last");
  if (!std::exchange(begun_, true) && !step_.has_started() && !step_.has_refusal()) {
    Disorder("the first step is neither started nor refusal");
  }
  if (step_.has_started()) {
    result_.started = step_.started();
    for (const v1::FetchedPaper& paper : step_.started().papers()) {
      result_.papers[paper.paper().paper_id()].announced = paper;
    }
  } else if (step_.has_refusal()) {
    result_.refusal = step_.refusal();
  } else if (step_.has_summary()) {
    result_.summary = step_.summary();
  } else if (step_.has_header()) {
    FetchedSteps* paper = Paper(step_.header().paper_id());
    if (paper == nullptr) return;
    if (paper->header.has_value()) Disorder("a second header");
    paper->header = step_.header().signed_header();
  } else if (step_.has_chunk()) {
    FetchedSteps* paper = Paper(step_.chunk().paper_id());
    if (paper == nullptr) return;
    if (!paper->header.has_value() || paper->receipt.has_value()) Disorder("a chunk out of place");
    if (step_.chunk().index() != paper->chunks++) Disorder("a chunk out of order");
    paper->body += step_.chunk().data();
  } else if (step_.has_receipt()) {
    if (FetchedSteps* paper = Paper(step_.receipt().paper_id())) paper->receipt = step_.receipt();
  } else if (step_.has_outcome()) {
    if (FetchedSteps* paper = Paper(step_.outcome().paper_id())) paper->outcome = step_.outcome();
  }
}

const config::v1::DocumentKind* KindOf(const TestSite& site, const std::string& code) {
  const auto& kinds = site.catalogue().kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const auto& kind) { return kind.code() == code; });
  return found == kinds.end() ? nullptr : &*found;
}

absl::Status Wrong(absl::string_view what) { return absl::FailedPreconditionError(what); }

}  // namespace

v1::Outcome FetchResult::OutcomeOf(uint32_t paper_id) const {
  const auto found = papers.find(paper_id);
  if (found == papers.end() || !found->second.outcome.has_value()) return v1::OUTCOME_UNSPECIFIED;
  return found->second.outcome->outcome();
}

v1::RefusalReason FetchResult::ReasonOf(uint32_t paper_id) const {
  const auto found = papers.find(paper_id);
  if (found == papers.end() || !found->second.outcome.has_value()) {
    return v1::REFUSAL_REASON_UNSPECIFIED;
  }
  return found->second.outcome->refusal().reason();
}

void StartFetch(TestPeer& peer, const v1::FetchDocumentsRequest& request,
                std::function<void(FetchResult)> done,
                std::function<void(const v1::FetchDocumentsResponse&)> on_step,
                absl::Duration deadline) {
  new FetchCall(peer, request, std::move(done), std::move(on_step), deadline);
}

FetchResult Fetch(TestPeer& peer, const v1::FetchDocumentsRequest& request) {
  absl::Notification over;
  FetchResult result;
  StartFetch(peer, request, [&](FetchResult came) {
    result = std::move(came);
    over.Notify();
  });
  over.WaitForNotification();
  return result;
}

absl::StatusOr<v1::OuterEntry> EntryOf(const TestSite& site, const v1::DocumentReceipt& receipt) {
  ABSL_RETURN_IF_ERROR(VerifyReceiptSignature(receipt.receipt(), receipt.signature(), site.keys(),
                                              Clock::Real()->Now()));
  v1::Receipt opened;
  if (!opened.ParseFromString(receipt.receipt())) return Wrong("the receipt does not parse");
  return VerifyLedgerProof(opened.proof(), site.verifier());
}

absl::Status CheckSent(const TestSite& site, absl::string_view requester,
                       const v1::FetchDocumentsRequest& request, const FetchedSteps& steps) {
  if (!steps.header.has_value()) return Wrong("no header");
  if (!steps.receipt.has_value()) return Wrong("no receipt");
  const v1::Paper& paper = steps.announced.paper();
  const config::v1::DocumentKind* kind = KindOf(site, paper.kind());
  if (kind == nullptr) return Wrong("no such kind");
  // The subject as this side knows it, not as the broker says.
  v1::Subject subject = paper.subject();
  if (kind->subject_type() == v1::SUBJECT_TYPE_PERSON ||
      kind->subject_type() == v1::SUBJECT_TYPE_HOUSEHOLD) {
    subject.set_number(request.person().number());
  }
  subject.set_type(kind->subject_type());

  ExpectedHeader expected;
  expected.nonce = request.nonce();
  expected.release_id = steps.announced.release_id();
  expected.holder = kind->holder();
  expected.requester = std::string(requester);
  expected.document_kind = paper.kind();
  expected.parameters.assign(paper.parameters().begin(), paper.parameters().end());
  expected.subject = subject;
  expected.person = request.person();
  expected.approved_fields.assign(kind->fields().begin(), kind->fields().end());
  const CheckedHeader checked =
      CheckDocumentHeader(*steps.header, expected, site.keys(), Clock::Real()->Now());
  if (checked.refused != v1::REFUSAL_REASON_UNSPECIFIED) return Wrong(checked.what);
  if (steps.body.size() != checked.header.size_bytes() ||
      crypto::Sha256(steps.body) != checked.header.body_sha256()) {
    return Wrong("the body is not the header's");
  }
  if (steps.body != site.holder().BodyOf(paper.kind(), subject, paper.parameters())) {
    return Wrong("the body is not the holder's about the asked one");
  }
  ABSL_ASSIGN_OR_RETURN(const v1::OuterEntry entry, EntryOf(site, *steps.receipt));
  if (entry.kind() != v1::ENTRY_KIND_DOCUMENT_RELEASED ||
      entry.release_id() != expected.release_id || entry.consent_id() != request.consent_id() ||
      entry.header_sha256() != checked.header_sha256 ||
      entry.document_sha256() != checked.header.body_sha256()) {
    return Wrong("the receipt proves another entry");
  }
  return absl::OkStatus();
}

}  // namespace naru
