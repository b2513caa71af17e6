#include "deploy/idp/idp_dev.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "adapters/cli/input.h"
#include "broker/base/command_line.h"
#include "broker/base/ids.h"
#include "broker/base/status_macros.h"
#include "broker/proof/assertion.h"
#include "broker/proof/crypto.h"

namespace naru::idp {
namespace {

constexpr absl::string_view kMark = "# DEVELOPMENT\n";
constexpr size_t kSaltBytes = 16;

constexpr char kPurpose[] =
    "DEVELOPMENT identity provider: signs an assertion for anybody's CI.\n"
    "Prints the JWS and, for a change, the salt on the next line (hexadecimal).";

struct Options {
  bool development = false;
  bool session = false;
  std::string key_file, key_id = "idp-dev-1", issuer, audience, ci_file;
  std::string action, target, text_sha256, decisions;
};

absl::StatusOr<std::unique_ptr<crypto::SigningKey>> ReadKey(const Options& options) {
  ABSL_ASSIGN_OR_RETURN(std::string text, crypto::ReadSecretFile(options.key_file));
  if (!absl::StartsWith(text, kMark)) {
    crypto::Wipe(text);
    return absl::FailedPreconditionError(absl::StrCat(
        options.key_file, ": is not marked; a development key begins with the line # DEVELOPMENT"));
  }
  auto key = crypto::ParseSigningKey(absl::string_view(text).substr(kMark.size()), options.key_id);
  crypto::Wipe(text);
  if (!key.ok() || (*key)->type() != crypto::SigningKey::Type::kEcdsaP256) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.key_file, ": holds no ECDSA P-256 key after the mark"));
  }
  return key;
}

// The nonce for one change; empty for a session.
absl::StatusOr<std::string> NonceOf(const Options& options, absl::string_view salt) {
  if (options.session) {
    if (!options.action.empty()) return absl::InvalidArgumentError("--session takes no --action");
    return std::string();
  }
  if (options.action.empty() || options.target.empty() || options.text_sha256.empty()) {
    return absl::InvalidArgumentError(
        "want --session, or --action, --consent-id and --text-sha256");
  }
  ABSL_RETURN_IF_ERROR(ConsentId::Parse(options.target).status());
  ABSL_ASSIGN_OR_RETURN(const std::string text_sha256, cli::ParseSha256(options.text_sha256));
  std::vector<v1::PaperDecision> decisions;
  if (!options.decisions.empty()) {
    ABSL_ASSIGN_OR_RETURN(decisions, cli::ParseDecisions(options.decisions));
  }
  const bool of_papers = options.action == "DECIDE" || options.action == "WITHDRAW";
  if (of_papers == decisions.empty()) {
    return absl::InvalidArgumentError(of_papers ? "--decisions is needed for this action"
                                                : "this action takes no --decisions");
  }
  return DecisionNonce(options.action, options.target, text_sha256, std::move(decisions), salt);
}

absl::Status Sign(const Options& options, std::istream& in, std::ostream& out, const Clock& clock,
                  Random& random) {
  ABSL_ASSIGN_OR_RETURN(const auto key, ReadKey(options));
  AssertionClaims claims;
  claims.issuer = options.issuer;
  claims.audience = options.audience;
  ABSL_ASSIGN_OR_RETURN(claims.ci, cli::ReadText(options.ci_file, in));
  const std::string salt = random.Bytes(kSaltBytes);
  ABSL_ASSIGN_OR_RETURN(claims.nonce, NonceOf(options, salt));
  claims.issued = clock.Now();
  claims.auth_time = claims.issued;
  out << MakeAssertion(claims, *key) << "\n";
  if (!options.session) out << absl::BytesToHexString(salt) << "\n";
  return absl::OkStatus();
}

}  // namespace

int RunIdpDev(int argc, const char* const* argv, std::istream& in, std::ostream& out,
              std::ostream& err, const Clock& clock, Random& random) {
  Options options;
  CommandLine line("naru-idp-dev", kPurpose);
  Command program = line.program();
  program.AddFlag("--development", &options.development, "yes, this is no production system");
  program.Add("--key", &options.key_file, "PEM key whose first line is # DEVELOPMENT, mode 0600")
      .Required();
  program.Add("--key-id", &options.key_id, "id of the key in the catalogue").ShowDefault();
  program.Add("--issuer", &options.issuer, "issuer, as the catalogue has it").Required();
  program.Add("--audience", &options.audience, "audience, as the catalogue has it").Required();
  program.Add("--ci-file", &options.ci_file, "file with the CI, or - for standard input")
      .Required();
  program.AddFlag("--session", &options.session, "an assertion for reading");
  program.Add("--action", &options.action, "the change it is for")
      .OneOf({"DECIDE", "WITHDRAW", "SUSPEND", "RESUME"});
  program.Add("--consent-id", &options.target, "the consent that is changed");
  program.Add("--text-sha256", &options.text_sha256, "SHA-256 of the consent's text");
  program.Add("--decisions", &options.decisions,
              "such as 1=AGREED,2=REFUSED; for WITHDRAW 1=WITHDRAWN");
  if (const auto exit_status = line.Parse(argc, argv, 1, out, err)) return *exit_status;
  if (!options.development) {
    err << "naru-idp-dev: refused. It signs for anybody: say --development where that is meant.\n";
    return 1;
  }
  err << "**** DEVELOPMENT **** naru-idp-dev vouches for nobody: this assertion proves nothing.\n";
  if (const absl::Status status = Sign(options, in, out, clock, random); !status.ok()) {
    err << "naru-idp-dev: " << status.message() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace naru::idp
