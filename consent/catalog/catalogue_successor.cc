#include "consent/catalog/catalogue_successor.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace naru {
namespace {

using Missing = std::optional<std::string>;

// The values of a list by what names them.
template <typename List, typename Name>
auto ByName(const List& list, Name name) {
  std::map<std::string, const typename List::value_type*> by_name;
  for (const auto& value : list) by_name[(value.*name)()] = &value;
  return by_name;
}

std::string Path(const std::string& list, const std::string& name) {
  return absl::StrCat(list, "[\"", name, "\"]");
}

template <typename Keys>
Missing MissingKey(const std::string& path, const Keys& in_force, const Keys& next) {
  const auto kept = ByName(next, &config::v1::PublicKey::key_id);
  for (const config::v1::PublicKey& key : in_force) {
    const auto found = kept.find(key.key_id());
    if (found == kept.end() || found->second->pem() != key.pem()) {
      return Path(path, key.key_id());
    }
  }
  return std::nullopt;
}

Missing MissingAgency(const config::v1::Catalogue& in_force, const config::v1::Catalogue& next) {
  const auto kept = ByName(next.agencies(), &config::v1::Agency::code);
  for (const config::v1::Agency& agency : in_force.agencies()) {
    const std::string path = Path("agencies", agency.code());
    const auto found = kept.find(agency.code());
    if (found == kept.end()) return path;
    const Missing key =
        MissingKey(path + ".signing_keys", agency.signing_keys(), found->second->signing_keys());
    if (key.has_value()) return key;
  }
  return std::nullopt;
}

// Kinds may be added behind those that are there.
Missing MissingAffair(const config::v1::Catalogue& in_force, const config::v1::Catalogue& next) {
  const auto kept = ByName(next.affairs(), &config::v1::Affair::code);
  for (const config::v1::Affair& affair : in_force.affairs()) {
    const std::string path = Path("affairs", affair.code());
    const auto found = kept.find(affair.code());
    if (found == kept.end()) return path;
    for (int i = 0; i < affair.kinds_size(); ++i) {
      if (i >= found->second->kinds_size() ||
          found->second->kinds(i).kind() != affair.kinds(i).kind()) {
        return absl::StrCat(path, ".kinds[", i, "]");
      }
    }
  }
  return std::nullopt;
}

template <typename List, typename Name>
Missing MissingName(const std::string& path, const List& in_force, const List& next, Name name) {
  const auto kept = ByName(next, name);
  for (const auto& value : in_force) {
    if (kept.count((value.*name)()) == 0) return Path(path, (value.*name)());
  }
  return std::nullopt;
}

}  // namespace

Missing MissingInSuccessor(const config::v1::Catalogue& in_force,
                           const config::v1::Catalogue& next) {
  if (Missing missing = MissingAgency(in_force, next)) return missing;
  if (Missing missing =
          MissingName("kinds", in_force.kinds(), next.kinds(), &config::v1::DocumentKind::code)) {
    return missing;
  }
  if (Missing missing = MissingAffair(in_force, next)) return missing;
  if (Missing missing = MissingName("approvals", in_force.approvals(), next.approvals(),
                                    &config::v1::UseApproval::id)) {
    return missing;
  }
  return MissingKey("receipt_keys", in_force.receipt_keys(), next.receipt_keys());
}

}  // namespace naru
