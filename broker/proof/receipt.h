#ifndef NARU_BROKER_PROOF_RECEIPT_H_
#define NARU_BROKER_PROOF_RECEIPT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "broker/proof/crypto.h"
#include "broker/proof/key_ring.h"
#include "naru/v1/common.pb.h"

// The broker's signature under a receipt: made when a document is released, checked by the
// requester's library. Thread-safe.
namespace naru {

inline constexpr absl::string_view kReceiptContext = "naru-receipt-v1";

// Signs a receipt's serialized bytes. `key` is ECDSA P-256.
v1::Signature SignReceipt(absl::string_view receipt, const crypto::SigningKey& key);
// FAILED_PRECONDITION unless a receipt key of the ring, valid at `now`, signed these bytes.
absl::Status VerifyReceiptSignature(absl::string_view receipt, const v1::Signature& signature,
                                    const KeyRing& keys, absl::Time now);

}  // namespace naru

#endif  // NARU_BROKER_PROOF_RECEIPT_H_
