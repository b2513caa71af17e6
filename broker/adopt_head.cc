#include "broker/adopt_head.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "broker/base/clock.h"
#include "broker/base/status_macros.h"
#include "broker/broker_keys.h"
#include "consent/ledger/ledger.h"
#include "consent/store/head_file.h"
#include "consent/store/rocksdb_store.h"

namespace naru {
namespace {

constexpr uint16_t kLedgerNumber = 0;

// The store with its ledger, both checked, then closed.
absl::StatusOr<AdoptedLedger> OpenOnce(const RocksDbStore::Options& options,
                                       const CheckpointSigner& signer) {
  ABSL_ASSIGN_OR_RETURN(const std::unique_ptr<RocksDbStore> store, RocksDbStore::Open(options));
  ABSL_ASSIGN_OR_RETURN(const std::unique_ptr<Ledger> ledger,
                        Ledger::Open(store.get(), &signer, kLedgerNumber));
  return AdoptedLedger{ledger->found().entries, absl::BytesToHexString(ledger->found().root)};
}

}  // namespace

absl::StatusOr<AdoptedLedger> AdoptWithoutHead(const config::v1::BrokerConfig& config) {
  std::error_code error;
  const std::string head = absl::StrCat(config.head_directory(), "/", HeadFile::kName);
  if (std::filesystem::exists(head, error) || error) {
    return absl::FailedPreconditionError(
        absl::StrCat(head, " is there: nothing to adopt. Start without --adopt-without-head; if ",
                     "the file is damaged and no copy of it is left, move it away first"));
  }
  const std::string database = absl::StrCat(config.data_directory(), "/store");
  if (!std::filesystem::is_directory(database, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat("there is no store in ", config.data_directory(), ": nothing to adopt"));
  }
  ABSL_ASSIGN_OR_RETURN(const BrokerKeys keys, ReadBrokerKeys(config));
  RocksDbStore::Options options;
  options.data_directory = config.data_directory();
  options.head_directory = config.head_directory();
  options.clock = Clock::Real();
  options.min_free_bytes = config.min_free_bytes();
  options.ballast_bytes = config.ballast_bytes();
  options.adopt_without_head = true;
  absl::StatusOr<AdoptedLedger> adopted = OpenOnce(options, *keys.checkpoint_signer);
  // The store opened and its ledger did not: the HEAD just made must not vouch for it.
  if (!adopted.ok()) std::filesystem::remove(head, error);
  return adopted;
}

}  // namespace naru
