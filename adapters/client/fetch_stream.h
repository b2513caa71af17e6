#ifndef NARU_ADAPTERS_CLIENT_FETCH_STREAM_H_
#define NARU_ADAPTERS_CLIENT_FETCH_STREAM_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "adapters/client/case_fetcher.h"
#include "adapters/client/document_receiver.h"
#include "adapters/client/expected_paper.h"
#include "adapters/client/fetched_case.h"
#include "naru/v1/document_service.pb.h"

namespace naru::client {

// The steps of one FetchDocuments stream: gives each to its paper, and distrusts a broker that
// breaks the order of the whole. Not thread-safe.
class FetchStream {
 public:
  // All must outlive this object.
  FetchStream(const FetchOptions* options, const OwnFetch* own, const ClientCatalogue* catalogue,
              ReceivingFetch* receiving)
      : options_(options), own_(own), catalogue_(catalogue), receiving_(receiving) {}

  // FAILED_PRECONDITION ends the stream: nothing of it may be handed over.
  absl::Status OnStep(const v1::FetchDocumentsResponse& step);
  // Something came that a new try of the call would not take back.
  bool begun() const { return begun_; }
  // The result, given how the call ended. Call once, last.
  FetchedCase Finish(const absl::Status& call);

 private:
  absl::Status OnStarted(const v1::FetchStarted& started);
  absl::Status OnSummary(const v1::FetchSummary& summary);
  absl::Status Break(absl::string_view what);
  DocumentReceiver* Find(uint32_t paper_id);
  const v1::Paper* OwnPaper(uint32_t paper_id) const;
  void OnOutcome(DocumentReceiver& receiver, const v1::DocumentOutcome& outcome);

  const FetchOptions* const options_;
  const OwnFetch* const own_;
  const ClientCatalogue* const catalogue_;
  ReceivingFetch* const receiving_;
  bool begun_ = false;
  bool started_ = false;
  bool over_ = false;
  absl::Status broken_;
  std::vector<DocumentReceiver> receivers_;
  std::map<uint32_t, size_t> places_;
  FetchedCase result_;
};

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_FETCH_STREAM_H_
