#ifndef NARU_BROKER_BASE_OPS_VERSION_H_
#define NARU_BROKER_BASE_OPS_VERSION_H_

namespace naru {

// The newest heading of CHANGELOG.md that this tree has: what metrics call the version.
inline constexpr char kVersion[] = "unreleased";

}  // namespace naru

#endif  // NARU_BROKER_BASE_OPS_VERSION_H_
