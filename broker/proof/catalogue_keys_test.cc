#include "broker/proof/catalogue_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Type = crypto::SigningKey::Type;

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);  // In November 2026.

config::v1::PublicKey NewKey(absl::string_view key_id, Type type = Type::kEcdsaP256) {
  config::v1::PublicKey key;
  key.set_key_id(std::string(key_id));
  key.set_pem(crypto::GenerateSigningKey(type, key_id)->PublicPem());
  return key;
}

config::v1::Catalogue NewCatalogue() {
  config::v1::Catalogue catalogue;
  config::v1::Agency* agency = catalogue.add_agencies();
  agency->set_code("NTS0001");
  *agency->add_signing_keys() = NewKey("nts-1");
  *agency->add_signing_keys() = NewKey("nts-2");
  agency->mutable_signing_keys(1)->set_valid_from("2027-01-01T00:00:00+09:00");
  agency->mutable_signing_keys(1)->set_valid_until("2028-01-01T00:00:00+09:00");
  catalogue.add_agencies()->set_code("3210000");
  *catalogue.add_receipt_keys() = NewKey("receipt-1");
  config::v1::IdentityProvider* provider = catalogue.add_providers();
  provider->set_issuer("https://id.example");
  provider->set_audience("naru.example");
  *provider->add_keys() = NewKey("id-1");
  provider = catalogue.add_providers();
  provider->set_issuer("https://dev.example");
  provider->set_audience("naru.example");
  provider->set_development(true);
  *provider->add_keys() = NewKey("dev-1");
  return catalogue;
}

TEST(CatalogueKeysTest, EveryKeyStandsUnderItsOwner) {
  ABSL_ASSERT_OK_AND_ASSIGN(const CatalogueKeys loaded,
                            LoadCatalogueKeys(NewCatalogue(), DevelopmentProviders::kAllow));
  EXPECT_NE(loaded.keys.Find("NTS0001", "nts-1", kNow), nullptr);
  EXPECT_NE(loaded.keys.Find(kReceiptKeyOwner, "receipt-1", kNow), nullptr);
  EXPECT_NE(loaded.keys.Find("provider:https://id.example", "id-1", kNow), nullptr);
  EXPECT_NE(loaded.keys.Find("provider:https://dev.example", "dev-1", kNow), nullptr);
  EXPECT_EQ(loaded.keys.Find("3210000", "nts-1", kNow), nullptr);
  EXPECT_EQ(loaded.keys.Find("NTS0001", "receipt-1", kNow), nullptr);
  ASSERT_EQ(loaded.issuers.size(), 2u);
  EXPECT_EQ(loaded.issuers[0].issuer, "https://id.example");
  EXPECT_EQ(loaded.issuers[0].audience, "naru.example");
}

TEST(CatalogueKeysTest, AKeyCountsInItsTimesAlone) {
  ABSL_ASSERT_OK_AND_ASSIGN(const CatalogueKeys loaded,
                            LoadCatalogueKeys(NewCatalogue(), DevelopmentProviders::kRefuse));
  const absl::TimeZone seoul = absl::FixedTimeZone(9 * 60 * 60);
  const absl::Time from = absl::FromCivil(absl::CivilDay(2027, 1, 1), seoul);
  const absl::Time until = absl::FromCivil(absl::CivilDay(2028, 1, 1), seoul);
  EXPECT_EQ(loaded.keys.Find("NTS0001", "nts-2", from - absl::Seconds(1)), nullptr);
  EXPECT_NE(loaded.keys.Find("NTS0001", "nts-2", from), nullptr);
  EXPECT_NE(loaded.keys.Find("NTS0001", "nts-2", until - absl::Seconds(1)), nullptr);
  EXPECT_EQ(loaded.keys.Find("NTS0001", "nts-2", until), nullptr);
}

TEST(CatalogueKeysTest, P9_ADevelopmentProviderCountsOnlyWhenAllowed) {
  ABSL_ASSERT_OK_AND_ASSIGN(const CatalogueKeys loaded,
                            LoadCatalogueKeys(NewCatalogue(), DevelopmentProviders::kRefuse));
  EXPECT_EQ(loaded.keys.Find("provider:https://dev.example", "dev-1", kNow), nullptr);
  ASSERT_EQ(loaded.issuers.size(), 1u);
  EXPECT_EQ(loaded.issuers[0].issuer, "https://id.example");
}

TEST(CatalogueKeysTest, ErrorsNameTheKey) {
  struct Case {
    std::function<void(config::v1::Catalogue&)> change;
    const char* key;
    const char* what;
  };
  const Case cases[] = {
      {[](auto& c) { c.mutable_agencies(0)->mutable_signing_keys(0)->clear_key_id(); },
       "key \"\" of NTS0001", "no key_id"},
      {[](auto& c) { c.mutable_receipt_keys(0)->set_key_id("nts-1"); }, "key \"nts-1\" of receipt",
       "used twice"},
      {[](auto& c) { c.mutable_providers(1)->mutable_keys(0)->set_key_id("id-1"); },
       "key \"id-1\" of provider:https://dev.example", "used twice"},
      {[](auto& c) { c.mutable_receipt_keys(0)->set_pem("file:receipt.pem"); },
       "key \"receipt-1\" of receipt", "not read in"},
      {[](auto& c) { c.mutable_receipt_keys(0)->clear_pem(); }, "key \"receipt-1\" of receipt",
       "not a public key"},
      {[](auto& c) {
         c.mutable_receipt_keys(0)->set_pem(
             crypto::GenerateSigningKey(Type::kEcdsaP256, "x")->PrivatePem());
       },
       "key \"receipt-1\" of receipt", "not a public key"},
      {[](auto& c) { *c.mutable_receipt_keys(0) = NewKey("receipt-1", Type::kEd25519); },
       "key \"receipt-1\" of receipt", "not ECDSA P-256"},
      {[](auto& c) { c.mutable_receipt_keys(0)->set_valid_from("2026-13-01T00:00:00Z"); },
       "key \"receipt-1\" of receipt", "valid_from"},
      {[](auto& c) { c.mutable_receipt_keys(0)->set_valid_from("2026-01-01"); },
       "key \"receipt-1\" of receipt", "valid_from"},
      {[](auto& c) { c.mutable_receipt_keys(0)->set_valid_until("infinite-future"); },
       "key \"receipt-1\" of receipt", "valid_until"},
      {[](auto& c) {
         c.mutable_receipt_keys(0)->set_valid_from("2026-01-01T00:00:00Z");
         c.mutable_receipt_keys(0)->set_valid_until("2026-01-01T09:00:00+09:00");
       },
       "key \"receipt-1\" of receipt", "not after"},
      // Also a provider that does not count is checked.
      {[](auto& c) { c.mutable_providers(1)->mutable_keys(0)->set_pem("x"); },
       "key \"dev-1\" of provider:https://dev.example", "not a public key"},
      {[](auto& c) { c.mutable_providers(1)->set_issuer("https://id.example"); },
       "provider:https://id.example", "twice"},
      {[](auto& c) { c.mutable_providers(0)->clear_audience(); }, "provider:https://id.example",
       "no audience"},
      {[](auto& c) { c.mutable_agencies(1)->set_code("NTS0001"); }, "agency \"NTS0001\"", "taken"},
      {[](auto& c) { c.mutable_agencies(1)->set_code("receipt"); }, "agency \"receipt\"", "taken"},
  };
  for (const Case& c : cases) {
    config::v1::Catalogue catalogue = NewCatalogue();
    c.change(catalogue);
    EXPECT_THAT(
        LoadCatalogueKeys(catalogue, DevelopmentProviders::kRefuse).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr(c.key), HasSubstr(c.what))));
  }
}

}  // namespace
}  // namespace naru
