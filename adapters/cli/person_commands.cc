#include <memory>
#include <string>

#include "adapters/cli/commands.h"
#include "adapters/cli/input.h"
#include "broker/base/file.h"
#include "broker/base/status_macros.h"

namespace naru::cli {
namespace {

struct LookUpOptions {
  std::string resident_file, passport_file, licence_file, name, name_file, out;
};

absl::Status SetShown(Session& session, const LookUpOptions& options,
                      identity::v1::LookUpPersonRequest& request) {
  const int given = !options.resident_file.empty() + !options.passport_file.empty() +
                    !options.licence_file.empty();
  if (given != 1) {
    return absl::InvalidArgumentError(
        "want one of --resident-number-file, --passport-number-file, --licence-number-file");
  }
  if (!options.resident_file.empty()) {
    ABSL_ASSIGN_OR_RETURN(*request.mutable_resident_number(),
                          ReadText(options.resident_file, session.in()));
  } else if (!options.passport_file.empty()) {
    ABSL_ASSIGN_OR_RETURN(*request.mutable_passport_number(),
                          ReadText(options.passport_file, session.in()));
  } else {
    ABSL_ASSIGN_OR_RETURN(*request.mutable_licence_number(),
                          ReadText(options.licence_file, session.in()));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> LookUp(Session& session, const LookUpOptions& options) {
  identity::v1::LookUpPersonRequest request;
  request.set_request_id(session.request_id());
  ABSL_RETURN_IF_ERROR(SetShown(session, options, request));
  if (options.name.empty() == options.name_file.empty()) {
    return absl::InvalidArgumentError("want one of --name and --name-file");
  }
  request.set_name(options.name);
  if (!options.name_file.empty()) {
    ABSL_ASSIGN_OR_RETURN(*request.mutable_name(), ReadText(options.name_file, session.in()));
  }
  *request.mutable_case_() = session.Case();
  ABSL_ASSIGN_OR_RETURN(client::NaruClient* const client, session.Client());
  ABSL_ASSIGN_OR_RETURN(const identity::v1::LookUpPersonResponse response,
                        client->LookUpPerson(request));
  if (!response.has_person()) {
    session.printer().Json(response);
    session.printer().Line(
        {"번호와 이름이 맞는 사람이 없습니다.", "Number and name are not of one person on file."});
    return kExitRefused;
  }
  // The CI goes to the file alone.
  ABSL_RETURN_IF_ERROR(AtomicWriteFile(options.out, response.person().number() + "\n"));
  session.printer().Line({"찾았습니다. CI는 파일에 있습니다.", "Found. The CI is in the file."});
  return kExitOk;
}

}  // namespace

void AddPersonCommands(Command program, Session* session) {
  Command person = program.AddCommand("person", "persons");
  person.NeedsCommand();
  Command command = person.AddCommand("lookup", "find the person who shows an identity document");
  const auto options = std::make_shared<LookUpOptions>();
  command.Add("--resident-number-file", &options->resident_file, "file with the number");
  command.Add("--passport-number-file", &options->passport_file, "file with the number");
  command.Add("--licence-number-file", &options->licence_file, "file with the number");
  command.Add("--name", &options->name, "name as on the document");
  command.Add("--name-file", &options->name_file, "file with it");
  command.Add("--out", &options->out, "file that the CI is written to, mode 0600").Required();
  session->OnCommand(command, [session, options] { return LookUp(*session, *options); });
}

}  // namespace naru::cli
