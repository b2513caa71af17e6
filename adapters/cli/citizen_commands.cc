#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/consent_view.h"
#include "adapters/cli/input.h"
#include "broker/base/status_macros.h"

namespace naru::cli {
namespace {

struct CitizenOptions {
  std::string link_file, consent_id, decisions, text_sha256, code_file, assertion_file;
  std::string purpose = "DECIDE";
  std::vector<uint32_t> papers;
};

absl::StatusOr<v1::Evidence> ReadEvidence(Session& session, const CitizenOptions& options) {
  if (options.code_file.empty() == options.assertion_file.empty()) {
    return absl::InvalidArgumentError("want one of --code-file and --assertion-file");
  }
  v1::Evidence evidence;
  if (!options.code_file.empty()) {
    ABSL_ASSIGN_OR_RETURN(*evidence.mutable_code(), ReadText(options.code_file, session.in()));
  } else {
    ABSL_ASSIGN_OR_RETURN(*evidence.mutable_assertion(),
                          ReadAssertion(options.assertion_file, session.in()));
  }
  return evidence;
}

// Link token or id.
template <typename Request>
absl::Status SetTarget(Session& session, const CitizenOptions& options, Request& request) {
  if (options.link_file.empty() == options.consent_id.empty()) {
    return absl::InvalidArgumentError("want one of --link-file and --consent-id");
  }
  if (!options.consent_id.empty()) {
    request.set_consent_id(options.consent_id);
    return absl::OkStatus();
  }
  ABSL_ASSIGN_OR_RETURN(*request.mutable_link_token(), ReadText(options.link_file, session.in()));
  return absl::OkStatus();
}

void ShowDecided(Session& session, const v1::DecidedConsent& decided) {
  ShowConsentFields(session.printer(), decided.consent());
  session.printer().Field({"기록 번호", "Ledger index"}, absl::StrCat(decided.ledger_index()));
}

absl::StatusOr<int> Show(Session& session, const CitizenOptions& options) {
  v1::ShowConsentRequest request;
  ABSL_ASSIGN_OR_RETURN(*request.mutable_link_token(), ReadText(options.link_file, session.in()));
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<
      v1::ShowConsentResponse>(client->ShowConsent(request), [&](const v1::ShowConsentResponse&
                                                                     response) {
    Printer& printer = session.printer();
    ShowConsentFields(printer, response.shown().consent());
    printer.Field({"더 보낼 수 있음", "Resends left"},
                  absl::StrCat(response.shown().resends_left()));
    printer.Field({"더 넣을 수 있음", "Tries left"}, absl::StrCat(response.shown().tries_left()));
    printer.Line({"", ""});
    printer.Line({response.shown().text().c_str(), response.shown().text().c_str()});
  });
}

absl::StatusOr<int> SendCode(Session& session, const CitizenOptions& options) {
  v1::SendCodeRequest request;
  request.set_request_id(session.request_id());
  ABSL_ASSIGN_OR_RETURN(*request.mutable_link_token(), ReadText(options.link_file, session.in()));
  v1::CodePurpose purpose = v1::CODE_PURPOSE_UNSPECIFIED;
  v1::CodePurpose_Parse(absl::StrCat("CODE_PURPOSE_", options.purpose), &purpose);
  request.set_purpose(purpose);
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::SendCodeResponse>(
      client->SendCode(request), [&](const v1::SendCodeResponse& response) {
        session.printer().Field({"더 보낼 수 있음", "Resends left"},
                                absl::StrCat(response.queued().resends_left()));
        session.printer().Field({"유효 기간 끝", "Valid until"},
                                Printer::TimeText(response.queued().expire_time()));
      });
}

absl::StatusOr<int> Decide(Session& session, const CitizenOptions& options) {
  v1::DecideConsentRequest request;
  request.set_request_id(session.request_id());
  ABSL_RETURN_IF_ERROR(SetTarget(session, options, request));
  ABSL_ASSIGN_OR_RETURN(const auto decisions, ParseDecisions(options.decisions));
  request.mutable_decisions()->Assign(decisions.begin(), decisions.end());
  ABSL_ASSIGN_OR_RETURN(*request.mutable_text_sha256(), ParseSha256(options.text_sha256));
  ABSL_ASSIGN_OR_RETURN(*request.mutable_evidence(), ReadEvidence(session, options));
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::DecideConsentResponse>(
      client->DecideConsent(request),
      [&](const v1::DecideConsentResponse& response) { ShowDecided(session, response.decided()); });
}

absl::StatusOr<int> Withdraw(Session& session, const CitizenOptions& options) {
  v1::WithdrawConsentRequest request;
  request.set_request_id(session.request_id());
  ABSL_RETURN_IF_ERROR(SetTarget(session, options, request));
  request.mutable_paper_ids()->Assign(options.papers.begin(), options.papers.end());
  ABSL_ASSIGN_OR_RETURN(*request.mutable_evidence(), ReadEvidence(session, options));
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::WithdrawConsentResponse>(
      client->WithdrawConsent(request), [&](const v1::WithdrawConsentResponse& response) {
        ShowDecided(session, response.withdrawn());
        session.printer().Line({"철회했습니다. 이제 이 동의로는 어떤 서류도 나가지 않습니다.",
                                "Withdrawn. Nothing is released under it any more."});
      });
}

absl::StatusOr<int> Suspend(Session& session, const CitizenOptions& options) {
  v1::SuspendConsentRequest request;
  request.set_request_id(session.request_id());
  request.set_consent_id(options.consent_id);
  ABSL_ASSIGN_OR_RETURN(*request.mutable_evidence(), ReadEvidence(session, options));
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::SuspendConsentResponse>(
      client->SuspendConsent(request), [&](const v1::SuspendConsentResponse& response) {
        ShowDecided(session, response.suspended());
      });
}

absl::StatusOr<int> Resume(Session& session, const CitizenOptions& options) {
  v1::ResumeConsentRequest request;
  request.set_request_id(session.request_id());
  request.set_consent_id(options.consent_id);
  ABSL_ASSIGN_OR_RETURN(*request.mutable_evidence(), ReadEvidence(session, options));
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::ResumeConsentResponse>(
      client->ResumeConsent(request),
      [&](const v1::ResumeConsentResponse& response) { ShowDecided(session, response.resumed()); });
}

constexpr char kLinkHelp[] = "file with the link's token, from the QR";
constexpr char kAssertionHelp[] = "file with a JWS and its salt, as naru-idp-dev prints them";

using Action = absl::StatusOr<int> (*)(Session&, const CitizenOptions&);

std::shared_ptr<CitizenOptions> Add(Command consent, Session* session, const char* name,
                                    const char* purpose, Action action, Command* command) {
  *command = consent.AddCommand(name, purpose);
  auto options = std::make_shared<CitizenOptions>();
  session->OnCommand(*command, [session, options, action] { return action(*session, *options); });
  return options;
}

void AddEvidence(Command command, CitizenOptions* options, bool code) {
  if (code) command.Add("--code-file", &options->code_file, "file with the six digits");
  command.Add("--assertion-file", &options->assertion_file, kAssertionHelp);
}

void AddTarget(Command command, CitizenOptions* options) {
  command.Add("--link-file", &options->link_file, kLinkHelp);
  command.Add("--consent-id", &options->consent_id, "the consent; takes an assertion");
}

}  // namespace

void AddCitizenCommands(Command consent, Session* session) {
  Command command = consent;
  auto options = Add(consent, session, "show", "what a citizen is asked (citizen)", Show, &command);
  command.Add("--link-file", &options->link_file, kLinkHelp).Required();

  options = Add(consent, session, "send-code", "send a new code (citizen)", SendCode, &command);
  command.Add("--link-file", &options->link_file, kLinkHelp).Required();
  command.Add("--purpose", &options->purpose, "what the code is for")
      .OneOf({"DECIDE", "WITHDRAW"})
      .ShowDefault();

  options = Add(consent, session, "decide", "decide paper by paper (citizen)", Decide, &command);
  AddTarget(command, options.get());
  command.Add("--decisions", &options->decisions, "such as 1=AGREED,2=REFUSED").Required();
  command
      .Add("--text-sha256", &options->text_sha256,
           "SHA-256 of the text the citizen saw, hexadecimal")
      .Required();
  AddEvidence(command, options.get(), true);

  options = Add(consent, session, "withdraw", "withdraw all or some papers (citizen)", Withdraw,
                &command);
  AddTarget(command, options.get());
  command.Add("--paper", &options->papers, "only this paper; may be given again");
  AddEvidence(command, options.get(), true);

  options =
      Add(consent, session, "suspend", "stop a consent for a while (citizen)", Suspend, &command);
  command.Add("--consent-id", &options->consent_id, "the consent").Required();
  AddEvidence(command, options.get(), false);

  options = Add(consent, session, "resume", "lift the suspension (citizen)", Resume, &command);
  command.Add("--consent-id", &options->consent_id, "the consent").Required();
  AddEvidence(command, options.get(), false);
}

}  // namespace naru::cli
