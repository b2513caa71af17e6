#ifndef NARU_CONSENT_HISTORY_BOOK_H_
#define NARU_CONSENT_HISTORY_BOOK_H_

#include <functional>

#include "absl/status/statusor.h"
#include "consent/caller.h"
#include "consent/rules_context.h"
#include "naru/v1/history_service.pb.h"

namespace naru {

// Reads of what happened, each entered before it is answered, and the resolver's look-ups.
// Thread-safe. Calls read rows before they return: not on a gRPC thread. Callbacks run on the
// journal's executor, once, and read rows there. Page sizes and tokens of the wrong form are
// FieldMalformed.
class HistoryBook {
 public:
  // `context` and all it points to must outlive the book.
  explicit HistoryBook(const RulesContext* context);

  // The person's entries, newest first, the entry of this look (HISTORY_READ) at the head of the
  // first page. `total` is the person's last number. An entry whose term ended has its index alone.
  // Of a CHECKS entry, which many persons share, only the person's own lines are shown, and no salt
  // and hash, as such a leaf cannot be computed from a part. ASSERTION_INVALID is entered.
  void ListPerson(const Caller& caller, const v1::ListPersonHistoryRequest& request,
                  std::function<void(absl::StatusOr<v1::ListPersonHistoryResponse>)> done);
  // The entries of the caller's own case, newest first, from all shards; `total` stays 0. The look
  // is entered about every person on the page, with the official who looked, and is listed under
  // the case from the next look on.
  void ListCase(const Caller& caller, const v1::ListCaseHistoryRequest& request,
                std::function<void(absl::StatusOr<v1::ListCaseHistoryResponse>)> done);
  // Enters a look-up. Somebody not yet known becomes known by it; without person the entry is about
  // nobody, and holds neither official nor terminal, as there is no key to seal them with.
  void RecordLookUp(const Caller& caller, const v1::RecordLookUpRequest& request,
                    std::function<void(absl::StatusOr<v1::RecordLookUpResponse>)> done);

 private:
  const RulesContext* const context_;
};

}  // namespace naru

#endif  // NARU_CONSENT_HISTORY_BOOK_H_
