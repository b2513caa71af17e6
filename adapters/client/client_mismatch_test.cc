// P3 on the requester's side: a broker, or anybody between, that mixes up, changes, leaves out or
// cannot prove something gets no document past the library. Each case misbehaves about paper 1;
// paper 2 is honest and goes on unless the stream as a whole can no longer be believed.

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/client/client_fixture.h"
#include "broker/proof/honest_answer.h"
#include "broker/proof/receipt.h"

namespace naru::client {
namespace {

using Steps = FakeBroker::Steps;
using testing::HasSubstr;

enum class Other { kDelivered, kNotBelieved };

struct Misbehaviour {
  std::string name;
  std::function<void(FakeBroker&)> apply;
  std::string what;  // Part of the explanation.
  Other other = Other::kDelivered;
};

v1::FetchDocumentsResponse& StepOf(Steps& steps, v1::FetchDocumentsResponse::StepCase step_case,
                                   uint32_t paper_id) {
  for (v1::FetchDocumentsResponse& step : steps) {
    if (step.step_case() != step_case) continue;
    const uint32_t id = step.has_header()    ? step.header().paper_id()
                        : step.has_chunk()   ? step.chunk().paper_id()
                        : step.has_receipt() ? step.receipt().paper_id()
                                             : step.outcome().paper_id();
    if (id == paper_id) return step;
  }
  ADD_FAILURE() << "no such step";
  return steps.front();
}

constexpr auto kHeader = v1::FetchDocumentsResponse::kHeader;
constexpr auto kChunk = v1::FetchDocumentsResponse::kChunk;
constexpr auto kReceipt = v1::FetchDocumentsResponse::kReceipt;
constexpr auto kOutcome = v1::FetchDocumentsResponse::kOutcome;

void Remove(Steps& steps, v1::FetchDocumentsResponse::StepCase step_case, uint32_t paper_id) {
  v1::FetchDocumentsResponse* const found = &StepOf(steps, step_case, paper_id);
  steps.erase(steps.begin() + (found - steps.data()));
}

v1::Subject OtherPerson() {
  v1::Subject other;
  other.set_type(v1::SUBJECT_TYPE_PERSON);
  other.set_number(std::string(86, 'd') + "==");
  return other;
}

// Whose paper it is.
std::vector<Misbehaviour> OfIdentity() {
  return {
      {"OtherPersonsDocumentWithAValidChainOfItsOwn",
       [](FakeBroker& broker) {
         broker.papers[0].asked = [](ExpectedHeader& asked) {
           asked.subject = OtherPerson();
           asked.person = OtherPerson();
         };
       },
       "subject binding"},
      {"SubjectOfAnotherOwner",
       [](FakeBroker& broker) {
         broker.papers[0].asked = [](ExpectedHeader& asked) { asked.person = OtherPerson(); };
       },
       "person binding"},
      {"AnswerToAnEarlierCall",
       [](FakeBroker& broker) {
         broker.papers[0].asked = [](ExpectedHeader& asked) { asked.nonce = std::string(32, 'n'); };
       },
       "nonce"},
      {"AnswerToAnotherRequester",
       [](FakeBroker& broker) {
         broker.papers[0].asked = [](ExpectedHeader& asked) { asked.requester = "3210000"; };
       },
       "requester"},
      {"AnotherKind",
       [](FakeBroker& broker) {
         broker.papers[0].asked = [](ExpectedHeader& asked) { asked.document_kind = "OTHER"; };
       },
       "document kind"},
      {"OtherParameters",
       [](FakeBroker& broker) {
         broker.papers[0].asked = [](ExpectedHeader& asked) {
           asked.parameters[0].set_values(0, "2019");
         };
       },
       "parameters"},
      {"OtherParametersAnnouncedToo",
       [](FakeBroker& broker) {
         broker.papers[0].paper.mutable_parameters(0)->set_values(0, "2019");
       },
       "parameters"},
      {"AnotherSubjectAnnounced",
       [](FakeBroker& broker) { broker.papers[0].paper.mutable_subject()->set_number("someone"); },
       "another subject"},
      {"AFieldThatTheKindDoesNotHave",
       [](FakeBroker& broker) {
         broker.papers[0].asked = [](ExpectedHeader& asked) { asked.approved_fields = {"health"}; };
       },
       "field"},
      {"HeadersOfTwoPapersSwapped",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           StepOf(steps, kHeader, 1)
               .mutable_header()
               ->mutable_signed_header()
               ->Swap(StepOf(steps, kHeader, 2).mutable_header()->mutable_signed_header());
         };
       },
       "release", Other::kNotBelieved},
      {"HolderThatTheCatalogueDoesNotName",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           steps[0].mutable_started()->mutable_papers(0)->set_holder("B553077");
         };
       },
       "another holder"},
  };
}

// What is in it.
std::vector<Misbehaviour> OfBody() {
  return {
      {"ChunkTampered",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           (*StepOf(steps, kChunk, 1).mutable_chunk()->mutable_data())[100] ^= 1;
         };
       },
       "digest of a chunk"},
      {"ChunksOutOfOrder",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           StepOf(steps, kChunk, 1).mutable_chunk()->set_index(1);
         };
       },
       "out of order"},
      {"ChunkLeftOut",
       [](FakeBroker& broker) { broker.steps = [](Steps& steps) { Remove(steps, kChunk, 1); }; },
       "out of order"},
      {"MoreThanTheHeaderSays",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           const auto extra = StepOf(steps, kChunk, 1);
           steps.insert(std::find_if(steps.begin(), steps.end(),
                                     [](const auto& step) {
                                       return step.has_receipt() && step.receipt().paper_id() == 1;
                                     }),
                        extra);
         };
       },
       "out of its place"},
      {"LargerThanTheKindAllows",
       [](FakeBroker& broker) { broker.papers[0].body = std::string(1'000'001, 'x'); },
       "larger than allowed"},
      {"HeaderChangedAfterItWasSigned",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           v1::SignedHeader& signed_header =
               *StepOf(steps, kHeader, 1).mutable_header()->mutable_signed_header();
           holder::v1::DocumentHeader header;
           ASSERT_TRUE(header.ParseFromString(signed_header.header()));
           header.set_document_number("2026-11-0002");
           signed_header.set_header(header.SerializeAsString());
         };
       },
       "not signed"},
      {"SentWithoutABody",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           Remove(steps, kHeader, 1);
           for (int i = 0; i < 4; ++i) Remove(steps, kChunk, 1);
         };
       },
       "not whole"},
      {"SecondHeader",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           steps.insert(steps.begin() + 1, StepOf(steps, kHeader, 1));
         };
       },
       "a second header"},
  };
}

// What proves it.
std::vector<Misbehaviour> OfProof() {
  return {
      {"ReceiptMissing",
       [](FakeBroker& broker) { broker.steps = [](Steps& steps) { Remove(steps, kReceipt, 1); }; },
       "no receipt"},
      {"ReceiptBeforeTheBody",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           const auto receipt = StepOf(steps, kReceipt, 1);
           Remove(steps, kReceipt, 1);
           steps.insert(steps.begin() + 2, receipt);
         };
       },
       "out of its place"},
      {"ReceiptOfAnotherRelease",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           v1::DocumentReceipt receipt = StepOf(steps, kReceipt, 2).receipt();
           receipt.set_paper_id(1);
           *StepOf(steps, kReceipt, 1).mutable_receipt() = receipt;
         };
       },
       "another release"},
      {"ReceiptOfNobodysKey",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           const auto stranger =
               crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "receipt-1");
           v1::DocumentReceipt& receipt = *StepOf(steps, kReceipt, 1).mutable_receipt();
           *receipt.mutable_signature() = SignReceipt(receipt.receipt(), *stranger);
         };
       },
       "receipt"},
      {"ReceiptOfAnotherNonce",
       [](FakeBroker& broker) {
         broker.papers[0].receipt = [](v1::Receipt& receipt) {
           receipt.set_nonce(std::string(32, 'n'));
         };
       },
       "another nonce"},
      {"ReceiptOfAnotherConsent",
       [](FakeBroker& broker) {
         broker.papers[0].receipt = [](v1::Receipt& receipt) { receipt.set_consent_id("other"); };
       },
       "another consent"},
      {"ProofForged",
       [](FakeBroker& broker) {
         broker.papers[0].receipt = [](v1::Receipt& receipt) {
           receipt.mutable_proof()->mutable_inner_hash()->at(3) ^= 1;
         };
       },
       ""},
      {"EntryChangedInTheProof",
       [](FakeBroker& broker) {
         broker.papers[0].receipt = [](v1::Receipt& receipt) {
           v1::OuterEntry entry;
           ASSERT_TRUE(entry.ParseFromString(receipt.proof().outer()));
           entry.set_ground("another ground");
           receipt.mutable_proof()->set_outer(entry.SerializeAsString());
         };
       },
       ""},
      {"EntryOfAnotherRequester",
       [](FakeBroker& broker) {
         broker.papers[0].entry = [](v1::OuterEntry& entry) { entry.set_requester("3210000"); };
       },
       "another requester"},
      {"EntryOfAnotherKind",
       [](FakeBroker& broker) {
         broker.papers[0].entry = [](v1::OuterEntry& entry) {
           entry.set_kind(v1::ENTRY_KIND_NO_RECORD_RELEASED);
         };
       },
       "another kind of entry"},
      {"EntryOfAnotherHeader",
       [](FakeBroker& broker) {
         broker.papers[0].entry = [](v1::OuterEntry& entry) {
           entry.set_header_sha256(std::string(32, 'h'));
         };
       },
       "another header"},
      {"EntryOfAnotherDocument",
       [](FakeBroker& broker) {
         broker.papers[0].entry = [](v1::OuterEntry& entry) {
           entry.set_document_sha256(std::string(32, 'h'));
         };
       },
       "another document"},
      {"EntryOfAnotherMode",
       [](FakeBroker& broker) {
         broker.papers[0].entry = [](v1::OuterEntry& entry) {
           entry.set_mode(v1::ACCESS_MODE_TRANSFER);
         };
       },
       "another mode"},
      {"ReceiptTwice",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           const auto receipt = StepOf(steps, kReceipt, 1);
           steps.insert(steps.begin() + (&StepOf(steps, kReceipt, 1) - steps.data()), receipt);
         };
       },
       "a second receipt"},
  };
}

// How it ends, and the order of the whole.
std::vector<Misbehaviour> OfStream() {
  return {
      {"OutcomeTwice",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           const auto outcome = StepOf(steps, kOutcome, 1);
           steps.insert(steps.end() - 1, outcome);
         };
       },
       "a second outcome"},
      {"OutcomeThatIsNone",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           StepOf(steps, kOutcome, 1).mutable_outcome()->set_outcome(v1::OUTCOME_DEFERRED);
         };
       },
       "", Other::kNotBelieved},
      {"PaperThatWasNotAnnounced",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           auto extra = StepOf(steps, kHeader, 1);
           extra.mutable_header()->set_paper_id(7);
           steps.insert(steps.end() - 1, extra);
         };
       },
       "not announced", Other::kNotBelieved},
      {"SummaryOfOtherOutcomes",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) { steps.back().mutable_summary()->set_sent(3); };
       },
       "summary", Other::kNotBelieved},
      {"StepAfterTheLast",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) { steps.push_back(StepOf(steps, kHeader, 1)); };
       },
       "after the last", Other::kNotBelieved},
      {"PaperAnnouncedTwice",
       [](FakeBroker& broker) {
         broker.steps = [](Steps& steps) {
           v1::FetchStarted& started = *steps[0].mutable_started();
           *started.add_papers() = started.papers(0);
         };
       },
       "", Other::kNotBelieved},
  };
}

// Answers without a document.
std::vector<Misbehaviour> OfAnswer() {
  const auto with_status = [](holder::v1::AnswerStatus status, auto change) {
    return [status, change](FakeBroker& broker) {
      broker.papers[0].status = status;
      change(broker);
    };
  };
  using holder::v1::ANSWER_STATUS_DECLINED;
  using holder::v1::ANSWER_STATUS_NO_RECORD;
  return {
      {"NoRecordOfAnotherPerson",
       with_status(ANSWER_STATUS_NO_RECORD,
                   [](FakeBroker& broker) {
                     broker.papers[0].asked = [](ExpectedHeader& asked) {
                       asked.subject = OtherPerson();
                     };
                   }),
       "subject binding"},
      {"NoRecordThatNobodySigned",
       with_status(ANSWER_STATUS_NO_RECORD,
                   [](FakeBroker& broker) {
                     broker.steps = [](Steps& steps) {
                       StepOf(steps, kOutcome, 1).mutable_outcome()->clear_signed_answer();
                     };
                   }),
       "not signed"},
      {"NoRecordWithTheReceiptOfADocument",
       with_status(ANSWER_STATUS_NO_RECORD,
                   [](FakeBroker& broker) {
                     broker.papers[0].entry = [](v1::OuterEntry& entry) {
                       entry.set_kind(v1::ENTRY_KIND_DOCUMENT_RELEASED);
                     };
                   }),
       "another kind of entry"},
      {"NoRecordWithoutAReceipt",
       with_status(ANSWER_STATUS_NO_RECORD,
                   [](FakeBroker& broker) {
                     broker.steps = [](Steps& steps) { Remove(steps, kReceipt, 1); };
                   }),
       "no receipt"},
      {"DeclinedThatIsNoRecord",
       with_status(ANSWER_STATUS_DECLINED,
                   [](FakeBroker& broker) {
                     broker.papers[0].header = [](holder::v1::DocumentHeader& header) {
                       header.set_status(ANSWER_STATUS_NO_RECORD);
                       header.clear_decline_code();
                     };
                   }),
       "another status"},
      {"DeclinedThatNobodySigned",
       with_status(ANSWER_STATUS_DECLINED,
                   [](FakeBroker& broker) {
                     broker.steps = [](Steps& steps) {
                       StepOf(steps, kOutcome, 1)
                           .mutable_outcome()
                           ->mutable_signed_answer()
                           ->clear_signature();
                     };
                   }),
       "not signed"},
  };
}

class P3_Misbehaviour : public ClientFixture, public testing::WithParamInterface<Misbehaviour> {
 protected:
};

TEST_P(P3_Misbehaviour, IsNeverHandedOver) {
  GetParam().apply(broker_);
  const FetchedCase fetched = Fetch();
  if (fetched.documents.empty()) {
    EXPECT_THAT(fetched.stream, StatusIs(absl::StatusCode::kFailedPrecondition));
    return;
  }
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kMismatch);
  EXPECT_THAT(fetched.documents[0].what, HasSubstr(GetParam().what));
  EXPECT_EQ(fetched.documents[0].file, nullptr);
  EXPECT_FALSE(fetched.documents[0].receipt.has_value());
  EXPECT_EQ(fetched.documents[0].header.ByteSizeLong(), 0u);
  ASSERT_GE(fetched.documents.size(), 2u);
  const bool delivered = fetched.documents[1].result == DocumentResult::kDelivered;
  EXPECT_EQ(delivered, GetParam().other == Other::kDelivered) << fetched.documents[1].what;
  EXPECT_EQ(fetched.documents[1].file != nullptr, delivered);
}

std::string Name(const testing::TestParamInfo<Misbehaviour>& info) { return info.param.name; }
INSTANTIATE_TEST_SUITE_P(Identity, P3_Misbehaviour, testing::ValuesIn(OfIdentity()), Name);
INSTANTIATE_TEST_SUITE_P(Body, P3_Misbehaviour, testing::ValuesIn(OfBody()), Name);
INSTANTIATE_TEST_SUITE_P(Proof, P3_Misbehaviour, testing::ValuesIn(OfProof()), Name);
INSTANTIATE_TEST_SUITE_P(Stream, P3_Misbehaviour, testing::ValuesIn(OfStream()), Name);
INSTANTIATE_TEST_SUITE_P(Answer, P3_Misbehaviour, testing::ValuesIn(OfAnswer()), Name);

using ClientMismatchTest = ClientFixture;

TEST_F(ClientMismatchTest, P5_ALedgerThatForkedIsNotBelieved) {
  ASSERT_EQ(Fetch().documents[0].result, DocumentResult::kDelivered);
  broker_.ledger().ForgetEntriesFrom(1);
  v1::OuterEntry other;
  other.set_kind(v1::ENTRY_KIND_REFUSED);
  for (int i = 0; i < 3; ++i) broker_.ledger().Append(other);
  for (const FetchedDocument& document : Fetch().documents) {
    EXPECT_EQ(document.result, DocumentResult::kMismatch);
    EXPECT_EQ(document.file, nullptr);
  }
}

TEST_F(ClientMismatchTest, P5_ACheckpointOlderThanTheOneKeptIsNotBelieved) {
  ASSERT_EQ(Fetch().documents[0].result, DocumentResult::kDelivered);
  // A ledger set back to a backup: the same entries, fewer of them.
  broker_.ledger().ForgetEntriesFrom(0);
  broker_.papers.resize(1);
  const FetchedCase fetched = Fetch();
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kMismatch);
  EXPECT_EQ(fetched.documents[0].file, nullptr);
}

TEST_F(ClientMismatchTest, P3_APaperThatWasNotAskedForIsNotHandedOver) {
  FetchOptions options = Options();
  options.paper_ids = {2};
  const FetchedCase fetched = Fetch(options);
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kMismatch);
  EXPECT_THAT(fetched.documents[0].what, HasSubstr("not asked for"));
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kDelivered);
}

TEST_F(ClientMismatchTest, P3_APaperThatWasAskedForAndLeftOutIsReported) {
  FetchOptions options = Options();
  options.paper_ids = {1, 2};
  broker_.papers.resize(1);
  const FetchedCase fetched = Fetch(options);
  ASSERT_EQ(fetched.documents.size(), 2u);
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kDelivered);
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kMismatch);
}

TEST_F(ClientMismatchTest, P3_ThePersonIsTheCallersAlsoWhenTheConsentNamesThePapers) {
  FetchOptions options = Options();
  options.papers.clear();
  options.person = OtherPerson();  // The broker goes on with the one it has.
  const FetchedCase fetched = Fetch(options);
  for (const FetchedDocument& document : fetched.documents) {
    EXPECT_EQ(document.result, DocumentResult::kMismatch);
  }
}

TEST_F(ClientMismatchTest, P3_ARepeatProvesItsReceiptsToo) {
  broker_.repeated = true;
  broker_.papers[0].entry = [](v1::OuterEntry& entry) { entry.set_requester("3210000"); };
  const FetchedCase fetched = Fetch();
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kMismatch);
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kRepeated);
}

}  // namespace
}  // namespace naru::client
