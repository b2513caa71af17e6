#include "consent/release_harness.h"

#include <glog/logging.h>
#include <google/protobuf/text_format.h>

#include "broker/proof/crypto.h"
#include "consent/consent_rows.h"
#include "consent/entry_writer.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

constexpr char kCatalogue[] = R"pb(
  agencies {
    code: "3210000"
    name_ko: "서초구청"
    name_en: "Seocho"
    sms_name: "서초구청"
    duty_contact: "02-000-0000"
    services { name: "counter" roles: ROLE_COUNTER }
  }
  agencies {
    code: "6110000"
    name_ko: "강남구청"
    name_en: "Gangnam"
    sms_name: "강남구청"
    duty_contact: "02-000-0001"
    services { name: "counter" roles: ROLE_COUNTER }
  }
  agencies {
    code: "1210000"
    name_ko: "국세청"
    name_en: "Tax Service"
    sms_name: "국세청"
    duty_contact: "02-000-0002"
    services { name: "holder" roles: ROLE_HOLDER address: "localhost:1" }
    signing_keys { key_id: "holder-1" pem: "<key>" }
  }
  kinds {
    code: "INCOME"
    name_ko: "소득금액증명"
    name_en: "Income"
    contents_ko: "소득"
    contents_en: "income"
    holder: "1210000"
    subject_type: SUBJECT_TYPE_PERSON
    parameters {
      name: "tax_years"
      label_ko: "연도"
      label_en: "Years"
      type: PARAMETER_TYPE_YEAR
      default_values: "2025"
      max_values: 2
    }
    document_class: DOCUMENT_CLASS_ACTS
    validity_days: 90
    fields: "year"
    fields: "amount"
    fields: "address"
    max_size_bytes: 1000
  }
  kinds {
    code: "FAMILY"
    name_ko: "가족"
    name_en: "Family"
    contents_ko: "가족"
    contents_en: "family"
    holder: "1210000"
    subject_type: SUBJECT_TYPE_HOUSEHOLD
    document_class: DOCUMENT_CLASS_IDENTITY
    validity_days: 90
    fields: "members"
  }
  kinds {
    code: "BUSINESS"
    name_ko: "사업자"
    name_en: "Business"
    contents_ko: "사업"
    contents_en: "business"
    holder: "1210000"
    subject_type: SUBJECT_TYPE_BUSINESS
    document_class: DOCUMENT_CLASS_LEGAL_ENTITY
    validity_days: 90
    fields: "name"
  }
  kinds {
    code: "CAR"
    name_ko: "자동차"
    name_en: "Car"
    contents_ko: "차"
    contents_en: "car"
    holder: "1210000"
    subject_type: SUBJECT_TYPE_VEHICLE
    document_class: DOCUMENT_CLASS_THINGS_AND_RIGHTS
    validity_days: 90
    fields: "owner"
  }
  affairs {
    code: "SMALL_BUSINESS_FUND"
    name_ko: "소상공인 정책자금"
    name_en: "Fund"
    purpose_ko: "심사"
    purpose_en: "review"
    legal_basis: "소상공인법 제12조"
    legal_route: LEGAL_ROUTE_A_SHARED_USE
    kinds { kind: "INCOME" reason_ko: "소득" reason_en: "income" fields: "amount" }
    kinds { kind: "FAMILY" reason_ko: "가족" reason_en: "family" }
    kinds { kind: "BUSINESS" reason_ko: "사업" reason_en: "business" }
    kinds { kind: "CAR" reason_ko: "차" reason_en: "car" }
    valid_for_seconds: 86400
    uses: 3
    retention_days: 30
    decide_within_seconds: 3600
  }
  approvals {
    id: "fund-main"
    agency: "3210000"
    affair: "SMALL_BUSINESS_FUND"
    kinds: "INCOME"
    kinds: "FAMILY"
    modes: ACCESS_MODE_VIEW
  }
  approvals {
    id: "fund-business"
    agency: "3210000"
    affair: "SMALL_BUSINESS_FUND"
    kinds: "BUSINESS"
    modes: ACCESS_MODE_VIEW
  }
)pb";

std::shared_ptr<const Catalogue> MakeCatalogue() {
  const auto key = crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "holder-1");
  config::v1::Catalogue message;
  CHECK(google::protobuf::TextFormat::ParseFromString(kCatalogue, &message));
  message.mutable_agencies(2)->mutable_signing_keys(0)->set_pem(key->PublicPem());
  auto catalogue = Catalogue::Parse(message.SerializeAsString());
  CHECK(catalogue.ok()) << catalogue.status();
  return *std::move(catalogue);
}

// What the consent says of each paper.
std::vector<v1::Paper> Papers() {
  std::vector<v1::Paper> papers(ReleaseHarness::kPapers);
  const char* const kinds[] = {"INCOME", "FAMILY", "BUSINESS", "CAR"};
  const v1::SubjectType types[] = {v1::SUBJECT_TYPE_PERSON, v1::SUBJECT_TYPE_HOUSEHOLD,
                                   v1::SUBJECT_TYPE_BUSINESS, v1::SUBJECT_TYPE_VEHICLE};
  for (uint32_t i = 0; i < ReleaseHarness::kPapers; ++i) {
    papers[i].set_paper_id(i + 1);
    papers[i].set_kind(kinds[i]);
    papers[i].mutable_subject()->set_type(types[i]);
  }
  papers[0].add_parameters()->set_name("tax_years");
  papers[0].mutable_parameters(0)->add_values("2025");
  papers[2].mutable_subject()->set_number("1234567890");
  papers[3].mutable_subject()->set_number("12GA3456");
  return papers;
}

}  // namespace

ReleaseHarness::ReleaseHarness(MemoryStore::Options options, Executor* executor)
    : directory_(std::string(32, 'p'), std::string(32, 'k'), "kek-1", &random_),
      catalogue_(MakeCatalogue()),
      journal_(options) {
  journal_.options().executor = executor == nullptr ? &inline_ : executor;
  journal_.options().policy = [this] {
    return policy_ == nullptr ? storage::v1::PolicyRow() : policy_->row();
  };
  journal_.options().on_policy_changed = [this] { policy_->OnChanged(); };
  Build();
}

ReleaseHarness::~ReleaseHarness() { journal_.Stop(); }

void ReleaseHarness::Restart() { Build(); }

void ReleaseHarness::Build() {
  journal_.Restart();
  auto policy = Policy::Open({&journal_.store(), std::string(32, 'o')}, catalogue_);
  CHECK(policy.ok()) << policy.status();
  policy_ = *std::move(policy);
  CHECK(policy_->Start(&journal_.journal()).ok());
  context_.clock = &journal_.clock();
  context_.random = &random_;
  context_.store = &journal_.store();
  context_.journal = &journal_.journal();
  context_.ledger = &journal_.ledger();
  context_.policy = policy_.get();
  context_.directory = &directory_;
  context_.events = &events_;
  book_ = std::make_unique<ReleaseBook>(&context_);
}

Caller ReleaseHarness::Counter(const std::string& agency) {
  return {agency, "counter", {config::v1::ROLE_COUNTER}};
}

v1::Subject ReleaseHarness::Person(char letter) {
  v1::Subject person;
  person.set_type(v1::SUBJECT_TYPE_PERSON);
  person.set_number(std::string(86, letter) + "==");
  return person;
}

ConsentId ReleaseHarness::AddConsent(const Grant& grant) {
  const std::string lookup = directory_.Lookup(grant.person);
  auto known = directory_.Find(store(), lookup);
  CHECK(known.ok()) << known.status();
  PersonDirectory::NewPerson person;
  if (known->has_value()) {
    person.person = **known;
  } else {
    person = directory_.Prepare(lookup, clock().Now());
  }
  const ConsentId id = ConsentId::Generate(person.person.subject.shard(), random_);
  const absl::Time now = clock().Now();
  storage::v1::ConsentRow row;
  row.set_consent_id(id.bytes());
  row.set_subject_id(person.person.subject.bytes());
  row.set_state(grant.state);
  row.set_requester(kAgency);
  row.set_opener("3210000:counter");
  row.set_affair(kAffair);
  row.set_open_time_us(absl::ToUnixMicros(now));
  row.set_decide_until_us(absl::ToUnixMicros(now + absl::Hours(1)));
  if (grant.state != v1::CONSENT_STATE_PENDING) row.set_decide_time_us(absl::ToUnixMicros(now));
  row.set_valid_from_us(absl::ToUnixMicros(now));
  row.set_valid_until_us(absl::ToUnixMicros(now + grant.valid_for));
  row.set_uses_left(grant.uses);
  row.set_language("ko");
  row.set_evidence(v1::EVIDENCE_KIND_ASSERTION);
  storage::v1::ConsentPrivate details;
  details.set_contact_ref(grant.contact_ref);
  for (const v1::Paper& paper : Papers()) {
    *details.add_papers() = paper;
    storage::v1::PaperRow& paper_row = *row.add_papers();
    paper_row.set_paper_id(paper.paper_id());
    paper_row.set_kind(paper.kind());
    paper_row.set_subject_type(paper.subject().type());
    paper_row.set_affair_kind(paper.paper_id() - 1);
    paper_row.set_decision(paper.paper_id() <= grant.decisions.size()
                               ? grant.decisions[paper.paper_id() - 1]
                               : v1::DECISION_AGREED);
  }
  SealDetails(details, person.person.data_key, random_, &row);

  Change change;
  change.locks = {lookup, person.person.subject.bytes()};
  change.judge = [&](const Reader&, const JudgeContext&) -> absl::StatusOr<Verdict> {
    Verdict verdict;
    verdict.writes = person.rows;
    PutNewConsent(row, &verdict.writes);
    EntryDraft& draft = verdict.entries.emplace_back();
    draft.outer.set_kind(v1::ENTRY_KIND_CONSENT_DECIDED);
    draft.outer.set_consent_id(id.text());
    draft.outer.set_requester(kAgency);
    draft.subject = person.person.subject;
    return verdict;
  };
  CHECK(journal().CommitAndWait(std::move(change)).ok());
  return id;
}

Change ReleaseHarness::ChangeConsent(const ConsentId& consent, v1::EntryKind kind,
                                     std::function<void(storage::v1::ConsentRow*)> edit) const {
  const auto subject = SubjectOfConsent(*context_.store, consent);
  CHECK(subject.ok() && subject->has_value());
  Change change;
  change.locks = {(*subject)->bytes()};
  change.judge = [this, consent, kind, edit = std::move(edit)](
                     const Reader& rows, const JudgeContext&) -> absl::StatusOr<Verdict> {
    auto stored = ReadConsent(directory_, rows, consent);
    if (!stored.ok()) return stored.status();
    CHECK(stored->has_value());
    const storage::v1::ConsentRow before = (*stored)->row;
    edit(&(*stored)->row);
    Verdict verdict;
    PutConsent(before, (*stored)->row, &verdict.writes);
    EntryDraft& draft = verdict.entries.emplace_back();
    draft.outer.set_kind(kind);
    draft.outer.set_consent_id(consent.text());
    draft.outer.set_requester(kAgency);
    draft.outer.set_state((*stored)->row.state());
    draft.subject = (*stored)->subject;
    return verdict;
  };
  return change;
}

void ReleaseHarness::Edit(const ConsentId& consent, v1::EntryKind kind,
                          std::function<void(storage::v1::ConsentRow*)> edit) {
  CHECK(journal().CommitAndWait(ChangeConsent(consent, kind, std::move(edit))).ok());
}

Change ReleaseHarness::Withdrawal(const ConsentId& consent) const {
  return ChangeConsent(consent, v1::ENTRY_KIND_CONSENT_WITHDRAWN, [](storage::v1::ConsentRow* row) {
    row->set_state(v1::CONSENT_STATE_WITHDRAWN);
  });
}

v1::FetchDocumentsRequest ReleaseHarness::Request(const ConsentId& consent,
                                                  const std::string& case_number) {
  v1::FetchDocumentsRequest request;
  request.set_request_id(NewRequestId(clock().Now(), random_));
  request.set_consent_id(consent.text());
  *request.mutable_person() = Person();
  request.set_nonce(random_.Bytes(32));
  if (!case_number.empty()) {
    request.mutable_case_()->set_official_id("official-1");
    request.mutable_case_()->set_terminal_id("terminal-1");
    request.mutable_case_()->set_case_number(case_number);
  }
  return request;
}

absl::StatusOr<ReleaseBook::Admission> ReleaseHarness::Admit(
    const v1::FetchDocumentsRequest& request, const Caller& caller) {
  return AwaitCall<ReleaseBook::Admission>(
      [&](auto done) { book_->Admit(caller, request, std::move(done)); });
}

AdmittedFetch ReleaseHarness::MustAdmit(const v1::FetchDocumentsRequest& request) {
  absl::StatusOr<ReleaseBook::Admission> admission = Admit(request);
  CHECK(admission.ok()) << admission.status();
  CHECK(admission->admitted.has_value())
      << (admission->refused.has_value() ? v1::RefusalReason_Name(admission->refused->reason())
                                         : "repeated");
  return *std::move(admission->admitted);
}

absl::StatusOr<ReleaseBook::Commitment> ReleaseHarness::Release(const AdmittedFetch& fetch,
                                                                size_t paper, bool no_record) {
  return AwaitCall<ReleaseBook::Commitment>([&](auto done) {
    book_->Release(fetch, paper, std::string(32, 'h'), std::string(32, 'd'), no_record,
                   std::move(done));
  });
}

absl::StatusOr<std::vector<ReleaseBook::Commitment>> ReleaseHarness::ReleaseAll(
    const AdmittedFetch& fetch, const std::vector<bool>& no_record) {
  std::vector<AnswerDigests> answers;
  for (const bool none : no_record) {
    answers.push_back({std::string(32, 'h'), none ? "" : std::string(32, 'd'), none});
  }
  return AwaitCall<std::vector<ReleaseBook::Commitment>>(
      [&](auto done) { book_->ReleaseAll(fetch, answers, std::move(done)); });
}

absl::StatusOr<RecordedOutcome> ReleaseHarness::RecordOutcome(const AdmittedFetch& fetch,
                                                              size_t paper, v1::Outcome outcome,
                                                              v1::RefusalReason reason,
                                                              const std::string& ground) {
  return AwaitCall<RecordedOutcome>([&](auto done) {
    book_->RecordOutcome(fetch, paper, outcome, reason, ground, std::string(32, 'h'),
                         std::move(done));
  });
}

absl::StatusOr<v1::FetchSummary> ReleaseHarness::Finish(const AdmittedFetch& fetch) {
  return AwaitCall<v1::FetchSummary>([&](auto done) { book_->Finish(fetch, std::move(done)); });
}

v1::AcknowledgeDocumentsRequest ReleaseHarness::Acknowledgement(
    const FetchId& fetch, const std::vector<uint32_t>& paper_ids, v1::Arrival arrival) {
  v1::AcknowledgeDocumentsRequest request;
  request.set_request_id(NewRequestId(clock().Now(), random_));
  request.set_fetch_id(fetch.text());
  for (const uint32_t paper_id : paper_ids) {
    v1::DocumentArrival& said = *request.add_arrivals();
    said.set_paper_id(paper_id);
    said.set_arrival(arrival);
    if (arrival == v1::ARRIVAL_MISMATCH) said.set_reason(v1::REFUSAL_REASON_SUBJECT_MISMATCH);
  }
  request.mutable_case_()->set_official_id("official-1");
  request.mutable_case_()->set_terminal_id("terminal-1");
  request.mutable_case_()->set_case_number("2026-0001");
  return request;
}

absl::StatusOr<AcknowledgeBook::Answer> ReleaseHarness::Acknowledge(
    const v1::AcknowledgeDocumentsRequest& request, const Caller& caller) {
  return AwaitCall<AcknowledgeBook::Answer>(
      [&](auto done) { acknowledgements_.Acknowledge(caller, request, std::move(done)); });
}

void ReleaseHarness::Send(const AdmittedFetch& fetch, size_t paper) {
  const auto commitment = Release(fetch, paper);
  CHECK(commitment.ok() && commitment->released.has_value()) << commitment.status();
  CHECK(RecordOutcome(fetch, paper, v1::OUTCOME_SENT).ok());
}

storage::v1::ConsentRow ReleaseHarness::ConsentRow(const ConsentId& consent) const {
  const auto stored = ReadConsent(directory_, *context_.store, consent);
  CHECK(stored.ok() && stored->has_value());
  return (*stored)->row;
}

storage::v1::CheckRow ReleaseHarness::CheckRow(const ConsentId& consent) const {
  const auto row = ReadCheckRow(*context_.store, consent);
  CHECK(row.ok() && row->has_value());
  return **row;
}

std::vector<ReleaseHarness::Entry> ReleaseHarness::Entries(
    std::optional<v1::EntryKind> kind) const {
  std::vector<Entry> entries;
  for (uint64_t index = 0; index < context_.ledger->head().size; ++index) {
    const auto record = context_.ledger->Record(index);
    CHECK(record.ok()) << record.status();
    Entry entry;
    entry.index = index;
    CHECK(entry.outer.ParseFromString(record->outer()));
    CHECK(entry.inner.ParseFromString(record->inner()));
    if (!kind.has_value() || entry.outer.kind() == *kind) entries.push_back(std::move(entry));
  }
  return entries;
}

storage::v1::Details ReleaseHarness::Details(const Entry& entry) const {
  const auto data_key =
      directory_.DataKey(*context_.store, SubjectId::FromBytes(entry.inner.subject_id()).value());
  CHECK(data_key.ok() && data_key->has_value());
  const auto opened = OpenDetails(context_.ledger->Record(entry.index).value(),
                                  keys::Record(0, entry.index), **data_key);
  CHECK(opened.ok()) << opened.status();
  storage::v1::Details details;
  CHECK(details.ParseFromString(*opened));
  return details;
}

}  // namespace naru
