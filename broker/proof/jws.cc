#include "broker/proof/jws.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace naru {

std::string SignJws(absl::string_view payload, absl::string_view type,
                    const crypto::SigningKey& key) {
  CHECK(key.type() == crypto::SigningKey::Type::kEcdsaP256);
  google::protobuf::Struct header;
  auto& fields = *header.mutable_fields();
  fields["alg"].set_string_value("ES256");
  fields["kid"].set_string_value(key.key_id());
  if (!type.empty()) fields["typ"].set_string_value(std::string(type));
  std::string json;
  CHECK(google::protobuf::util::MessageToJsonString(header, &json).ok());
  const std::string signed_part =
      absl::StrCat(absl::WebSafeBase64Escape(json), ".", absl::WebSafeBase64Escape(payload));
  const absl::StatusOr<std::string> signature = crypto::EcdsaDerToJws(key.Sign(signed_part));
  CHECK(signature.ok());
  return absl::StrCat(signed_part, ".", absl::WebSafeBase64Escape(*signature));
}

}  // namespace naru
