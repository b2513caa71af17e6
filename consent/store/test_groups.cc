#include "consent/store/test_groups.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/store/big_endian.h"
#include "consent/store/keys.h"
#include "naru/storage/v1/storage.pb.h"

namespace naru::test_groups {
namespace {

constexpr char kCountKey[] = "groups";

uint64_t LeavesOf(uint64_t group) { return 1 + group % 5; }

uint64_t SizeAfter(uint64_t groups) {
  uint64_t size = 0;
  for (uint64_t group = 1; group <= groups; ++group) size += LeavesOf(group);
  return size;
}

// Bytes that belong to (group, part) and nothing else, up to 1,200 of them.
std::string Payload(uint64_t group, absl::string_view part) {
  std::string bytes = crypto::Sha256(absl::StrCat(group, "/", part));
  const size_t size = 32 + group * 37 % 1168;
  while (bytes.size() < size) bytes += crypto::Sha256(bytes);
  bytes.resize(size);
  return bytes;
}

std::string RowKey(uint64_t group) {
  std::string key = "group ";
  AppendBigEndian(key, group);
  return key;
}

using Model = std::map<std::pair<Table, std::string>, std::string>;

Model ModelAfter(uint64_t groups) {
  Model model;
  for (uint64_t group = 1; group <= groups; ++group) {
    for (Writes::Write& write : GroupWrites(group).rows) {
      if (write.value.has_value()) {
        model[{write.table, std::move(write.key)}] = *std::move(write.value);
      } else {
        model.erase({write.table, write.key});
      }
    }
  }
  return model;
}

absl::StatusOr<Model> ReadAll(const Reader& store) {
  Model found;
  for (int i = 0; i < kTables; ++i) {
    const auto table = static_cast<Table>(i);
    std::string from;
    for (;;) {
      ABSL_ASSIGN_OR_RETURN(std::vector<Row> rows,
                            store.Scan(table, from, std::string(64, '\xff'), kScanRows));
      if (rows.empty()) break;
      from = rows.back().key + '\0';
      for (Row& row : rows) found[{table, std::move(row.key)}] = std::move(row.value);
    }
  }
  return found;
}

}  // namespace

Writes GroupWrites(uint64_t group) {
  Writes writes;
  writes.head = HeadAfter(group);
  for (const Table table : {Table::kRows, Table::kChecks, Table::kKeys}) {
    writes.rows.push_back(
        {table, RowKey(group), Payload(group, absl::StrCat(static_cast<int>(table)))});
  }
  // Only the last two groups' key rows stay.
  if (group > 2) writes.rows.push_back({Table::kKeys, RowKey(group - 2), std::nullopt});
  for (uint64_t index = SizeAfter(group - 1); index < writes.head->size; ++index) {
    writes.rows.push_back(
        {Table::kLedger, keys::Record(0, index), Payload(group, absl::StrCat("leaf ", index))});
  }
  storage::v1::LedgerHeadRow head_row;
  head_row.set_size(writes.head->size);
  head_row.set_root(writes.head->root);
  writes.rows.push_back({Table::kMeta, keys::Head(0), head_row.SerializeAsString()});
  writes.rows.push_back({Table::kMeta, kCountKey, absl::StrCat(group)});
  return writes;
}

LedgerHead HeadAfter(uint64_t groups) {
  return {SizeAfter(groups), crypto::Sha256(absl::StrCat("root ", groups))};
}

absl::StatusOr<uint64_t> GroupOfHead(const LedgerHead& head, uint64_t groups) {
  uint64_t size = 0;
  for (uint64_t group = 1; group <= groups; ++group) {
    size += LeavesOf(group);
    if (size == head.size && HeadAfter(group).root == head.root) return group;
  }
  return absl::NotFoundError(absl::StrCat("no group has a head of size ", head.size));
}

absl::StatusOr<uint64_t> WriteNextGroup(Store& store) {
  uint64_t group = 0;
  ABSL_RETURN_IF_ERROR(store.Update({}, [&](const Reader& state) -> absl::StatusOr<Writes> {
    ABSL_ASSIGN_OR_RETURN(group, CountGroups(state));
    return GroupWrites(++group);
  }));
  return group;
}

absl::StatusOr<LedgerHead> StoredHead(const Reader& store) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                        store.Get(Table::kMeta, keys::Head(0)));
  storage::v1::LedgerHeadRow row;
  if (bytes.has_value() && !row.ParseFromString(*bytes)) {
    return absl::DataLossError("the head row does not parse");
  }
  return LedgerHead{row.size(), row.root()};
}

absl::StatusOr<uint64_t> CountGroups(const Reader& store) {
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> count, store.Get(Table::kMeta, kCountKey));
  uint64_t groups = 0;
  if (count.has_value() && !absl::SimpleAtoi(*count, &groups)) {
    return absl::DataLossError("the count of groups is no number");
  }
  return groups;
}

absl::Status CheckGroups(const Reader& store, uint64_t groups) {
  ABSL_ASSIGN_OR_RETURN(const Model found, ReadAll(store));
  const Model expected = ModelAfter(groups);
  const auto [is, must] =
      std::mismatch(found.begin(), found.end(), expected.begin(), expected.end());
  if (is == found.end() && must == expected.end()) return absl::OkStatus();
  const auto& key = must == expected.end() || (is != found.end() && is->first < must->first)
                        ? is->first
                        : must->first;
  return absl::DataLossError(absl::StrCat("table ", static_cast<int>(key.first), ", key '",
                                          absl::CHexEscape(key.second), "': ", found.count(key),
                                          " rows found, ", expected.count(key), " expected"));
}

}  // namespace naru::test_groups
