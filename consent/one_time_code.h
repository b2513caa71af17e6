#ifndef NARU_CONSENT_ONE_TIME_CODE_H_
#define NARU_CONSENT_ONE_TIME_CODE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/base/ids.h"
#include "broker/base/random.h"
#include "naru/storage/v1/storage.pb.h"
#include "naru/v1/consent_service.pb.h"
#include "naru/v1/error_reason.pb.h"

// One-time codes (P9). A code rests as HMAC(code key, consent id || purpose, one byte || code), so
// it fits one consent and one purpose. A try is entered (EnterAttempt, committed) before it is
// compared (CompareCode), so that no number of callers at once gets more than
// limits::kCodeAttempts comparisons. Plain functions.
namespace naru {

// The code key of this broker.
struct CodeKey {
  absl::string_view key;  // 32 bytes.
  absl::string_view id;
};

// Six digits.
std::string DrawCode(Random& random);
// Whether the text has the form of a code.
bool IsCode(absl::string_view text);

// Makes `code` the live one. What was live before does not count any more; tries and resends stay.
void SetCode(const CodeKey& key, const ConsentId& consent, v1::CodePurpose purpose,
             absl::string_view code, absl::Time now, storage::v1::CodeRow* row);

// Why no further code is sent: CODE_LOCKED, CODE_RESENDS_EXHAUSTED.
std::optional<v1::RefusalReason> RefuseResend(const storage::v1::CodeRow& row);
// Why a try is not entered: CODE_LOCKED, CODE_EXPIRED.
std::optional<v1::RefusalReason> RefuseAttempt(const CodeKey& key, const storage::v1::CodeRow& row,
                                               absl::Time now);
// Why an entered try does not count: CODE_EXPIRED when the live code is not the one it was entered
// for (`attempted_hmac`) or has ended since, CODE_WRONG when it is another. In constant time.
std::optional<v1::RefusalReason> CompareCode(const CodeKey& key, const ConsentId& consent,
                                             v1::CodePurpose purpose, absl::string_view code,
                                             absl::string_view attempted_hmac,
                                             const storage::v1::CodeRow& row, absl::Time now);

// OuterEntry.reference of a CODE_SENT entry: purpose and resends made, "DECIDE 1", so that a repeat
// gets its answer again.
std::string CodeReference(v1::CodePurpose purpose, const storage::v1::CodeRow& row);
// The resends left after it. DATA_LOSS for another text.
absl::StatusOr<uint32_t> ResendsLeftAfter(absl::string_view code_reference);

uint32_t TriesLeft(const storage::v1::CodeRow& row);
uint32_t ResendsLeft(const storage::v1::CodeRow& row);

}  // namespace naru

#endif  // NARU_CONSENT_ONE_TIME_CODE_H_
