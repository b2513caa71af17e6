#include "adapters/client/fake_broker.h"

#include <glog/logging.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "broker/base/textproto.h"
#include "broker/proof/honest_answer.h"
#include "broker/proof/receipt.h"
#include "google/protobuf/text_format.h"

namespace naru::client {
namespace {

constexpr char kFetch[] = "0001f0f0f0f0f0f0f0f0f0f0f0f0f0f0";
constexpr char kRequester[] = "B553077";

constexpr char kCatalogue[] = R"pb(
  agencies { code: "1210000" name_ko: "국세청" name_en: "National Tax Service" }
  agencies { code: "B553077" name_ko: "공단" name_en: "Agency" }
  kinds {
    code: "INCOME_AMOUNT"
    name_ko: "소득금액증명"
    holder: "1210000"
    subject_type: SUBJECT_TYPE_PERSON
    parameters { name: "tax_years" type: PARAMETER_TYPE_YEAR default_values: "2025" max_values: 5 }
    fields: "name"
    fields: "income"
    max_size_bytes: 1000000
  }
  kinds {
    code: "BUSINESS_REGISTRATION"
    name_ko: "사업자등록증명"
    holder: "1210000"
    subject_type: SUBJECT_TYPE_BUSINESS
    fields: "name"
  }
  affairs {
    code: "LOAN"
    kinds { kind: "INCOME_AMOUNT" }
    kinds { kind: "BUSINESS_REGISTRATION" }
  }
)pb";

std::string ReleaseOf(uint32_t paper_id) {
  return absl::StrCat("0001aaaaaaaaaaaaaaaaaaaaaaaaaa", paper_id < 10 ? "0" : "", paper_id);
}

const std::string& Made(const std::string& directory) {
  CHECK(MakeDirectories(directory).ok());
  return directory;
}

v1::FetchDocumentsResponse OutcomeStep(uint32_t paper_id, v1::Outcome outcome) {
  v1::FetchDocumentsResponse step;
  step.mutable_outcome()->set_paper_id(paper_id);
  step.mutable_outcome()->set_outcome(outcome);
  return step;
}

}  // namespace

v1::Subject FakePerson() {
  v1::Subject person;
  person.set_type(v1::SUBJECT_TYPE_PERSON);
  person.set_number(std::string(86, 'c') + "==");
  return person;
}

std::string FakeBody(const v1::Paper& paper, size_t bytes,
                     const std::function<void(holder::v1::DocumentBody&)>& change) {
  holder::v1::DocumentBody head;
  head.set_document_kind(paper.kind());
  head.set_document_number(kHonestNumber);
  *head.mutable_subject() = paper.subject().number().empty() ? FakePerson() : paper.subject();
  *head.mutable_parameters() = paper.parameters();
  if (change) change(head);
  return HonestBody(std::move(head), bytes);
}

FakePaper IncomePaper(uint32_t paper_id, size_t bytes) {
  FakePaper paper;
  paper.paper.set_paper_id(paper_id);
  paper.paper.set_kind("INCOME_AMOUNT");
  paper.paper.mutable_subject()->set_type(v1::SUBJECT_TYPE_PERSON);
  v1::Parameter* const years = paper.paper.add_parameters();
  years->set_name("tax_years");
  years->add_values("2025");
  paper.body = FakeBody(paper.paper, bytes);
  return paper;
}

FakePaper BusinessPaper(uint32_t paper_id, size_t bytes) {
  FakePaper paper;
  paper.paper.set_paper_id(paper_id);
  paper.paper.set_kind("BUSINESS_REGISTRATION");
  paper.paper.mutable_subject()->set_type(v1::SUBJECT_TYPE_BUSINESS);
  paper.paper.mutable_subject()->set_number("1208147521");
  paper.body = FakeBody(paper.paper, bytes);
  return paper;
}

FakeBroker::FakeBroker(const std::string& directory, const Clock* clock)
    : clock_(clock),
      ca_(Made(directory) + "/pki"),
      holder_key_(crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "nts-1")),
      receipt_key_(crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "receipt-1")) {
  person = FakePerson();
  const auto credentials = ServerCredentials(ca_.Issue(kBrokerUri));
  CHECK(credentials.ok()) << credentials.status();
  int port = 0;
  grpc::ServerBuilder builder;
  SetServerBounds(builder, limits::kRequestBytes);
  builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
  builder.RegisterService(static_cast<v1::DocumentService::Service*>(this));
  builder.RegisterService(static_cast<v1::ConsentService::Service*>(this));
  server_ = builder.BuildAndStart();
  CHECK(server_ != nullptr);

  config_.set_broker_address(absl::StrCat("127.0.0.1:", port));
  config_.set_broker_identity(kBrokerUri);
  config_.set_identity(kRequesterUri);
  *config_.mutable_tls() = ca_.Issue(kRequesterUri);
  for (const std::string& key : ledger_.VerifierKeys()) config_.add_ledger_verifier_keys(key);
  config_.set_catalogue_file(directory + "/catalogue.textproto");
  config_.set_temporary_directory(directory);
  WriteCatalogue();
}

FakeBroker::~FakeBroker() { server_->Shutdown(); }

void FakeBroker::WriteCatalogue() {
  const std::string& path = config_.catalogue_file();
  if (catalogue_.agencies().empty()) {
    CHECK(ParseTextProto("catalogue", kCatalogue, &catalogue_).ok());
    config::v1::PublicKey* const key = catalogue_.mutable_agencies(0)->add_signing_keys();
    key->set_key_id(holder_key_->key_id());
    key->set_pem(holder_key_->PublicPem());
    config::v1::PublicKey* const receipt = catalogue_.add_receipt_keys();
    receipt->set_key_id(receipt_key_->key_id());
    receipt->set_pem("file:receipt_public.pem");
    CHECK(AtomicWriteFile(path.substr(0, path.find_last_of('/')) + "/receipt_public.pem",
                          receipt_key_->PublicPem())
              .ok());
  }
  std::string text;
  CHECK(google::protobuf::TextFormat::PrintToString(catalogue_, &text));
  CHECK(AtomicWriteFile(path, text).ok());
}

void FakeBroker::AllowBytes(const std::string& kind, uint64_t bytes) {
  for (config::v1::DocumentKind& allowed : *catalogue_.mutable_kinds()) {
    if (allowed.code() == kind) allowed.set_max_size_bytes(bytes);
  }
  WriteCatalogue();
}

ExpectedHeader FakeBroker::Asked(const FakePaper& paper, const std::string& release,
                                 const v1::FetchDocumentsRequest& request) const {
  ExpectedHeader asked;
  asked.nonce = request.nonce();
  asked.release_id = release;
  asked.holder = "1210000";
  asked.requester = kRequester;
  asked.document_kind = paper.paper.kind();
  asked.parameters.assign(paper.paper.parameters().begin(), paper.paper.parameters().end());
  asked.person = person;
  asked.subject = paper.paper.subject().number().empty() ? person : paper.paper.subject();
  asked.approved_fields = {"name"};
  if (paper.asked) paper.asked(asked);
  return asked;
}

v1::FetchDocumentsResponse FakeBroker::Receipt(const FakePaper& paper,
                                               const holder::v1::DocumentHeader& header,
                                               const v1::SignedHeader& signed_header,
                                               const v1::FetchDocumentsRequest& request) {
  v1::OuterEntry entry;
  entry.set_kind(header.status() == holder::v1::ANSWER_STATUS_FOUND
                     ? v1::ENTRY_KIND_DOCUMENT_RELEASED
                     : v1::ENTRY_KIND_NO_RECORD_RELEASED);
  entry.mutable_time()->set_seconds(absl::ToUnixSeconds(clock_->Now()));
  entry.set_consent_id(request.consent_id());
  entry.set_release_id(header.release_id());
  entry.set_fetch_id(kFetch);
  entry.set_requester(kRequester);
  entry.set_holder(header.holder());
  entry.set_paper_id(paper.paper.paper_id());
  entry.set_document_kind(header.document_kind());
  entry.set_header_sha256(crypto::Sha256(signed_header.header()));
  entry.set_document_sha256(header.body_sha256());
  entry.set_mode(request.mode());
  if (paper.entry) paper.entry(entry);
  const uint64_t index = ledger_.Append(entry);

  v1::Receipt receipt;
  receipt.set_context(std::string(kReceiptContext));
  receipt.set_release_id(header.release_id());
  receipt.set_fetch_id(kFetch);
  receipt.set_consent_id(request.consent_id());
  receipt.set_requester(kRequester);
  receipt.set_holder(header.holder());
  receipt.set_paper_id(paper.paper.paper_id());
  receipt.set_document_kind(header.document_kind());
  receipt.set_header_sha256(crypto::Sha256(signed_header.header()));
  receipt.set_nonce(request.nonce());
  receipt.mutable_time()->set_seconds(absl::ToUnixSeconds(clock_->Now()));
  const uint64_t known = std::min(request.known_tree_size(), ledger_.size());
  *receipt.mutable_proof() = ledger_.Prove(index, ledger_.size(), known);
  receipt.mutable_proof()->set_known_size(request.known_tree_size());
  if (paper.receipt) paper.receipt(receipt);

  v1::FetchDocumentsResponse step;
  step.mutable_receipt()->set_paper_id(paper.paper.paper_id());
  step.mutable_receipt()->set_receipt(receipt.SerializeAsString());
  *step.mutable_receipt()->mutable_signature() =
      SignReceipt(step.receipt().receipt(), *receipt_key_);
  return step;
}

FakeBroker::Steps FakeBroker::Answer(const FakePaper& paper, const std::string& release,
                                     const v1::FetchDocumentsRequest& request) {
  const uint32_t id = paper.paper.paper_id();
  const ExpectedHeader asked = Asked(paper, release, request);
  const bool found = paper.status == holder::v1::ANSWER_STATUS_FOUND;
  holder::v1::DocumentHeader header = found ? HonestAnswer(asked, paper.body, clock_->Now())
                                            : HonestAnswerWithoutDocument(asked, paper.status);
  if (paper.status == holder::v1::ANSWER_STATUS_DECLINED) {
    header.set_decline_code(holder::v1::DECLINE_CODE_NOT_ENTITLED);
  }
  if (paper.header) paper.header(header);
  const v1::SignedHeader signed_header = SignDocumentHeader(header, *holder_key_);
  Steps answer;
  if (found) {
    v1::FetchDocumentsResponse step;
    step.mutable_header()->set_paper_id(id);
    *step.mutable_header()->mutable_signed_header() = signed_header;
    if (!repeated) answer.push_back(step);
    for (size_t i = 0; !repeated && i * limits::kChunkBytes < paper.body.size(); ++i) {
      v1::FetchDocumentsResponse chunk;
      chunk.mutable_chunk()->set_paper_id(id);
      chunk.mutable_chunk()->set_index(static_cast<uint32_t>(i));
      chunk.mutable_chunk()->set_data(
          paper.body.substr(i * limits::kChunkBytes, limits::kChunkBytes));
      answer.push_back(chunk);
    }
  }
  if (paper.status != holder::v1::ANSWER_STATUS_DECLINED &&
      paper.status != holder::v1::ANSWER_STATUS_DEFERRED) {
    answer.push_back(Receipt(paper, header, signed_header, request));
  }
  answer.push_back(
      OutcomeStep(id, found                                                 ? v1::OUTCOME_SENT
                      : paper.status == holder::v1::ANSWER_STATUS_NO_RECORD ? v1::OUTCOME_NO_RECORD
                      : paper.status == holder::v1::ANSWER_STATUS_DEFERRED  ? v1::OUTCOME_DEFERRED
                                                                           : v1::OUTCOME_DECLINED));
  if (!found && !repeated)
    *answer.back().mutable_outcome()->mutable_signed_answer() = signed_header;
  return answer;
}

FakeBroker::Steps FakeBroker::Honest(const v1::FetchDocumentsRequest& request) {
  Steps all(1);
  v1::FetchStarted& started = *all[0].mutable_started();
  started.set_fetch_id(kFetch);
  started.set_repeated_request(repeated);
  std::vector<Steps> answers;
  std::map<v1::Outcome, uint32_t> counts;
  for (const FakePaper& paper : papers) {
    const std::string release = ReleaseOf(paper.paper.paper_id());
    v1::FetchedPaper& announced = *started.add_papers();
    *announced.mutable_paper() = paper.paper;
    announced.set_holder("1210000");
    announced.set_release_id(release);
    answers.push_back(Answer(paper, release, request));
    ++counts[answers.back().back().outcome().outcome()];
  }
  // Papers come mixed.
  for (size_t i = 0, more = 1; more > 0; ++i) {
    more = 0;
    for (Steps& answer : answers) {
      if (i < answer.size()) all.push_back(answer[i]);
      if (i + 1 < answer.size()) ++more;
    }
  }
  v1::FetchSummary& summary = *all.emplace_back().mutable_summary();
  summary.set_sent(counts[v1::OUTCOME_SENT]);
  summary.set_no_record(counts[v1::OUTCOME_NO_RECORD]);
  summary.set_declined(counts[v1::OUTCOME_DECLINED]);
  summary.set_deferred(counts[v1::OUTCOME_DEFERRED]);
  return all;
}

grpc::Status FakeBroker::FetchDocuments(grpc::ServerContext* /*context*/,
                                        const v1::FetchDocumentsRequest* request,
                                        grpc::ServerWriter<v1::FetchDocumentsResponse>* writer) {
  requests_.push_back(*request);
  if (unavailable > 0) {
    --unavailable;
    return {grpc::StatusCode::UNAVAILABLE, "not now"};
  }
  Steps all = Honest(*request);
  if (steps) steps(all);
  size_t sent = 0;
  for (const v1::FetchDocumentsResponse& step : all) {
    if (break_after > 0 && sent == break_after) {
      return {grpc::StatusCode::UNAVAILABLE, "gone in the middle"};
    }
    if (!writer->Write(step)) break;
    ++sent;
  }
  return grpc::Status::OK;
}

grpc::Status FakeBroker::AcknowledgeDocuments(grpc::ServerContext* /*context*/,
                                              const v1::AcknowledgeDocumentsRequest* request,
                                              v1::AcknowledgeDocumentsResponse* response) {
  acknowledged_.push_back(*request);
  *response = acknowledgement;
  return grpc::Status::OK;
}

grpc::Status FakeBroker::GetConsent(grpc::ServerContext* /*context*/,
                                    const v1::GetConsentRequest* request,
                                    v1::GetConsentResponse* response) {
  v1::Consent& shown = *response->mutable_consent();
  shown.set_consent_id(request->consent_id());
  shown.set_affair("LOAN");
  shown.set_state(v1::CONSENT_STATE_GRANTED);
  for (const FakePaper& paper : papers) *shown.add_papers() = paper.paper;
  if (consent) consent(shown);
  return grpc::Status::OK;
}

}  // namespace naru::client
