#include "tests/support/test_site.h"

#include <glog/logging.h>

#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/file.h"
#include "broker/base/random.h"
#include "broker/base/textproto.h"
#include "broker/broker_config.h"
#include "google/protobuf/text_format.h"

namespace naru {
namespace {

using crypto::SigningKey;

constexpr char kOrigin[] = "naru.example/ledger/0";
constexpr char kReceiptKeyId[] = "receipt-1";

// Addresses and keys are put in where they are known.
constexpr char kCatalogue[] = R"(
agencies {
  code: "1741999" name_ko: "나루센터" name_en: "Naru Centre" sms_name: "나루센터"
  services { name: "broker" roles: ROLE_BROKER }
  services { name: "resolver" roles: ROLE_RESOLVER address: "@RESOLVER@" }
  services { name: "notifier" roles: ROLE_NOTIFIER calls_per_second: 1000000 }
  services { name: "citizen" roles: ROLE_CITIZEN calls_per_second: 1000000 }
  services { name: "approver-1" roles: ROLE_APPROVER calls_per_second: 1000000 }
  services { name: "approver-2" roles: ROLE_APPROVER calls_per_second: 1000000 }
  services { name: "operator" roles: ROLE_OPERATOR }
  duty_contact: "상황실 110"
}
agencies {
  code: "B553077" name_ko: "시장진흥공단" name_en: "Market Service" sms_name: "진흥공단"
  services { name: "system" roles: ROLE_REQUESTER calls_per_second: 1000000 }
  services { name: "counter" roles: ROLE_COUNTER calls_per_second: 1000000 }
  duty_contact: "자금 담당 110"
}
agencies {
  code: "B554321" name_ko: "신용보증재단" name_en: "Guarantee Foundation" sms_name: "보증재단"
  services { name: "system" roles: ROLE_REQUESTER calls_per_second: 1000000 }
  duty_contact: "보증 담당 110"
}
agencies {
  code: "1741000" name_ko: "행정안전부" name_en: "Ministry of the Interior" sms_name: "행정안전부"
  services { name: "holder" roles: ROLE_HOLDER address: "@HOLDER@" }
  duty_contact: "주민등록 담당 110"
}
kinds {
  code: "RESIDENT_ABSTRACT" name_ko: "주민등록표 초본" name_en: "Resident register, abstract"
  contents_ko: "주소 변동" contents_en: "Addresses" holder: "1741000"
  subject_type: SUBJECT_TYPE_PERSON document_class: DOCUMENT_CLASS_IDENTITY validity_days: 90
  fields: "name" fields: "address"
}
kinds {
  code: "RESIDENT_FULL" name_ko: "주민등록표 등본" name_en: "Resident register, household"
  contents_ko: "세대원" contents_en: "Household" holder: "1741000"
  subject_type: SUBJECT_TYPE_HOUSEHOLD document_class: DOCUMENT_CLASS_IDENTITY sensitive: true
  validity_days: 90 fields: "name" fields: "members"
}
kinds {
  code: "BUSINESS_REGISTRATION" name_ko: "사업자등록증명" name_en: "Business registration"
  contents_ko: "상호" contents_en: "Trade name" holder: "1741000"
  subject_type: SUBJECT_TYPE_BUSINESS document_class: DOCUMENT_CLASS_LEGAL_ENTITY
  validity_days: 30 fields: "trade_name" fields: "opened"
}
kinds {
  code: "VAT_BASE" name_ko: "부가가치세 과세표준증명" name_en: "VAT base"
  contents_ko: "과세표준" contents_en: "VAT base by year" holder: "1741000"
  subject_type: SUBJECT_TYPE_BUSINESS document_class: DOCUMENT_CLASS_ACTS validity_days: 30
  parameters {
    name: "tax_years" label_ko: "귀속연도" label_en: "Tax years" type: PARAMETER_TYPE_YEAR
    default_values: "2025" max_values: 5
  }
  fields: "trade_name" fields: "vat_base"
}
affairs {
  code: "SUPPORT_FUND" name_ko: "지원자금 신청" name_en: "Support fund"
  purpose_ko: "지원 자격 확인" purpose_en: "Finding out who is entitled"
  legal_basis: "전자정부법 제36조" legal_route: LEGAL_ROUTE_A_SHARED_USE
  kinds { kind: "RESIDENT_ABSTRACT" reason_ko: "주소 확인" reason_en: "Address" }
  kinds { kind: "RESIDENT_FULL" reason_ko: "세대 확인" reason_en: "Household" }
  kinds { kind: "BUSINESS_REGISTRATION" reason_ko: "사업 확인" reason_en: "Business" }
  kinds { kind: "VAT_BASE" reason_ko: "매출 확인" reason_en: "Turnover" }
  valid_for_seconds: 86400 uses: 5 retention_days: 365 decide_within_seconds: 3600
}
approvals {
  id: "fund-2026" agency: "B553077" affair: "SUPPORT_FUND"
  kinds: "RESIDENT_ABSTRACT" kinds: "RESIDENT_FULL" kinds: "BUSINESS_REGISTRATION"
  kinds: "VAT_BASE" modes: ACCESS_MODE_VIEW modes: ACCESS_MODE_TRANSFER
}
approvals {
  id: "guarantee-2026" agency: "B554321" affair: "SUPPORT_FUND"
  kinds: "RESIDENT_ABSTRACT" modes: ACCESS_MODE_VIEW
}
providers { issuer: "https://idp.naru.example/test" audience: "naru" development: true }
)";

void SetKey(const SigningKey& key, config::v1::PublicKey& into) {
  into.set_key_id(key.key_id());
  into.set_pem(key.PublicPem());
}

std::string MadeDirectory(const std::string& path) {
  CHECK(MakeDirectories(path).ok()) << path;
  return path;
}

void Write(const std::string& path, const std::string& text) {
  const absl::Status status = AtomicWriteFile(path, text, 0600);
  CHECK(status.ok()) << status;
}

}  // namespace

std::string TestDirectory(const std::string& name) {
  const char* base = std::getenv("TEST_TMPDIR");
  return absl::StrCat(base != nullptr ? base : "/tmp", "/", name);
}

TestSite::TestSite(Options options)
    : options_(std::move(options)),
      ca_(MadeDirectory(options_.directory) + "/pki"),
      provider_key_(crypto::GenerateSigningKey(SigningKey::Type::kEcdsaP256, "idp-1")) {
  FakeHolder::Options holder;
  holder.tls = CertificateOf(kHolderParty);
  holder.body_bytes = options_.body_bytes;
  holder.slow_delay = options_.slow_delay;
  holder.timer = options_.holder_timer;
  holder_ = std::make_unique<FakeHolder>(std::move(holder));
  resolver_ = std::make_unique<FakeResolver>(CertificateOf(kResolverParty));
  MakeConfig();
}

void TestSite::MakeCatalogue(const SigningKey& receipt_key) {
  const absl::Status parsed = ParseTextProto("test catalogue", kCatalogue, &catalogue_);
  CHECK(parsed.ok()) << parsed;
  for (config::v1::Agency& agency : *catalogue_.mutable_agencies()) {
    for (config::v1::Service& service : *agency.mutable_services()) {
      if (service.address() == "@RESOLVER@") service.set_address(resolver_->address());
      if (service.address() == "@HOLDER@") {
        service.set_address(holder_->address());
        config::v1::PublicKey& key = *agency.add_signing_keys();
        key.set_key_id(holder_->key_id());
        key.set_pem(holder_->public_pem());
      }
    }
  }
  SetKey(*provider_key_, *catalogue_.mutable_providers(0)->add_keys());
  SetKey(receipt_key, *catalogue_.add_receipt_keys());
  if (options_.edit_catalogue) options_.edit_catalogue(&catalogue_);
  auto keys = LoadCatalogueKeys(catalogue_, DevelopmentProviders::kAllow);
  CHECK(keys.ok()) << keys.status();
  catalogue_keys_ = *std::move(keys);
  std::string text;
  CHECK(google::protobuf::TextFormat::PrintToString(catalogue_, &text));
  Write(PathOf("catalogue.textproto"), text);
}

void TestSite::MakeConfig() {
  auto receipt = crypto::GenerateSigningKey(SigningKey::Type::kEcdsaP256, kReceiptKeyId);
  auto ed25519 = crypto::GenerateSigningKey(SigningKey::Type::kEd25519, "ledger-ed25519-1");
  auto ecdsa = crypto::GenerateSigningKey(SigningKey::Type::kEcdsaP256, "ledger-ecdsa-1");
  MakeCatalogue(*receipt);

  config::v1::BrokerConfig config;
  config.set_listen_address("127.0.0.1:0");
  config.set_ops_address("127.0.0.1:0");
  *config.mutable_tls() = CertificateOf(kBrokerParty);
  config.set_data_directory(PathOf("data"));
  config.set_head_directory(PathOf("head"));
  config.set_catalogue_file(PathOf("catalogue.textproto"));
  config.set_ledger_origin(kOrigin);
  const auto key_file = [](config::v1::KeyFile& into, absl::string_view id, std::string file) {
    into.set_key_id(std::string(id));
    into.set_file(std::move(file));
  };
  key_file(*config.mutable_ledger_ed25519_key(), ed25519->key_id(), KeyOf(*ed25519, "ed25519"));
  key_file(*config.mutable_ledger_ecdsa_key(), ecdsa->key_id(), KeyOf(*ecdsa, "ecdsa"));
  key_file(*config.mutable_receipt_key(), receipt->key_id(), KeyOf(*receipt, "receipt"));
  key_file(*config.mutable_pepper(), "pepper-1", SecretFile("pepper"));
  key_file(*config.mutable_key_encryption_key(), "kek-1", SecretFile("kek"));
  key_file(*config.mutable_code_key(), "code-1", SecretFile("code"));
  key_file(*config.mutable_link_key(), "link-1", SecretFile("link"));
  config.set_clock(config::v1::CLOCK_MODE_WARN);
  config.set_min_free_bytes(1);
  config.set_ballast_bytes(1);
  *config.mutable_limits() = options_.limits;
  std::string text;
  CHECK(google::protobuf::TextFormat::PrintToString(config, &text));
  config_file_ = PathOf("broker.textproto");
  Write(config_file_, text);
  auto loaded = LoadBrokerConfig(config_file_);
  CHECK(loaded.ok()) << loaded.status();
  config_ = *std::move(loaded);

  CheckpointSigner signer(kOrigin, std::move(ed25519), std::move(ecdsa));
  ledger_keys_ = signer.VerifierKeys();
  verifier_ = std::make_unique<CheckpointVerifier>(NewVerifier());
}

CheckpointVerifier TestSite::NewVerifier() const {
  auto verifier = CheckpointVerifier::Create(ledger_keys_);
  CHECK(verifier.ok()) << verifier.status();
  return *std::move(verifier);
}

config::v1::ClientConfig TestSite::ClientConfigOf(absl::string_view party,
                                                  const std::string& broker_address) {
  config::v1::ClientConfig config;
  config.set_broker_address(broker_address);
  config.set_broker_identity(UriOf(kBrokerParty));
  config.set_identity(UriOf(party));
  *config.mutable_tls() = CertificateOf(party);
  for (const std::string& key : ledger_keys_) config.add_ledger_verifier_keys(key);
  config.set_catalogue_file(PathOf("catalogue.textproto"));
  config.set_temporary_directory(options_.directory);
  return config;
}

config::v1::TlsFiles TestSite::CertificateOf(absl::string_view party) {
  absl::MutexLock lock(&mu_);
  const auto made = certificates_.find(party);
  if (made != certificates_.end()) return made->second;
  return certificates_[std::string(party)] = ca_.Issue(UriOf(party));
}

std::string TestSite::UriOf(absl::string_view party) { return absl::StrCat("urn:naru:", party); }

std::string TestSite::PathOf(absl::string_view name) const {
  return absl::StrCat(options_.directory, "/", name);
}

std::string TestSite::SecretFile(absl::string_view name) {
  const std::string path = PathOf(absl::StrCat(name, ".secret"));
  Write(path, absl::BytesToHexString(Random::System()->Bytes(32)) + "\n");
  return path;
}

std::string TestSite::KeyOf(const SigningKey& key, absl::string_view name) {
  const std::string path = PathOf(absl::StrCat(name, "-key.pem"));
  Write(path, key.PrivatePem());
  return path;
}

}  // namespace naru
