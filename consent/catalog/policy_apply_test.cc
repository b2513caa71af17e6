#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "broker/base/ids.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "broker/proof/signed_catalogue.h"
#include "consent/catalog/catalogue.h"
#include "consent/catalog/deploy_catalogue.h"
#include "consent/catalog/policy.h"
#include "consent/journal_harness.h"

// A new catalogue: two persons whom the one in force names sign it, it is checked, entered and in
// force at once, and nothing that is used is lost by it.
namespace naru {
namespace {

using testing::HasSubstr;

constexpr char kFund[] = "SMALL_BUSINESS_POLICY_FUND";

class PolicyApplyTest : public testing::Test {
 protected:
  PolicyApplyTest() {
    config::v1::Catalogue first = deploy_.Load()->message();
    first.clear_signers();
    for (int i = 0; i < 3; ++i) {
      keys_.push_back(crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256,
                                                 absl::StrCat("test-signer-", i)));
      config::v1::CatalogueSigner& signer = *first.add_signers();
      signer.set_official_id(absl::StrCat("official-", i));
      config::v1::PublicKey& key = *signer.add_keys();
      key.set_key_id(keys_.back()->key_id());
      key.set_pem(keys_.back()->PublicPem());
    }
    first_ = Catalogue::Parse(first.SerializeAsString()).value();
    harness_.options().policy = [this] {
      return policy_ == nullptr ? storage::v1::PolicyRow() : policy_->row();
    };
    harness_.options().on_policy_changed = [this] { policy_->OnChanged(); };
    Restart();
  }

  void Restart() {
    harness_.Stop();
    policy_.reset();
    harness_.Restart();
    policy_ = Policy::Open({&harness_.store(), std::string(32, 'k'), true}, first_).value();
    ABSL_ASSERT_OK(policy_->Start(&harness_.journal()));
  }

  // The one in force, to be changed.
  config::v1::Catalogue InForce() const { return policy_->catalogue()->message(); }
  static std::string TextOf(const config::v1::Catalogue& catalogue) {
    std::string text;
    google::protobuf::TextFormat::PrintToString(catalogue, &text);
    return text;
  }
  v1::ApplyCatalogueRequest RequestOf(const std::string& text, std::vector<int> signers) {
    v1::ApplyCatalogueRequest request;
    request.set_request_id(NewRequestId(harness_.clock().Now(), harness_.random()));
    request.mutable_case_()->set_official_id("official-0");
    v1::SignedCatalogue& signed_catalogue = *request.mutable_catalogue();
    signed_catalogue.set_catalogue(text);
    signed_catalogue.set_base_generation(policy_->row().generation());
    for (const int signer : signers) {
      *signed_catalogue.add_signatures() = SignCatalogue(text, signed_catalogue.base_generation(),
                                                         *keys_[static_cast<size_t>(signer)]);
    }
    return request;
  }
  v1::ApplyCatalogueRequest RequestOf(const config::v1::Catalogue& catalogue,
                                      std::vector<int> signers = {0, 1}) {
    return RequestOf(TextOf(catalogue), std::move(signers));
  }
  absl::StatusOr<v1::ApplyCatalogueResponse> Apply(const v1::ApplyCatalogueRequest& request) {
    absl::Notification answered;
    absl::StatusOr<v1::ApplyCatalogueResponse> result = absl::UnknownError("not called");
    const Caller approver = {"1741999", "approver-1", {config::v1::ROLE_APPROVER}};
    policy_->ApplyCatalogue(approver, request,
                            [&](absl::StatusOr<v1::ApplyCatalogueResponse> answer) {
                              result = std::move(answer);
                              answered.Notify();
                            });
    answered.WaitForNotification();
    return result;
  }
  v1::Refusal Refused(const v1::ApplyCatalogueRequest& request) {
    const auto response = Apply(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->refusal() : v1::Refusal();
  }
  v1::OuterEntry LastEntry() {
    v1::OuterEntry outer;
    const uint64_t last = harness_.ledger().head().size - 1;
    EXPECT_TRUE(outer.ParseFromString(harness_.ledger().Record(last).value().outer()));
    return outer;
  }

  JournalHarness harness_;
  DeployCatalogue deploy_;
  std::vector<std::unique_ptr<crypto::SigningKey>> keys_;
  std::shared_ptr<const Catalogue> first_;
  std::unique_ptr<Policy> policy_;
};

TEST_F(PolicyApplyTest, TwoSignaturesPutItInForceAtOnceAndForGood) {
  config::v1::Catalogue next = InForce();
  next.mutable_affairs(0)->set_name_en("Renamed");
  const auto response = Apply(RequestOf(next));
  ABSL_ASSERT_OK(response);
  EXPECT_EQ(response->applied().generation(), 2u);
  EXPECT_EQ(policy_->row().generation(), 2u);
  EXPECT_EQ(policy_->catalogue()->message().affairs(0).name_en(), "Renamed");
  EXPECT_EQ(LastEntry().kind(), v1::ENTRY_KIND_CATALOGUE_APPLIED);
  EXPECT_EQ(LastEntry().reference(), "generation 2");
  EXPECT_EQ(LastEntry().reference_sha256(), policy_->catalogue()->sha256());
  Restart();
  EXPECT_EQ(policy_->row().generation(), 2u);
  EXPECT_EQ(policy_->catalogue()->message().affairs(0).name_en(), "Renamed");
}

TEST_F(PolicyApplyTest, OnePersonIsNotTwo) {
  const auto missing = v1::REFUSAL_REASON_CATALOGUE_SIGNATURES_MISSING;
  EXPECT_EQ(Refused(RequestOf(InForce(), {})).reason(), missing);
  EXPECT_EQ(Refused(RequestOf(InForce(), {0})).reason(), missing);
  EXPECT_EQ(Refused(RequestOf(InForce(), {1, 1})).reason(), missing);
  EXPECT_EQ(LastEntry().kind(), v1::ENTRY_KIND_REFUSED);
  // Over another text, or by a key that nobody named.
  v1::ApplyCatalogueRequest request = RequestOf(InForce());
  request.mutable_catalogue()->mutable_catalogue()->append("\n# more\n");
  EXPECT_EQ(Refused(request).reason(), missing);
  keys_[1] = crypto::GenerateSigningKey(crypto::SigningKey::Type::kEcdsaP256, "test-signer-1");
  EXPECT_EQ(Refused(RequestOf(InForce())).reason(), missing);
  EXPECT_EQ(policy_->row().generation(), 1u);
}

TEST_F(PolicyApplyTest, ASignatureCountsForOneGeneration) {
  const v1::ApplyCatalogueRequest early = RequestOf(InForce());
  config::v1::Catalogue next = InForce();
  next.mutable_affairs(0)->set_name_en("Renamed");
  ASSERT_TRUE(Apply(RequestOf(next))->has_applied());
  EXPECT_EQ(Refused(early).reason(), v1::REFUSAL_REASON_CATALOGUE_CHANGED);
  v1::ApplyCatalogueRequest moved = early;
  moved.set_request_id(NewRequestId(harness_.clock().Now(), harness_.random()));
  moved.mutable_catalogue()->set_base_generation(2);
  EXPECT_EQ(Refused(moved).reason(), v1::REFUSAL_REASON_CATALOGUE_SIGNATURES_MISSING);
}

TEST_F(PolicyApplyTest, ThoseWhoSignNextAreThoseOfTheOneInForce) {
  config::v1::Catalogue next = InForce();
  next.mutable_signers()->DeleteSubrange(0, 1);  // Official 0 leaves.
  ASSERT_TRUE(Apply(RequestOf(next))->has_applied());
  EXPECT_EQ(Refused(RequestOf(InForce(), {0, 1})).reason(),
            v1::REFUSAL_REASON_CATALOGUE_SIGNATURES_MISSING);
  EXPECT_TRUE(Apply(RequestOf(InForce(), {1, 2}))->has_applied());
}

TEST_F(PolicyApplyTest, WhatIsInUseIsClosedNeverRemoved) {
  const auto removed = v1::REFUSAL_REASON_CATALOGUE_REMOVES_USED;
  config::v1::Catalogue next = InForce();
  next.mutable_approvals()->DeleteSubrange(0, 1);
  EXPECT_EQ(Refused(RequestOf(next)).reason(), removed);
  next = InForce();
  for (config::v1::Affair& affair : *next.mutable_affairs()) {
    if (affair.code() == kFund) affair.mutable_kinds()->SwapElements(0, 1);
  }
  const v1::Refusal refusal = Refused(RequestOf(next));
  EXPECT_EQ(refusal.reason(), removed);
  EXPECT_THAT(refusal.facts().at("missing"), HasSubstr(kFund));
  next = InForce();
  next.mutable_receipt_keys(0)->set_key_id("another");
  EXPECT_EQ(Refused(RequestOf(next)).reason(), removed);
  next = InForce();
  next.mutable_kinds(0)->set_closed(true);
  EXPECT_TRUE(Apply(RequestOf(next))->has_applied());
}

TEST_F(PolicyApplyTest, WhatIsWrongInItIsNamedByLineAndField) {
  config::v1::Catalogue next = InForce();
  next.mutable_kinds(0)->set_holder("0000000");
  v1::Refusal refusal = Refused(RequestOf(next));
  EXPECT_EQ(refusal.reason(), v1::REFUSAL_REASON_CATALOGUE_INVALID);
  EXPECT_THAT(refusal.facts().at("problem"), HasSubstr("kinds[0].holder"));
  refusal = Refused(RequestOf("agencies { code: ", {0, 1}));
  EXPECT_EQ(refusal.reason(), v1::REFUSAL_REASON_CATALOGUE_INVALID);
  next = InForce();
  next.clear_signers();
  EXPECT_EQ(Refused(RequestOf(next)).reason(), v1::REFUSAL_REASON_CATALOGUE_INVALID);
  EXPECT_EQ(policy_->row().generation(), 1u);
}

TEST_F(PolicyApplyTest, P7_ARepeatGetsTheSameAnswerAndAppliesOnce) {
  config::v1::Catalogue next = InForce();
  next.mutable_affairs(0)->set_name_en("Renamed");
  const v1::ApplyCatalogueRequest request = RequestOf(next);
  const auto first = Apply(request);
  const auto second = Apply(request);
  ABSL_ASSERT_OK(second);
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(policy_->row().generation(), 2u);
}

TEST_F(PolicyApplyTest, AnybodyCanReadItAsItWasSigned) {
  const auto unsigned_first = policy_->Signed();
  ABSL_ASSERT_OK(unsigned_first);
  EXPECT_EQ(unsigned_first->catalogue().signatures_size(), 0);
  EXPECT_EQ(Catalogue::FromText("first", unsigned_first->catalogue().catalogue())
                .value()
                ->message()
                .SerializeAsString(),
            first_->message().SerializeAsString());
  const v1::ApplyCatalogueRequest request = RequestOf(InForce());
  ASSERT_TRUE(Apply(request)->has_applied());
  const auto signed_next = policy_->Signed();
  ABSL_ASSERT_OK(signed_next);
  EXPECT_EQ(signed_next->catalogue().SerializeAsString(), request.catalogue().SerializeAsString());
}

}  // namespace
}  // namespace naru
