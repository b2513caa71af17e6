#include "adapters/client/naru_client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/client/case_fetcher.h"
#include "broker/base/grpc/deadline.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/identity.h"
#include "broker/base/ids.h"
#include "broker/base/status_macros.h"
#include "broker/proof/merkle.h"
#include "naru/identity/v1/identity_service.grpc.pb.h"
#include "naru/v1/catalogue_service.grpc.pb.h"
#include "naru/v1/consent_service.grpc.pb.h"
#include "naru/v1/document_service.grpc.pb.h"
#include "naru/v1/history_service.grpc.pb.h"
#include "naru/v1/ledger_service.grpc.pb.h"

namespace naru::client {
namespace {

// Says which field of the configuration an error is about.
absl::Status At(absl::string_view field, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(field, ": ", status.message()));
}

// What a stub's method `Status(ClientContext*, const Request&, Response*)` answers with.
template <typename Stub, typename Request, typename Response>
Response ResponseOf(grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*));

}  // namespace

struct NaruClient::Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& broker)
      : consents(v1::ConsentService::NewStub(broker)),
        documents(v1::DocumentService::NewStub(broker)),
        histories(v1::HistoryService::NewStub(broker)),
        catalogues(v1::CatalogueService::NewStub(broker)),
        ledger(v1::LedgerService::NewStub(broker)) {}

  const std::unique_ptr<v1::ConsentService::StubInterface> consents;
  const std::unique_ptr<v1::DocumentService::StubInterface> documents;
  const std::unique_ptr<v1::HistoryService::StubInterface> histories;
  const std::unique_ptr<v1::CatalogueService::StubInterface> catalogues;
  const std::unique_ptr<v1::LedgerService::StubInterface> ledger;
  // Nothing when the configuration has no resolver.
  std::unique_ptr<identity::v1::IdentityService::StubInterface> resolver;
};

NaruClient::NaruClient(Environment environment, const config::v1::ClientConfig& config)
    : environment_(environment),
      retry_(environment.clock, environment.timer, environment.random),
      temporary_directory_(config.temporary_directory()) {}

NaruClient::~NaruClient() = default;

absl::Status NaruClient::LoadTrust(const config::v1::ClientConfig& config) {
  if (!config.identity().empty()) {
    const absl::StatusOr<PeerIdentity> identity = ParseIdentity(config.identity());
    if (!identity.ok()) return At("identity", identity.status());
    requester_ = identity->agency;
  }
  if (!config.catalogue_file().empty()) {
    auto catalogue = ClientCatalogue::Load(config.catalogue_file(), config.key_directory());
    if (!catalogue.ok()) return At("catalogue_file", catalogue.status());
    catalogue_ = *std::move(catalogue);
  }
  if (config.ledger_verifier_keys().empty()) return absl::OkStatus();
  const std::vector<std::string> keys(config.ledger_verifier_keys().begin(),
                                      config.ledger_verifier_keys().end());
  auto verifier = CheckpointVerifier::Create(keys);
  if (!verifier.ok()) return At("ledger_verifier_keys", verifier.status());
  verifier_ = std::make_unique<CheckpointVerifier>(*std::move(verifier));
  ABSL_ASSIGN_OR_RETURN(CheckpointVerifier of_keeper, CheckpointVerifier::Create(keys));
  auto keeper = CheckpointKeeper::Open(config.checkpoint_file(), std::move(of_keeper));
  if (!keeper.ok()) return At("checkpoint_file", keeper.status());
  keeper_ = *std::move(keeper);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<NaruClient>> NaruClient::Create(
    const config::v1::ClientConfig& config, Environment environment) {
  auto client = std::unique_ptr<NaruClient>(new NaruClient(environment, config));
  ABSL_RETURN_IF_ERROR(client->LoadTrust(config));
  const auto broker = ChannelTo(config.broker_address(), config.tls(), config.broker_identity());
  if (!broker.ok()) return At("tls, broker_identity", broker.status());
  client->stubs_ = std::make_unique<Stubs>(*broker);
  if (!config.resolver_address().empty()) {
    const auto resolver =
        ChannelTo(config.resolver_address(), config.tls(), config.resolver_identity());
    if (!resolver.ok()) return At("tls, resolver_identity", resolver.status());
    client->stubs_->resolver = identity::v1::IdentityService::NewStub(*resolver);
  }
  return client;
}

template <typename Stub, typename Method, typename Request>
auto NaruClient::Call(const Stub& stub, Method method, const Request& request) const {
  using Response = decltype(ResponseOf(method));
  Response response;
  const absl::Status status = retry_.Run(kCallDeadline, [&](absl::Duration left) {
    response.Clear();
    grpc::ClientContext context;
    context.set_deadline(DeadlineAfter(left));
    return FromGrpcStatus(((*stub).*method)(&context, request, &response));
  });
  return status.ok() ? absl::StatusOr<Response>(std::move(response)) : status;
}

template <typename Request>
Request& NaruClient::Named(Request& request) const {
  if (request.request_id().empty()) {
    request.set_request_id(NewRequestId(environment_.clock->Now(), *environment_.random));
  }
  return request;
}

absl::StatusOr<FetchedCase> NaruClient::FetchCase(FetchOptions options) const {
  if (catalogue_ == nullptr || keeper_ == nullptr || requester_.empty()) {
    return absl::FailedPreconditionError(
        "fetching needs identity, catalogue_file and ledger_verifier_keys in the configuration");
  }
  if (options.papers.empty()) {
    v1::GetConsentRequest request;
    request.set_consent_id(options.consent_id);
    *request.mutable_case_() = options.case_context;
    ABSL_ASSIGN_OR_RETURN(const v1::GetConsentResponse response, GetConsent(request));
    if (response.has_refusal()) {
      FetchedCase refused;
      refused.consent_id = options.consent_id;
      refused.refusal = response.refusal();
      return refused;
    }
    const v1::Consent& consent = response.consent();
    options.papers.assign(consent.papers().begin(), consent.papers().end());
    if (options.affair.empty()) options.affair = consent.affair();
  }
  const CaseFetcher fetcher({stubs_->documents.get(), catalogue_.get(), keeper_.get(), &retry_,
                             environment_.clock, environment_.random, requester_,
                             temporary_directory_});
  return fetcher.Fetch(options);
}

absl::Status NaruClient::WatchConsent(
    const v1::WatchConsentRequest& request, absl::Duration deadline,
    const std::function<bool(const v1::WatchConsentResponse&)>& on_event) const {
  grpc::ClientContext context;
  context.set_deadline(DeadlineAfter(deadline));
  const auto reader = stubs_->consents->WatchConsent(&context, request);
  v1::WatchConsentResponse event;
  bool more = true;
  while (more && reader->Read(&event)) more = on_event(event);
  if (!more) context.TryCancel();
  const absl::Status status = FromGrpcStatus(reader->Finish());
  return more ? status : absl::OkStatus();
}

absl::StatusOr<NaruClient::CheckedCheckpoint> NaruClient::GetCheckpoint() const {
  if (keeper_ == nullptr) {
    return absl::FailedPreconditionError("ledger_verifier_keys are not configured");
  }
  const CheckpointKeeper::Known known = keeper_->known();
  ABSL_ASSIGN_OR_RETURN(const v1::GetCheckpointResponse newest,
                        Call(stubs_->ledger, &v1::LedgerService::StubInterface::GetCheckpoint,
                             v1::GetCheckpointRequest()));
  CheckedCheckpoint checked;
  checked.note = newest.checkpoint();
  ABSL_ASSIGN_OR_RETURN(checked.checkpoint, verifier_->Verify(newest.checkpoint()));
  if (known.size == 0) return checked;
  if (checked.checkpoint.size < known.size) {
    return absl::FailedPreconditionError("the ledger is shorter than the checkpoint kept");
  }
  v1::GetConsistencyProofRequest request;
  request.set_first_size(known.size);
  request.set_second_size(checked.checkpoint.size);
  ABSL_ASSIGN_OR_RETURN(const v1::GetConsistencyProofResponse proof, GetConsistencyProof(request));
  ABSL_RETURN_IF_ERROR(merkle::VerifyConsistency(
      known.size, known.root, checked.checkpoint.size, checked.checkpoint.root,
      std::vector<std::string>(proof.path().begin(), proof.path().end())));
  checked.extends = known.size;
  return checked;
}

absl::StatusOr<identity::v1::LookUpPersonResponse> NaruClient::LookUpPerson(
    identity::v1::LookUpPersonRequest request) const {
  if (stubs_->resolver == nullptr) {
    return absl::InvalidArgumentError("resolver_address is not configured");
  }
  return Call(stubs_->resolver, &identity::v1::IdentityService::StubInterface::LookUpPerson,
              Named(request));
}

absl::StatusOr<v1::OpenConsentResponse> NaruClient::OpenConsent(
    v1::OpenConsentRequest request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::OpenConsent, Named(request));
}

absl::StatusOr<v1::GetConsentResponse> NaruClient::GetConsent(
    const v1::GetConsentRequest& request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::GetConsent, request);
}

absl::StatusOr<v1::CheckConsentResponse> NaruClient::CheckConsent(
    const v1::CheckConsentRequest& request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::CheckConsent, request);
}

absl::StatusOr<v1::CancelConsentResponse> NaruClient::CancelConsent(
    v1::CancelConsentRequest request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::CancelConsent, Named(request));
}

absl::StatusOr<v1::ShowConsentResponse> NaruClient::ShowConsent(
    const v1::ShowConsentRequest& request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::ShowConsent, request);
}

absl::StatusOr<v1::SendCodeResponse> NaruClient::SendCode(v1::SendCodeRequest request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::SendCode, Named(request));
}

absl::StatusOr<v1::DecideConsentResponse> NaruClient::DecideConsent(
    v1::DecideConsentRequest request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::DecideConsent, Named(request));
}

absl::StatusOr<v1::WithdrawConsentResponse> NaruClient::WithdrawConsent(
    v1::WithdrawConsentRequest request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::WithdrawConsent,
              Named(request));
}

absl::StatusOr<v1::SuspendConsentResponse> NaruClient::SuspendConsent(
    v1::SuspendConsentRequest request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::SuspendConsent, Named(request));
}

absl::StatusOr<v1::ResumeConsentResponse> NaruClient::ResumeConsent(
    v1::ResumeConsentRequest request) const {
  return Call(stubs_->consents, &v1::ConsentService::StubInterface::ResumeConsent, Named(request));
}

absl::StatusOr<v1::ListPersonHistoryResponse> NaruClient::ListPersonHistory(
    const v1::ListPersonHistoryRequest& request) const {
  return Call(stubs_->histories, &v1::HistoryService::StubInterface::ListPersonHistory, request);
}

absl::StatusOr<v1::ListCaseHistoryResponse> NaruClient::ListCaseHistory(
    const v1::ListCaseHistoryRequest& request) const {
  return Call(stubs_->histories, &v1::HistoryService::StubInterface::ListCaseHistory, request);
}

absl::StatusOr<v1::GetCatalogueResponse> NaruClient::GetCatalogue() const {
  return Call(stubs_->catalogues, &v1::CatalogueService::StubInterface::GetCatalogue,
              v1::GetCatalogueRequest());
}

absl::StatusOr<v1::ListKindsResponse> NaruClient::ListKinds(
    const v1::ListKindsRequest& request) const {
  return Call(stubs_->catalogues, &v1::CatalogueService::StubInterface::ListKinds, request);
}

absl::StatusOr<v1::GetAffairResponse> NaruClient::GetAffair(
    const v1::GetAffairRequest& request) const {
  return Call(stubs_->catalogues, &v1::CatalogueService::StubInterface::GetAffair, request);
}

absl::StatusOr<v1::SuspendApprovalResponse> NaruClient::SuspendApproval(
    v1::SuspendApprovalRequest request) const {
  return Call(stubs_->catalogues, &v1::CatalogueService::StubInterface::SuspendApproval,
              Named(request));
}

absl::StatusOr<v1::LiftApprovalResponse> NaruClient::LiftApproval(
    v1::LiftApprovalRequest request) const {
  return Call(stubs_->catalogues, &v1::CatalogueService::StubInterface::LiftApproval,
              Named(request));
}

absl::StatusOr<v1::GetSignedCatalogueResponse> NaruClient::GetSignedCatalogue() const {
  return Call(stubs_->catalogues, &v1::CatalogueService::StubInterface::GetSignedCatalogue,
              v1::GetSignedCatalogueRequest());
}

absl::StatusOr<v1::ApplyCatalogueResponse> NaruClient::ApplyCatalogue(
    v1::ApplyCatalogueRequest request) const {
  return Call(stubs_->catalogues, &v1::CatalogueService::StubInterface::ApplyCatalogue,
              Named(request));
}

absl::StatusOr<v1::GetInclusionProofResponse> NaruClient::GetInclusionProof(
    const v1::GetInclusionProofRequest& request) const {
  return Call(stubs_->ledger, &v1::LedgerService::StubInterface::GetInclusionProof, request);
}

absl::StatusOr<v1::GetConsistencyProofResponse> NaruClient::GetConsistencyProof(
    const v1::GetConsistencyProofRequest& request) const {
  return Call(stubs_->ledger, &v1::LedgerService::StubInterface::GetConsistencyProof, request);
}

}  // namespace naru::client
