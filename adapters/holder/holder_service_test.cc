#include "adapters/holder/holder_service.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/holder/holder_harness.h"
#include "adapters/holder/json_document.h"
#include "adapters/holder/test_register.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/binding.h"
#include "google/protobuf/util/json_util.h"

namespace naru {
namespace {

using holder::v1::DocumentAnswer;
using holder::v1::DocumentRequest;

class HolderServiceTest : public testing::Test {
 protected:
  HolderServiceTest() : stub_(harness_.Connect(kBrokerIdentity)) {}

  // A refused call: no message after the answer, an error, and the next call works.
  void ExpectNoBody(BrokerCall& call) {
    EXPECT_EQ(call.ReadBody(), "");
    EXPECT_EQ(call.messages(), 0);
    EXPECT_FALSE(call.Finish().ok());
  }

  HolderHarness harness_;
  std::unique_ptr<holder::v1::HolderService::Stub> stub_;
};

TEST_F(HolderServiceTest, P1_TheBodyFollowsAValidProceed) {
  const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  BrokerCall call(*stub_, request);
  const DocumentAnswer answer = call.ReadAnswer();
  const CheckedHeader checked = harness_.Check(request, answer);
  ASSERT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
  ASSERT_EQ(checked.header.status(), holder::v1::ANSWER_STATUS_FOUND);
  call.Proceed(harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size()));
  BodyChecker checker(checked.header);
  const std::string body = call.ReadBody(&checker);
  EXPECT_TRUE(checker.complete());
  EXPECT_TRUE(call.Finish().ok());

  holder::v1::DocumentBody read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(body, &read).ok());
  EXPECT_EQ(read.subject().number(), request.subject().number());
  EXPECT_EQ(read.title(), "사업자등록증명");
  EXPECT_EQ(read.document_number(), checked.header.document_number());
  EXPECT_EQ(read.issue_time().seconds(), checked.header.issue_time().seconds());
  EXPECT_EQ(read.holder(), "1210000");
  EXPECT_EQ(read.fields(0).value(), "상호 3");
  EXPECT_EQ(read.fields(3).table().rows(0).cells(1), "2024003");
  EXPECT_EQ(harness_.Metric("naru_holder_bodies_total"), 1);
}

// P1: whatever else the ledger may say, no byte leaves without this document's release.
TEST_F(HolderServiceTest, P1_AnEntryThatIsNotThisDocumentsReleaseSendsNothing) {
  const std::vector<std::function<void(v1::OuterEntry*)>> changes = {
      [](v1::OuterEntry* entry) { entry->set_kind(v1::ENTRY_KIND_QUARANTINED); },
      [](v1::OuterEntry* entry) { entry->set_kind(v1::ENTRY_KIND_NO_RECORD_RELEASED); },
      [](v1::OuterEntry* entry) { entry->set_release_id("000500000000000000000000000000ff"); },
      [](v1::OuterEntry* entry) { entry->set_holder("1741000"); },
      [](v1::OuterEntry* entry) { entry->set_requester("1741000"); },
      [](v1::OuterEntry* entry) { entry->set_document_kind("MIXED_UP"); },
      [](v1::OuterEntry* entry) { entry->set_consent_id(""); },
      [](v1::OuterEntry* entry) { entry->set_affair("OTHER"); },
      [](v1::OuterEntry* entry) { entry->mutable_header_sha256()->back() ^= 1; },
      [](v1::OuterEntry* entry) { entry->clear_document_sha256(); },
  };
  for (const auto& change : changes) {
    const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
    BrokerCall call(*stub_, request);
    const DocumentAnswer answer = call.ReadAnswer();
    v1::OuterEntry entry = HolderHarness::Release(request, answer);
    change(&entry);
    call.Proceed(harness_.Enter(entry, answer.known_tree_size()));
    ExpectNoBody(call);
  }
  EXPECT_EQ(harness_.Metric("naru_holder_proceeds_refused_total"), changes.size());
  EXPECT_EQ(harness_.Metric("naru_holder_bodies_total"), 0);
}

TEST_F(HolderServiceTest, P1_AForgedProofSendsNothing) {
  const std::vector<std::function<void(v1::LedgerProof*)>> changes = {
      [](v1::LedgerProof* proof) { proof->mutable_outer()->append("x"); },
      [](v1::LedgerProof* proof) { proof->mutable_inner_hash()->back() ^= 1; },
      [](v1::LedgerProof* proof) { proof->set_index(proof->index() + 1); },
      [](v1::LedgerProof* proof) { proof->clear_checkpoint(); },
      [](v1::LedgerProof* proof) { proof->set_origin("naru.example/ledger/1"); },
      [](v1::LedgerProof* proof) { proof->set_known_size(proof->known_size() + 1); },
      // Unsigned: the text of the checkpoint without its signatures.
      [](v1::LedgerProof* proof) {
        proof->mutable_checkpoint()->resize(proof->checkpoint().find("\n\n") + 2);
      },
      [](v1::LedgerProof* proof) { proof->Clear(); },
  };
  // So that there is a path and something known.
  for (int i = 0; i < 5; ++i) harness_.Enter(v1::OuterEntry(), 0);
  for (const auto& change : changes) {
    const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
    BrokerCall call(*stub_, request);
    const DocumentAnswer answer = call.ReadAnswer();
    holder::v1::Proceed proceed =
        harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size());
    change(proceed.mutable_proof());
    call.Proceed(proceed);
    ExpectNoBody(call);
  }
  EXPECT_EQ(harness_.Metric("naru_holder_proceeds_refused_total"), changes.size());
}

TEST_F(HolderServiceTest, P1_ALedgerOfOtherKeysSendsNothing) {
  FakeLedger other;
  const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  BrokerCall call(*stub_, request);
  const DocumentAnswer answer = call.ReadAnswer();
  other.Append(HolderHarness::Release(request, answer));
  holder::v1::Proceed proceed;
  *proceed.mutable_proof() = other.Prove(0, 1);
  call.Proceed(proceed);
  ExpectNoBody(call);
}

TEST_F(HolderServiceTest, P1_AForkOfTheLedgerSendsNothing) {
  for (int i = 0; i < 3; ++i) harness_.Enter(v1::OuterEntry(), 0);
  {
    const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
    BrokerCall call(*stub_, request);
    const DocumentAnswer answer = call.ReadAnswer();
    call.Proceed(harness_.Enter(HolderHarness::Release(request, answer), 0));
    EXPECT_NE(call.ReadBody(), "");
    ASSERT_TRUE(call.Finish().ok());
  }
  // The same keys tell another story from entry 2 on.
  harness_.ledger.ForgetEntriesFrom(2);
  for (int i = 0; i < 4; ++i) harness_.Enter(v1::OuterEntry(), 0);
  const DocumentRequest request = harness_.Ask("TAX_PAPER", 4);
  BrokerCall call(*stub_, request);
  const DocumentAnswer answer = call.ReadAnswer();
  EXPECT_EQ(answer.known_tree_size(), 4u);
  call.Proceed(harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size()));
  ExpectNoBody(call);
}

TEST_F(HolderServiceTest, P1_AProceedCountsForOneAnswerOnly) {
  const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  BrokerCall first(*stub_, request);
  const DocumentAnswer answer = first.ReadAnswer();
  const holder::v1::Proceed proceed =
      harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size());
  // The same request again gives another document number, so another header.
  BrokerCall second(*stub_, request);
  second.ReadAnswer();
  second.Proceed(proceed);
  ExpectNoBody(second);
}

TEST_F(HolderServiceTest, P1_NoProceedSendsNothing) {
  const DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  {
    BrokerCall call(*stub_, request);
    call.ReadAnswer();
    call.HalfClose();
    ExpectNoBody(call);
  }
  {
    BrokerCall call(*stub_, request);
    call.ReadAnswer();
    holder::v1::ProvideDocumentRequest again;
    *again.mutable_request() = request;
    call.Send(again);
    ExpectNoBody(call);
  }
  {
    BrokerCall call(*stub_, request);
    call.ReadAnswer();
    call.Send(holder::v1::ProvideDocumentRequest());
    ExpectNoBody(call);
  }
}

TEST_F(HolderServiceTest, AProceedBeforeTheRequestIsABadCall) {
  grpc::ClientContext context;
  auto stream = stub_->ProvideDocument(&context);
  holder::v1::ProvideDocumentRequest message;
  message.mutable_proceed();
  stream->Write(message);
  EXPECT_THAT(FromGrpcStatus(stream->Finish()), HasErrorReason(v1::ERROR_REASON_FIELD_MISSING));
}

// P3: 587 papers at once, each the right one's, and never the representative's number, which the
// view has and the request even approves.
TEST_F(HolderServiceTest, P3_587TaxPapersAreEachTheRightOnesWithoutTheRepresentativesNumber) {
  constexpr int kThreads = 8;
  std::vector<DocumentRequest> requests;
  for (int i = 0; i < kTestBusinesses; ++i) {
    requests.push_back(harness_.Ask("TAX_PAPER", i));
    requests.back().add_approved_fields("representative_rrn");
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t, &requests] {
      for (int i = t; i < kTestBusinesses; i += kThreads) {
        BrokerCall call(*stub_, requests[i]);
        const DocumentAnswer answer = call.ReadAnswer();
        const CheckedHeader checked = harness_.Check(requests[i], answer);
        ASSERT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
        for (const std::string& field : checked.header.fields()) {
          EXPECT_NE(field, "representative_rrn");
        }
        call.Proceed(
            harness_.Enter(HolderHarness::Release(requests[i], answer), answer.known_tree_size()));
        BodyChecker checker(checked.header);
        const std::string body = call.ReadBody(&checker);
        EXPECT_TRUE(checker.complete());
        const auto read = ReadJsonDocument(body);
        ABSL_ASSERT_OK(read);
        EXPECT_EQ(read->subject().number(), TestBusinessNo(i));
        EXPECT_TRUE(absl::StrContains(body, absl::StrCat("\"상호 ", i, "\"")));
        EXPECT_FALSE(absl::StrContains(body, "representative"));
        EXPECT_FALSE(absl::StrContains(body, TestRrn(0).substr(0, 9)));
        EXPECT_TRUE(call.Finish().ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(harness_.Metric("naru_holder_bodies_total"), kTestBusinesses);
}

// P3: the binding is the found one's, so the broker sees it; and nothing but the header leaves.
TEST_F(HolderServiceTest, P3_AnotherSubjectsRecordIsBoundToThatSubjectAndNeverSent) {
  DocumentRequest request = harness_.Ask("MIXED_UP", 3);
  request.clear_approved_fields();
  request.add_approved_fields("trade_name");
  BrokerCall call(*stub_, request);
  const DocumentAnswer answer = call.ReadAnswer();
  const CheckedHeader checked = harness_.Check(request, answer);
  EXPECT_EQ(checked.refused, v1::REFUSAL_REASON_SUBJECT_MISMATCH);
  EXPECT_EQ(checked.header.subject_binding(),
            SubjectBinding(request.nonce(), v1::SUBJECT_TYPE_BUSINESS, TestBusinessNo(0)));
  EXPECT_EQ(checked.header.person_binding(),
            SubjectBinding(request.nonce(), v1::SUBJECT_TYPE_PERSON, TestPersonCi(0)));
  call.Proceed(harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size()));
  ExpectNoBody(call);
  EXPECT_EQ(harness_.Metric("naru_holder_mismatches_total"), 1);
}

TEST_F(HolderServiceTest, WhoIsNotNamedInTheRecordIsNotEntitled) {
  DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  request.mutable_person()->set_number(TestPersonCi(4));
  BrokerCall call(*stub_, request);
  const CheckedHeader checked = harness_.Check(request, call.ReadAnswer());
  EXPECT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
  EXPECT_EQ(checked.header.status(), holder::v1::ANSWER_STATUS_DECLINED);
  EXPECT_EQ(checked.header.decline_code(), holder::v1::DECLINE_CODE_NOT_ENTITLED);
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_EQ(call.messages(), 0);
}

TEST_F(HolderServiceTest, NothingOnFileIsASignedAnswer) {
  DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  request.mutable_subject()->set_number("9999999999");
  BrokerCall call(*stub_, request);
  const CheckedHeader checked = harness_.Check(request, call.ReadAnswer());
  EXPECT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
  EXPECT_EQ(checked.header.status(), holder::v1::ANSWER_STATUS_NO_RECORD);
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(HolderServiceTest, YearsAreParametersOfTheDocument) {
  DocumentRequest request = harness_.Ask("INCOME_PAPER", 7);
  *request.mutable_subject() = request.person();
  request.clear_approved_fields();
  request.add_approved_fields("amount");
  v1::Parameter& years = *request.add_parameters();
  years.set_name("tax_years");
  years.add_values("2024");
  years.add_values("2025");
  BrokerCall call(*stub_, request);
  const DocumentAnswer answer = call.ReadAnswer();
  const CheckedHeader checked = harness_.Check(request, answer);
  ASSERT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
  call.Proceed(harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size()));
  holder::v1::DocumentBody read;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(call.ReadBody(), &read).ok());
  EXPECT_EQ(read.parameters(0).values(1), "2025");
  ASSERT_EQ(read.fields_size(), 1);
  EXPECT_EQ(read.fields(0).values(1).of(), "2025");
  EXPECT_EQ(read.fields(0).values(1).value(), "20257");
}

TEST_F(HolderServiceTest, ALargeDocumentComesInChunks) {
  // 300,000 characters.
  ExecuteSql(harness_.database,
             "UPDATE business SET trade_name = hex(zeroblob(150000)) WHERE business_no = '" +
                 TestBusinessNo(3) + "'");
  DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
  {
    BrokerCall call(*stub_, request);
    const DocumentAnswer answer = call.ReadAnswer();
    const CheckedHeader checked = harness_.Check(request, answer);
    ASSERT_EQ(checked.refused, v1::REFUSAL_REASON_UNSPECIFIED) << checked.what;
    call.Proceed(harness_.Enter(HolderHarness::Release(request, answer), answer.known_tree_size()));
    BodyChecker checker(checked.header);
    call.ReadBody(&checker);
    EXPECT_TRUE(checker.complete());
    EXPECT_EQ(call.messages(), 5);
  }
  request.set_max_size_bytes(200'000);
  BrokerCall call(*stub_, request);
  call.ReadAnswer();
  EXPECT_THAT(FromGrpcStatus(call.Finish()), HasErrorReason(v1::ERROR_REASON_FIELD_TOO_LARGE));
}

TEST_F(HolderServiceTest, BadRequestsAreNamedAndNeverAnswered) {
  const std::vector<std::pair<std::function<void(DocumentRequest*)>, v1::ErrorReason>> changes = {
      {[](DocumentRequest* r) { r->set_nonce("short"); }, v1::ERROR_REASON_FIELD_MALFORMED},
      {[](DocumentRequest* r) { r->set_release_id("x"); }, v1::ERROR_REASON_FIELD_MALFORMED},
      {[](DocumentRequest* r) { r->set_requester("x"); }, v1::ERROR_REASON_FIELD_MALFORMED},
      {[](DocumentRequest* r) { r->clear_subject(); }, v1::ERROR_REASON_FIELD_MISSING},
      {[](DocumentRequest* r) { r->clear_person(); }, v1::ERROR_REASON_FIELD_MISSING},
      {[](DocumentRequest* r) { r->clear_approved_fields(); }, v1::ERROR_REASON_FIELD_MISSING},
      {[](DocumentRequest* r) { r->set_document_kind("OTHER"); }, v1::ERROR_REASON_NOT_FOUND},
      {[](DocumentRequest* r) { *r->mutable_subject() = r->person(); },
       v1::ERROR_REASON_FIELD_MALFORMED},
      {[](DocumentRequest* r) { r->mutable_subject()->set_number(std::string(89, '1')); },
       v1::ERROR_REASON_FIELD_TOO_LARGE},
      {[](DocumentRequest* r) {
         r->clear_approved_fields();
         r->add_approved_fields("representative_rrn");
       },
       v1::ERROR_REASON_FIELD_MALFORMED},
  };
  for (const auto& [change, reason] : changes) {
    DocumentRequest request = harness_.Ask("TAX_PAPER", 3);
    change(&request);
    BrokerCall call(*stub_, request);
    EXPECT_EQ(call.ReadAnswer().header(), "");
    EXPECT_THAT(FromGrpcStatus(call.Finish()), HasErrorReason(reason));
  }
  EXPECT_EQ(harness_.Metric("naru_holder_failures_total"), changes.size());
}

TEST_F(HolderServiceTest, OnlyTheBrokerIsLetIn) {
  const auto other = harness_.Connect("urn:naru:B553077:system");
  BrokerCall call(*other, harness_.Ask("TAX_PAPER", 3));
  EXPECT_EQ(call.ReadAnswer().header(), "");
  EXPECT_THAT(FromGrpcStatus(call.Finish()), HasErrorReason(v1::ERROR_REASON_ROLE_NOT_ALLOWED));
  EXPECT_EQ(harness_.Metric("naru_holder_callers_refused_total"), 1);
}

TEST_F(HolderServiceTest, ABrokerThatNeverProceedsIsNotWaitedForForEver) {
  BrokerCall call(*stub_, harness_.Ask("TAX_PAPER", 3));
  call.ReadAnswer();
  while (harness_.timer.NextDue() != limits::kHolderProceed) std::this_thread::yield();
  harness_.timer.Advance(limits::kHolderProceed);
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(harness_.Metric("naru_holder_abandoned_total"), 1);
  while (harness_.Metric("naru_holder_documents_under_way") != 0) std::this_thread::yield();
}

TEST_F(HolderServiceTest, ABrokerThatNeverAsksIsNotWaitedForForEver) {
  grpc::ClientContext context;
  auto stream = stub_->ProvideDocument(&context);
  while (harness_.timer.NextDue() != limits::kHolderRequest) std::this_thread::yield();
  harness_.timer.Advance(limits::kHolderRequest);
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST(HolderServiceLimitTest, MoreDocumentsThanAllowedAreRefusedUntilOneEnds) {
  HolderHarness harness(2);
  const auto stub = harness.Connect(kBrokerIdentity);
  {
    BrokerCall first(*stub, harness.Ask("TAX_PAPER", 1));
    first.ReadAnswer();
    BrokerCall second(*stub, harness.Ask("TAX_PAPER", 2));
    second.ReadAnswer();
    BrokerCall third(*stub, harness.Ask("TAX_PAPER", 3));
    third.ReadAnswer();
    const absl::Status status = FromGrpcStatus(third.Finish());
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(status, HasErrorReason(v1::ERROR_REASON_QUOTA_EXCEEDED));
  }
  while (harness.Metric("naru_holder_documents_under_way") != 0) std::this_thread::yield();
  BrokerCall again(*stub, harness.Ask("TAX_PAPER", 3));
  EXPECT_NE(again.ReadAnswer().header(), "");
  EXPECT_EQ(harness.Metric("naru_holder_overloaded_total"), 1);
}

}  // namespace
}  // namespace naru
