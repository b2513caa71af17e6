#include "consent/catalog/catalogue_validator.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "broker/base/identity.h"
#include "broker/base/limits.h"
#include "broker/base/sms_length.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/catalog/parameter_rules.h"
#include "consent/catalog/text_rules.h"

namespace naru {
namespace {

using config::v1::Affair;
using config::v1::Agency;
using config::v1::DocumentKind;
using config::v1::ParameterRule;
using config::v1::PublicKey;
using config::v1::Role;
using config::v1::Service;
using config::v1::UseApproval;
using google::protobuf::RepeatedPtrField;

constexpr absl::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
constexpr absl::string_view kLowerHyphen = "abcdefghijklmnopqrstuvwxyz0123456789-";

bool HasForm(absl::string_view text, absl::string_view characters, size_t min) {
  return text.size() >= min && text.size() <= limits::kCatalogueCode &&
         text.find_first_not_of(characters) == absl::string_view::npos;
}

bool Has(const Service& service, Role role) {
  return std::find(service.roles().begin(), service.roles().end(), role) != service.roles().end();
}

std::string At(absl::string_view list, int i) { return absl::StrCat(list, "[", i, "]"); }

// Checks one catalogue, once.
class Validator {
 public:
  Validator(const config::v1::Catalogue& catalogue, const CatalogueErrorAt& error_at)
      : catalogue_(catalogue), error_at_(error_at) {}

  absl::Status Validate();

 private:
  // Agencies.
  absl::Status CheckAgency(const Agency& agency, const std::string& path);
  absl::Status CheckSmsName(const std::string& name, const std::string& path) const;
  absl::Status CheckService(const Service& service, const std::string& path);
  absl::Status CheckKeys(const RepeatedPtrField<PublicKey>& keys, const std::string& path);
  absl::Status CheckKey(const PublicKey& key, const std::string& path);
  // Kinds.
  absl::Status CheckKind(const DocumentKind& kind, const std::string& path);
  absl::Status CheckHolder(const DocumentKind& kind, const std::string& path) const;
  absl::Status CheckPublic(const DocumentKind& kind, const std::string& path) const;
  // Affairs.
  absl::Status CheckAffair(const Affair& affair, const std::string& path);
  absl::Status CheckAffairKind(const config::v1::AffairKind& kind, const std::string& path) const;
  absl::Status CheckFixed(const config::v1::AffairKind& kind, const std::string& path) const;
  // Approvals.
  absl::Status CheckApproval(const UseApproval& approval, const std::string& path);
  absl::Status CheckUses(const UseApproval& approval, const std::string& path);
  absl::Status CheckProvider(const config::v1::IdentityProvider& provider, const std::string& path);
  absl::Status CheckSigners();

  absl::Status Line(const std::string& text, int max, const std::string& path) const {
    const std::string wrong = WrongLine(text, max);
    return wrong.empty() ? absl::OkStatus() : error_at_(path, wrong);
  }
  absl::Status Unique(const std::string& value, std::set<std::string>* seen,
                      const std::string& path) const {
    return seen->insert(value).second ? absl::OkStatus() : error_at_(path, "is there twice");
  }

  const config::v1::Catalogue& catalogue_;
  const CatalogueErrorAt& error_at_;

  std::map<std::string, const Agency*> agencies_;
  std::map<std::string, const DocumentKind*> kinds_;
  std::map<std::string, const Affair*> affairs_;
  std::set<std::string> approvals_;
  std::set<std::string> issuers_;
  std::set<std::string> key_ids_;
  std::set<std::tuple<std::string, std::string, std::string, int>> uses_;
  bool has_resolver_ = false;
};

absl::Status Validator::Validate() {
  for (int i = 0; i < catalogue_.agencies_size(); ++i) {
    ABSL_RETURN_IF_ERROR(CheckAgency(catalogue_.agencies(i), At("agencies", i)));
  }
  for (int i = 0; i < catalogue_.kinds_size(); ++i) {
    ABSL_RETURN_IF_ERROR(CheckKind(catalogue_.kinds(i), At("kinds", i)));
  }
  for (int i = 0; i < catalogue_.affairs_size(); ++i) {
    ABSL_RETURN_IF_ERROR(CheckAffair(catalogue_.affairs(i), At("affairs", i)));
  }
  for (int i = 0; i < catalogue_.approvals_size(); ++i) {
    ABSL_RETURN_IF_ERROR(CheckApproval(catalogue_.approvals(i), At("approvals", i)));
  }
  for (int i = 0; i < catalogue_.providers_size(); ++i) {
    ABSL_RETURN_IF_ERROR(CheckProvider(catalogue_.providers(i), At("providers", i)));
  }
  ABSL_RETURN_IF_ERROR(CheckSigners());
  return CheckKeys(catalogue_.receipt_keys(), "receipt_keys");
}

// --- Signers ---

absl::Status Validator::CheckSigners() {
  if (catalogue_.signers_size() == 1) {
    return error_at_("signers", "it takes two persons, or none");
  }
  std::set<std::string> officials;
  for (int i = 0; i < catalogue_.signers_size(); ++i) {
    const std::string path = At("signers", i);
    const config::v1::CatalogueSigner& signer = catalogue_.signers(i);
    ABSL_RETURN_IF_ERROR(Line(signer.official_id(), limits::kShortText, path + ".official_id"));
    ABSL_RETURN_IF_ERROR(Unique(signer.official_id(), &officials, path + ".official_id"));
    if (signer.keys().empty()) return error_at_(path + ".keys", "a signer needs a key");
    ABSL_RETURN_IF_ERROR(CheckKeys(signer.keys(), path + ".keys"));
  }
  return absl::OkStatus();
}

// --- Agencies ---

absl::Status Validator::CheckAgency(const Agency& agency, const std::string& path) {
  if (!IsAgencyCode(agency.code())) {
    return error_at_(path + ".code", "must have 7 digits and upper-case letters");
  }
  if (!agencies_.emplace(agency.code(), &agency).second) {
    return error_at_(path + ".code", "is there twice");
  }
  ABSL_RETURN_IF_ERROR(Line(agency.name_ko(), limits::kCatalogueName, path + ".name_ko"));
  ABSL_RETURN_IF_ERROR(Line(agency.name_en(), limits::kCatalogueLine, path + ".name_en"));
  ABSL_RETURN_IF_ERROR(CheckSmsName(agency.sms_name(), path + ".sms_name"));
  ABSL_RETURN_IF_ERROR(Line(agency.duty_contact(), limits::kCatalogueLine, path + ".duty_contact"));
  std::set<std::string> names;
  for (int i = 0; i < agency.services_size(); ++i) {
    const std::string service = At(path + ".services", i);
    ABSL_RETURN_IF_ERROR(Unique(agency.services(i).name(), &names, service + ".name"));
    ABSL_RETURN_IF_ERROR(CheckService(agency.services(i), service));
  }
  return CheckKeys(agency.signing_keys(), path + ".signing_keys");
}

absl::Status Validator::CheckSmsName(const std::string& name, const std::string& path) const {
  ABSL_RETURN_IF_ERROR(Line(name, limits::kSmsName, path));
  if (!SmsLength(name).ok()) return error_at_(path, "has a character that EUC-KR has not");
  if (ContainsInternetAddress(name)) return error_at_(path, "looks like an internet address");
  return absl::OkStatus();
}

absl::Status Validator::CheckService(const Service& service, const std::string& path) {
  if (!IsServiceName(service.name())) {
    return error_at_(path + ".name", "must have 1 to 40 lower-case letters, digits and hyphens");
  }
  if (service.roles().empty()) return error_at_(path + ".roles", "is missing");
  std::set<int> roles;
  for (int i = 0; i < service.roles_size(); ++i) {
    const std::string role = At(path + ".roles", i);
    if (service.roles(i) == config::v1::ROLE_UNSPECIFIED ||
        !config::v1::Role_IsValid(service.roles(i))) {
      return error_at_(role, "is no role");
    }
    if (!roles.insert(service.roles(i)).second) return error_at_(role, "is there twice");
  }
  if (Has(service, config::v1::ROLE_CITIZEN) && roles.size() > 1) {
    return error_at_(path + ".roles", "ROLE_CITIZEN stands with no other role");
  }
  const bool called =
      Has(service, config::v1::ROLE_HOLDER) || Has(service, config::v1::ROLE_RESOLVER);
  if (called && service.address().empty()) return error_at_(path + ".address", "is missing");
  if (!service.address().empty() && !IsHostPort(service.address())) {
    return error_at_(path + ".address", "must be host:port");
  }
  if (Has(service, config::v1::ROLE_RESOLVER) && std::exchange(has_resolver_, true)) {
    return error_at_(path + ".roles", "another service has ROLE_RESOLVER");
  }
  return absl::OkStatus();
}

absl::Status Validator::CheckKeys(const RepeatedPtrField<PublicKey>& keys,
                                  const std::string& path) {
  for (int i = 0; i < keys.size(); ++i) ABSL_RETURN_IF_ERROR(CheckKey(keys.Get(i), At(path, i)));
  return absl::OkStatus();
}

absl::Status Validator::CheckKey(const PublicKey& key, const std::string& path) {
  ABSL_RETURN_IF_ERROR(Line(key.key_id(), limits::kShortText, path + ".key_id"));
  ABSL_RETURN_IF_ERROR(Unique(key.key_id(), &key_ids_, path + ".key_id"));
  if (key.pem().empty()) return error_at_(path + ".pem", "is missing");
  const auto parsed = crypto::ParseVerifyingKey(key.pem(), key.key_id());
  if (!parsed.ok()) return error_at_(path + ".pem", "is no PEM of a public key");
  if ((*parsed)->type() != crypto::SigningKey::Type::kEcdsaP256) {
    return error_at_(path + ".pem", "must be a P-256 key");
  }
  const auto from = ParseRfc3339(key.valid_from(), absl::InfinitePast());
  if (!from.has_value()) return error_at_(path + ".valid_from", "is no RFC 3339 time");
  const auto until = ParseRfc3339(key.valid_until(), absl::InfiniteFuture());
  if (!until.has_value()) return error_at_(path + ".valid_until", "is no RFC 3339 time");
  if (*from >= *until) return error_at_(path + ".valid_until", "is not after valid_from");
  return absl::OkStatus();
}

// --- Kinds ---

absl::Status Validator::CheckKind(const DocumentKind& kind, const std::string& path) {
  if (!HasForm(kind.code(), kUpper, 2)) {
    return error_at_(path + ".code",
                     "must have 2 to 40 upper-case letters, digits and underscores");
  }
  if (!kinds_.emplace(kind.code(), &kind).second) {
    return error_at_(path + ".code", "is there twice");
  }
  ABSL_RETURN_IF_ERROR(Line(kind.name_ko(), limits::kCatalogueName, path + ".name_ko"));
  ABSL_RETURN_IF_ERROR(Line(kind.name_en(), limits::kCatalogueLine, path + ".name_en"));
  ABSL_RETURN_IF_ERROR(Line(kind.contents_ko(), limits::kCatalogueLine, path + ".contents_ko"));
  ABSL_RETURN_IF_ERROR(Line(kind.contents_en(), limits::kCatalogueLine, path + ".contents_en"));
  ABSL_RETURN_IF_ERROR(CheckHolder(kind, path + ".holder"));
  if (kind.subject_type() == v1::SUBJECT_TYPE_UNSPECIFIED ||
      !v1::SubjectType_IsValid(kind.subject_type())) {
    return error_at_(path + ".subject_type", "is missing");
  }
  ABSL_RETURN_IF_ERROR(CheckPublic(kind, path + ".open_to_public"));
  if (kind.parameters_size() > limits::kParametersPerPaper) {
    return error_at_(path + ".parameters",
                     absl::StrCat("are more than ", limits::kParametersPerPaper));
  }
  std::set<std::string> names;
  for (int i = 0; i < kind.parameters_size(); ++i) {
    const std::string rule = At(path + ".parameters", i);
    ABSL_RETURN_IF_ERROR(Unique(kind.parameters(i).name(), &names, rule + ".name"));
    ABSL_RETURN_IF_ERROR(CheckParameterRule(kind.parameters(i), rule, error_at_));
  }
  if (kind.document_class() == config::v1::DOCUMENT_CLASS_UNSPECIFIED ||
      !config::v1::DocumentClass_IsValid(kind.document_class())) {
    return error_at_(path + ".document_class", "is missing");
  }
  if (kind.validity_days() < 1 || kind.validity_days() > limits::kDocumentDays) {
    return error_at_(path + ".validity_days", absl::StrCat("must be 1 to ", limits::kDocumentDays));
  }
  if (kind.fields().empty()) return error_at_(path + ".fields", "is missing");
  std::set<std::string> fields;
  for (int i = 0; i < kind.fields_size(); ++i) {
    const std::string field = At(path + ".fields", i);
    ABSL_RETURN_IF_ERROR(Line(kind.fields(i), limits::kShortText, field));
    ABSL_RETURN_IF_ERROR(Unique(kind.fields(i), &fields, field));
  }
  if (kind.max_size_bytes() > limits::kDocumentBytesMax) {
    return error_at_(path + ".max_size_bytes",
                     absl::StrCat("must be at most ", limits::kDocumentBytesMax));
  }
  return absl::OkStatus();
}

absl::Status Validator::CheckPublic(const DocumentKind& kind, const std::string& path) const {
  if (!kind.open_to_public()) return absl::OkStatus();
  if (kind.sensitive()) return error_at_(path, "does not go with sensitive");
  const bool thing = kind.subject_type() == v1::SUBJECT_TYPE_PROPERTY ||
                     kind.subject_type() == v1::SUBJECT_TYPE_CORPORATION ||
                     kind.subject_type() == v1::SUBJECT_TYPE_VEHICLE;
  return thing ? absl::OkStatus() : error_at_(path, "is for properties, corporations, vehicles");
}

absl::Status Validator::CheckHolder(const DocumentKind& kind, const std::string& path) const {
  const auto found = agencies_.find(kind.holder());
  if (found == agencies_.end()) return error_at_(path, "no agency has this code");
  const auto& services = found->second->services();
  const auto holders = std::count_if(services.begin(), services.end(), [](const Service& service) {
    return Has(service, config::v1::ROLE_HOLDER);
  });
  if (holders != 1) return error_at_(path, "the agency must have one service with ROLE_HOLDER");
  if (found->second->signing_keys().empty()) {
    return error_at_(path, "the agency has no key to sign its answers with");
  }
  return absl::OkStatus();
}

// --- Affairs ---

absl::Status Validator::CheckAffair(const Affair& affair, const std::string& path) {
  if (!HasForm(affair.code(), kUpper, 2)) {
    return error_at_(path + ".code",
                     "must have 2 to 40 upper-case letters, digits and underscores");
  }
  if (!affairs_.emplace(affair.code(), &affair).second) {
    return error_at_(path + ".code", "is there twice");
  }
  ABSL_RETURN_IF_ERROR(Line(affair.name_ko(), limits::kCatalogueName, path + ".name_ko"));
  ABSL_RETURN_IF_ERROR(Line(affair.name_en(), limits::kCatalogueLine, path + ".name_en"));
  ABSL_RETURN_IF_ERROR(Line(affair.purpose_ko(), limits::kCatalogueLine, path + ".purpose_ko"));
  ABSL_RETURN_IF_ERROR(Line(affair.purpose_en(), limits::kCatalogueLine, path + ".purpose_en"));
  ABSL_RETURN_IF_ERROR(Line(affair.legal_basis(), limits::kCatalogueLine, path + ".legal_basis"));
  if (affair.legal_route() == v1::LEGAL_ROUTE_UNSPECIFIED ||
      !v1::LegalRoute_IsValid(affair.legal_route())) {
    return error_at_(path + ".legal_route", "is missing");
  }
  if (!config::v1::ExemptGround_IsValid(affair.exempt_ground())) {
    return error_at_(path + ".exempt_ground", "is no ground");
  }
  if (affair.kinds().empty()) return error_at_(path + ".kinds", "is missing");
  if (affair.kinds_size() > limits::kPapersPerConsent) {
    return error_at_(path + ".kinds", absl::StrCat("are more than ", limits::kPapersPerConsent));
  }
  std::set<std::string> seen;
  for (int i = 0; i < affair.kinds_size(); ++i) {
    const std::string kind = At(path + ".kinds", i);
    ABSL_RETURN_IF_ERROR(Unique(affair.kinds(i).kind(), &seen, kind + ".kind"));
    ABSL_RETURN_IF_ERROR(CheckAffairKind(affair.kinds(i), kind));
    if (affair.exempt_ground() == config::v1::EXEMPT_GROUND_PUBLIC_INFORMATION &&
        !kinds_.at(affair.kinds(i).kind())->open_to_public()) {
      return error_at_(kind + ".kind", "is not open to the public, so consent is needed");
    }
  }
  const auto within = [](int64_t seconds, absl::Duration min, absl::Duration max) {
    return seconds >= absl::ToInt64Seconds(min) && seconds <= absl::ToInt64Seconds(max);
  };
  if (!within(affair.valid_for_seconds(), limits::kConsentLifeMin, limits::kConsentLifeMax)) {
    return error_at_(path + ".valid_for_seconds", "must be 60 to 31622400");
  }
  if (affair.uses() < 1 || affair.uses() > limits::kConsentUses) {
    return error_at_(path + ".uses", absl::StrCat("must be 1 to ", limits::kConsentUses));
  }
  if (affair.retention_days() < 1 || affair.retention_days() > limits::kDocumentDays) {
    return error_at_(path + ".retention_days",
                     absl::StrCat("must be 1 to ", limits::kDocumentDays));
  }
  if (!within(affair.decide_within_seconds(), limits::kDecideWithinMin, limits::kDecideWithinMax)) {
    return error_at_(path + ".decide_within_seconds", "must be 60 to 2592000");
  }
  return absl::OkStatus();
}

absl::Status Validator::CheckAffairKind(const config::v1::AffairKind& kind,
                                        const std::string& path) const {
  const auto found = kinds_.find(kind.kind());
  if (found == kinds_.end()) return error_at_(path + ".kind", "no kind has this code");
  ABSL_RETURN_IF_ERROR(Line(kind.reason_ko(), limits::kCatalogueLine, path + ".reason_ko"));
  ABSL_RETURN_IF_ERROR(Line(kind.reason_en(), limits::kCatalogueLine, path + ".reason_en"));
  ABSL_RETURN_IF_ERROR(CheckFixed(kind, path));
  const auto& known = found->second->fields();
  std::set<std::string> fields;
  for (int i = 0; i < kind.fields_size(); ++i) {
    const std::string field = At(path + ".fields", i);
    if (std::find(known.begin(), known.end(), kind.fields(i)) == known.end()) {
      return error_at_(field, "the kind has no such field");
    }
    ABSL_RETURN_IF_ERROR(Unique(kind.fields(i), &fields, field));
  }
  return absl::OkStatus();
}

absl::Status Validator::CheckFixed(const config::v1::AffairKind& kind,
                                   const std::string& path) const {
  const auto& rules = kinds_.at(kind.kind())->parameters();
  std::set<std::string> names;
  for (int i = 0; i < kind.fixed_parameters_size(); ++i) {
    const std::string fixed = At(path + ".fixed_parameters", i);
    const v1::Parameter& parameter = kind.fixed_parameters(i);
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const ParameterRule& one) {
      return one.name() == parameter.name();
    });
    if (rule == rules.end()) return error_at_(fixed + ".name", "the kind has no such parameter");
    ABSL_RETURN_IF_ERROR(Unique(parameter.name(), &names, fixed + ".name"));
    if (parameter.values().empty()) return error_at_(fixed + ".values", "is missing");
    ABSL_RETURN_IF_ERROR(
        CheckParameterValues(*rule, parameter.values(), fixed + ".values", error_at_));
  }
  return absl::OkStatus();
}

// --- Approvals and providers ---

absl::Status Validator::CheckApproval(const UseApproval& approval, const std::string& path) {
  if (!HasForm(approval.id(), kLowerHyphen, 1)) {
    return error_at_(path + ".id", "must have 1 to 40 lower-case letters, digits and hyphens");
  }
  ABSL_RETURN_IF_ERROR(Unique(approval.id(), &approvals_, path + ".id"));
  const auto agency = agencies_.find(approval.agency());
  if (agency == agencies_.end()) return error_at_(path + ".agency", "no agency has this code");
  const auto& services = agency->second->services();
  if (std::none_of(services.begin(), services.end(), [](const Service& service) {
        return Has(service, config::v1::ROLE_REQUESTER) || Has(service, config::v1::ROLE_COUNTER);
      })) {
    return error_at_(path + ".agency", "the agency has no service that may ask");
  }
  if (affairs_.count(approval.affair()) == 0) {
    return error_at_(path + ".affair", "no affair has this code");
  }
  return CheckUses(approval, path);
}

absl::Status Validator::CheckUses(const UseApproval& approval, const std::string& path) {
  const auto& needed = affairs_.at(approval.affair())->kinds();
  if (approval.kinds().empty()) return error_at_(path + ".kinds", "is missing");
  if (approval.modes().empty()) return error_at_(path + ".modes", "is missing");
  std::set<std::string> kinds;
  for (int i = 0; i < approval.kinds_size(); ++i) {
    const std::string kind = At(path + ".kinds", i);
    if (std::none_of(needed.begin(), needed.end(),
                     [&](const auto& one) { return one.kind() == approval.kinds(i); })) {
      return error_at_(kind, "the affair does not need this kind");
    }
    ABSL_RETURN_IF_ERROR(Unique(approval.kinds(i), &kinds, kind));
  }
  std::set<int> modes;
  for (int i = 0; i < approval.modes_size(); ++i) {
    const std::string mode = At(path + ".modes", i);
    if (approval.modes(i) == v1::ACCESS_MODE_UNSPECIFIED ||
        !v1::AccessMode_IsValid(approval.modes(i))) {
      return error_at_(mode, "is no mode");
    }
    if (!modes.insert(approval.modes(i)).second) return error_at_(mode, "is there twice");
  }
  // One use under two approvals would go on when one of them is suspended.
  for (int i = 0; i < approval.kinds_size(); ++i) {
    for (const int mode : modes) {
      if (!uses_.emplace(approval.agency(), approval.affair(), approval.kinds(i), mode).second) {
        return error_at_(At(path + ".kinds", i), "another approval covers this use");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Validator::CheckProvider(const config::v1::IdentityProvider& provider,
                                      const std::string& path) {
  ABSL_RETURN_IF_ERROR(Line(provider.issuer(), limits::kCatalogueLine, path + ".issuer"));
  ABSL_RETURN_IF_ERROR(Unique(provider.issuer(), &issuers_, path + ".issuer"));
  ABSL_RETURN_IF_ERROR(Line(provider.audience(), limits::kCatalogueLine, path + ".audience"));
  if (provider.keys().empty()) return error_at_(path + ".keys", "is missing");
  return CheckKeys(provider.keys(), path + ".keys");
}

}  // namespace

absl::Status ValidateCatalogue(const config::v1::Catalogue& catalogue,
                               const CatalogueErrorAt& error_at) {
  return Validator(catalogue, error_at).Validate();
}

}  // namespace naru
