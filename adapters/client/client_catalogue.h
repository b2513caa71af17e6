#ifndef NARU_ADAPTERS_CLIENT_CLIENT_CATALOGUE_H_
#define NARU_ADAPTERS_CLIENT_CLIENT_CATALOGUE_H_

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/proof/key_ring.h"
#include "naru/config/v1/catalogue.pb.h"

namespace naru::client {

// The catalogue as a requester's system has it in a file: who holds what, and the keys that
// answers and receipts are checked with. What the broker says is compared with this, never the
// other way round. Immutable, thread-safe.
class ClientCatalogue {
 public:
  // Reads the file, and each pem "file:<name>" from `key_directory` (empty: the file's own).
  // INVALID_ARGUMENT or the status of ReadFile names what is wrong with which file or key.
  static absl::StatusOr<std::unique_ptr<ClientCatalogue>> Load(const std::string& path,
                                                               const std::string& key_directory);
  // From a message at hand, keys read in.
  static absl::StatusOr<std::unique_ptr<ClientCatalogue>> Make(config::v1::Catalogue message);

  const config::v1::Catalogue& message() const { return message_; }
  const KeyRing& keys() const { return keys_; }
  // nullptr when there is none.
  const config::v1::DocumentKind* FindKind(absl::string_view code) const;
  const config::v1::Affair* FindAffair(absl::string_view code) const;
  // What the affair says of the kind; nullptr when it does not need it.
  static const config::v1::AffairKind* FindKindOf(const config::v1::Affair& affair,
                                                  absl::string_view kind);

 private:
  ClientCatalogue() = default;

  config::v1::Catalogue message_;
  KeyRing keys_;
  std::map<std::string, const config::v1::DocumentKind*, std::less<>> kinds_;
  std::map<std::string, const config::v1::Affair*, std::less<>> affairs_;
};

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_CLIENT_CATALOGUE_H_
