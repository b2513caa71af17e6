#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "adapters/cli/commands.h"
#include "adapters/cli/consent_view.h"
#include "adapters/cli/input.h"
#include "broker/base/status_macros.h"

namespace naru::cli {
namespace {

struct OpenOptions {
  std::string person_file, affair, papers_file;
  std::string intake = "COUNTER";
  std::string text_language = "ko";
  int64_t valid_for_seconds = 0;
  uint32_t uses = 0;
};

absl::StatusOr<int> Open(Session& session, const OpenOptions& options) {
  v1::OpenConsentRequest request;
  request.set_request_id(session.request_id());
  ABSL_ASSIGN_OR_RETURN(*request.mutable_person(), ReadPerson(options.person_file, session.in()));
  ABSL_ASSIGN_OR_RETURN(const std::vector<v1::Paper> papers, ReadPapers(options.papers_file));
  request.mutable_papers()->Assign(papers.begin(), papers.end());
  request.set_affair(options.affair);
  v1::Intake intake = v1::INTAKE_UNSPECIFIED;
  v1::Intake_Parse(absl::StrCat("INTAKE_", options.intake), &intake);
  request.set_intake(intake);
  *request.mutable_case_() = session.Case();
  request.set_valid_for_seconds(options.valid_for_seconds);
  request.set_uses(options.uses);
  request.set_language(options.text_language);
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::OpenConsentResponse>(
      client->OpenConsent(request), [&](const v1::OpenConsentResponse& response) {
        const v1::OpenedConsent& opened = response.opened();
        Printer& printer = session.printer();
        ShowConsentFields(printer, opened.consent());
        printer.Field({"접속 표", "Link token"}, opened.link_token());
        printer.Field({"요청 번호", "Request number"}, opened.request_number());
        printer.Field({"인증번호", "Code"},
                      opened.code_queued()
                          ? Words{"보냄", "queued"}.in(printer.language())
                          : Words{"연락처 없음", "no contact"}.in(printer.language()));
        printer.Field({"기록 번호", "Ledger index"}, absl::StrCat(opened.ledger_index()));
      });
}

struct IdOptions {
  std::string consent_id, session_file, person_file, affair;
  int64_t seconds = 3600;
};

absl::StatusOr<int> Get(Session& session, const IdOptions& options) {
  v1::GetConsentRequest request;
  request.set_consent_id(options.consent_id);
  if (!options.session_file.empty()) {
    ABSL_ASSIGN_OR_RETURN(*request.mutable_session()->mutable_jws(),
                          ReadText(options.session_file, session.in()));
  }
  *request.mutable_case_() = session.Case();
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::GetConsentResponse>(
      client->GetConsent(request), [&](const v1::GetConsentResponse& response) {
        ShowConsentFields(session.printer(), response.consent());
      });
}

absl::StatusOr<int> Check(Session& session, const IdOptions& options) {
  v1::CheckConsentRequest request;
  if (!options.consent_id.empty()) {
    request.set_consent_id(options.consent_id);
  } else if (!options.person_file.empty() && !options.affair.empty()) {
    ABSL_ASSIGN_OR_RETURN(*request.mutable_person_affair()->mutable_person(),
                          ReadPerson(options.person_file, session.in()));
    request.mutable_person_affair()->set_affair(options.affair);
  } else {
    return absl::InvalidArgumentError("want --consent-id, or --person-file and --affair");
  }
  *request.mutable_case_() = session.Case();
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::CheckConsentResponse>(
      client->CheckConsent(request), [&](const v1::CheckConsentResponse& response) {
        const v1::CheckedConsent& allowed = response.allowed();
        Printer& printer = session.printer();
        printer.Line({"지금 서류를 확인할 수 있습니다.", "A fetch would be allowed now."});
        printer.Field({"동의 번호", "Consent"}, allowed.consent_id());
        std::string papers;
        for (const uint32_t id : allowed.paper_ids()) absl::StrAppend(&papers, id, " ");
        printer.Field({"서류", "Papers"}, papers);
        printer.Field({"유효 기간 끝", "Valid until"}, Printer::TimeText(allowed.valid_until()));
        printer.Field({"남은 횟수", "Uses left"}, absl::StrCat(allowed.uses_left()));
      });
}

absl::StatusOr<int> Watch(Session& session, const IdOptions& options) {
  v1::WatchConsentRequest request;
  request.set_consent_id(options.consent_id);
  *request.mutable_case_() = session.Case();
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  Printer& printer = session.printer();
  const absl::Status status = client->WatchConsent(
      request, absl::Seconds(options.seconds), [&](const v1::WatchConsentResponse& event) {
        printer.Json(event, true);
        if (event.has_consent()) {
          printer.Field({"상태", "State"}, StateText(event.consent().state(), printer.language()));
        }
        return true;
      });
  if (!status.ok()) return status;
  return kExitOk;
}

absl::StatusOr<int> Cancel(Session& session, const IdOptions& options) {
  v1::CancelConsentRequest request;
  request.set_request_id(session.request_id());
  request.set_consent_id(options.consent_id);
  *request.mutable_case_() = session.Case();
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  return session.Answer<v1::CancelConsentResponse>(
      client->CancelConsent(request), [&](const v1::CancelConsentResponse& response) {
        ShowConsentFields(session.printer(), response.consent());
      });
}

}  // namespace

void AddConsentCommands(Command consent, Session* session) {
  {
    Command command = consent.AddCommand("open", "ask a citizen for a consent");
    const auto options = std::make_shared<OpenOptions>();
    command.Add("--person-file", &options->person_file, "file with the CI").Required();
    command.Add("--affair", &options->affair, "affair code").Required();
    command
        .Add("--papers", &options->papers_file,
             "textproto: papers { paper_id: 1 kind: \"...\" } and so on")
        .Required();
    command.Add("--intake", &options->intake, "how the citizen is reached")
        .OneOf({"PHONE", "COUNTER", "CALL", "KIOSK"})
        .ShowDefault();
    command.Add("--valid-for", &options->valid_for_seconds, "seconds; 0: the affair's");
    command.Add("--uses", &options->uses, "fetches allowed; 0: the affair's");
    command.Add("--text-language", &options->text_language, "language of text and message")
        .OneOf({"ko", "en"})
        .ShowDefault();
    session->OnCommand(command, [session, options] { return Open(*session, *options); });
  }
  const auto add = [&](const char* name, const char* purpose, auto action) {
    Command command = consent.AddCommand(name, purpose);
    const auto options = std::make_shared<IdOptions>();
    CommandOption id = command.Add("--consent-id", &options->consent_id, "the consent");
    const std::string which = name;
    if (which != "check") id.Required();
    if (which == "get") {
      command.Add("--session-file", &options->session_file,
                  "file with the session assertion (citizen)");
    }
    if (which == "check") {
      command.Add("--person-file", &options->person_file, "file with the CI");
      command.Add("--affair", &options->affair, "affair code");
    }
    if (which == "watch") {
      command.Add("--for", &options->seconds, "seconds to watch").Between(1, 86400).ShowDefault();
    }
    session->OnCommand(command, [session, options, action] { return action(*session, *options); });
  };
  add("get", "read a consent", Get);
  add("check", "would a fetch be allowed now", Check);
  add("watch", "follow a consent's state", Watch);
  add("cancel", "take a request back before the citizen decides", Cancel);
}

}  // namespace naru::cli
