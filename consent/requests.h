#ifndef NARU_CONSENT_REQUESTS_H_
#define NARU_CONSENT_REQUESTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "consent/caller.h"
#include "consent/store/store.h"
#include "google/protobuf/message.h"
#include "naru/storage/v1/storage.pb.h"

// Repeats of changing calls (P7). A call is known by its caller and request_id; its content by a
// digest. A change that stands writes the request's row with the entry it caused, under the lock of
// `hash`; refusals and faults write none, so a repeat of them is judged anew. Plain functions;
// thread-safe.
namespace naru {

// A changing call as its repeat will be known.
struct RequestIdentity {
  // keys::RequestHash of caller and request_id: the lock of the change and the key of the row.
  std::string hash;
  // SHA-256 of the call's type and its content without request_id, in one serialization. What is
  // secret in it (a code) thus rests only inside a digest of the whole.
  std::string content_sha256;
  // The time inside request_id.
  absl::Time made;

  // OuterEntry.request_sha256: finds the entry of a repeat.
  std::string EntryDigest() const;
};

// FieldMalformed when request_id is no UUIDv7. `request` is any message with a field request_id.
// `on_behalf_of`: "agency:service" of who made the request_id when the caller only passes it on;
// ids of two such parties never meet. Empty when the caller made it.
absl::StatusOr<RequestIdentity> IdentifyRequest(const Caller& caller,
                                                const google::protobuf::Message& request,
                                                absl::string_view on_behalf_of = "");

// To be asked in the judge, with the group's time, before anything else is judged. nullopt: the
// call is new. A row: it is a repeat of the call that caused that entry. RequestIdExpired when the
// id is older than limits::kRequestIdAge or more than limits::kClockSkew ahead, be it a repeat or
// not; RequestIdReused when the content is another.
absl::StatusOr<std::optional<storage::v1::RequestRow>> CheckRequest(const Reader& rows,
                                                                    const RequestIdentity& request,
                                                                    absl::Time now);

// The row that the change which stands writes. `object_id`: the consent or fetch it made or
// changed, 16 bytes.
Writes::Write RememberRequest(const RequestIdentity& request, uint64_t ledger_index, absl::Time now,
                              absl::string_view object_id);

// Now and then deletes requests that are too old to be repeated, more than are written meanwhile,
// so that their rows stay bounded without a sweep.
absl::Status ForgetOldRequests(const Reader& rows, const RequestIdentity& request, absl::Time now,
                               std::vector<Writes::Write>* writes);

}  // namespace naru

#endif  // NARU_CONSENT_REQUESTS_H_
