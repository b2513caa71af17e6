#include "adapters/resolver/identity_service.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "adapters/resolver/request_form.h"
#include "broker/base/errors.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/grpc/tls.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace naru {
namespace {

using google::protobuf::util::TimeUtil;
using identity::v1::LookUpPersonRequest;
using identity::v1::LookUpPersonResponse;
using identity::v1::ResolveContactRequest;
using identity::v1::ResolveContactResponse;
using identity::v1::ResolveNumberRequest;
using identity::v1::ResolveNumberResponse;

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

void SetPerson(const std::string& ci, v1::Subject* person) {
  person->set_type(v1::SUBJECT_TYPE_PERSON);
  person->set_number(ci);
}

// A register that gives something else than a CI must not send it out as one.
absl::Status CheckFound(const std::optional<std::string>& ci) {
  if (!ci.has_value() || IsConnectingInformation(*ci)) return absl::OkStatus();
  return InternalFault("the register of persons holds what cannot be");
}

absl::StatusOr<std::optional<std::string>> FindShown(PersonRegister& persons,
                                                     const LookUpPersonRequest& request) {
  switch (request.shown_case()) {
    case LookUpPersonRequest::kResidentNumber:
      return persons.FindShown(ShownNumber::kResident, request.resident_number(), request.name());
    case LookUpPersonRequest::kPassportNumber:
      return persons.FindShown(ShownNumber::kPassport, request.passport_number(), request.name());
    case LookUpPersonRequest::kLicenceNumber:
      return persons.FindShown(ShownNumber::kLicence, request.licence_number(), request.name());
    case LookUpPersonRequest::SHOWN_NOT_SET:
      break;
  }
  return FieldMissing("shown");
}

v1::RecordLookUpRequest EntryOf(const PeerIdentity& caller, const LookUpPersonRequest& request,
                                const std::optional<std::string>& ci, absl::Time asked) {
  v1::RecordLookUpRequest entry;
  entry.set_request_id(request.request_id());
  if (ci.has_value()) SetPerson(*ci, entry.mutable_person());
  entry.set_asker(absl::StrCat(caller.agency, ":", caller.service));
  *entry.mutable_case_() = request.case_();
  *entry.mutable_time() = TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(asked));
  return entry;
}

}  // namespace

grpc::ServerUnaryReactor* IdentityServiceImpl::Run(grpc::CallbackServerContext* context,
                                                   ResolverMetrics::Rpc rpc,
                                                   const absl::Status& admitted,
                                                   std::function<void(Finish)> work) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const absl::Duration began = parts_.clock->Monotonic();
  const Finish answer = [this, reactor, rpc, began](const absl::Status& status) {
    parts_.metrics->CallDone(rpc, status, parts_.clock->Monotonic() - began);
    reactor->Finish(ToGrpcStatus(status));
  };
  if (!admitted.ok()) {
    answer(admitted);
    return reactor;
  }
  if (under_way_.fetch_add(1) >= limits::kResolverCalls) {
    under_way_.fetch_sub(1);
    answer(Overloaded("calls of the resolver", kRetryAfter));
    return reactor;
  }
  const Finish finish = [this, answer](const absl::Status& status) {
    under_way_.fetch_sub(1);
    answer(status);
  };
  parts_.reads->Run([context, finish, work = std::move(work)] {
    // Who waits no longer gets no answer, so nothing need be looked up or entered.
    if (context->IsCancelled()) return finish(absl::CancelledError());
    work(finish);
  });
  return reactor;
}

absl::Status IdentityServiceImpl::AdmitLookUp(const PeerIdentity& caller,
                                              const LookUpPersonRequest& request) const {
  if (!parts_.rights->MayLookUp(caller)) {
    return RoleNotAllowed("REQUESTER or COUNTER with the right to look up persons");
  }
  ABSL_RETURN_IF_ERROR(CheckForm(request));
  return parts_.limiter->Take(caller, request.case_().official_id());
}

grpc::ServerUnaryReactor* IdentityServiceImpl::LookUpPerson(grpc::CallbackServerContext* context,
                                                            const LookUpPersonRequest* request,
                                                            LookUpPersonResponse* response) {
  const absl::Time asked = parts_.clock->Now();
  const absl::StatusOr<PeerIdentity> caller = PeerIdentityOf(*context);
  const absl::Status admitted = caller.ok() ? AdmitLookUp(*caller, *request) : caller.status();
  return Run(context, ResolverMetrics::Rpc::kLookUpPerson, admitted,
             [this, caller, request, asked, response](const Finish& finish) {
               LookUp(*caller, *request, asked, response, finish);
             });
}

void IdentityServiceImpl::LookUp(const PeerIdentity& caller, const LookUpPersonRequest& request,
                                 absl::Time asked, LookUpPersonResponse* response,
                                 const Finish& finish) const {
  const absl::StatusOr<std::optional<std::string>> ci = FindShown(*parts_.persons, request);
  if (!ci.ok()) return finish(ci.status());
  if (const absl::Status found = CheckFound(*ci); !found.ok()) return finish(found);
  parts_.recorder->Record(EntryOf(caller, request, *ci, asked),
                          [ci = *ci, response, finish](const absl::Status& entered) {
                            if (!entered.ok()) return finish(entered);
                            if (ci.has_value()) {
                              SetPerson(*ci, response->mutable_person());
                            } else {
                              response->mutable_unknown();
                            }
                            finish(absl::OkStatus());
                          });
}

grpc::ServerUnaryReactor* IdentityServiceImpl::ResolveContact(grpc::CallbackServerContext* context,
                                                              const ResolveContactRequest* request,
                                                              ResolveContactResponse* response) {
  const absl::StatusOr<PeerIdentity> caller = PeerIdentityOf(*context);
  absl::Status admitted = caller.status();
  if (admitted.ok() && !parts_.rights->IsBroker(*caller)) admitted = RoleNotAllowed("BROKER");
  if (admitted.ok()) admitted = CheckForm(*request);
  return Run(context, ResolverMetrics::Rpc::kResolveContact, admitted,
             [this, request, response](const Finish& finish) {
               absl::StatusOr<std::string> contact =
                   parts_.persons->ContactOf(request->person().number());
               if (!contact.ok()) return finish(contact.status());
               response->set_contact_ref(*std::move(contact));
               finish(absl::OkStatus());
             });
}

grpc::ServerUnaryReactor* IdentityServiceImpl::ResolveNumber(grpc::CallbackServerContext* context,
                                                             const ResolveNumberRequest* request,
                                                             ResolveNumberResponse* response) {
  const absl::StatusOr<PeerIdentity> caller = PeerIdentityOf(*context);
  absl::Status admitted = caller.status();
  // The right first: who has none learns nothing of the form either.
  if (admitted.ok() && !parts_.rights->MayResolve(*caller, request->kind())) {
    admitted = RoleNotAllowed("HOLDER with the right to this kind of number");
  }
  if (admitted.ok()) admitted = CheckForm(*request);
  return Run(context, ResolverMetrics::Rpc::kResolveNumber, admitted,
             [this, caller, request, response](const Finish& finish) {
               finish(Resolve(*caller, *request, response));
             });
}

absl::Status IdentityServiceImpl::Resolve(const PeerIdentity& caller,
                                          const ResolveNumberRequest& request,
                                          ResolveNumberResponse* response) const {
  if (request.has_person()) {
    ABSL_ASSIGN_OR_RETURN(
        std::optional<std::string> number,
        parts_.persons->NumberOf(request.kind(), caller.agency, request.person().number()));
    if (number.has_value()) response->set_number(*std::move(number));
    return absl::OkStatus();
  }
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> ci,
                        parts_.persons->PersonOf(request.kind(), caller.agency, request.number()));
  ABSL_RETURN_IF_ERROR(CheckFound(ci));
  if (ci.has_value()) SetPerson(*ci, response->mutable_person());
  return absl::OkStatus();
}

}  // namespace naru
