#ifndef NARU_CONSENT_CONSENT_RECEIPT_H_
#define NARU_CONSENT_CONSENT_RECEIPT_H_

#include "absl/time/time.h"
#include "consent/catalog/catalogue.h"
#include "consent/consent_rows.h"
#include "naru/receipt/v1/consent_receipt.pb.h"

namespace naru {

// The receipt of a consent that was decided (ISO/IEC TS 27560), as it is at `now`. Names of
// agencies, kinds and affair are the catalogue's; a code stands for what it does not have any more.
// Pure.
receipt::v1::ConsentReceipt MakeConsentReceipt(const StoredConsent& consent,
                                               const Catalogue& catalogue, absl::Time now);

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_RECEIPT_H_
