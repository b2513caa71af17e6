#include "adapters/cli/session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/clock.h"
#include "broker/base/random.h"
#include "broker/base/status_macros.h"
#include "broker/base/textproto.h"
#include "naru/config/v1/config.pb.h"

namespace naru::cli {

Session::Session(std::istream* in, std::ostream* out, std::ostream* err)
    : in_(in), printer_(out, err), pool_("naructl", 1), timer_(&pool_) {}

void Session::AddOptions(Command program) {
  program.Add("--config", &config_file_,
              "configuration: a textproto of naru.config.v1.ClientConfig");
  program.Add("--language", &language_, "language of what is printed")
      .OneOf({"ko", "en"})
      .ShowDefault();
  program.AddFlag("--json", &json_, "print answers as protobuf's JSON");
  program.Add("--request-id", &request_id_,
              "UUIDv7 of a changing call; repeat it to get the same answer (default: a new one)");
  program.Add("--official", &official_, "the official on whose behalf the call is made");
  program.Add("--terminal", &terminal_, "the official's terminal");
  program.Add("--case", &case_number_, "the agency's case number");
}

void Session::OnCommand(Command command, Action action) {
  command.OnNamed([this, action = std::move(action)] { action_ = action; });
}

v1::CaseContext Session::Case() const {
  v1::CaseContext context;
  context.set_official_id(official_);
  context.set_terminal_id(terminal_);
  context.set_case_number(case_number_);
  return context;
}

absl::StatusOr<client::NaruClient*> Session::Client() {
  if (client_ != nullptr) return client_.get();
  if (config_file_.empty()) return absl::InvalidArgumentError("--config is needed");
  config::v1::ClientConfig config;
  ABSL_RETURN_IF_ERROR(LoadTextProto(config_file_, &config));
  auto client = client::NaruClient::Create(config, {Clock::Real(), Random::System(), &timer_});
  if (!client.ok()) {
    return absl::Status(client.status().code(),
                        absl::StrCat(config_file_, ": ", client.status().message()));
  }
  client_ = *std::move(client);
  return client_.get();
}

int Session::Run() {
  printer_.set_language(language_ == "en" ? Language::kEnglish : Language::kKorean);
  printer_.set_json(json_);
  const absl::StatusOr<int> exit_status = action_();
  if (exit_status.ok()) return *exit_status;
  printer_.Error(exit_status.status());
  return kExitError;
}

}  // namespace naru::cli
