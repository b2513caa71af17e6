// P3 on the requester's side: what a body says of itself. Digests show that a body is the one that
// its holder signed, not that the holder signed the right one (April 2024). Paper 1 is wrong before
// anything is signed; paper 2 is honest and goes on.

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/client/body_check.h"
#include "adapters/client/client_fixture.h"

namespace naru::client {
namespace {

using Body = holder::v1::DocumentBody;
using testing::HasSubstr;

v1::Subject OtherPerson() {
  v1::Subject other;
  other.set_type(v1::SUBJECT_TYPE_PERSON);
  other.set_number(std::string(86, 'd') + "==");
  return other;
}

class ClientBodyTest : public ClientFixture {
 protected:
  // Paper 1 is not handed over, for this reason; paper 2 is.
  void ExpectMismatch(v1::RefusalReason reason, const std::string& what) {
    const FetchedCase fetched = Fetch();
    ABSL_EXPECT_OK(fetched.stream);
    ASSERT_EQ(fetched.documents.size(), 2u);
    EXPECT_EQ(fetched.documents[0].result, DocumentResult::kMismatch);
    EXPECT_EQ(fetched.documents[0].mismatch, reason);
    EXPECT_THAT(fetched.documents[0].what, HasSubstr(what));
    EXPECT_EQ(fetched.documents[0].file, nullptr);
    EXPECT_FALSE(fetched.documents[0].receipt.has_value());
    EXPECT_EQ(fetched.documents[0].header.ByteSizeLong(), 0u);
    EXPECT_EQ(fetched.documents[1].result, DocumentResult::kDelivered);
  }
};

TEST_F(ClientBodyTest, P3_ABodyThatSaysItIsAnotherIsNotHandedOverThoughItIsSigned) {
  struct Case {
    const char* name;
    std::function<void(Body&)> change;
    const char* what;
  };
  const std::vector<Case> cases = {
      {"another person", [](Body& body) { *body.mutable_subject() = OtherPerson(); },
       "another subject"},
      {"the number as another type",
       [](Body& body) { body.mutable_subject()->set_type(v1::SUBJECT_TYPE_BUSINESS); },
       "another subject"},
      {"nobody", [](Body& body) { body.clear_subject(); }, "another subject"},
      {"another kind", [](Body& body) { body.set_document_kind("OTHER"); },
       "another document kind"},
      {"another number", [](Body& body) { body.set_document_number("2026-11-0002"); },
       "another document number"},
      {"another year", [](Body& body) { body.mutable_parameters(0)->set_values(0, "2019"); },
       "other parameters"},
      {"more parameters", [](Body& body) { body.add_parameters()->set_name("more"); },
       "other parameters"},
      {"no parameters", [](Body& body) { body.clear_parameters(); }, "other parameters"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.name);
    broker_.papers[0].body = FakeBody(broker_.papers[0].paper, 200'000, one.change);
    ExpectMismatch(v1::REFUSAL_REASON_SUBJECT_MISMATCH, one.what);
  }
}

TEST_F(ClientBodyTest, P3_OfASubjectThatComesTwiceTheLastCounts) {
  // Behind everything else, where a hasty reader would not look.
  std::string body = broker_.papers[0].body;
  body.insert(body.size() - 1, R"(,"subject":{"number":"somebody else"})");
  broker_.papers[0].body = body;
  ExpectMismatch(v1::REFUSAL_REASON_SUBJECT_MISMATCH, "another subject");
}

TEST_F(ClientBodyTest, P3_ABodyThatCannotBeReadIsNotHandedOver) {
  const std::string good = IncomePaper(1, 300).body;
  const std::vector<std::string> bodies = {
      std::string(70'000, 'x'),
      good.substr(0, good.size() / 2),
      "\xff" + good,
      "[" + good + "]",
      good + good,
      std::string(100'000, '['),
      "{}x",
  };
  for (const std::string& body : bodies) {
    SCOPED_TRACE(body.substr(0, 20));
    broker_.papers[0].body = body;
    ExpectMismatch(v1::REFUSAL_REASON_HOLDER_FAULT, "no document to read");
  }
}

TEST_F(ClientBodyTest, P3_WhoseTheMismatchIsSaysItsReason) {
  const auto reason = [this](std::function<void(FakePaper&)> change) {
    broker_.papers[0] = IncomePaper(1, 200'000);
    change(broker_.papers[0]);
    return Fetch().documents[0].mismatch;
  };
  EXPECT_EQ(reason([](FakePaper&) {}), v1::REFUSAL_REASON_UNSPECIFIED);
  EXPECT_EQ(reason([](FakePaper& paper) {
              paper.asked = [](ExpectedHeader& asked) { asked.subject = OtherPerson(); };
            }),
            v1::REFUSAL_REASON_SUBJECT_MISMATCH);
  EXPECT_EQ(reason([](FakePaper& paper) {
              paper.asked = [](ExpectedHeader& asked) { asked.approved_fields = {"health"}; };
            }),
            v1::REFUSAL_REASON_FIELD_NOT_APPROVED);
  EXPECT_EQ(reason([](FakePaper& paper) {
              paper.header = [](holder::v1::DocumentHeader& header) { header.clear_media_type(); };
            }),
            v1::REFUSAL_REASON_HOLDER_FAULT);
  EXPECT_EQ(reason([](FakePaper& paper) {
              paper.receipt = [](v1::Receipt& receipt) { receipt.set_nonce("another"); };
            }),
            v1::REFUSAL_REASON_UNSPECIFIED)
      << "the broker's own";
}

TEST_F(ClientBodyTest, WhatOtherMediaTypesSayIsForTheirReader) {
  broker_.papers[0].header = [](holder::v1::DocumentHeader& header) {
    header.set_media_type("application/pdf");
  };
  broker_.papers[0].body = std::string(70'000, 'x');
  const FetchedCase fetched = Fetch();
  EXPECT_EQ(fetched.documents[0].result, DocumentResult::kDelivered) << fetched.documents[0].what;
}

TEST_F(ClientBodyTest, AJsonDocumentHasMediaTypeParametersToo) {
  broker_.papers[0].header = [](holder::v1::DocumentHeader& header) {
    header.set_media_type("Application/JSON; charset=utf-8");
  };
  EXPECT_EQ(Fetch().documents[0].result, DocumentResult::kDelivered);
  broker_.papers[0].body = FakeBody(broker_.papers[0].paper, 300,
                                    [](auto& body) { *body.mutable_subject() = OtherPerson(); });
  EXPECT_EQ(Fetch().documents[0].mismatch, v1::REFUSAL_REASON_SUBJECT_MISMATCH);
}

TEST_F(ClientBodyTest, P10_JsonIsReadUpToItsBoundAndNotTakenBeyond) {
  broker_.papers[1].body = FakeBody(broker_.papers[1].paper, kJsonBodyBytes);
  EXPECT_EQ(Fetch().documents[1].result, DocumentResult::kDelivered);
  // A kind whose documents may be larger, and are JSON all the same.
  broker_.papers[1].body = FakeBody(broker_.papers[1].paper, kJsonBodyBytes + 1);
  broker_.AllowBytes("BUSINESS_REGISTRATION", 2 * kJsonBodyBytes);
  Connect(broker_.Config());
  const FetchedCase fetched = Fetch();
  EXPECT_EQ(fetched.documents[1].result, DocumentResult::kTooLarge);
  EXPECT_THAT(fetched.documents[1].what, HasSubstr("JSON"));
  EXPECT_EQ(fetched.documents[1].file, nullptr);
}

}  // namespace
}  // namespace naru::client
