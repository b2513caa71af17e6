// One bad thing at a time: each rule of catalogue.proto, and that the error names file, line and
// field.

#include "consent/catalog/catalogue_validator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "broker/base/file.h"
#include "broker/base/status_matchers.h"
#include "broker/proof/crypto.h"
#include "consent/catalog/catalogue.h"
#include "consent/catalog/deploy_catalogue.h"

namespace naru {
namespace {

using testing::HasSubstr;

constexpr char kGood[] = R"(agencies {
  code: "1000001"
  name_ko: "묻는 기관"
  name_en: "Asker"
  sms_name: "묻는기관"
  duty_contact: "110"
  services { name: "system" roles: [ROLE_REQUESTER] }
  services { name: "citizen" roles: [ROLE_CITIZEN] }
  services { name: "resolver" roles: [ROLE_RESOLVER] address: "resolver:1" }
}
agencies {
  code: "2000002"
  name_ko: "가진 기관"
  name_en: "Holder"
  sms_name: "가진기관"
  duty_contact: "120"
  services { name: "holder" roles: [ROLE_HOLDER] address: "holder:1" }
  signing_keys {
    key_id: "k1"
    pem: "file:nts/signing_public.pem"
    valid_from: "2026-01-01T00:00:00Z"
    valid_until: "2027-01-01T00:00:00Z"
  }
}
kinds {
  code: "PAPER"
  name_ko: "서류"
  name_en: "Paper"
  contents_ko: "내용"
  contents_en: "Contents"
  holder: "2000002"
  subject_type: SUBJECT_TYPE_PERSON
  parameters {
    name: "years"
    label_ko: "연도"
    label_en: "years"
    type: PARAMETER_TYPE_YEAR
    default_values: "2024"
    max_values: 2
  }
  parameters {
    name: "form"
    label_ko: "양식"
    label_en: "form"
    type: PARAMETER_TYPE_CHOICE
    choices: "short"
    choices: "long"
  }
  document_class: DOCUMENT_CLASS_ACTS
  validity_days: 90
  fields: "name"
  fields: "amount"
  max_size_bytes: 1000
}
affairs {
  code: "AFFAIR"
  name_ko: "일"
  name_en: "affair"
  purpose_ko: "목적"
  purpose_en: "purpose"
  legal_basis: "법"
  legal_route: LEGAL_ROUTE_A_SHARED_USE
  kinds {
    kind: "PAPER"
    reason_ko: "이유"
    reason_en: "reason"
    fixed_parameters { name: "years" values: "2025" }
    fields: "name"
  }
  valid_for_seconds: 3600
  uses: 10
  retention_days: 30
  decide_within_seconds: 600
}
approvals {
  id: "one"
  agency: "1000001"
  affair: "AFFAIR"
  kinds: "PAPER"
  modes: ACCESS_MODE_VIEW
}
providers {
  issuer: "https://idp.example"
  audience: "naru"
  keys { key_id: "k2" pem: "file:idp/public.pem" }
}
receipt_keys { key_id: "k3" pem: "file:broker/receipt_public.pem" }
)";

// In kGood, `from` (there once) becomes `to`; the error is at `field`, on the line of `from` unless
// the field is gone: then on that of the message around it.
struct Bad {
  const char* from;
  const char* to;
  const char* field;
  const char* what;
};

std::ostream& operator<<(std::ostream& out, const Bad& bad) {
  return out << bad.field << " <- " << bad.to;
}

constexpr char kLong[] = "0123456789012345678901234567890123456789012345678901234567890123456789";

const Bad kBad[] = {
    // Agencies.
    {R"(code: "1000001")", R"(code: "100001")", "agencies[0].code", "7 digits"},
    {R"(code: "1000001")", R"(code: "10000a1")", "agencies[0].code", "7 digits"},
    {R"(code: "2000002")", R"(code: "1000001")", "agencies[1].code", "twice"},
    {R"(name_ko: "묻는 기관")", "", "agencies[0].name_ko", "missing"},
    {R"(name_ko: "묻는 기관")", "name_ko: \"a\\nb\"", "agencies[0].name_ko", "cannot be seen"},
    {R"(name_en: "Asker")", "", "agencies[0].name_en", "missing"},
    {R"(sms_name: "묻는기관")", "", "agencies[0].sms_name", "missing"},
    {R"(sms_name: "묻는기관")", R"(sms_name: "가나다라마바사아")", "agencies[0].sms_name",
     "at most 7"},
    {R"(sms_name: "묻는기관")", R"(sms_name: "☃")", "agencies[0].sms_name", "EUC-KR"},
    {R"(sms_name: "묻는기관")", R"(sms_name: "a.kr")", "agencies[0].sms_name", "address"},
    {R"(duty_contact: "110")", "", "agencies[0].duty_contact", "missing"},
    // Services.
    {R"(name: "system")", R"(name: "System")", "agencies[0].services[0].name", "lower-case"},
    {R"(name: "citizen")", R"(name: "system")", "agencies[0].services[1].name", "twice"},
    {"roles: [ROLE_REQUESTER]", "", "agencies[0].services[0].roles", "missing"},
    {"ROLE_REQUESTER", "ROLE_UNSPECIFIED", "agencies[0].services[0].roles[0]", "no role"},
    {"ROLE_REQUESTER", "ROLE_REQUESTER, ROLE_REQUESTER", "agencies[0].services[0].roles[1]",
     "twice"},
    {"ROLE_CITIZEN", "ROLE_CITIZEN, ROLE_COUNTER", "agencies[0].services[1].roles",
     "no other role"},
    {R"(address: "resolver:1")", "", "agencies[0].services[2].address", "missing"},
    {R"(address: "holder:1")", "", "agencies[1].services[0].address", "missing"},
    {R"(address: "holder:1")", R"(address: "holder")", "agencies[1].services[0].address",
     "host:port"},
    {"ROLE_HOLDER", "ROLE_HOLDER, ROLE_RESOLVER", "agencies[1].services[0].roles",
     "another service"},
    // Keys.
    {R"(key_id: "k1")", "", "agencies[1].signing_keys[0].key_id", "missing"},
    {R"(key_id: "k2")", R"(key_id: "k1")", "providers[0].keys[0].key_id", "twice"},
    {R"(key_id: "k3")", R"(key_id: "k2")", "receipt_keys[0].key_id", "twice"},
    {R"(pem: "file:nts/signing_public.pem")", "", "agencies[1].signing_keys[0].pem", "missing"},
    {"file:nts/signing_public.pem", "nonsense", "agencies[1].signing_keys[0].pem", "no PEM"},
    {"file:nts/signing_public.pem", "file:private.pem", "agencies[1].signing_keys[0].pem",
     "no PEM"},
    {"file:nts/signing_public.pem", "file:ed25519.pem", "agencies[1].signing_keys[0].pem", "P-256"},
    {"2026-01-01T00:00:00Z", "2026-01-01", "agencies[1].signing_keys[0].valid_from", "RFC 3339"},
    {"2027-01-01T00:00:00Z", "never", "agencies[1].signing_keys[0].valid_until", "RFC 3339"},
    {"2027-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "agencies[1].signing_keys[0].valid_until",
     "not after"},
    // Kinds.
    {R"(code: "PAPER")", R"(code: "Paper")", "kinds[0].code", "upper-case"},
    {R"(code: "PAPER")", R"(code: "P")", "kinds[0].code", "2 to 40"},
    {R"(name_ko: "서류")", "", "kinds[0].name_ko", "missing"},
    {R"(name_en: "Paper")", "", "kinds[0].name_en", "missing"},
    {R"(contents_ko: "내용")", "", "kinds[0].contents_ko", "missing"},
    {R"(contents_en: "Contents")", "", "kinds[0].contents_en", "missing"},
    {R"(holder: "2000002")", R"(holder: "2000003")", "kinds[0].holder", "no agency"},
    {R"(holder: "2000002")", R"(holder: "1000001")", "kinds[0].holder", "ROLE_HOLDER"},
    {R"(duty_contact: "120")",
     R"(duty_contact: "120" services { name: "h2" roles: ROLE_HOLDER address: "h:2" })",
     "kinds[0].holder", "one service"},
    {"subject_type: SUBJECT_TYPE_PERSON", "", "kinds[0].subject_type", "missing"},
    {"document_class: DOCUMENT_CLASS_ACTS", "", "kinds[0].document_class", "missing"},
    {"validity_days: 90", "", "kinds[0].validity_days", "1 to"},
    {"validity_days: 90", "validity_days: 36500", "kinds[0].validity_days", "1 to"},
    {R"(fields: "amount")", R"(fields: "name")", "kinds[0].fields[1]", "twice"},
    {R"(fields: "amount")", R"(fields: "")", "kinds[0].fields[1]", "missing"},
    {"max_size_bytes: 1000", "max_size_bytes: 268435457", "kinds[0].max_size_bytes", "at most"},
    {"max_size_bytes: 1000", "open_to_public: true", "kinds[0].open_to_public", "is for"},
    {"  subject_type: SUBJECT_TYPE_PERSON",
     "  subject_type: SUBJECT_TYPE_BUSINESS open_to_public: true", "kinds[0].open_to_public",
     "is for"},
    {"  subject_type: SUBJECT_TYPE_PERSON",
     "  subject_type: SUBJECT_TYPE_PROPERTY open_to_public: true sensitive: true",
     "kinds[0].open_to_public", "sensitive"},
    // Parameters.
    {R"(name: "form")", R"(name: "years")", "kinds[0].parameters[1].name", "twice"},
    {R"(name: "form")", R"(name: "Form")", "kinds[0].parameters[1].name", "lower-case"},
    {R"(label_ko: "양식")", "", "kinds[0].parameters[1].label_ko", "missing"},
    {R"(label_en: "form")", "", "kinds[0].parameters[1].label_en", "missing"},
    {"type: PARAMETER_TYPE_YEAR", "", "kinds[0].parameters[0].type", "missing"},
    {"type: PARAMETER_TYPE_YEAR", "type: PARAMETER_TYPE_BOOL",
     "kinds[0].parameters[0].default_values[0]", "true or false"},
    {"type: PARAMETER_TYPE_YEAR", "type: PARAMETER_TYPE_CHOICE", "kinds[0].parameters[0].choices",
     "missing"},
    {"type: PARAMETER_TYPE_CHOICE", "type: PARAMETER_TYPE_BOOL", "kinds[0].parameters[1].choices",
     "CHOICE alone"},
    {R"(choices: "long")", R"(choices: "short")", "kinds[0].parameters[1].choices[1]", "twice"},
    {R"(choices: "long")", R"(choices: "가가가가가가가가가가가가가가가가가가가가가가")",
     "kinds[0].parameters[1].choices[1]", "64 bytes"},
    {R"(choices: "long")", R"(default_values: "middle")",
     "kinds[0].parameters[1].default_values[0]", "choices"},
    {R"(default_values: "2024")", R"(default_values: "1899")",
     "kinds[0].parameters[0].default_values[0]", "1900 to 2100"},
    {R"(default_values: "2024")", R"(default_values: ["2024", "2024"])",
     "kinds[0].parameters[0].default_values[1]", "twice"},
    {R"(default_values: "2024")", R"(default_values: ["2022", "2023", "2024"])",
     "kinds[0].parameters[0].default_values", "max_values"},
    {"max_values: 2", "max_values: 17", "kinds[0].parameters[0].max_values", "at most 16"},
    {"type: PARAMETER_TYPE_YEAR", "type: PARAMETER_TYPE_DATE",
     "kinds[0].parameters[0].default_values[0]", "2026-11-01"},
    // Affairs.
    {R"(code: "AFFAIR")", R"(code: "affair")", "affairs[0].code", "upper-case"},
    {R"(name_ko: "일")", "", "affairs[0].name_ko", "missing"},
    {R"(name_en: "affair")", "", "affairs[0].name_en", "missing"},
    {R"(purpose_ko: "목적")", "", "affairs[0].purpose_ko", "missing"},
    {R"(purpose_en: "purpose")", "", "affairs[0].purpose_en", "missing"},
    {R"(legal_basis: "법")", "", "affairs[0].legal_basis", "missing"},
    {"legal_route: LEGAL_ROUTE_A_SHARED_USE", "", "affairs[0].legal_route", "missing"},
    {"decide_within_seconds: 600",
     "decide_within_seconds: 600 exempt_ground: EXEMPT_GROUND_PUBLIC_INFORMATION",
     "affairs[0].kinds[0].kind", "not open to the public"},
    {R"(kind: "PAPER")", R"(kind: "OTHER")", "affairs[0].kinds[0].kind", "no kind"},
    {R"(reason_ko: "이유")", "", "affairs[0].kinds[0].reason_ko", "missing"},
    {R"(reason_en: "reason")", "", "affairs[0].kinds[0].reason_en", "missing"},
    {R"(name: "years" values)", R"(name: "months" values)",
     "affairs[0].kinds[0].fixed_parameters[0].name", "no such parameter"},
    {R"(values: "2025")", R"(values: "25")", "affairs[0].kinds[0].fixed_parameters[0].values[0]",
     "1900 to 2100"},
    {R"(values: "2025" )", "", "affairs[0].kinds[0].fixed_parameters[0].values", "missing"},
    {R"(values: "2025")", R"(values: ["2022", "2023", "2024"])",
     "affairs[0].kinds[0].fixed_parameters[0].values", "max_values"},
    {R"(values: "2025" })", R"(values: "2025" } fixed_parameters { name: "years" values: "2024" })",
     "affairs[0].kinds[0].fixed_parameters[1].name", "twice"},
    {"    fields: \"name\"", "    fields: \"surname\"", "affairs[0].kinds[0].fields[0]",
     "no such field"},
    {"    fields: \"name\"", "    fields: [\"name\", \"name\"]", "affairs[0].kinds[0].fields[1]",
     "twice"},
    {"valid_for_seconds: 3600", "valid_for_seconds: 59", "affairs[0].valid_for_seconds", "60 to"},
    {"valid_for_seconds: 3600", "valid_for_seconds: 31622401", "affairs[0].valid_for_seconds",
     "60 to"},
    {"uses: 10", "uses: 0", "affairs[0].uses", "1 to 1000"},
    {"uses: 10", "uses: 1001", "affairs[0].uses", "1 to 1000"},
    {"retention_days: 30", "retention_days: 0", "affairs[0].retention_days", "1 to"},
    {"retention_days: 30", "retention_days: 99991231", "affairs[0].retention_days", "1 to"},
    {"decide_within_seconds: 600", "", "affairs[0].decide_within_seconds", "60 to"},
    // Approvals.
    {R"(id: "one")", R"(id: "One")", "approvals[0].id", "lower-case"},
    {R"(id: "one")", "", "approvals[0].id", "1 to 40"},
    {R"(agency: "1000001")", R"(agency: "1000009")", "approvals[0].agency", "no agency"},
    {R"(agency: "1000001")", R"(agency: "2000002")", "approvals[0].agency", "no service"},
    {R"(affair: "AFFAIR")", R"(affair: "OTHER")", "approvals[0].affair", "no affair"},
    {R"(kinds: "PAPER")", "", "approvals[0].kinds", "missing"},
    {R"(kinds: "PAPER")", R"(kinds: "OTHER")", "approvals[0].kinds[0]", "does not need"},
    {R"(kinds: "PAPER")", R"(kinds: ["PAPER", "PAPER"])", "approvals[0].kinds[1]", "twice"},
    {"modes: ACCESS_MODE_VIEW", "", "approvals[0].modes", "missing"},
    {"modes: ACCESS_MODE_VIEW", "modes: ACCESS_MODE_UNSPECIFIED", "approvals[0].modes[0]",
     "no mode"},
    {"modes: ACCESS_MODE_VIEW", "modes: [ACCESS_MODE_VIEW, ACCESS_MODE_VIEW]",
     "approvals[0].modes[1]", "twice"},
    // Providers.
    {R"(issuer: "https://idp.example")", "", "providers[0].issuer", "missing"},
    {R"(audience: "naru")", "", "providers[0].audience", "missing"},
    {R"(keys { key_id: "k2" pem: "file:idp/public.pem" })", "", "providers[0].keys", "missing"},
};

// "fields" of "kinds[0].fields[1]".
std::string LastName(const std::string& path) {
  const std::string last = path.substr(path.rfind('.') + 1);
  return last.substr(0, last.find('['));
}

// Made once: keys and files are the same for every case.
const DeployCatalogue& Deploy() {
  static const DeployCatalogue* const kDeploy = [] {
    auto* deploy = new DeployCatalogue();
    const std::string& directory = deploy->key_directory();
    const auto ed25519 = crypto::GenerateSigningKey(crypto::SigningKey::Type::kEd25519, "e");
    EXPECT_TRUE(AtomicWriteFile(directory + "/ed25519.pem", ed25519->PublicPem()).ok());
    const std::string secret = DeployCatalogue::Key("receipt-1").PrivatePem();
    EXPECT_TRUE(AtomicWriteFile(directory + "/private.pem", secret).ok());
    return deploy;
  }();
  return *kDeploy;
}

class CatalogueValidatorTest : public testing::TestWithParam<Bad> {
 protected:
  static absl::Status Load(const std::string& text) {
    const std::string path = Deploy().key_directory() + "/bad.textproto";
    EXPECT_TRUE(AtomicWriteFile(path, text).ok());
    return Catalogue::Load(path, Deploy().key_directory()).status();
  }
};

TEST_P(CatalogueValidatorTest, NamesLineAndField) {
  const Bad& bad = GetParam();
  std::string text = kGood;
  const size_t at = text.find(bad.from);
  ASSERT_NE(at, std::string::npos);
  ASSERT_EQ(text.find(bad.from, at + 1), std::string::npos) << "not there once only";
  text.replace(at, std::string(bad.from).size(), bad.to);
  const absl::Status status = Load(text);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr(absl::StrCat(": ", bad.field, ": "))));
  EXPECT_THAT(std::string(status.message()), HasSubstr(bad.what));
  // A line is named in any case: that of the field, or of what should have it.
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n');
  const std::string named = std::string(status.message());
  const std::string file = "/bad.textproto:";
  const size_t number = named.find(file);
  ASSERT_NE(number, std::string::npos) << named;
  const int said = std::stoi(named.substr(number + file.size()));
  EXPECT_GT(said, 0);
  const std::string field = LastName(bad.field);
  if (std::string(bad.to).find(field + ":") != std::string::npos) {
    EXPECT_EQ(said, line) << named;
  }
}

INSTANTIATE_TEST_SUITE_P(OneBadThing, CatalogueValidatorTest, testing::ValuesIn(kBad),
                         [](const auto& info) { return absl::StrCat("Case", info.index); });

TEST_F(CatalogueValidatorTest, TheGoodOneStands) { ABSL_EXPECT_OK(Load(kGood)); }

TEST_F(CatalogueValidatorTest, PublicPapersNeedNoConsent) {
  std::string text = kGood;
  const std::string person = "SUBJECT_TYPE_PERSON", decide = "decide_within_seconds: 600";
  text.replace(text.find(person), person.size(), "SUBJECT_TYPE_PROPERTY open_to_public: true");
  text.replace(text.find(decide), decide.size(),
               decide + " exempt_ground: EXEMPT_GROUND_PUBLIC_INFORMATION");
  ABSL_EXPECT_OK(Load(text));
}

TEST_F(CatalogueValidatorTest, ADayIsOneOfTheCalendar) {
  const auto with = [](const std::string& day) {
    std::string text = kGood;
    const std::string year = "type: PARAMETER_TYPE_YEAR\n    default_values: \"2024\"";
    text.replace(text.find(year), year.size(),
                 "type: PARAMETER_TYPE_DATE default_values: \"" + day + "\"");
    const std::string fixed = "    fixed_parameters { name: \"years\" values: \"2025\" }\n";
    text.erase(text.find(fixed), fixed.size());
    return Load(text);
  };
  ABSL_EXPECT_OK(with("2024-02-29"));
  for (const char* bad : {"2023-02-29", "2024-2-29", "1899-12-31", "2101-01-01", "20240229", "오늘",
                          "2024-02-29T00:00"}) {
    EXPECT_THAT(with(bad), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2026-11-01")))
        << bad;
  }
}

TEST_F(CatalogueValidatorTest, NothingIsThereTwice) {
  const std::string good = kGood;
  const auto block = [&](const std::string& begin) {
    const size_t at = good.find("\n" + begin) + 1;
    return good.substr(at, good.find("\n}\n", at) + 3 - at);
  };
  EXPECT_THAT(Load(good + block("kinds {")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kinds[1].code: ")));
  EXPECT_THAT(Load(good + block("affairs {")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("affairs[1].code: ")));
  EXPECT_THAT(Load(good + block("approvals {")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("approvals[1].id: ")));
  std::string provider = block("providers {");
  provider.replace(provider.find("k2"), 2, "k4");
  EXPECT_THAT(Load(good + provider),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("providers[1].issuer: ")));
}

TEST_F(CatalogueValidatorTest, P2_OneUseIsCoveredByOneApproval) {
  const std::string second =
      "approvals {\n id: \"two\" agency: \"1000001\" affair: \"AFFAIR\" kinds: \"PAPER\" modes: ";
  EXPECT_THAT(Load(kGood + second + "ACCESS_MODE_VIEW }\n"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("approvals[1].kinds[0]: another approval")));
  ABSL_EXPECT_OK(Load(kGood + second + "ACCESS_MODE_TRANSFER }\n"));
}

TEST_F(CatalogueValidatorTest, NamesAndCodesAreBounded) {
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = kGood;
    text.replace(text.find(from), from.size(), to);
    return Load(text);
  };
  EXPECT_THAT(with("name_ko: \"서류\"", absl::StrCat("name_ko: \"", kLong, "\"")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kinds[0].name_ko: ")));
  EXPECT_THAT(with("key_id: \"k1\"", absl::StrCat("key_id: \"", kLong, "\"")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("signing_keys[0].key_id: ")));
  EXPECT_THAT(with("fields: \"amount\"", absl::StrCat("fields: \"", kLong, "\"")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kinds[0].fields[1]: ")));
  EXPECT_THAT(with("id: \"one\"", "id: \"" + std::string(41, 'a') + "\""),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("approvals[0].id: ")));
  std::string parameters;
  for (char c = 'a'; c <= 'g'; ++c) {
    absl::StrAppend(&parameters, "parameters { name: \"p", std::string(1, c),
                    "\" label_ko: \"a\" label_en: \"a\" type: PARAMETER_TYPE_BOOL }\n");
  }
  EXPECT_THAT(with("  document_class", parameters + "  document_class"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kinds[0].parameters: ")));
}

TEST_F(CatalogueValidatorTest, AHolderCanSign) {
  std::string text = kGood;
  const size_t from = text.find("  signing_keys {"), to = text.find("  }\n", from) + 4;
  text.erase(from, to - from);
  EXPECT_THAT(Load(text),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kinds[0].holder: ")));
}

}  // namespace
}  // namespace naru
