#include "broker/catalogue_service.h"

#include <algorithm>
#include <utility>

#include "broker/base/errors.h"
#include "broker/base/limits.h"

namespace naru {
namespace {

v1::DocumentKind ToApi(const config::v1::DocumentKind& kind) {
  v1::DocumentKind api;
  api.set_code(kind.code());
  api.set_name_ko(kind.name_ko());
  api.set_name_en(kind.name_en());
  api.set_holder(kind.holder());
  api.set_subject_type(kind.subject_type());
  for (const config::v1::ParameterRule& rule : kind.parameters()) {
    v1::ParameterRule& parameter = *api.add_parameters();
    parameter.set_name(rule.name());
    parameter.set_label_ko(rule.label_ko());
    parameter.set_label_en(rule.label_en());
    *parameter.mutable_default_values() = rule.default_values();
    parameter.set_max_values(std::max(rule.max_values(), 1u));
  }
  api.set_validity_days(kind.validity_days());
  api.set_fee_krw(kind.fee_krw());
  api.set_sensitive(kind.sensitive());
  api.set_closed(kind.closed());
  return api;
}

v1::Affair ToApi(const config::v1::Affair& affair) {
  v1::Affair api;
  api.set_code(affair.code());
  api.set_name_ko(affair.name_ko());
  api.set_name_en(affair.name_en());
  api.set_legal_basis(affair.legal_basis());
  api.set_legal_route(affair.legal_route());
  for (const config::v1::AffairKind& kind : affair.kinds()) api.add_kinds(kind.kind());
  api.set_valid_for_seconds(affair.valid_for_seconds());
  api.set_uses(affair.uses());
  api.set_retention_days(affair.retention_days());
  return api;
}

constexpr int kKindsPageDefault = 100;

// The page token is the code of the last kind given: codes are public.
v1::ListKindsResponse KindsAfter(const Catalogue& catalogue, const v1::ListKindsRequest& request) {
  const size_t size = request.page_size() == 0 ? kKindsPageDefault : request.page_size();
  const auto& kinds = catalogue.kinds();
  auto next = std::upper_bound(kinds.begin(), kinds.end(), request.page_token(),
                               [](const std::string& token, const config::v1::DocumentKind* kind) {
                                 return token < kind->code();
                               });
  v1::ListKindsResponse response;
  for (; next != kinds.end() && static_cast<size_t>(response.kinds_size()) < size; ++next) {
    *response.add_kinds() = ToApi(**next);
  }
  if (next != kinds.end()) {
    response.set_next_page_token(response.kinds(response.kinds_size() - 1).code());
  }
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* CatalogueServiceImpl::GetCatalogue(grpc::CallbackServerContext* context,
                                                             const v1::GetCatalogueRequest* request,
                                                             v1::GetCatalogueResponse* response) {
  return frame_->Unary<v1::GetCatalogueRequest, v1::GetCatalogueResponse>(
      context, "CatalogueService/GetCatalogue", request, response,
      [this](const Caller&, const v1::GetCatalogueRequest&, auto done) {
        const storage::v1::PolicyRow row = policy_->row();
        v1::GetCatalogueResponse answer;
        answer.set_generation(row.generation());
        answer.set_sha256(row.sha256());
        done(std::move(answer));
      });
}

grpc::ServerUnaryReactor* CatalogueServiceImpl::ListKinds(grpc::CallbackServerContext* context,
                                                          const v1::ListKindsRequest* request,
                                                          v1::ListKindsResponse* response) {
  return frame_->Unary<v1::ListKindsRequest, v1::ListKindsResponse>(
      context, "CatalogueService/ListKinds", request, response,
      [this](const Caller&, const v1::ListKindsRequest& list, auto done) {
        done(KindsAfter(*policy_->catalogue(), list));
      });
}

grpc::ServerUnaryReactor* CatalogueServiceImpl::GetAffair(grpc::CallbackServerContext* context,
                                                          const v1::GetAffairRequest* request,
                                                          v1::GetAffairResponse* response) {
  return frame_->Unary<v1::GetAffairRequest, v1::GetAffairResponse>(
      context, "CatalogueService/GetAffair", request, response,
      [this](const Caller&, const v1::GetAffairRequest& get, auto done) {
        const auto catalogue = policy_->catalogue();
        const config::v1::Affair* affair = catalogue->FindAffair(get.affair());
        if (affair == nullptr) return done(NotFound("affair"));
        v1::GetAffairResponse answer;
        *answer.mutable_affair() = ToApi(*affair);
        done(std::move(answer));
      });
}

grpc::ServerUnaryReactor* CatalogueServiceImpl::SuspendApproval(
    grpc::CallbackServerContext* context, const v1::SuspendApprovalRequest* request,
    v1::SuspendApprovalResponse* response) {
  return frame_->Unary<v1::SuspendApprovalRequest, v1::SuspendApprovalResponse>(
      context, "CatalogueService/SuspendApproval", request, response,
      [this](const Caller& caller, const v1::SuspendApprovalRequest& suspend, auto done) {
        policy_->SuspendApproval(caller, suspend,
                                 [this, done](absl::StatusOr<v1::SuspendApprovalResponse> answer) {
                                   // Open streams are looked at again before the answer (P2).
                                   events_->AllChanged();
                                   done(std::move(answer));
                                 });
      });
}

grpc::ServerUnaryReactor* CatalogueServiceImpl::LiftApproval(grpc::CallbackServerContext* context,
                                                             const v1::LiftApprovalRequest* request,
                                                             v1::LiftApprovalResponse* response) {
  return frame_->Unary<v1::LiftApprovalRequest, v1::LiftApprovalResponse>(
      context, "CatalogueService/LiftApproval", request, response,
      [this](const Caller& caller, const v1::LiftApprovalRequest& lift, auto done) {
        policy_->LiftApproval(caller, lift, done);
      });
}

grpc::ServerUnaryReactor* CatalogueServiceImpl::GetSignedCatalogue(
    grpc::CallbackServerContext* context, const v1::GetSignedCatalogueRequest* request,
    v1::GetSignedCatalogueResponse* response) {
  return frame_->Unary<v1::GetSignedCatalogueRequest, v1::GetSignedCatalogueResponse>(
      context, "CatalogueService/GetSignedCatalogue", request, response,
      [this](const Caller&, const v1::GetSignedCatalogueRequest&, auto done) {
        done(policy_->Signed());
      });
}

grpc::ServerUnaryReactor* CatalogueServiceImpl::ApplyCatalogue(
    grpc::CallbackServerContext* context, const v1::ApplyCatalogueRequest* request,
    v1::ApplyCatalogueResponse* response) {
  return frame_->Unary<v1::ApplyCatalogueRequest, v1::ApplyCatalogueResponse>(
      context, "CatalogueService/ApplyCatalogue", request, response,
      [this](const Caller& caller, const v1::ApplyCatalogueRequest& apply, auto done) {
        policy_->ApplyCatalogue(caller, apply,
                                [this, done](absl::StatusOr<v1::ApplyCatalogueResponse> answer) {
                                  // An approval may be gone: open streams are looked at again (P2).
                                  events_->AllChanged();
                                  done(std::move(answer));
                                });
      });
}

}  // namespace naru
