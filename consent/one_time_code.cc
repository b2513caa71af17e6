#include "consent/one_time_code.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "broker/base/errors.h"
#include "broker/base/limits.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

constexpr uint64_t kCodes = 1'000'000;
static_assert(limits::kCodeDigits == 6);

std::string Hmac(const CodeKey& key, const ConsentId& consent, v1::CodePurpose purpose,
                 absl::string_view code) {
  return crypto::HmacSha256(
      key.key, absl::StrCat(consent.bytes(), std::string(1, static_cast<char>(purpose)), code));
}

bool IsLive(const CodeKey& key, const storage::v1::CodeRow& row, absl::Time now) {
  return !row.code_hmac().empty() && row.key_id() == key.id &&
         absl::ToUnixMicros(now) < row.expire_time_us();
}

uint32_t Left(uint32_t limit, uint32_t taken) { return limit - std::min(limit, taken); }

}  // namespace

std::string DrawCode(Random& random) { return absl::StrFormat("%06d", random.Below(kCodes)); }

bool IsCode(absl::string_view text) {
  return text.size() == limits::kCodeDigits &&
         std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

void SetCode(const CodeKey& key, const ConsentId& consent, v1::CodePurpose purpose,
             absl::string_view code, absl::Time now, storage::v1::CodeRow* row) {
  row->set_code_hmac(Hmac(key, consent, purpose, code));
  row->set_key_id(std::string(key.id));
  row->set_expire_time_us(absl::ToUnixMicros(now + limits::kCodeLife));
}

std::optional<v1::RefusalReason> RefuseResend(const storage::v1::CodeRow& row) {
  if (TriesLeft(row) == 0) return v1::REFUSAL_REASON_CODE_LOCKED;
  if (ResendsLeft(row) == 0) return v1::REFUSAL_REASON_CODE_RESENDS_EXHAUSTED;
  return std::nullopt;
}

std::optional<v1::RefusalReason> RefuseAttempt(const CodeKey& key, const storage::v1::CodeRow& row,
                                               absl::Time now) {
  if (TriesLeft(row) == 0) return v1::REFUSAL_REASON_CODE_LOCKED;
  if (!IsLive(key, row, now)) return v1::REFUSAL_REASON_CODE_EXPIRED;
  return std::nullopt;
}

std::optional<v1::RefusalReason> CompareCode(const CodeKey& key, const ConsentId& consent,
                                             v1::CodePurpose purpose, absl::string_view code,
                                             absl::string_view attempted_hmac,
                                             const storage::v1::CodeRow& row, absl::Time now) {
  if (row.code_hmac() != attempted_hmac || !IsLive(key, row, now)) {
    return v1::REFUSAL_REASON_CODE_EXPIRED;
  }
  if (!crypto::ConstantTimeEqual(Hmac(key, consent, purpose, code), row.code_hmac())) {
    return v1::REFUSAL_REASON_CODE_WRONG;
  }
  return std::nullopt;
}

std::string CodeReference(v1::CodePurpose purpose, const storage::v1::CodeRow& row) {
  return absl::StrCat(purpose == v1::CODE_PURPOSE_DECIDE ? "DECIDE " : "WITHDRAW ", row.resends());
}

absl::StatusOr<uint32_t> ResendsLeftAfter(absl::string_view code_reference) {
  uint32_t resends = 0;
  if (!absl::ConsumePrefix(&code_reference, "DECIDE ") &&
      !absl::ConsumePrefix(&code_reference, "WITHDRAW ")) {
    return DataDamaged("the entry of a code cannot be read");
  }
  if (!absl::SimpleAtoi(code_reference, &resends)) {
    return DataDamaged("the entry of a code cannot be read");
  }
  return Left(limits::kCodeResends, resends);
}

uint32_t TriesLeft(const storage::v1::CodeRow& row) {
  return Left(limits::kCodeAttempts, row.attempts());
}

uint32_t ResendsLeft(const storage::v1::CodeRow& row) {
  return Left(limits::kCodeResends, row.resends());
}

}  // namespace naru
