#include "consent/consent_harness.h"

#include <glog/logging.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "broker/proof/assertion.h"
#include "broker/proof/crypto.h"
#include "consent/entry_writer.h"
#include "consent/store/keys.h"
#include "naru/v1/message_service.pb.h"

namespace naru {
namespace {

template <typename T>
T MustHave(absl::StatusOr<T> value) {
  CHECK(value.ok()) << value.status();
  return *std::move(value);
}

}  // namespace

ConsentHarness::ConsentHarness(MemoryStore::Options options) : journal_(options) {
  catalogue_ = MustHave(deploy_.LoadEdited([](config::v1::Catalogue* message) {
    config::v1::Agency other;
    for (const config::v1::Agency& agency : message->agencies()) {
      if (agency.code() == kAgency) other = agency;
    }
    other.set_code(kOtherAgency);
    *message->add_agencies() = other;
    config::v1::UseApproval approval = message->approvals(0);
    approval.set_id("other-2026");
    approval.set_agency(kOtherAgency);
    *message->add_approvals() = approval;
  }));
  keys_ = MustHave(LoadCatalogueKeys(catalogue_->message(), DevelopmentProviders::kAllow));
  journal_.options().policy = [this] {
    return policy_ == nullptr ? storage::v1::PolicyRow() : policy_->row();
  };
  journal_.options().on_policy_changed = [this] { policy_->OnChanged(); };
  Build();
}

ConsentHarness::~ConsentHarness() { journal_.Stop(); }

void ConsentHarness::Restart() { Build(); }

void ConsentHarness::Build() {
  journal_.Restart();
  Policy::Options options;
  options.store = &store();
  options.officials_key = std::string(32, 'o');
  policy_ = MustHave(Policy::Open(options, catalogue_));
  const absl::Status started = policy_->Start(&journal_.journal());
  CHECK(started.ok()) << started;
  context_.clock = &clock();
  context_.random = &random_;
  context_.store = &store();
  context_.journal = &journal_.journal();
  context_.ledger = &journal_.ledger();
  context_.policy = policy_.get();
  context_.directory = &directory_;
  context_.events = &events_;
  context_.keys = &keys_.keys;
  context_.issuers = [this] { return keys_.issuers; };
  context_.code_key = std::string(32, 'c');
  context_.code_key_id = "code-1";
  context_.link_key = std::string(32, 'l');
  book_ = std::make_unique<ConsentBook>(&context_);
}

Caller ConsentHarness::Counter(const std::string& agency) {
  return {agency, "counter", {config::v1::ROLE_COUNTER}};
}
Caller ConsentHarness::System(const std::string& agency) {
  return {agency, "system", {config::v1::ROLE_REQUESTER}};
}
Caller ConsentHarness::Citizen() { return {"1741999", "citizen", {config::v1::ROLE_CITIZEN}}; }

v1::Subject ConsentHarness::Person(char letter) {
  v1::Subject person;
  person.set_type(v1::SUBJECT_TYPE_PERSON);
  person.set_number(std::string(86, letter) + "==");
  return person;
}

v1::CaseContext ConsentHarness::Case() {
  v1::CaseContext context;
  context.set_official_id(kOfficial);
  context.set_terminal_id("terminal-9");
  context.set_case_number(kCase);
  return context;
}

v1::OpenConsentRequest ConsentHarness::OpenRequest(char person) {
  v1::OpenConsentRequest request;
  request.set_request_id(NewId());
  *request.mutable_person() = Person(person);
  request.set_affair(kAffair);
  request.set_intake(v1::INTAKE_COUNTER);
  *request.mutable_case_() = Case();
  const auto add = [&](uint32_t id, const char* kind, v1::SubjectType type) {
    v1::Paper* const paper = request.add_papers();
    paper->set_paper_id(id);
    paper->set_kind(kind);
    paper->mutable_subject()->set_type(type);
    return paper;
  };
  add(1, "RESIDENT_REGISTER_FULL", v1::SUBJECT_TYPE_HOUSEHOLD);
  add(2, "BUSINESS_REGISTRATION", v1::SUBJECT_TYPE_BUSINESS)
      ->mutable_subject()
      ->set_number(kBusinessNumber);
  add(3, "INCOME_AMOUNT", v1::SUBJECT_TYPE_PERSON);
  return request;
}

absl::StatusOr<v1::OpenConsentResponse> ConsentHarness::Open(const v1::OpenConsentRequest& request,
                                                             const Caller& caller,
                                                             const std::string& contact) {
  Answer<v1::OpenConsentResponse> answer;
  book_->Open(caller, request, contact, answer.done());
  return answer.status();
}

v1::OpenedConsent ConsentHarness::MustOpen(char person) {
  const v1::OpenConsentResponse response = MustHave(Open(OpenRequest(person)));
  CHECK(response.has_opened()) << response.refusal().reason();
  return response.opened();
}

v1::DecideConsentRequest ConsentHarness::DecideRequest(const v1::OpenedConsent& opened,
                                                       std::vector<uint32_t> refused) {
  v1::DecideConsentRequest request;
  request.set_request_id(NewId());
  for (const v1::Paper& paper : opened.consent().papers()) {
    const bool no = std::count(refused.begin(), refused.end(), paper.paper_id()) != 0;
    v1::PaperDecision* const decision = request.add_decisions();
    decision->set_paper_id(paper.paper_id());
    decision->set_decision(no ? v1::DECISION_REFUSED : v1::DECISION_AGREED);
  }
  request.set_text_sha256(opened.consent().text_sha256());
  return request;
}

v1::DecideConsentRequest ConsentHarness::DecideByCode(const v1::OpenedConsent& opened,
                                                      const std::string& code,
                                                      std::vector<uint32_t> refused) {
  v1::DecideConsentRequest request = DecideRequest(opened, std::move(refused));
  request.set_link_token(opened.link_token());
  request.mutable_evidence()->set_code(code);
  return request;
}

v1::DecideConsentRequest ConsentHarness::DecideByAssertion(const v1::OpenedConsent& opened,
                                                           std::vector<uint32_t> refused) {
  v1::DecideConsentRequest request = DecideRequest(opened, std::move(refused));
  request.set_consent_id(opened.consent().consent_id());
  Vouch vouch;
  vouch.action = "DECIDE";
  vouch.consent_id = opened.consent().consent_id();
  vouch.text_sha256 = opened.consent().text_sha256();
  vouch.decisions.assign(request.decisions().begin(), request.decisions().end());
  *request.mutable_evidence() = Assertion(vouch);
  return request;
}

absl::StatusOr<v1::DecideConsentResponse> ConsentHarness::Decide(
    const v1::DecideConsentRequest& request) {
  Answer<v1::DecideConsentResponse> answer;
  book_->Decide(Citizen(), request, answer.done());
  return answer.status();
}

v1::OpenedConsent ConsentHarness::MustGrant(v1::EvidenceKind evidence, char person) {
  v1::OpenedConsent opened = MustOpen(person);
  const v1::DecideConsentRequest request = evidence == v1::EVIDENCE_KIND_CODE
                                               ? DecideByCode(opened, LastCode())
                                               : DecideByAssertion(opened);
  const v1::DecideConsentResponse response = MustHave(Decide(request));
  CHECK(response.has_decided()) << response.refusal().reason();
  return opened;
}

absl::StatusOr<v1::SendCodeResponse> ConsentHarness::SendCode(const v1::OpenedConsent& opened,
                                                              v1::CodePurpose purpose) {
  v1::SendCodeRequest request;
  request.set_request_id(NewId());
  request.set_link_token(opened.link_token());
  request.set_purpose(purpose);
  Answer<v1::SendCodeResponse> answer;
  book_->SendCode(Citizen(), request, answer.done());
  return answer.status();
}

absl::StatusOr<v1::WithdrawConsentResponse> ConsentHarness::Withdraw(
    const v1::WithdrawConsentRequest& request) {
  Answer<v1::WithdrawConsentResponse> answer;
  book_->Withdraw(Citizen(), request, answer.done());
  return answer.status();
}

v1::WithdrawConsentRequest ConsentHarness::WithdrawByAssertion(const v1::OpenedConsent& opened,
                                                               std::vector<uint32_t> papers,
                                                               std::vector<uint32_t> bound) {
  v1::WithdrawConsentRequest request;
  request.set_request_id(NewId());
  request.set_consent_id(opened.consent().consent_id());
  for (const uint32_t paper : papers) request.add_paper_ids(paper);
  Vouch vouch;
  vouch.action = "WITHDRAW";
  vouch.consent_id = opened.consent().consent_id();
  vouch.text_sha256 = opened.consent().text_sha256();
  for (const uint32_t paper : bound) {
    v1::PaperDecision& decision = vouch.decisions.emplace_back();
    decision.set_paper_id(paper);
    decision.set_decision(v1::DECISION_WITHDRAWN);
  }
  *request.mutable_evidence() = Assertion(vouch);
  return request;
}

absl::StatusOr<v1::SuspendConsentResponse> ConsentHarness::Suspend(
    const v1::OpenedConsent& opened) {
  const v1::Consent& consent = opened.consent();
  v1::SuspendConsentRequest request;
  request.set_request_id(NewId());
  request.set_consent_id(consent.consent_id());
  *request.mutable_evidence() =
      Assertion({'A', "SUSPEND", consent.consent_id(), consent.text_sha256(), {}});
  Answer<v1::SuspendConsentResponse> answer;
  book_->Suspend(Citizen(), request, answer.done());
  return answer.status();
}

absl::StatusOr<v1::ResumeConsentResponse> ConsentHarness::Resume(const v1::OpenedConsent& opened) {
  const v1::Consent& consent = opened.consent();
  v1::ResumeConsentRequest request;
  request.set_request_id(NewId());
  request.set_consent_id(consent.consent_id());
  *request.mutable_evidence() =
      Assertion({'A', "RESUME", consent.consent_id(), consent.text_sha256(), {}});
  Answer<v1::ResumeConsentResponse> answer;
  book_->Resume(Citizen(), request, answer.done());
  return answer.status();
}

absl::StatusOr<v1::CancelConsentResponse> ConsentHarness::Cancel(const std::string& consent_id,
                                                                 const Caller& caller) {
  v1::CancelConsentRequest request;
  request.set_request_id(NewId());
  request.set_consent_id(consent_id);
  *request.mutable_case_() = Case();
  Answer<v1::CancelConsentResponse> answer;
  book_->Cancel(caller, request, answer.done());
  return answer.status();
}

absl::StatusOr<v1::CheckConsentResponse> ConsentHarness::Check(
    const v1::CheckConsentRequest& request, const Caller& caller) {
  Answer<v1::CheckConsentResponse> answer;
  book_->Check(caller, request, answer.done());
  return answer.status();
}

absl::StatusOr<v1::CheckConsentResponse> ConsentHarness::CheckById(const std::string& consent_id,
                                                                   const Caller& caller) {
  v1::CheckConsentRequest request;
  request.set_consent_id(consent_id);
  *request.mutable_case_() = Case();
  return Check(request, caller);
}

absl::StatusOr<v1::CheckConsentResponse> ConsentHarness::CheckByPerson(char person,
                                                                       const Caller& caller) {
  v1::CheckConsentRequest request;
  *request.mutable_person_affair()->mutable_person() = Person(person);
  request.mutable_person_affair()->set_affair(kAffair);
  *request.mutable_case_() = Case();
  return Check(request, caller);
}

void ConsentHarness::SuspendApproval() {
  v1::SuspendApprovalRequest request;
  request.set_request_id(NewId());
  request.set_approval_id(kApproval);
  request.set_ground("law");
  request.set_official_id("approver");
  Answer<v1::SuspendApprovalResponse> answer;
  policy_->SuspendApproval({"1741999", "approver-1", {config::v1::ROLE_APPROVER}}, request,
                           answer.done());
  CHECK(!answer->has_refusal());
}

v1::Evidence ConsentHarness::Assertion(const Vouch& vouch) {
  const std::string salt = random_.Bytes(16);
  AssertionClaims claims;
  claims.issuer = keys_.issuers.at(0).issuer;
  claims.audience = keys_.issuers.at(0).audience;
  claims.ci = Person(vouch.person).number();
  claims.nonce =
      DecisionNonce(vouch.action, vouch.consent_id, vouch.text_sha256, vouch.decisions, salt);
  claims.issued = clock().Now();
  claims.auth_time = claims.issued - vouch.age;
  v1::Evidence evidence;
  evidence.mutable_assertion()->set_jws(MakeAssertion(claims, DeployCatalogue::Key("idp-dev-1")));
  evidence.mutable_assertion()->set_salt(salt);
  return evidence;
}

std::string ConsentHarness::Session(char person, absl::Duration age) {
  return Assertion({person, "", "", "", {}, age}).assertion().jws();
}

std::vector<ConsentHarness::Message> ConsentHarness::Messages() {
  std::vector<Message> messages;
  const auto [from, to] = keys::OutboxFrom(0, 0);
  for (const Row& row : MustHave(store().Scan(Table::kLedger, from, to, kScanRows))) {
    storage::v1::OutboxRow outbox;
    CHECK(outbox.ParseFromString(row.value));
    const auto subject = SubjectId::FromBytes(outbox.subject_id()).value();
    const std::string data_key = MustHave(directory_.DataKey(store(), subject)).value();
    Message& message = messages.emplace_back();
    message.index = keys::IndexOfOutboxKey(row.key);
    CHECK(message.message.ParseFromString(MustHave(
        crypto::Open(data_key, {outbox.sealed().nonce(), outbox.sealed().ciphertext()}, row.key))));
  }
  return messages;
}

std::string ConsentHarness::LastCode() {
  const std::vector<Message> messages = Messages();
  const auto newest = std::find_if(messages.rbegin(), messages.rend(), [](const Message& m) {
    return m.message.kind() == v1::MESSAGE_KIND_CODE;
  });
  CHECK(newest != messages.rend()) << "no code was queued";
  const std::string& text = newest->message.text();
  std::string digits;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) {
      digits.clear();
      continue;
    }
    digits.push_back(c);
    if (digits.size() == 6) return digits;
  }
  LOG(FATAL) << "the message has no code";
  return "";
}

std::string ConsentHarness::Other(std::string code) {
  code[0] = code[0] == '9' ? '0' : static_cast<char>(code[0] + 1);
  return code;
}

std::vector<ConsentHarness::Entry> ConsentHarness::Entries(std::optional<v1::EntryKind> kind) {
  std::vector<Entry> entries;
  const uint64_t size = journal_.ledger().head().size;
  for (uint64_t index = 0; index < size; ++index) {
    Entry entry;
    entry.index = index;
    entry.record = MustHave(journal_.ledger().Record(index));
    CHECK(entry.outer.ParseFromString(entry.record.outer()));
    CHECK(entry.inner.ParseFromString(entry.record.inner()));
    if (!kind.has_value() || entry.outer.kind() == *kind) entries.push_back(std::move(entry));
  }
  return entries;
}

storage::v1::Details ConsentHarness::Details(const Entry& entry) {
  const auto subject = SubjectId::FromBytes(entry.inner.subject_id()).value();
  const std::string data_key = MustHave(directory_.DataKey(store(), subject)).value();
  storage::v1::Details details;
  CHECK(details.ParseFromString(
      MustHave(OpenDetails(entry.record, keys::Record(0, entry.index), data_key))));
  return details;
}

std::vector<Row> ConsentHarness::AllRows() {
  std::vector<Row> all;
  for (int table = 0; table < kTables; ++table) {
    const std::string end(64, '\xff');
    for (Row& row :
         MustHave(store().Scan(static_cast<Table>(table), std::string(1, '\0'), end, kScanRows))) {
      all.push_back(std::move(row));
    }
  }
  return all;
}

storage::v1::ConsentRow ConsentHarness::ConsentRow(const std::string& consent_id) {
  storage::v1::ConsentRow row;
  const ConsentId id = MustHave(ConsentId::Parse(consent_id));
  CHECK(row.ParseFromString(MustHave(store().Get(Table::kRows, keys::Consent(id))).value()));
  return row;
}

}  // namespace naru
