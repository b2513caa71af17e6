#include "consent/store/memory_store.h"

#include <utility>

#include "broker/base/errors.h"
#include "glog/logging.h"

namespace naru {
namespace {

size_t Index(Table table) {
  const auto index = static_cast<size_t>(table);
  CHECK_LT(index, static_cast<size_t>(kTables));
  return index;
}

}  // namespace

absl::StatusOr<std::optional<std::string>> MemoryStore::Get(Table table,
                                                            absl::string_view key) const {
  absl::ReaderMutexLock lock(&mu_);
  if (damaged_.count({table, std::string(key)}) > 0) return DataDamaged("a row");
  const auto& rows = rows_[Index(table)];
  const auto row = rows.find(key);
  if (row == rows.end()) return std::nullopt;
  return row->second;
}

absl::StatusOr<std::vector<Row>> MemoryStore::Scan(Table table, absl::string_view from,
                                                   absl::string_view to, int limit) const {
  CHECK(limit >= 1 && limit <= kScanRows) << "limit " << limit;
  absl::ReaderMutexLock lock(&mu_);
  const auto& rows = rows_[Index(table)];
  std::vector<Row> found;
  for (auto row = rows.lower_bound(from);
       row != rows.end() && row->first < to && found.size() < static_cast<size_t>(limit); ++row) {
    if (damaged_.count({table, row->first}) > 0) return DataDamaged("a row");
    found.push_back({row->first, row->second});
  }
  return found;
}

absl::Status MemoryStore::Update(std::vector<std::string> /*locks*/, const Judge& judge) {
  absl::MutexLock writer(&writer_mu_);
  uint64_t number;
  {
    absl::MutexLock lock(&mu_);
    number = ++updates_;
  }
  absl::StatusOr<Writes> writes = judge(*this);
  if (options_.judge_twice) writes = judge(*this);
  if (!writes.ok()) return std::move(writes).status();
  absl::Status fault = Suffer(number);
  if (!fault.ok()) return fault;

  absl::MutexLock lock(&mu_);
  for (Writes::Write& write : writes->rows) {
    CHECK(!write.key.empty());
    auto& rows = rows_[Index(write.table)];
    if (write.value.has_value()) {
      rows[std::move(write.key)] = *std::move(write.value);
    } else {
      rows.erase(write.key);
    }
  }
  if (writes->head.has_value()) head_ = *std::move(writes->head);
  return absl::OkStatus();
}

absl::Status MemoryStore::Suffer(uint64_t number) {
  absl::MutexLock lock(&mu_);
  if (stall_ == number) {
    stalled_ = true;
    mu_.Await(absl::Condition(
        +[](std::optional<uint64_t>* stall) { return !stall->has_value(); }, &stall_));
    stalled_ = false;
  }
  const auto failure = failures_.find(number);
  if (failure == failures_.end()) return absl::OkStatus();
  absl::Status status = std::move(failure->second);
  failures_.erase(failure);
  return status;
}

std::unique_ptr<MemoryStore> MemoryStore::Clone() const {
  auto clone = std::make_unique<MemoryStore>(options_);
  absl::ReaderMutexLock lock(&mu_);
  absl::MutexLock clone_lock(&clone->mu_);
  clone->rows_ = rows_;
  clone->head_ = head_;
  clone->head_at_open_ = head_;
  return clone;
}

uint64_t MemoryStore::updates() const {
  absl::ReaderMutexLock lock(&mu_);
  return updates_;
}

void MemoryStore::FailUpdate(uint64_t number, absl::Status error) {
  CHECK(!error.ok());
  absl::MutexLock lock(&mu_);
  CHECK_GT(number, updates_) << "that update is past";
  failures_[number] = std::move(error);
}

void MemoryStore::StallUpdate(uint64_t number) {
  absl::MutexLock lock(&mu_);
  CHECK_GT(number, updates_) << "that update is past";
  stall_ = number;
}

void MemoryStore::AwaitStalled() const { absl::MutexLock lock(&mu_, absl::Condition(&stalled_)); }

void MemoryStore::Resume() {
  absl::MutexLock lock(&mu_);
  stall_.reset();
}

void MemoryStore::Tamper(Table table, const std::string& key, std::optional<std::string> value) {
  absl::MutexLock lock(&mu_);
  auto& rows = rows_[Index(table)];
  if (value.has_value()) {
    rows[key] = *std::move(value);
  } else {
    rows.erase(key);
  }
}

void MemoryStore::Damage(Table table, const std::string& key) {
  absl::MutexLock lock(&mu_);
  damaged_.emplace(table, key);
}

void MemoryStore::TamperHead(std::optional<LedgerHead> head) {
  absl::MutexLock lock(&mu_);
  head_ = std::move(head);
}

}  // namespace naru
