#include "adapters/client/receipt_check.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/receipt.h"

namespace naru::client {
namespace {

// No receipt of ours comes near: entry, salt, path and checkpoint are some KiB.
constexpr size_t kReceiptBytes = limits::kRequestBytes;

absl::Status Differs(absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat("receipt: another ", what));
}

absl::Status CompareReceipt(const v1::Receipt& receipt, const ExpectedReceipt& expected) {
  if (receipt.context() != kReceiptContext) return Differs("context");
  if (receipt.release_id() != expected.release_id) return Differs("release");
  if (receipt.fetch_id() != expected.fetch_id) return Differs("fetch");
  if (receipt.consent_id() != expected.consent_id) return Differs("consent");
  if (receipt.requester() != expected.requester) return Differs("requester");
  if (receipt.holder() != expected.holder) return Differs("holder");
  if (receipt.paper_id() != expected.paper_id) return Differs("paper");
  if (receipt.document_kind() != expected.document_kind) return Differs("document kind");
  if (!crypto::ConstantTimeEqual(receipt.nonce(), expected.nonce)) return Differs("nonce");
  if (!expected.header_sha256.empty() && receipt.header_sha256() != expected.header_sha256) {
    return Differs("header");
  }
  return absl::OkStatus();
}

absl::Status CompareEntry(const v1::OuterEntry& entry, const ExpectedReceipt& expected,
                          const v1::Receipt& receipt) {
  const auto differs = [](absl::string_view what) {
    return absl::FailedPreconditionError(absl::StrCat("ledger entry: another ", what));
  };
  if (entry.kind() != expected.entry_kind) return differs("kind of entry");
  if (entry.release_id() != expected.release_id) return differs("release");
  if (entry.fetch_id() != expected.fetch_id) return differs("fetch");
  if (entry.consent_id() != expected.consent_id) return differs("consent");
  if (entry.requester() != expected.requester) return differs("requester");
  if (entry.holder() != expected.holder) return differs("holder");
  if (entry.paper_id() != expected.paper_id) return differs("paper");
  if (entry.document_kind() != expected.document_kind) return differs("document kind");
  if (entry.mode() != expected.mode) return differs("mode");
  if (entry.header_sha256() != receipt.header_sha256()) return differs("header");
  if (!expected.header_sha256.empty() && entry.document_sha256() != expected.document_sha256) {
    return differs("document");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CheckedReceipt> CheckReceipt(const v1::DocumentReceipt& signed_receipt,
                                            const ExpectedReceipt& expected, const KeyRing& keys,
                                            CheckpointKeeper& keeper,
                                            const CheckpointKeeper::Known& known, absl::Time now) {
  if (signed_receipt.receipt().size() > kReceiptBytes) {
    return absl::FailedPreconditionError("receipt: larger than allowed");
  }
  ABSL_RETURN_IF_ERROR(
      VerifyReceiptSignature(signed_receipt.receipt(), signed_receipt.signature(), keys, now));
  CheckedReceipt checked;
  if (!checked.receipt.ParseFromString(signed_receipt.receipt())) {
    return absl::FailedPreconditionError("receipt: cannot be read");
  }
  ABSL_RETURN_IF_ERROR(CompareReceipt(checked.receipt, expected));
  ABSL_ASSIGN_OR_RETURN(checked.entry, keeper.Verify(checked.receipt.proof(), known));
  ABSL_RETURN_IF_ERROR(CompareEntry(checked.entry, expected, checked.receipt));
  return checked;
}

}  // namespace naru::client
