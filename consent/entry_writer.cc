#include "consent/entry_writer.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "broker/proof/merkle.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kDataKeyBytes = 32;
constexpr absl::string_view kAlgorithm = "A256GCM";

// Rules that only a mistake in our own code breaks; the change then has no effect and its caller
// learns of a fault.
absl::Status CheckDraft(const EntryDraft& draft) {
  if (draft.outer.kind() == v1::ENTRY_KIND_UNSPECIFIED)
    return InternalFault("an entry has no kind");
  if (draft.subject.has_value() && draft.subject->empty()) {
    return InternalFault("an entry's subject is empty");
  }
  const bool sealed = !draft.details.empty() || draft.message.has_value();
  if (sealed && draft.data_key.size() != kDataKeyBytes) {
    return InternalFault("an entry has something to seal, but no data key");
  }
  if (draft.message.has_value() && !draft.subject.has_value()) {
    return InternalFault("an entry has a message to nobody");
  }
  if (!draft.case_hash.empty() && draft.case_hash.size() != crypto::kHashBytes) {
    return InternalFault("an entry's case hash is not 32 bytes");
  }
  return absl::OkStatus();
}

void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp) {
  const int64_t micros = absl::ToUnixMicros(time);
  timestamp->set_seconds(micros / 1'000'000);
  timestamp->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

std::string HistoryValue(uint64_t index) {
  storage::v1::HistoryRow row;
  row.set_ledger_index(index);
  return row.SerializeAsString();
}

}  // namespace

absl::StatusOr<EntryWriter::Written> EntryWriter::Write(const EntryDraft& draft, uint64_t index,
                                                        absl::Time time,
                                                        JournalOverlay& rows) const {
  ABSL_RETURN_IF_ERROR(CheckDraft(draft));
  Written written;
  CommittedEntry& entry = written.entry;
  entry.index = index;
  if (draft.subject.has_value() && draft.in_person_order) {
    ABSL_ASSIGN_OR_RETURN(entry.person_number, TakeNumber(*draft.subject, rows));
  }
  entry.outer = draft.outer;
  SetTime(time, entry.outer.mutable_time());
  entry.outer_bytes = entry.outer.SerializeAsString();
  entry.outer_salt = random_->Bytes(kSaltBytes);

  storage::v1::InnerEntry inner;
  if (draft.subject.has_value()) inner.set_subject_id(draft.subject->bytes());
  inner.set_person_number(entry.person_number);
  const std::string record_key = keys::Record(ledger_, index);
  storage::v1::RecordRow record;
  if (!draft.details.empty()) {
    const std::string salted = absl::StrCat(random_->Bytes(kSaltBytes), draft.details);
    inner.set_details_sha256(crypto::Sha256(salted));
    *record.mutable_details() = Seal(draft.data_key, salted, record_key);
  }
  record.set_outer(entry.outer_bytes);
  record.set_outer_salt(entry.outer_salt);
  record.set_inner(inner.SerializeAsString());
  record.set_inner_salt(random_->Bytes(kSaltBytes));
  entry.inner_hash = merkle::InnerHash(record.inner_salt(), record.inner());
  written.leaf_data = merkle::LeafData(entry.outer_salt, entry.inner_hash, entry.outer_bytes);
  rows.Put({Table::kLedger, record_key, record.SerializeAsString()});

  if (draft.subject.has_value()) {
    rows.Put({Table::kRows, keys::PersonHistory(*draft.subject, index), HistoryValue(index)});
  }
  if (!draft.case_hash.empty()) {
    const uint16_t shard =
        draft.subject.has_value() ? draft.subject->shard() : ShardOfHash(draft.case_hash);
    rows.Put({Table::kRows, keys::CaseHistory(shard, draft.case_hash, index), HistoryValue(index)});
  }
  if (draft.message.has_value()) {
    const std::string outbox_key = keys::Outbox(ledger_, index);
    storage::v1::OutboxRow outbox;
    outbox.set_subject_id(draft.subject->bytes());
    *outbox.mutable_sealed() = Seal(draft.data_key, draft.message->SerializeAsString(), outbox_key);
    outbox.set_expire_time_us(absl::ToUnixMicros(draft.message_expire));
    rows.Put({Table::kLedger, outbox_key, outbox.SerializeAsString()});
  }
  return written;
}

absl::StatusOr<uint64_t> EntryWriter::TakeNumber(const SubjectId& subject,
                                                 JournalOverlay& rows) const {
  const std::string key = keys::Subject(subject);
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value, rows.Get(Table::kRows, key));
  // A row made here would let the numbers of a person begin anew, which is how a lost entry would
  // be hidden.
  if (!value.has_value()) return InternalFault("an entry is about a subject without a row");
  storage::v1::SubjectRow row;
  if (!row.ParseFromString(*value)) return DataDamaged("the row of a subject cannot be read");
  row.set_last_number(row.last_number() + 1);
  rows.Put({Table::kRows, key, row.SerializeAsString()});
  return row.last_number();
}

storage::v1::Sealed EntryWriter::Seal(const std::string& data_key, const std::string& plain,
                                      const std::string& row_key) const {
  crypto::SealedBytes bytes = crypto::Seal(data_key, plain, row_key, *random_);
  storage::v1::Sealed sealed;
  sealed.set_algorithm(std::string(kAlgorithm));
  sealed.set_key_id("data");
  sealed.set_nonce(std::move(bytes.nonce));
  sealed.set_ciphertext(std::move(bytes.ciphertext));
  return sealed;
}

absl::StatusOr<std::string> OpenDetails(const storage::v1::RecordRow& record,
                                        const std::string& record_key,
                                        const std::string& data_key) {
  if (!record.has_details()) return std::string();
  if (record.details().algorithm() != kAlgorithm) {
    return DataDamaged("the details of a record are sealed in an unknown way");
  }
  ABSL_ASSIGN_OR_RETURN(
      const std::string salted,
      crypto::Open(data_key, {record.details().nonce(), record.details().ciphertext()},
                   record_key));
  storage::v1::InnerEntry inner;
  if (!inner.ParseFromString(record.inner()) || salted.size() < kSaltBytes ||
      crypto::Sha256(salted) != inner.details_sha256()) {
    return DataDamaged("the details of a record do not match its digest");
  }
  return salted.substr(kSaltBytes);
}

}  // namespace naru
