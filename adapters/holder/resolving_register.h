#ifndef NARU_ADAPTERS_HOLDER_RESOLVING_REGISTER_H_
#define NARU_ADAPTERS_HOLDER_RESOLVING_REGISTER_H_

#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "adapters/holder/number_resolver.h"
#include "adapters/holder/register.h"

namespace naru {

// A register that knows persons by numbers of the agency's own, seen as one that knows their CIs.
// What is asked is exchanged before, and the number that the record names after: the record is
// bound to whom that number belongs, never to whom was asked for (P3). Kinds without a number_kind
// pass through. Thread-safe.
class ResolvingRegister final : public Register {
 public:
  ResolvingRegister(std::unique_ptr<Register> inner, std::shared_ptr<NumberResolver> resolver)
      : inner_(std::move(inner)), resolver_(std::move(resolver)) {}

  const DocumentForm* FindForm(absl::string_view kind) const override {
    return inner_->FindForm(kind);
  }
  // Also UNAVAILABLE (DEPENDENCY_UNAVAILABLE) when the resolver does not answer, and INTERNAL when
  // the number in the record is nobody's. Nobody has a record about a person without a number.
  absl::StatusOr<std::optional<Record>> Find(absl::string_view kind,
                                             const RecordQuery& query) override;
  size_t connections() const override { return inner_->connections(); }

 private:
  const std::unique_ptr<Register> inner_;
  const std::shared_ptr<NumberResolver> resolver_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_RESOLVING_REGISTER_H_
