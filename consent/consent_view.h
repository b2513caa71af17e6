#ifndef NARU_CONSENT_CONSENT_VIEW_H_
#define NARU_CONSENT_CONSENT_VIEW_H_

#include "absl/time/time.h"
#include "consent/consent_rows.h"
#include "google/protobuf/timestamp.pb.h"
#include "naru/v1/consent_service.pb.h"
#include "naru/v1/ledger_entry.pb.h"

// A consent as those who may see it see it. Pure functions.
namespace naru {

// Whom a consent is shown to: its requester alone sees official, terminal and case.
enum class ConsentViewer { kRequester, kCitizen };

// As it is at `now`.
v1::Consent ShowConsent(const StoredConsent& consent, ConsentViewer viewer, absl::Time now);
// As this entry left it, whatever came later: a repeat gets the answer again (P7). The entry is
// OPENED, DECIDED, WITHDRAWN, SUSPENDED, RESUMED or CANCELLED of this consent.
v1::Consent ShowConsentAfter(const StoredConsent& consent, ConsentViewer viewer,
                             const v1::OuterEntry& entry);

google::protobuf::Timestamp ToTimestamp(absl::Time time);
absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp);
// "2026-11-22T05:03:00Z", for facts of a refusal.
std::string ToRfc3339(absl::Time time);

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_VIEW_H_
