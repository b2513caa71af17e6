#ifndef NARU_ADAPTERS_HOLDER_BODY_H_
#define NARU_ADAPTERS_HOLDER_BODY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace naru {

// The bytes of a document, read piece by piece, so that a large one is never held whole. Whoever
// sends them compares each piece with the signed header: only that shows that they are still the
// bytes that were signed. Thread-safe.
class Body {
 public:
  virtual ~Body() = default;

  virtual uint64_t size() const = 0;
  // `size` bytes from `offset`, which the body has. May block on a disk. DATA_LOSS when they are
  // not there any more.
  virtual absl::StatusOr<std::string> Read(uint64_t offset, size_t size) const = 0;
};

// One in memory.
class TextBody final : public Body {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}

  uint64_t size() const override { return text_.size(); }
  absl::StatusOr<std::string> Read(uint64_t offset, size_t size) const override {
    return text_.substr(offset, size);
  }

 private:
  const std::string text_;
};

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_BODY_H_
