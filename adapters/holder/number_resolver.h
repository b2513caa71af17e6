#ifndef NARU_ADAPTERS_HOLDER_NUMBER_RESOLVER_H_
#define NARU_ADAPTERS_HOLDER_NUMBER_RESOLVER_H_

#include <grpcpp/channel.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "naru/identity/v1/identity_service.pb.h"

namespace naru {

// For one question to the resolver.
inline constexpr absl::Duration kResolveNumber = absl::Seconds(2);

// Exchanges CIs and numbers of the agency's own kind. Nothing of a question or answer is logged or
// kept. Thread-safe; calls block for a bounded time.
class NumberResolver {
 public:
  virtual ~NumberResolver() = default;
  // The person's number; nullopt when the person has none. UNAVAILABLE (DEPENDENCY_UNAVAILABLE)
  // when there is no answer, whatever the reason.
  virtual absl::StatusOr<std::optional<std::string>> NumberOf(identity::v1::NumberKind kind,
                                                              const std::string& ci) = 0;
  // The CI of the one whose number it is; nullopt when it is nobody's. Errors as above.
  virtual absl::StatusOr<std::optional<std::string>> PersonOf(identity::v1::NumberKind kind,
                                                              const std::string& number) = 0;
};

// By naru.identity.v1 over `channel`, which checks who answers (ChannelTo).
std::unique_ptr<NumberResolver> NewNumberResolver(std::shared_ptr<grpc::Channel> channel);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_NUMBER_RESOLVER_H_
