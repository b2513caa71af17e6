#ifndef NARU_ADAPTERS_HOLDER_PROCEED_CHECK_H_
#define NARU_ADAPTERS_HOLDER_PROCEED_CHECK_H_

#include "absl/status/status.h"
#include "adapters/holder/answer.h"
#include "broker/proof/ledger_proof.h"
#include "naru/holder/v1/holder_service.pb.h"

namespace naru {

// Whether a body may leave (P1): OK when the proof shows that the ledger, which extends the tree
// `known` when the answer was given, has the release of exactly this document: its release id,
// holder, requester, kind, consent, affair, header and body digest. INVALID_ARGUMENT says which
// step failed; UNAVAILABLE when the checkpoint could not be written, so that the proof may not be
// relied on. Thread-safe; blocks on the disk.
absl::Status CheckProceed(const holder::v1::Proceed& proceed,
                          const holder::v1::DocumentRequest& request, const Answer& answer,
                          const CheckpointKeeper::Known& known, CheckpointKeeper& keeper);

}  // namespace naru

#endif  // NARU_ADAPTERS_HOLDER_PROCEED_CHECK_H_
