#ifndef NARU_CONSENT_CATALOG_DEPLOY_CATALOGUE_H_
#define NARU_CONSENT_CATALOG_DEPLOY_CATALOGUE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "broker/proof/crypto.h"
#include "consent/catalog/catalogue.h"

namespace naru {

// The catalogue of deploy/, as one file, with keys of its own, for tests. Keys are made once a
// process.
class DeployCatalogue {
 public:
  // `addresses`: what stands for a token ("@NTS@"); the others get ports nobody listens on.
  explicit DeployCatalogue(const std::map<std::string, std::string>& addresses = {});

  // The catalogue's text, tokens replaced, keys still "file:...", and where it and the keys lie.
  const std::string& text() const { return text_; }
  const std::string& path() const { return path_; }
  const std::string& key_directory() const { return directory_; }

  // Loads it; ends the process if that fails.
  std::shared_ptr<const Catalogue> Load() const;
  // The same with a change to the message: what a test wants to be otherwise, checked again.
  template <typename Edit>
  absl::StatusOr<std::shared_ptr<const Catalogue>> LoadEdited(Edit edit) const {
    config::v1::Catalogue message = Load()->message();
    edit(&message);
    return Catalogue::Parse(message.SerializeAsString());
  }

  // The private key to a public one: "1210000-1", "receipt-1", "idp-dev-1".
  static const crypto::SigningKey& Key(const std::string& key_id);

 private:
  std::string directory_;
  std::string path_;
  std::string text_;
};

}  // namespace naru

#endif  // NARU_CONSENT_CATALOG_DEPLOY_CATALOGUE_H_
