#ifndef NARU_CONSENT_CATALOG_CATALOGUE_H_
#define NARU_CONSENT_CATALOG_CATALOGUE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/base/identity.h"
#include "google/protobuf/repeated_field.h"
#include "naru/config/v1/catalogue.pb.h"
#include "naru/v1/common.pb.h"

namespace naru {

// What can be asked for, by whom, for what: agencies, document kinds, affairs and use approvals,
// checked as a whole (catalogue_validator.h) and ready to be looked up. Immutable and thread-safe;
// pointers and references that it gives live as long as it does. Keys:
// broker/proof/catalogue_keys.h over message().
class Catalogue {
 public:
  // From a textproto. A pem "file:<name>" is read from `key_directory`, so that bytes() holds the
  // whole catalogue. INVALID_ARGUMENT names file, line and field of the first thing wrong.
  static absl::StatusOr<std::shared_ptr<const Catalogue>> Load(const std::string& path,
                                                               const std::string& key_directory);
  // From what bytes() gave, as the store keeps it. INVALID_ARGUMENT names the field.
  static absl::StatusOr<std::shared_ptr<const Catalogue>> Parse(std::string bytes);

  // From text at hand, every key inside: what two persons signed. `name` stands for the file in
  // errors, which are as Load's.
  static absl::StatusOr<std::shared_ptr<const Catalogue>> FromText(std::string name,
                                                                   absl::string_view text);
  // As a textproto.
  absl::StatusOr<std::string> Text() const;

  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;

  // The serialized catalogue, keys included, and its SHA-256.
  const std::string& bytes() const { return bytes_; }
  const std::string& sha256() const { return sha256_; }
  const config::v1::Catalogue& message() const { return message_; }

  // --- Agencies and services ---

  // One service of an agency: who a certificate belongs to, or whom the broker calls.
  struct Party {
    const config::v1::Agency* agency = nullptr;
    const config::v1::Service* service = nullptr;
    std::set<config::v1::Role> roles;
  };
  // nullptr when there is none.
  const config::v1::Agency* FindAgency(absl::string_view code) const;
  const Party* FindService(const PeerIdentity& identity) const;
  // Agency, HOLDER service and address of whoever holds the kind; nullptr when there is no such
  // kind.
  const Party* HolderOf(absl::string_view kind) const;
  // The RESOLVER service; nullptr when there is none.
  const Party* resolver() const { return resolver_; }

  // --- Kinds and affairs ---

  // In order of code.
  const std::vector<const config::v1::DocumentKind*>& kinds() const { return sorted_kinds_; }
  // nullptr when there is none.
  const config::v1::DocumentKind* FindKind(absl::string_view code) const;
  const config::v1::Affair* FindAffair(absl::string_view code) const;
  // What the affair says about the kind; nullptr when it does not need it.
  const config::v1::AffairKind* FindAffairKind(absl::string_view affair,
                                               absl::string_view kind) const;
  // Where the kind stands in affair.kinds, which is how CheckRow names it.
  std::optional<uint32_t> AffairKindIndex(absl::string_view affair, absl::string_view kind) const;

  // The fields a paper of the kind may have in the affair, in the kind's order. Both exist.
  std::vector<std::string> ApprovedFields(absl::string_view kind, absl::string_view affair) const;
  // The largest body of the kind. It exists.
  uint64_t MaxSizeBytes(absl::string_view kind) const;
  // Defaults of the affair. It exists.
  absl::Duration DecideWithin(absl::string_view affair) const;
  absl::Duration ValidFor(absl::string_view affair) const;

  using Parameters = google::protobuf::RepeatedPtrField<v1::Parameter>;
  // All parameters of a paper, in order of name, values in ascending order: what is given, what the
  // affair fixes, and the kind's defaults for the rest. `field` is the paper's path in the request
  // ("papers[2]"). FieldMalformed, FieldMissing, FieldTooLarge or FieldsContradict (also for a
  // value that the affair fixes otherwise) under "<field>.parameters". Kind and affair exist and
  // belong together.
  absl::StatusOr<std::vector<v1::Parameter>> ExplicitParameters(absl::string_view kind,
                                                                absl::string_view affair,
                                                                const Parameters& given,
                                                                absl::string_view field) const;

  // --- Use approvals ---

  // The approval that covers agency x affair x kind x mode; there is never more than one. With
  // ACCESS_MODE_UNSPECIFIED the first that covers the rest. nullptr when none does. Whether it is
  // suspended: policy.h.
  const config::v1::UseApproval* FindApproval(absl::string_view agency, absl::string_view affair,
                                              absl::string_view kind, v1::AccessMode mode) const;
  const config::v1::UseApproval* ApprovalById(absl::string_view id) const;

 private:
  explicit Catalogue(std::string bytes, config::v1::Catalogue message);

  template <typename T>
  using ByCode = std::map<std::string, T, std::less<>>;
  using Use = std::tuple<std::string, std::string, std::string, v1::AccessMode>;

  const std::string bytes_;
  const std::string sha256_;
  const config::v1::Catalogue message_;

  ByCode<const config::v1::Agency*> agencies_;
  std::map<PeerIdentity, Party> services_;
  ByCode<const Party*> holders_;  // By kind.
  const Party* resolver_ = nullptr;
  ByCode<const config::v1::DocumentKind*> kinds_;
  std::vector<const config::v1::DocumentKind*> sorted_kinds_;
  ByCode<const config::v1::Affair*> affairs_;
  std::map<std::pair<std::string, std::string>, uint32_t> affair_kinds_;
  std::map<Use, const config::v1::UseApproval*> uses_;
  ByCode<const config::v1::UseApproval*> approvals_;
};

}  // namespace naru

#endif  // NARU_CONSENT_CATALOG_CATALOGUE_H_
