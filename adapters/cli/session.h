#ifndef NARU_ADAPTERS_CLI_SESSION_H_
#define NARU_ADAPTERS_CLI_SESSION_H_

#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "adapters/cli/printer.h"
#include "adapters/client/naru_client.h"
#include "broker/base/command_line.h"
#include "broker/base/thread_pool.h"
#include "broker/base/thread_timer.h"
#include "naru/v1/common.pb.h"

namespace naru::cli {

// Exit statuses of naructl.
inline constexpr int kExitOk = 0;
inline constexpr int kExitError = 1;
inline constexpr int kExitRefused = 2;

// One run of naructl: the options that all commands share, and the client, made when a command
// first needs it. Not thread-safe.
class Session {
 public:
  // The streams must outlive the session.
  Session(std::istream* in, std::ostream* out, std::ostream* err);

  // Adds the shared options to the program.
  void AddOptions(Command program);
  // Sets what runs when `command` was named; it gives the exit status.
  using Action = std::function<absl::StatusOr<int>()>;
  void OnCommand(Command command, Action action);
  // Runs the command that was named. Prints the error of one that failed.
  int Run();

  // Reads the configuration, once.
  absl::StatusOr<client::NaruClient*> Client();
  // Official, terminal and case of the options.
  v1::CaseContext Case() const;
  // Of --request-id; empty when one shall be made.
  const std::string& request_id() const { return request_id_; }
  std::istream& in() { return *in_; }
  Printer& printer() { return printer_; }

  // Prints an answer that is a result or a refusal: `shown` prints a result for people.
  template <typename Response>
  absl::StatusOr<int> Answer(const absl::StatusOr<Response>& response,
                             const std::function<void(const Response&)>& shown);

 private:
  std::istream* const in_;
  Printer printer_;
  ThreadPool pool_;
  ThreadTimer timer_;
  std::string config_file_;
  std::string language_ = "ko";
  bool json_ = false;
  std::string request_id_;
  std::string official_;
  std::string terminal_;
  std::string case_number_;
  Action action_;
  std::unique_ptr<client::NaruClient> client_;
};

template <typename Response>
absl::StatusOr<int> Session::Answer(const absl::StatusOr<Response>& response,
                                    const std::function<void(const Response&)>& shown) {
  if (!response.ok()) return response.status();
  printer_.Json(*response);
  if (response->has_refusal()) {
    printer_.Refusal(response->refusal());
    return kExitRefused;
  }
  if (!printer_.json()) shown(*response);
  return kExitOk;
}

}  // namespace naru::cli

#endif  // NARU_ADAPTERS_CLI_SESSION_H_
