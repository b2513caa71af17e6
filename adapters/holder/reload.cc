#include "adapters/holder/reload.h"

#include <glog/logging.h>

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/base/file.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/base/textproto.h"
#include "broker/proof/crypto.h"
#include "google/protobuf/util/message_differencer.h"

namespace naru {
namespace {

using config::v1::HolderConfig;
using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;

absl::StatusOr<std::unique_ptr<crypto::SigningKey>> ReadSigningKey(
    const config::v1::KeyFile& file) {
  ABSL_ASSIGN_OR_RETURN(std::string pem, crypto::ReadSecretFile(file.file()));
  auto key = crypto::ParseSigningKey(pem, file.key_id());
  crypto::Wipe(pem);
  if (!key.ok()) return absl::FailedPreconditionError(absl::StrCat(file.file(), ": no key"));
  if ((*key)->type() != crypto::SigningKey::Type::kEcdsaP256) {
    return absl::FailedPreconditionError(absl::StrCat(file.file(), ": not a P-256 key"));
  }
  return key;
}

// A message with this field of `config` alone.
HolderConfig Only(const HolderConfig& config, const FieldDescriptor* field) {
  HolderConfig all = config;
  HolderConfig only;
  only.GetReflection()->SwapFields(&only, &all, {field});
  return only;
}

// A change that needs a restart, by its line in the new file.
absl::Status CheckChange(const HolderConfigFile& was, const HolderConfigFile& is) {
  static const auto* const kTaken = new std::set<std::string>{
      "signing_key", "agency_name", "registers", "folders", "http_registers", "resolver"};
  const google::protobuf::Descriptor& type = *HolderConfig::descriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* const field = type.field(i);
    if (kTaken->count(field->name()) != 0) continue;
    if (!MessageDifferencer::Equals(Only(was.message(), field), Only(is.message(), field))) {
      return is.ErrorAt(field->name(), "cannot change while naru-holder runs; restart it");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const AnswerMaker>> OpenAnswers(const HolderConfigFile& file,
                                                               const AnswerTools& tools) {
  const HolderConfig& config = file.message();
  ABSL_ASSIGN_OR_RETURN(auto registers, OpenRegisters(file));
  ABSL_ASSIGN_OR_RETURN(auto key, ReadSigningKey(config.signing_key()));
  return std::make_shared<const AnswerMaker>(
      AnswerMaker::Agency{config.agency(), config.agency_name()}, std::move(registers),
      std::move(key), tools.clock, tools.random, tools.metrics);
}

Reload::Reload(HolderConfigFile file, AnswerSource* source, const AnswerTools& tools, Timer* timer)
    : source_(source), tools_(tools), timer_(timer), file_(std::move(file)) {
  absl::MutexLock lock(&mu_);
  seen_ = Fingerprint();
}

Reload::~Reload() {
  Timer::Token token = 0;
  {
    absl::MutexLock lock(&mu_);
    ends_ = true;
    token = token_;
  }
  const bool is_cancelled = token != 0 && timer_->Cancel(token);
  absl::MutexLock lock(&mu_);
  if (is_cancelled) --looking_;
  // A look that is under way, or about to be.
  const auto is_done = [this] {
    mu_.AssertHeld();
    return looking_ == 0;
  };
  mu_.Await(absl::Condition(&is_done));
}

void Reload::Watch() {
  absl::MutexLock lock(&mu_);
  if (ends_) return;
  ++looking_;
  token_ = timer_->After(limits::kHolderReload, [this] { Look(); });
}

void Reload::Look() {
  {
    absl::MutexLock lock(&mu_);
    const std::string now = Fingerprint();
    // Once is enough for a file that is no good: the next try is the next change's.
    if (!ends_ && now != seen_) {
      seen_ = now;
      Take().IgnoreError();
    }
  }
  Watch();
  absl::MutexLock lock(&mu_);
  --looking_;
}

absl::Status Reload::Now() {
  absl::MutexLock lock(&mu_);
  seen_ = Fingerprint();
  return Take();
}

absl::Status Reload::Take() {
  const auto take = [this]() -> absl::Status {
    mu_.AssertHeld();
    ABSL_ASSIGN_OR_RETURN(HolderConfigFile file, LoadHolderConfig(file_.name()));
    ABSL_RETURN_IF_ERROR(CheckChange(file_, file));
    ABSL_ASSIGN_OR_RETURN(auto maker, OpenAnswers(file, tools_));
    source_->Set(std::move(maker));
    file_ = std::move(file);
    return absl::OkStatus();
  };
  const absl::Status taken = take();
  tools_.metrics->Reloaded(taken.ok());
  if (taken.ok()) {
    LOG(INFO) << "configuration and key are read again; signing key "
              << file_.message().signing_key().key_id();
  } else {
    LOG(ERROR) << "everything stays as it was: " << taken.message();
  }
  return taken;
}

std::string Reload::Fingerprint() const {
  absl::StatusOr<std::string> config = ReadFile(file_.name(), kTextProtoBytes);
  // Where the new configuration has its key, or else where the old one has it.
  const auto parsed =
      config.ok() ? HolderConfigFile::Parse(file_.name(), *config) : config.status();
  const config::v1::KeyFile& key_file =
      parsed.ok() ? parsed->message().signing_key() : file_.message().signing_key();
  absl::StatusOr<std::string> key = crypto::ReadSecretFile(key_file.file());
  std::string digest;
  if (config.ok()) digest += crypto::Sha256(*config);
  if (key.ok()) {
    digest += crypto::Sha256(*key);
    crypto::Wipe(*key);
  }
  return digest;
}

}  // namespace naru
