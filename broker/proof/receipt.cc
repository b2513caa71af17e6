#include "broker/proof/receipt.h"

#include "broker/proof/signature.h"

namespace naru {

v1::Signature SignReceipt(absl::string_view receipt, const crypto::SigningKey& key) {
  return SignInContext(kReceiptContext, receipt, key);
}

absl::Status VerifyReceiptSignature(absl::string_view receipt, const v1::Signature& signature,
                                    const KeyRing& keys, absl::Time now) {
  if (!VerifyInContext(kReceiptContext, receipt, signature, kReceiptKeyOwner, keys, now)) {
    return absl::FailedPreconditionError("receipt: not signed by a receipt key that counts now");
  }
  return absl::OkStatus();
}

}  // namespace naru
