#include "broker/broker_config.h"

#include <cstdint>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/base/textproto.h"
#include "broker/proof/checkpoint.h"
#include "consent/text/messages.h"

namespace naru {
namespace {

using File = TextProtoFile<config::v1::BrokerConfig>;

constexpr uint64_t kMinFreeBytes = 256ull * 1024 * 1024;
constexpr uint64_t kBallastBytes = 64ull * 1024 * 1024;

absl::Status Required(const File& file, absl::string_view field, absl::string_view value) {
  if (value.empty()) return file.ErrorAt(std::string(field), "must be given");
  return absl::OkStatus();
}

absl::Status Address(const File& file, const std::string& field, absl::string_view value) {
  ABSL_RETURN_IF_ERROR(Required(file, field, value));
  const size_t colon = value.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || colon == 0 ||
      !absl::SimpleAtoi(value.substr(colon + 1), &port) || port > 65535) {
    return file.ErrorAt(field, "must be host:port, port 0 for a free one");
  }
  return absl::OkStatus();
}

bool IsLoopback(absl::string_view address) {
  const absl::string_view host = address.substr(0, address.rfind(':'));
  return host == "localhost" || host == "[::1]" || absl::StartsWith(host, "127.");
}

absl::Status Key(const File& file, const std::string& field, const config::v1::KeyFile& key) {
  ABSL_RETURN_IF_ERROR(Required(file, absl::StrCat(field, ".key_id"), key.key_id()));
  return Required(file, absl::StrCat(field, ".file"), key.file());
}

// Whether `inner` is `outer` or lies below it.
bool LiesIn(const std::string& inner, const std::string& outer) {
  std::error_code error;
  const auto in = std::filesystem::weakly_canonical(inner, error);
  const auto out = std::filesystem::weakly_canonical(outer, error);
  if (error) return false;
  const auto relative = in.lexically_relative(out);
  return !relative.empty() && *relative.begin() != "..";
}

absl::Status CheckHelp(const File& file) {
  const HelpLine help = HelpLineOf(file.message());
  const auto part = [&](const char* field, absl::string_view text, int bytes) {
    if (FitsHelpLine(text, bytes)) return absl::OkStatus();
    return file.ErrorAt(
        absl::StrCat("help_line.", field),
        absl::StrCat("must have at most ", bytes, " bytes in EUC-KR and be no internet address"));
  };
  ABSL_RETURN_IF_ERROR(part("app_name", help.name_ko, kHelpNameBytes));
  ABSL_RETURN_IF_ERROR(part("app_name_en", help.name_en, kHelpNameBytes));
  ABSL_RETURN_IF_ERROR(part("telephone", help.phone, kHelpPhoneBytes));
  if (help.phone.find_first_not_of("0123456789-") == std::string::npos) return absl::OkStatus();
  return file.ErrorAt("help_line.telephone", "must be digits and '-'");
}

absl::Status Check(const File& file) {
  const config::v1::BrokerConfig& config = file.message();
  ABSL_RETURN_IF_ERROR(Address(file, "listen_address", config.listen_address()));
  ABSL_RETURN_IF_ERROR(Address(file, "ops_address", config.ops_address()));
  if (!IsLoopback(config.ops_address())) {
    return file.ErrorAt("ops_address", "must be a loopback address (127.0.0.1, [::1])");
  }
  ABSL_RETURN_IF_ERROR(Required(file, "tls.certificate_file", config.tls().certificate_file()));
  ABSL_RETURN_IF_ERROR(Required(file, "tls.key_file", config.tls().key_file()));
  ABSL_RETURN_IF_ERROR(Required(file, "tls.ca_file", config.tls().ca_file()));
  ABSL_RETURN_IF_ERROR(Required(file, "data_directory", config.data_directory()));
  ABSL_RETURN_IF_ERROR(Required(file, "head_directory", config.head_directory()));
  if (LiesIn(config.head_directory(), config.data_directory())) {
    return file.ErrorAt("head_directory", "must not lie in data_directory");
  }
  ABSL_RETURN_IF_ERROR(Required(file, "catalogue_file", config.catalogue_file()));
  if (!IsValidOrigin(config.ledger_origin())) {
    return file.ErrorAt("ledger_origin", "must be 1 to 128 visible ASCII characters without '+'");
  }
  ABSL_RETURN_IF_ERROR(Key(file, "ledger_ed25519_key", config.ledger_ed25519_key()));
  ABSL_RETURN_IF_ERROR(Key(file, "ledger_ecdsa_key", config.ledger_ecdsa_key()));
  ABSL_RETURN_IF_ERROR(Key(file, "receipt_key", config.receipt_key()));
  ABSL_RETURN_IF_ERROR(Key(file, "pepper", config.pepper()));
  ABSL_RETURN_IF_ERROR(Key(file, "key_encryption_key", config.key_encryption_key()));
  ABSL_RETURN_IF_ERROR(Key(file, "code_key", config.code_key()));
  ABSL_RETURN_IF_ERROR(Key(file, "link_key", config.link_key()));
  return CheckHelp(file);
}

template <typename Number>
void Default(Number value, Number otherwise, void (config::v1::BrokerLimits::*set)(Number),
             config::v1::BrokerLimits& limits) {
  if (value == 0) (limits.*set)(otherwise);
}

void FillDefaults(config::v1::BrokerConfig& config) {
  if (config.clock() == config::v1::CLOCK_MODE_UNSPECIFIED) {
    config.set_clock(config::v1::CLOCK_MODE_REQUIRE_SYNCHRONISED);
  }
  if (config.min_free_bytes() == 0) config.set_min_free_bytes(kMinFreeBytes);
  if (config.ballast_bytes() == 0) config.set_ballast_bytes(kBallastBytes);
  using Limits = config::v1::BrokerLimits;
  Limits& bounds = *config.mutable_limits();
  const auto seconds = [](absl::Duration duration) {
    return static_cast<uint32_t>(absl::ToInt64Seconds(duration));
  };
  Default<uint32_t>(bounds.max_fetches(), limits::kFetches, &Limits::set_max_fetches, bounds);
  Default<uint32_t>(bounds.max_documents_per_holder(), limits::kDocumentsPerHolder,
                    &Limits::set_max_documents_per_holder, bounds);
  Default<uint32_t>(bounds.holder_answer_seconds(), seconds(limits::kHolderAnswer),
                    &Limits::set_holder_answer_seconds, bounds);
  Default<uint32_t>(bounds.body_idle_seconds(), seconds(limits::kBodyIdle),
                    &Limits::set_body_idle_seconds, bounds);
  Default<uint32_t>(bounds.calls_per_second(), limits::kCallsPerSecond,
                    &Limits::set_calls_per_second, bounds);
  Default<uint32_t>(bounds.max_watches(), limits::kWatches, &Limits::set_max_watches, bounds);
  Default<uint32_t>(bounds.max_fetches_per_requester(), limits::kFetchesPerRequester,
                    &Limits::set_max_fetches_per_requester, bounds);
}

}  // namespace

HelpLine HelpLineOf(const config::v1::BrokerConfig& config) {
  const config::v1::HelpLine& given = config.help_line();
  HelpLine help;
  if (!given.app_name().empty()) help.name_ko = given.app_name();
  if (!given.app_name_en().empty()) help.name_en = given.app_name_en();
  if (!given.telephone().empty()) help.phone = given.telephone();
  return help;
}

absl::StatusOr<config::v1::BrokerConfig> LoadBrokerConfig(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(auto file, File::Load(path));
  ABSL_RETURN_IF_ERROR(Check(file));
  config::v1::BrokerConfig config = file.message();
  FillDefaults(config);
  return config;
}

}  // namespace naru
