#include "tests/support/test_clients.h"

#include <glog/logging.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "broker/base/clock.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/base/random.h"
#include "broker/base/status_macros.h"
#include "broker/proof/assertion.h"

namespace naru {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr int kHistoryPage = 500;

// The judged answer, or the refusal as a status that a test shows when it did not expect one.
absl::Status Refused(const v1::Refusal& refusal) {
  return absl::FailedPreconditionError(
      absl::StrCat("refused: ", v1::RefusalReason_Name(refusal.reason())));
}

std::string Assertion(const TestSite& site, const v1::Subject& person, const std::string& nonce) {
  AssertionClaims claims;
  claims.issuer = kProviderIssuer;
  claims.audience = kProviderAudience;
  claims.ci = person.number();
  claims.nonce = nonce;
  claims.issued = Clock::Real()->Now();
  claims.auth_time = claims.issued;
  return MakeAssertion(claims, site.provider_key());
}

}  // namespace

TestPeer::TestPeer(std::shared_ptr<grpc::Channel> channel)
    : channel_(std::move(channel)),
      stubs_(v1::ConsentService::NewStub(channel_), v1::DocumentService::NewStub(channel_),
             v1::CatalogueService::NewStub(channel_), v1::HistoryService::NewStub(channel_),
             v1::LedgerService::NewStub(channel_), v1::MessageService::NewStub(channel_)) {}

v1::Subject PersonOf(uint64_t number) {
  v1::Subject person;
  person.set_type(v1::SUBJECT_TYPE_PERSON);
  const std::string name = absl::StrCat("person ", number);
  person.set_number(
      absl::Base64Escape(crypto::Sha256({name, "/1"}) + crypto::Sha256({name, "/2"})));
  return person;
}

v1::Subject BusinessOf(uint64_t number) {
  v1::Subject business;
  business.set_type(v1::SUBJECT_TYPE_BUSINESS);
  // Spread, so that a test which looks for the number does not find it by chance.
  business.set_number(absl::StrFormat("%010d", 1'000'000'000 + number * 7'919'317 % 8'999'999'999));
  return business;
}

v1::Paper PaperOf(uint32_t id, const std::string& kind) {
  v1::Paper paper;
  paper.set_paper_id(id);
  paper.set_kind(kind);
  return paper;
}

v1::Paper PaperOf(uint32_t id, const std::string& kind, const v1::Subject& subject) {
  v1::Paper paper = PaperOf(id, kind);
  *paper.mutable_subject() = subject;
  return paper;
}

TestClients::TestClients(TestSite* site, std::string broker_address)
    : site_(site), address_(std::move(broker_address)) {}

TestPeer& TestClients::As(absl::string_view party) {
  absl::MutexLock lock(&mu_);
  std::unique_ptr<TestPeer>& peer = peers_[std::string(party)];
  if (peer == nullptr) peer = With(site_->CertificateOf(party));
  return *peer;
}

std::unique_ptr<TestPeer> TestClients::With(const config::v1::TlsFiles& files) const {
  auto channel = ChannelTo(address_, files, TestSite::UriOf(kBrokerParty));
  CHECK(channel.ok()) << channel.status();
  return std::make_unique<TestPeer>(*std::move(channel));
}

std::string TestClients::RequestId() const {
  return NewRequestId(Clock::Real()->Now(), *Random::System());
}

v1::OpenConsentRequest TestClients::OpenRequest(const v1::Subject& person,
                                                const std::vector<v1::Paper>& papers,
                                                uint32_t uses) {
  v1::OpenConsentRequest request;
  request.set_request_id(RequestId());
  *request.mutable_person() = person;
  request.set_affair(kAffair);
  for (const v1::Paper& paper : papers) *request.add_papers() = paper;
  request.set_intake(v1::INTAKE_COUNTER);
  request.set_uses(uses);
  return request;
}

absl::StatusOr<v1::OpenedConsent> TestClients::Open(const v1::OpenConsentRequest& request,
                                                    absl::string_view party) {
  ABSL_ASSIGN_OR_RETURN(v1::OpenConsentResponse response,
                        As(party).Call(&v1::ConsentService::Stub::OpenConsent, request));
  if (response.has_refusal()) return Refused(response.refusal());
  return response.opened();
}

absl::StatusOr<v1::CheckConsentResponse> TestClients::Check(const std::string& consent_id,
                                                            absl::string_view party) {
  v1::CheckConsentRequest request;
  request.set_consent_id(consent_id);
  return As(party).Call(&v1::ConsentService::Stub::CheckConsent, request);
}

absl::StatusOr<v1::Consent> TestClients::Get(const std::string& consent_id,
                                             absl::string_view party) {
  v1::GetConsentRequest request;
  request.set_consent_id(consent_id);
  ABSL_ASSIGN_OR_RETURN(v1::GetConsentResponse response,
                        As(party).Call(&v1::ConsentService::Stub::GetConsent, request));
  if (response.has_refusal()) return Refused(response.refusal());
  return response.consent();
}

v1::FetchDocumentsRequest TestClients::FetchRequest(const std::string& consent_id,
                                                    const v1::Subject& person) {
  v1::FetchDocumentsRequest request;
  request.set_request_id(RequestId());
  request.set_consent_id(consent_id);
  *request.mutable_person() = person;
  request.set_nonce(Random::System()->Bytes(limits::kNonceBytes));
  return request;
}

v1::SessionAssertion TestClients::SessionOf(const v1::Subject& person) const {
  v1::SessionAssertion session;
  session.set_jws(Assertion(*site_, person, ""));
  return session;
}

v1::Evidence TestClients::EvidenceOf(const v1::Subject& person, absl::string_view action,
                                     const v1::Consent& consent,
                                     const std::vector<v1::PaperDecision>& decisions) const {
  v1::Evidence evidence;
  evidence.mutable_assertion()->set_salt(Random::System()->Bytes(kSaltBytes));
  evidence.mutable_assertion()->set_jws(
      Assertion(*site_, person,
                DecisionNonce(action, consent.consent_id(), consent.text_sha256(), decisions,
                              evidence.assertion().salt())));
  return evidence;
}

std::vector<v1::PaperDecision> TestClients::AllOf(const v1::Consent& consent,
                                                  v1::Decision decision) {
  std::vector<v1::PaperDecision> decisions;
  for (const v1::Paper& paper : consent.papers()) {
    decisions.emplace_back();
    decisions.back().set_paper_id(paper.paper_id());
    decisions.back().set_decision(decision);
  }
  return decisions;
}

v1::DecideConsentRequest TestClients::AgreeRequest(const v1::Consent& consent,
                                                   const v1::Subject& person) {
  const auto decisions = AllOf(consent, v1::DECISION_AGREED);
  v1::DecideConsentRequest request;
  request.set_request_id(RequestId());
  request.set_consent_id(consent.consent_id());
  for (const v1::PaperDecision& decision : decisions) *request.add_decisions() = decision;
  request.set_text_sha256(consent.text_sha256());
  *request.mutable_evidence() = EvidenceOf(person, "DECIDE", consent, decisions);
  return request;
}

absl::StatusOr<v1::DecideConsentResponse> TestClients::DecideByCode(const v1::OpenedConsent& opened,
                                                                    const std::string& code) {
  v1::DecideConsentRequest request;
  request.set_request_id(RequestId());
  request.set_link_token(opened.link_token());
  for (const v1::PaperDecision& decision : AllOf(opened.consent(), v1::DECISION_AGREED)) {
    *request.add_decisions() = decision;
  }
  request.set_text_sha256(opened.consent().text_sha256());
  request.mutable_evidence()->set_code(code);
  return As(kCitizenParty).Call(&v1::ConsentService::Stub::DecideConsent, request);
}

v1::WithdrawConsentRequest TestClients::WithdrawRequest(const v1::Consent& consent,
                                                        const v1::Subject& person) {
  v1::WithdrawConsentRequest request;
  request.set_request_id(RequestId());
  request.set_consent_id(consent.consent_id());
  *request.mutable_evidence() =
      EvidenceOf(person, "WITHDRAW", consent, AllOf(consent, v1::DECISION_WITHDRAWN));
  return request;
}

absl::StatusOr<v1::DecidedConsent> TestClients::Withdraw(const v1::Consent& consent,
                                                         const v1::Subject& person) {
  ABSL_ASSIGN_OR_RETURN(
      v1::WithdrawConsentResponse response,
      As(kCitizenParty)
          .Call(&v1::ConsentService::Stub::WithdrawConsent, WithdrawRequest(consent, person)));
  if (response.has_refusal()) return Refused(response.refusal());
  return response.withdrawn();
}

absl::StatusOr<v1::Consent> TestClients::Granted(const v1::Subject& person,
                                                 const std::vector<v1::Paper>& papers,
                                                 uint32_t uses) {
  ABSL_ASSIGN_OR_RETURN(v1::OpenedConsent opened, Open(OpenRequest(person, papers, uses)));
  ABSL_ASSIGN_OR_RETURN(
      v1::DecideConsentResponse response,
      As(kCitizenParty)
          .Call(&v1::ConsentService::Stub::DecideConsent, AgreeRequest(opened.consent(), person)));
  if (response.has_refusal()) return Refused(response.refusal());
  return response.decided().consent();
}

absl::StatusOr<std::vector<v1::HistoryEntry>> TestClients::HistoryOf(const v1::Subject& person) {
  std::vector<v1::HistoryEntry> entries;
  v1::ListPersonHistoryRequest request;
  *request.mutable_session() = SessionOf(person);
  request.set_page_size(kHistoryPage);
  do {
    ABSL_ASSIGN_OR_RETURN(
        v1::ListPersonHistoryResponse response,
        As(kCitizenParty).Call(&v1::HistoryService::Stub::ListPersonHistory, request));
    if (response.has_refusal()) return Refused(response.refusal());
    entries.insert(entries.end(), response.page().entries().begin(),
                   response.page().entries().end());
    request.set_page_token(response.page().next_page_token());
  } while (!request.page_token().empty());
  std::reverse(entries.begin(), entries.end());
  return entries;
}

absl::StatusOr<v1::Message> TestClients::AwaitMessage(const v1::Subject& person,
                                                      v1::MessageKind kind, uint64_t cursor) {
  grpc::ClientContext context;
  context.set_deadline(DeadlineAfter(kTestDeadline));
  v1::FollowMessagesRequest request;
  request.set_cursor(cursor);
  TestPeer& peer = As(kNotifierParty);
  auto reader = peer.stub<v1::MessageService>().FollowMessages(&context, request);
  const std::string contact = FakeResolver::ContactOf(person);
  v1::FollowMessagesResponse response;
  while (reader->Read(&response)) {
    if (!response.has_message()) continue;
    const v1::Message& message = response.message();
    if (message.contact_ref() == contact && message.kind() == kind) {
      context.TryCancel();
      reader->Finish();
      return message;
    }
    // Others go to the gateway: the feed sends few ahead of their acknowledgement.
    v1::AcknowledgeMessagesRequest acknowledge;
    acknowledge.add_cursors(message.cursor());
    ABSL_RETURN_IF_ERROR(
        peer.Call(&v1::MessageService::Stub::AcknowledgeMessages, acknowledge).status());
  }
  return FromGrpcStatus(reader->Finish());
}

std::string TestClients::CodeIn(const v1::Message& message) {
  const std::string& text = message.text();
  for (size_t begin = 0; begin < text.size();) {
    size_t end = begin;
    while (end < text.size() && absl::ascii_isdigit(text[end])) ++end;
    if (end - begin == limits::kCodeDigits) return text.substr(begin, limits::kCodeDigits);
    begin = end + 1;
  }
  return "";
}

absl::StatusOr<v1::ApprovalState> TestClients::Suspend(const std::string& approval) {
  v1::SuspendApprovalRequest request;
  request.set_request_id(RequestId());
  request.set_approval_id(approval);
  request.set_official_id("approver-a");
  request.set_ground("전자정부법 41조");
  ABSL_ASSIGN_OR_RETURN(
      v1::SuspendApprovalResponse response,
      As(kApproverParty).Call(&v1::CatalogueService::Stub::SuspendApproval, request));
  if (response.has_refusal()) return Refused(response.refusal());
  return response.approval();
}

absl::StatusOr<v1::ApprovalState> TestClients::Lift(const std::string& approval) {
  v1::LiftApprovalRequest request;
  request.set_approval_id(approval);
  for (const auto& [party, official] :
       {std::pair(kApproverParty, "approver-a"), std::pair(kOtherApproverParty, "approver-b")}) {
    request.set_request_id(RequestId());
    request.set_official_id(official);
    ABSL_ASSIGN_OR_RETURN(v1::LiftApprovalResponse response,
                          As(party).Call(&v1::CatalogueService::Stub::LiftApproval, request));
    if (response.has_approval()) return response.approval();
    if (response.refusal().reason() != v1::REFUSAL_REASON_SECOND_PERSON_NEEDED) {
      return Refused(response.refusal());
    }
  }
  return absl::InternalError("two persons did not lift the suspension");
}

}  // namespace naru
