#ifndef NARU_BROKER_BASE_STATUS_MACROS_H_
#define NARU_BROKER_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// The macros of absl/status/status_macros.h, which Debian's Abseil does not have yet, under their
// upstream names and in their plain form: the error is returned as it is.

// Returns the error of `...`, an absl::Status, from the calling function.
#define ABSL_RETURN_IF_ERROR(...)                       \
  do {                                                  \
    absl::Status naru_status_to_return = (__VA_ARGS__); \
    if (!naru_status_to_return.ok()) {                  \
      return naru_status_to_return;                     \
    }                                                   \
  } while (false)

// Assigns the value of `...`, an absl::StatusOr, to `lhs`, which may declare a variable, or returns
// its error. Two statements: not the whole body of an `if`.
#define ABSL_ASSIGN_OR_RETURN(lhs, ...) \
  NARU_ASSIGN_OR_RETURN_(NARU_STATUS_CONCAT_(naru_status_or_, __LINE__), lhs, (__VA_ARGS__))

#define NARU_ASSIGN_OR_RETURN_(status_or, lhs, rexpr) \
  auto status_or = rexpr;                             \
  if (!status_or.ok()) {                              \
    return std::move(status_or).status();             \
  }                                                   \
  lhs = *std::move(status_or)

#define NARU_STATUS_CONCAT_(a, b) NARU_STATUS_CONCAT_INNER_(a, b)
#define NARU_STATUS_CONCAT_INNER_(a, b) a##b

#endif  // NARU_BROKER_BASE_STATUS_MACROS_H_
