#ifndef NARU_ADAPTERS_CLIENT_CASE_FETCHER_H_
#define NARU_ADAPTERS_CLIENT_CASE_FETCHER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/client_catalogue.h"
#include "adapters/client/fetched_case.h"
#include "adapters/client/retry.h"
#include "broker/base/clock.h"
#include "broker/base/limits.h"
#include "broker/base/random.h"
#include "broker/proof/ledger_proof.h"
#include "naru/v1/document_service.grpc.pb.h"

namespace naru::client {

struct FetchOptions {
  std::string request_id;  // Empty: made here.
  std::string consent_id;
  v1::Subject person;  // Type PERSON, CI: the caller's own.
  v1::CaseContext case_context;
  // The papers as the caller knows them, with its own identifiers for things.
  std::vector<v1::Paper> papers;
  // Which of them; none means all agreed to.
  std::vector<uint32_t> paper_ids;
  v1::AccessMode mode = v1::ACCESS_MODE_VIEW;
  std::string affair;  // Narrows the fields that may come; may be empty.
  // Only to repeat a fetch of another process: then the nonce it was made with, 32 bytes.
  std::string nonce;
  absl::Duration deadline = limits::kFetchLife;
  // Of the bodies in all, encrypted on the disk.
  uint64_t max_total_bytes = 1024ull * 1024 * 1024;
  // Told as each paper ends, on the calling thread: to show progress. Documents come with the
  // result, when the whole stream has kept its order.
  std::function<void(uint32_t paper_id, DocumentResult result)> on_ended;
};

// Fetches the papers of a case in one call and checks every one of them again (P3): what the
// broker, the holder or anybody between them mixed up, changed, left out or cannot prove never
// reaches the caller. At most one chunk is in memory. Thread-safe; Fetch blocks.
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
