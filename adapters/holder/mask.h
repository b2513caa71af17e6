#ifndef NARU_ADAPTERS_HOLDER_MASK_H_
#define NARU_ADAPTERS_HOLDER_MASK_H_

#include <string>

#include "absl/strings/string_view.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// `value`, UTF-8, with what `mask` hides as "*", one for each character; config.proto says what
// that is. A value that is not of the form the mask is for is hidden whole, and an empty one stays
// empty: no mask shows more than it says. Thread-safe.
std::string ApplyMask(config::v1::Mask mask, absl::string_view value);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_MASK_H_
