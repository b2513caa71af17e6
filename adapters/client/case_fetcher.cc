#include "adapters/client/case_fetcher.h"

#include <memory>
#include <optional>
#include <utility>

#include "adapters/client/acknowledgement.h"
#include "adapters/client/fetch_stream.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/ids.h"
#include "broker/base/status_macros.h"

namespace naru::client {
namespace {

absl::Status CheckOptions(const FetchOptions& options) {
  ABSL_RETURN_IF_ERROR(ConsentId::Parse(options.consent_id).status());
  if (options.person.type() != v1::SUBJECT_TYPE_PERSON || options.person.number().empty()) {
    return FieldMalformed("person", "a person's CI");
  }
  if (options.papers.empty()) return FieldMissing("papers");
  if (options.papers.size() > static_cast<size_t>(limits::kPapersPerConsent)) {
    return FieldTooLarge("papers", limits::kPapersPerConsent);
  }
  if (!options.nonce.empty() && options.nonce.size() != limits::kNonceBytes) {
    return FieldMalformed("nonce", "32 bytes");
  }
  return absl::OkStatus();
}

}  // namespace

v1::FetchDocumentsRequest CaseFetcher::RequestFor(const FetchOptions& options,
                                                  const CheckpointKeeper::Known& known) const {
  v1::FetchDocumentsRequest request;
  request.set_request_id(options.request_id.empty()
                             ? NewRequestId(parts_.clock->Now(), *parts_.random)
                             : options.request_id);
  request.set_consent_id(options.consent_id);
  *request.mutable_person() = options.person;
  request.set_nonce(options.nonce.empty() ? parts_.random->Bytes(limits::kNonceBytes)
                                          : options.nonce);
  if (options.case_context.ByteSizeLong() > 0) *request.mutable_case_() = options.case_context;
  for (const uint32_t id : options.paper_ids) request.add_paper_ids(id);
  request.set_mode(options.mode);
  request.set_all_or_nothing(options.all_or_nothing);
  request.set_known_tree_size(known.size);
  return request;
}

absl::StatusOr<FetchedCase> CaseFetcher::Fetch(const FetchOptions& options) const {
  ABSL_RETURN_IF_ERROR(CheckOptions(options));
  ReceivingFetch receiving;
  receiving.clock = parts_.clock;
  receiving.random = parts_.random;
  receiving.keys = &parts_.catalogue->keys();
  receiving.keeper = parts_.keeper;
  receiving.known = parts_.keeper->known();
  receiving.temporary_directory = parts_.temporary_directory;
  receiving.consent_id = options.consent_id;
  receiving.mode = options.mode;
  receiving.bytes_left = options.max_total_bytes;
  const v1::FetchDocumentsRequest request = RequestFor(options, receiving.known);
  const OwnFetch own = {parts_.requester, request.nonce(), options.person, options.affair};

  std::optional<FetchStream> stream;
  absl::Status call;
  // Only a call of which nothing came is made again: the same request, to the byte (P7).
  const absl::Status tried = parts_.retry->Run(options.deadline, [&](absl::Duration left) {
    stream.emplace(&options, &own, parts_.catalogue, &receiving);
    grpc::ClientContext context;
    context.set_deadline(DeadlineAfter(left));
    const auto reader = parts_.stub->FetchDocuments(&context, request);
    v1::FetchDocumentsResponse step;
    absl::Status taken;
    while (taken.ok() && reader->Read(&step)) taken = stream->OnStep(step);
    if (!taken.ok()) context.TryCancel();
    call = FromGrpcStatus(reader->Finish());
    return stream->begun() ? absl::OkStatus() : call;
  });
  if (!stream->begun() && !tried.ok()) return tried;
  FetchedCase result = stream->Finish(call);
  result.request_id = request.request_id();
  result.acknowledged =
      Acknowledge(*parts_.stub, *parts_.retry,
                  AcknowledgementOf(result, options.case_context,
                                    NewRequestId(parts_.clock->Now(), *parts_.random)));
  return result;
}

}  // namespace naru::client
