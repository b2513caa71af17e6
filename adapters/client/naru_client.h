#ifndef NARU_ADAPTERS_CLIENT_NARU_CLIENT_H_
#define NARU_ADAPTERS_CLIENT_NARU_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/client/client_catalogue.h"
#include "adapters/client/fetch_options.h"
#include "adapters/client/fetched_case.h"
#include "adapters/client/retry.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/base/random.h"
#include "broker/proof/ledger_proof.h"
#include "naru/config/v1/config.pb.h"
#include "naru/identity/v1/identity_service.pb.h"
#include "naru/v1/catalogue_service.pb.h"
#include "naru/v1/consent_service.pb.h"
#include "naru/v1/history_service.pb.h"
#include "naru/v1/ledger_service.pb.h"

namespace naru::client {

// Everything an agency's system does with Naru, over one mutual-TLS connection to the broker and
// one to the resolver: calls with a deadline, repeated while UNAVAILABLE under the same request id;
// fetched papers checked (case_fetcher.h). What it may do, the certificate's role says.
// Thread-safe; every call blocks.
//
// Unary calls give the broker's answer, a Refusal inside it included; an error is a bad call or a
// fault, its ErrorDetail at hand with GetErrorDetail. An empty request_id is filled in here.
class NaruClient {
 public:
  // All must outlive the client.
  struct Environment {
    const Clock* clock = nullptr;
    Random* random = nullptr;
    Timer* timer = nullptr;
  };
  // Reads catalogue, keys, pinned ledger keys and the checkpoint kept. INVALID_ARGUMENT or
  // FAILED_PRECONDITION names file and field. Catalogue, ledger keys and identity may be left out
  // by a caller that never fetches: FetchCase then is FAILED_PRECONDITION.
  static absl::StatusOr<std::unique_ptr<NaruClient>> Create(const config::v1::ClientConfig& config,
                                                            Environment environment);
  ~NaruClient();

  static constexpr absl::Duration kCallDeadline = absl::Seconds(30);

  // A case in one call. Without options.papers, GetConsent says which papers and about what: then
  // the identifiers of things are those of the consent, and the person's still the caller's own.
  absl::StatusOr<FetchedCase> FetchCase(FetchOptions options) const;

  // Consents, asking side.
  absl::StatusOr<v1::OpenConsentResponse> OpenConsent(v1::OpenConsentRequest request) const;
  absl::StatusOr<v1::GetConsentResponse> GetConsent(const v1::GetConsentRequest& request) const;
  absl::StatusOr<v1::CheckConsentResponse> CheckConsent(
      const v1::CheckConsentRequest& request) const;
  absl::StatusOr<v1::CancelConsentResponse> CancelConsent(v1::CancelConsentRequest request) const;
  // Calls `on_event` with each state and heartbeat until it returns false (OK), the stream ends
  // (OK after a final state) or the deadline passes. A broken stream is not opened again: the
  // caller knows what it has seen.
  absl::Status WatchConsent(
      const v1::WatchConsentRequest& request, absl::Duration deadline,
      const std::function<bool(const v1::WatchConsentResponse&)>& on_event) const;

  // Consents, citizen's side.
  absl::StatusOr<v1::ShowConsentResponse> ShowConsent(const v1::ShowConsentRequest& request) const;
  absl::StatusOr<v1::SendCodeResponse> SendCode(v1::SendCodeRequest request) const;
  absl::StatusOr<v1::DecideConsentResponse> DecideConsent(v1::DecideConsentRequest request) const;
  absl::StatusOr<v1::WithdrawConsentResponse> WithdrawConsent(
      v1::WithdrawConsentRequest request) const;
  absl::StatusOr<v1::SuspendConsentResponse> SuspendConsent(
      v1::SuspendConsentRequest request) const;
  absl::StatusOr<v1::ResumeConsentResponse> ResumeConsent(v1::ResumeConsentRequest request) const;

  // Histories.
  absl::StatusOr<v1::ListPersonHistoryResponse> ListPersonHistory(
      const v1::ListPersonHistoryRequest& request) const;
  absl::StatusOr<v1::ListCaseHistoryResponse> ListCaseHistory(
      const v1::ListCaseHistoryRequest& request) const;

  // Catalogue and approvals.
  absl::StatusOr<v1::GetCatalogueResponse> GetCatalogue() const;
  absl::StatusOr<v1::ListKindsResponse> ListKinds(const v1::ListKindsRequest& request) const;
  absl::StatusOr<v1::GetAffairResponse> GetAffair(const v1::GetAffairRequest& request) const;
  absl::StatusOr<v1::SuspendApprovalResponse> SuspendApproval(
      v1::SuspendApprovalRequest request) const;
  absl::StatusOr<v1::LiftApprovalResponse> LiftApproval(v1::LiftApprovalRequest request) const;
  absl::StatusOr<v1::GetSignedCatalogueResponse> GetSignedCatalogue() const;
  absl::StatusOr<v1::ApplyCatalogueResponse> ApplyCatalogue(
      v1::ApplyCatalogueRequest request) const;

  // Ledger.
  absl::StatusOr<v1::GetInclusionProofResponse> GetInclusionProof(
      const v1::GetInclusionProofRequest& request) const;
  absl::StatusOr<v1::GetConsistencyProofResponse> GetConsistencyProof(
      const v1::GetConsistencyProofRequest& request) const;
  struct CheckedCheckpoint {
    std::string note;
    Checkpoint checkpoint;
    uint64_t extends = 0;  // Size of the one kept that it was proven to extend; 0 for none.
  };
  // The newest checkpoint, signed by every pinned key and proven to extend the one kept.
  // FAILED_PRECONDITION otherwise: do not believe this broker. FAILED_PRECONDITION, too, without
  // pinned keys.
  absl::StatusOr<CheckedCheckpoint> GetCheckpoint() const;

  // The resolver. INVALID_ARGUMENT when the configuration has none.
  absl::StatusOr<identity::v1::LookUpPersonResponse> LookUpPerson(
      identity::v1::LookUpPersonRequest request) const;

  // nullptr when the configuration has none.
  const ClientCatalogue* catalogue() const { return catalogue_.get(); }
  const Environment& environment() const { return environment_; }

 private:
  NaruClient(Environment environment, const config::v1::ClientConfig& config);
  absl::Status LoadTrust(const config::v1::ClientConfig& config);
  // Repeats the call as Retry does, each with what is left of kCallDeadline.
  template <typename Stub, typename Method, typename Request>
  auto Call(const Stub& stub, Method method, const Request& request) const;
  // With a request id.
  template <typename Request>
  Request& Named(Request& request) const;

  const Environment environment_;
  const Retry retry_;
  std::string requester_;
  std::string temporary_directory_;
  std::unique_ptr<ClientCatalogue> catalogue_;
  std::unique_ptr<CheckpointVerifier> verifier_;
  std::unique_ptr<CheckpointKeeper> keeper_;
  // gRPC's side, kept out of this header.
  struct Stubs;
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_NARU_CLIENT_H_
