#ifndef NARU_CONSENT_CONSENT_BOOK_H_
#define NARU_CONSENT_CONSENT_BOOK_H_

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "broker/base/ids.h"
#include "consent/caller.h"
#include "consent/consent_rows.h"
#include "consent/rules_context.h"
#include "google/protobuf/repeated_field.h"
#include "naru/receipt/v1/consent_receipt.pb.h"
#include "naru/v1/consent_service.pb.h"

namespace naru {

// Every change of a consent, and every question about one. The rules stand here; services
// translate. Requests have been checked for form (broker/validation.h) and the caller for its role;
// everything else is judged here, under the person's lock. A refusal is part of the response; a
// status is a bad call or a fault.
//
// Thread-safe. Every call reads a few rows, and one with an assertion verifies a signature, so all
// belong on an executor rather than on a gRPC thread; none waits for a commit. `done` runs once, on
// the journal's executor, or inside the call when nothing had to be committed.
class ConsentBook {
 public:
  template <typename Response>
  using Done = std::function<void(absl::StatusOr<Response>)>;

  // `context` and all it points to must outlive the book and its calls.
  explicit ConsentBook(const RulesContext* context);

  // `contact_ref`: what the resolver said; empty when the person has no contact.
  void Open(const Caller& caller, const v1::OpenConsentRequest& request,
            const std::string& contact_ref, Done<v1::OpenConsentResponse> done);
  // NotFound for another agency's consent and for none alike (P10).
  void Cancel(const Caller& caller, const v1::CancelConsentRequest& request,
              Done<v1::CancelConsentResponse> done);
  void SendCode(const Caller& caller, const v1::SendCodeRequest& request,
                Done<v1::SendCodeResponse> done);
  void Decide(const Caller& caller, const v1::DecideConsentRequest& request,
              Done<v1::DecideConsentResponse> done);
  // When `done` runs nothing is released under what was withdrawn any more, and those who hold
  // something open under it were told (P2).
  void Withdraw(const Caller& caller, const v1::WithdrawConsentRequest& request,
                Done<v1::WithdrawConsentResponse> done);
  void Suspend(const Caller& caller, const v1::SuspendConsentRequest& request,
               Done<v1::SuspendConsentResponse> done);
  void Resume(const Caller& caller, const v1::ResumeConsentRequest& request,
              Done<v1::ResumeConsentResponse> done);

  // Prior consent: what the citizen would agree to. Changes nothing, enters nothing.
  absl::StatusOr<v1::PreviewConsentResponse> Preview(
      const Caller& caller, const v1::PreviewConsentRequest& request) const;
  // Somebody not yet known becomes known by it. QuotaExceeded when the person has
  // limits::kPendingPerPerson live consents for that agency and affair.
  void Grant(const Caller& caller, const v1::GrantConsentRequest& request,
             Done<v1::GrantConsentResponse> done);

  // A COUNTER's check is entered before the answer; a REQUESTER's is noted. Overloaded when too
  // many notes wait.
  void Check(const Caller& caller, const v1::CheckConsentRequest& request,
             Done<v1::CheckConsentResponse> done);

  // Many checks of a machine, each judged and noted alone; answers in order. Each check has its
  // form and a target. The first fault ends all: what was noted before stays noted.
  absl::StatusOr<std::vector<v1::ConsentCheckResult>> CheckMany(
      const Caller& caller, const google::protobuf::RepeatedPtrField<v1::ConsentCheck>& checks);

  // NotFound for another agency's or another person's consent and for none alike (P10).
  absl::StatusOr<v1::GetConsentResponse> Get(const Caller& caller,
                                             const v1::GetConsentRequest& request) const;
  // The receipt of a consent that was decided, unsigned; for whom Get answers.
  struct Receipt {
    receipt::v1::ConsentReceipt receipt;
    std::optional<v1::Refusal> refused;  // CONSENT_PENDING, ASSERTION_INVALID.
  };
  absl::StatusOr<Receipt> ReceiptOf(const Caller& caller,
                                    const v1::GetConsentReceiptRequest& request) const;
  absl::StatusOr<v1::ShowConsentResponse> Show(const Caller& caller,
                                               const v1::ShowConsentRequest& request) const;
  // For a watch: the consent as its requester may see it. NotFound for another agency's (P10).
  absl::StatusOr<v1::Consent> ForRequester(const Caller& caller,
                                           const std::string& consent_id) const;

 private:
  // The consent that a check is about, and its person.
  struct Checked {
    std::string id;  // As asked, or as found; empty when the person has none.
    std::optional<ConsentId> consent;
    std::optional<SubjectId> subject;
    std::string affair;
  };
  absl::StatusOr<std::variant<StoredConsent, v1::Refusal>> Readable(
      const Caller& caller, const std::string& consent_id,
      const v1::SessionAssertion& session_assertion) const;
  absl::StatusOr<Checked> FindChecked(const Caller& caller,
                                      const v1::CheckConsentRequest& request) const;
  void CheckByMachine(const Caller& caller, const Checked& checked,
                      const Done<v1::CheckConsentResponse>& done);
  void CheckByOfficial(const Caller& caller, const v1::CaseContext& case_context,
                       const Checked& checked, Done<v1::CheckConsentResponse> done);

  const RulesContext* context_;
};

}  // namespace naru

#endif  // NARU_CONSENT_CONSENT_BOOK_H_
