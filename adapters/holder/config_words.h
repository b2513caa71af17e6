#ifndef NARU_ADAPTERS_HOLDER_CONFIG_WORDS_H_
#define NARU_ADAPTERS_HOLDER_CONFIG_WORDS_H_

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/base/textproto.h"
#include "naru/config/v1/config.pb.h"

// What the checks of naru-holder's configuration have in common. Thread-safe.
namespace naru {

using HolderConfigFile = TextProtoFile<config::v1::HolderConfig>;

// The path of an element of a list, for messages: "registers[2]".
inline std::string At(absl::string_view list, int index) {
  return absl::StrCat(list, "[", index, "]");
}

// A kind's code: 2 to 40 capital letters, digits and underscores, a letter first.
inline bool IsKindCode(absl::string_view text) {
  return text.size() >= 2 && text.size() <= 40 &&
         absl::ascii_isupper(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return absl::ascii_isupper(byte) || absl::ascii_isdigit(byte) || c == '_';
         });
}

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_CONFIG_WORDS_H_
