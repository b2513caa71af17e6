#ifndef NARU_ADAPTERS_CLIENT_RECEIPT_CHECK_H_
#define NARU_ADAPTERS_CLIENT_RECEIPT_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/proof/key_ring.h"
#include "broker/proof/ledger_proof.h"
#include "naru/v1/document_service.pb.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru::client {

// What a receipt must prove.
struct ExpectedReceipt {
  v1::EntryKind entry_kind = v1::ENTRY_KIND_UNSPECIFIED;
  std::string release_id;
  std::string fetch_id;
  std::string consent_id;
  std::string requester;
  std::string holder;
  std::string document_kind;
  uint32_t paper_id = 0;
  std::string nonce;
  v1::AccessMode mode = v1::ACCESS_MODE_VIEW;
  // Empty when this side has no header to compare with (a repeat).
  std::string header_sha256;
  std::string document_sha256;  // Empty for NO_RECORD.
};

struct CheckedReceipt {
  v1::Receipt receipt;
  v1::OuterEntry entry;
};

// Checks signature, every field, and that the entry of the release is in the ledger, under a tree
// that extends `known` (P1, P5). FAILED_PRECONDITION says which check failed; UNAVAILABLE when the
// checkpoint could not be kept. Thread-safe.
absl::StatusOr<CheckedReceipt> CheckReceipt(const v1::DocumentReceipt& signed_receipt,
                                            const ExpectedReceipt& expected, const KeyRing& keys,
                                            CheckpointKeeper& keeper,
                                            const CheckpointKeeper::Known& known, absl::Time now);

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_RECEIPT_CHECK_H_
