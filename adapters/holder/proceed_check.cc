#include "adapters/holder/proceed_check.h"

#include <glog/logging.h>

#include "broker/base/errors.h"
#include "broker/proof/crypto.h"
#include "naru/v1/ledger_entry.pb.h"

namespace naru {
namespace {

// Which part of the entry is not this release's, or nullptr.
const char* Difference(const v1::OuterEntry& entry, const holder::v1::DocumentRequest& request,
                       const Answer& answer) {
  if (entry.kind() != v1::ENTRY_KIND_DOCUMENT_RELEASED) return "the entry is no release";
  if (entry.release_id() != answer.header.release_id()) return "another release";
  if (entry.holder() != answer.header.holder()) return "another holder";
  if (entry.requester() != answer.header.requester()) return "another requester";
  if (entry.document_kind() != answer.header.document_kind()) return "another kind";
  if (entry.consent_id() != request.consent_id()) return "another consent";
  if (entry.affair() != request.affair()) return "another affair";
  if (entry.header_sha256() != crypto::Sha256(answer.signed_header.header())) {
    return "another header";
  }
  if (entry.document_sha256() != answer.header.body_sha256()) return "another document";
  return nullptr;
}

}  // namespace

absl::Status CheckProceed(const holder::v1::Proceed& proceed,
                          const holder::v1::DocumentRequest& request, const Answer& answer,
                          const CheckpointKeeper::Known& known, CheckpointKeeper& keeper) {
  const absl::StatusOr<v1::OuterEntry> entry = keeper.Verify(proceed.proof(), known);
  if (absl::IsUnavailable(entry.status())) return entry.status();
  if (!entry.ok()) {
    LOG(ERROR) << "a proceed is refused: " << entry.status().message();
    return FieldMalformed("proceed.proof", "a proof that the release is in the ledger");
  }
  if (const char* difference = Difference(*entry, request, answer)) {
    LOG(ERROR) << "a proceed is refused: " << difference;
    return FieldMalformed("proceed.proof", "the proof of this document's release");
  }
  return absl::OkStatus();
}

}  // namespace naru
