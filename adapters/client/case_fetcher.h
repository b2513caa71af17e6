#ifndef NARU_ADAPTERS_CLIENT_CASE_FETCHER_H_
#define NARU_ADAPTERS_CLIENT_CASE_FETCHER_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "adapters/client/client_catalogue.h"
#include "adapters/client/fetch_options.h"
#include "adapters/client/fetched_case.h"
#include "adapters/client/retry.h"
#include "broker/base/clock.h"
#include "broker/base/random.h"
#include "broker/proof/ledger_proof.h"
#include "naru/v1/document_service.grpc.pb.h"

namespace naru::client {

// Fetches the papers of a case in one call and checks every one of them again (P3): what the
// broker, the holder or anybody between them mixed up, changed, left out or cannot prove never
// reaches the caller. What arrived and what mismatched is then acknowledged. At most one chunk is
// in memory. Thread-safe; Fetch blocks.
class CaseFetcher {
 public:
  struct Parts {
    v1::DocumentService::StubInterface* stub = nullptr;
    const ClientCatalogue* catalogue = nullptr;
    CheckpointKeeper* keeper = nullptr;
    const Retry* retry = nullptr;
    const Clock* clock = nullptr;
    Random* random = nullptr;
    std::string requester;  // Own agency code.
    std::string temporary_directory;
  };
  // All parts must outlive this object.
  explicit CaseFetcher(Parts parts) : parts_(std::move(parts)) {}

  // An error of the call while it had not begun (UNAVAILABLE is tried again first, under the same
  // request id), or INVALID_ARGUMENT for options that no call can be made of. Everything after that
  // is in the result.
  absl::StatusOr<FetchedCase> Fetch(const FetchOptions& options) const;

 private:
  v1::FetchDocumentsRequest RequestFor(const FetchOptions& options,
                                       const CheckpointKeeper::Known& known) const;

  const Parts parts_;
};

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_CASE_FETCHER_H_
