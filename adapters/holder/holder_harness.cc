#include "adapters/holder/holder_harness.h"

#include <glog/logging.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "adapters/holder/holder_config.h"
#include "adapters/holder/test_register.h"
#include "broker/base/file.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/ids.h"
#include "broker/base/limits.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

constexpr char kAgency[] = "1210000";
constexpr int kProofThreads = 2;

std::string TestName() {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  return absl::StrCat(testing::TempDir(), "/", test->name());
}

}  // namespace

HolderHarness::HolderHarness(int documents_max, const std::string& more)
    : ca(TestName()), database(TestName() + "/register.db"), directory_(TestName() + "/files") {
  MakeTestRegister(database);
  std::filesystem::create_directories(directory_);
  config_ = absl::StrCat(TestHolderConfig(database, directory_, ledger.VerifierKeys()[0]),
                         absl::StrReplaceAll(more, {{"$DB", "sqlite3://dbname=" + database}}));
  WriteConfig(config_);
  WriteKey("1210000-1");
  auto file = LoadHolderConfig(directory_ + "/holder.textproto");
  CHECK(file.ok()) << file.status();
  const AnswerTools tools{&clock, &random, &metrics};
  auto answers = OpenAnswers(*file, tools);
  CHECK(answers.ok()) << answers.status();
  reads_ = std::make_unique<ThreadPool>("reads", static_cast<int>((*answers)->connections()));
  answers_ = std::make_unique<AnswerSource>(*std::move(answers));
  reload_ = std::make_unique<Reload>(*std::move(file), answers_.get(), tools, &timer);
  auto checkpoints = CheckpointKeeper::Open(TestName() + "/checkpoint", ledger.Verifier());
  CHECK(checkpoints.ok());
  checkpoints_ = *std::move(checkpoints);
  proofs_ = std::make_unique<ThreadPool>("proofs", kProofThreads);
  service_ =
      std::make_unique<HolderService>(*ParseIdentity(kBrokerIdentity), documents_max,
                                      HolderParts{answers_.get(), checkpoints_.get(), &metrics,
                                                  reads_.get(), proofs_.get(), &timer, &clock});
  auto credentials = ServerCredentials(ca.Issue(kHolderIdentity));
  CHECK(credentials.ok()) << credentials.status();
  grpc::ServerBuilder builder;
  SetServerBounds(builder, limits::kRequestBytes);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  CHECK(server_ != nullptr && port != 0);
  address_ = absl::StrCat("127.0.0.1:", port);
}

void HolderHarness::WriteConfig(const std::string& text) {
  CHECK(AtomicWriteFile(directory_ + "/holder.textproto", text, 0644).ok());
}

void HolderHarness::WriteKey(const std::string& key_id) {
  const auto key = crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, key_id);
  CHECK(AtomicWriteFile(directory_ + "/signing.pem", key->PrivatePem(), 0600).ok());
  auto verifying = crypto::ParseVerifyingKey(key->PublicPem(), key_id);
  CHECK(verifying.ok());
  CHECK(
      keys.Add(kAgency, *std::move(verifying), absl::InfinitePast(), absl::InfiniteFuture()).ok());
}

HolderHarness::~HolderHarness() { server_->Shutdown(absl::ToChronoTime(absl::UnixEpoch())); }

std::unique_ptr<holder::v1::HolderService::Stub> HolderHarness::Connect(
    const std::string& identity) {
  auto channel = ChannelTo(address_, ca.Issue(identity), kHolderIdentity);
  CHECK(channel.ok()) << channel.status();
  return holder::v1::HolderService::NewStub(*channel);
}

holder::v1::DocumentRequest HolderHarness::Ask(const std::string& kind, int i) {
  holder::v1::DocumentRequest request;
  request.set_release_id(ReleaseId::Generate(5, random).text());
  request.set_nonce(random.Bytes(limits::kNonceBytes));
  request.set_requester("B553077");
  request.set_consent_id(ConsentId::Generate(5, random).text());
  request.set_affair("FUND_LOAN");
  request.set_legal_basis("전자정부법 제43조의2");
  request.set_document_kind(kind);
  request.mutable_subject()->set_type(v1::SUBJECT_TYPE_BUSINESS);
  request.mutable_subject()->set_number(TestBusinessNo(i));
  request.mutable_person()->set_type(v1::SUBJECT_TYPE_PERSON);
  request.mutable_person()->set_number(TestPersonCi(i));
  for (const char* field : {"trade_name", "capital", "close_date", "rows"}) {
    request.add_approved_fields(field);
  }
  request.set_max_size_bytes(limits::kDocumentBytesDefault);
  return request;
}

ExpectedHeader HolderHarness::Expected(const holder::v1::DocumentRequest& request) {
  ExpectedHeader expected;
  expected.nonce = request.nonce();
  expected.release_id = request.release_id();
  expected.holder = kAgency;
  expected.requester = request.requester();
  expected.document_kind = request.document_kind();
  expected.parameters = {request.parameters().begin(), request.parameters().end()};
  expected.subject = request.subject();
  expected.person = request.person();
  expected.approved_fields = {request.approved_fields().begin(), request.approved_fields().end()};
  expected.max_size_bytes = request.max_size_bytes();
  return expected;
}

CheckedHeader HolderHarness::Check(const holder::v1::DocumentRequest& request,
                                   const holder::v1::DocumentAnswer& answer) const {
  v1::SignedHeader signed_header;
  signed_header.set_header(answer.header());
  *signed_header.mutable_signature() = answer.signature();
  return CheckDocumentHeader(signed_header, Expected(request), keys, clock.Now());
}

v1::OuterEntry HolderHarness::Release(const holder::v1::DocumentRequest& request,
                                      const holder::v1::DocumentAnswer& answer) {
  holder::v1::DocumentHeader header;
  CHECK(header.ParseFromString(answer.header()));
  v1::OuterEntry entry;
  entry.set_kind(v1::ENTRY_KIND_DOCUMENT_RELEASED);
  entry.set_release_id(request.release_id());
  entry.set_consent_id(request.consent_id());
  entry.set_affair(request.affair());
  entry.set_requester(request.requester());
  entry.set_holder(kAgency);
  entry.set_document_kind(request.document_kind());
  entry.set_header_sha256(crypto::Sha256(answer.header()));
  entry.set_document_sha256(header.body_sha256());
  return entry;
}

holder::v1::Proceed HolderHarness::Enter(const v1::OuterEntry& entry, uint64_t known_size) {
  absl::MutexLock lock(&ledger_mu);
  const uint64_t index = ledger.Append(entry);
  holder::v1::Proceed proceed;
  *proceed.mutable_proof() = ledger.Prove(index, ledger.size(), known_size);
  return proceed;
}

double HolderHarness::Metric(const std::string& name) const {
  double sum = 0;
  for (const prometheus::MetricFamily& family : metrics.registry()->Collect()) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& metric : family.metric) {
      sum += metric.counter.value + metric.gauge.value;
    }
  }
  return sum;
}

BrokerCall::BrokerCall(holder::v1::HolderService::Stub& stub,
                       const holder::v1::DocumentRequest& request)
    : stream_(stub.ProvideDocument(&context_)) {
  holder::v1::ProvideDocumentRequest message;
  *message.mutable_request() = request;
  Send(message);
}

BrokerCall::~BrokerCall() {
  if (finished_) return;
  context_.TryCancel();
  Finish();
}

holder::v1::DocumentAnswer BrokerCall::ReadAnswer() {
  holder::v1::ProvideDocumentResponse response;
  stream_->Read(&response);
  return response.answer();
}

void BrokerCall::Proceed(const holder::v1::Proceed& proceed) {
  holder::v1::ProvideDocumentRequest message;
  *message.mutable_proceed() = proceed;
  Send(message);
}

std::string BrokerCall::ReadBody(BodyChecker* checker) {
  std::string body;
  holder::v1::ProvideDocumentResponse response;
  while (stream_->Read(&response)) {
    ++messages_;
    if (checker != nullptr) {
      const absl::Status added = checker->Add(response.chunk().index(), response.chunk().data());
      EXPECT_TRUE(added.ok()) << added;
    }
    body += response.chunk().data();
  }
  return body;
}

grpc::Status BrokerCall::Finish() {
  finished_ = true;
  holder::v1::ProvideDocumentResponse rest;
  while (stream_->Read(&rest)) ++messages_;
  return stream_->Finish();
}

}  // namespace naru
