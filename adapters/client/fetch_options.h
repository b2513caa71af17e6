#ifndef NARU_ADAPTERS_CLIENT_FETCH_OPTIONS_H_
#define NARU_ADAPTERS_CLIENT_FETCH_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "adapters/client/fetched_case.h"
#include "broker/base/limits.h"
#include "naru/v1/document_service.pb.h"

namespace naru::client {

// What is to be fetched, for whom, and how.
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
  // All papers or none; see FetchDocumentsRequest.
  bool all_or_nothing = false;
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

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_FETCH_OPTIONS_H_
