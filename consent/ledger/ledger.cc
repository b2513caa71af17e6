#include "consent/ledger/ledger.h"

#include <glog/logging.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "consent/ledger/group_tree.h"
#include "consent/ledger/stored_nodes.h"
#include "consent/store/keys.h"

namespace naru {
namespace {

using storage::v1::LedgerHeadRow;
using storage::v1::RecordRow;

// Leaves checked at start-up: more than a torn write can reach, few enough to take no time.
constexpr uint64_t kCheckedLeaves = 256;

// What an operator does about a ledger that does not open. The files are evidence; what was
// acknowledged can be in a copy.
constexpr absl::string_view kWhatToDo =
    ". The broker does not start on it. Keep its files as they are, and restore the newest copy "
    "that has every entry; if "
    "none has, this ledger must be closed and a new origin must name it and the lost range";

absl::Status Damaged(absl::string_view what) { return DataDamaged(absl::StrCat(what, kWhatToDo)); }

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

LedgerHeadRow MakeHeadRow(const LedgerHead& head, absl::Time time, std::string checkpoint,
                          uint64_t epoch) {
  LedgerHeadRow row;
  row.set_size(head.size);
  row.set_root(head.root);
  row.set_time_us(absl::ToUnixMicros(time));
  row.set_checkpoint(std::move(checkpoint));
  row.set_epoch(epoch);
  return row;
}

// Start-up's look at one stored ledger; every error has the numbers and what to do.
class Opener {
 public:
  Opener(Store* store, const CheckpointSigner* signer, uint16_t number)
      : store_(store), signer_(signer), number_(number), nodes_(StoredNodes(store, number)) {}

  struct Opened {
    LedgerHeadRow head;
    std::vector<std::string> edge;
    Ledger::Found found;
  };

  absl::StatusOr<Opened> Open() {
    const std::optional<LedgerHead> head_file = store_->HeadAtOpen();
    ABSL_ASSIGN_OR_RETURN(std::optional<std::string> value,
                          store_->Get(Table::kMeta, keys::Head(number_)));
    Opened opened;
    if (!value.has_value()) {
      ABSL_RETURN_IF_ERROR(CheckAbsent(head_file));
      ABSL_RETURN_IF_ERROR(Create(&opened.head));
      opened.found.created = true;
    } else if (!opened.head.ParseFromString(*value)) {
      return Damaged(absl::StrCat("the head of ledger ", number_, " cannot be read"));
    }
    ABSL_RETURN_IF_ERROR(LoadEdge(opened.head, &opened.edge));
    ABSL_RETURN_IF_ERROR(CheckCheckpoint(opened.head));
    ABSL_RETURN_IF_ERROR(CheckHeadFile(opened.head, head_file));
    ABSL_RETURN_IF_ERROR(CheckNothingBeyond(opened.head.size()));
    ABSL_RETURN_IF_ERROR(CheckLastRecords(opened.head.size()));
    opened.found.entries = opened.head.size();
    opened.found.root = opened.head.root();
    opened.found.head_entries = head_file.has_value() ? head_file->size : 0;
    return opened;
  }

 private:
  // There is no head row. That is a new ledger only if nothing says that there was one.
  absl::Status CheckAbsent(const std::optional<LedgerHead>& head_file) const {
    if (head_file.has_value()) {
      return Damaged(absl::StrCat("HEAD names a ledger of ", head_file->size,
                                  " entries, but the store has no ledger ", number_));
    }
    return CheckNothingBeyond(0);
  }

  absl::Status Create(LedgerHeadRow* head) const {
    const LedgerHead empty{0, merkle::EmptyRoot()};
    *head = MakeHeadRow(empty, absl::UnixEpoch(),
                        signer_->Sign({signer_->origin(), empty.size, empty.root}), 0);
    return store_->Update({absl::StrCat("ledger/", number_)}, [&](const Reader&) {
      Writes writes;
      writes.rows.push_back({Table::kMeta, keys::Head(number_), head->SerializeAsString()});
      writes.head = empty;
      return absl::StatusOr<Writes>(std::move(writes));
    });
  }

  absl::Status LoadEdge(const LedgerHeadRow& head, std::vector<std::string>* edge) const {
    auto range = merkle::CompactRange::Load(head.size(), [&](merkle::NodeId node) {
      absl::StatusOr<std::string> hash = nodes_(node);
      if (hash.ok()) edge->push_back(*hash);
      return hash;
    });
    if (!range.ok()) {
      return Damaged(absl::StrCat("the right edge of ledger ", number_, " at ", head.size(),
                                  " entries cannot be read: ", range.status().message()));
    }
    if (range->Root() != head.root()) {
      return Damaged(absl::StrCat("ledger ", number_, " of ", head.size(), " entries has root ",
                                  Hex(range->Root()), ", but its head says ", Hex(head.root())));
    }
    return absl::OkStatus();
  }

  absl::Status CheckCheckpoint(const LedgerHeadRow& head) const {
    ABSL_ASSIGN_OR_RETURN(const CheckpointVerifier verifier,
                          CheckpointVerifier::Create(signer_->VerifierKeys()));
    const absl::StatusOr<Checkpoint> checkpoint = verifier.Verify(head.checkpoint());
    if (!checkpoint.ok()) {
      return Damaged(absl::StrCat("the checkpoint of ledger ", number_, " at ", head.size(),
                                  " entries is not signed by the keys of ", signer_->origin(),
                                  " that this broker was started with (",
                                  checkpoint.status().message(),
                                  "): if the keys are not the ledger's, start it with those"));
    }
    if (checkpoint->size != head.size() || checkpoint->root != head.root()) {
      return Damaged(absl::StrCat("the head of ledger ", number_, " has ", head.size(),
                                  " entries, but its checkpoint is of another tree, with ",
                                  checkpoint->size));
    }
    return absl::OkStatus();
  }

  // HEAD is written after the store, so a crash leaves it behind the store, never ahead.
  absl::Status CheckHeadFile(const LedgerHeadRow& head,
                             const std::optional<LedgerHead>& head_file) const {
    if (!head_file.has_value()) return absl::OkStatus();
    if (head_file->size > head.size()) {
      return Damaged(absl::StrCat(
          "ledger ", number_, " has ", head.size(), " entries, but HEAD says that ",
          head_file->size, " were acknowledged: ", head_file->size - head.size(), " are lost"));
    }
    ABSL_ASSIGN_OR_RETURN(const std::string root, merkle::RootAt(head_file->size, nodes_));
    if (root != head_file->root) {
      return Damaged(absl::StrCat("the first ", head_file->size, " of ", head.size(),
                                  " entries of ledger ", number_, " have root ", Hex(root),
                                  ", but HEAD says ", Hex(head_file->root),
                                  ": it is not the ledger that HEAD was written for"));
    }
    return absl::OkStatus();
  }

  // A head row that was rolled back alone leaves leaves and records behind the end.
  absl::Status CheckNothingBeyond(uint64_t size) const {
    for (const std::string& key : {keys::Node(number_, 0, size), keys::Record(number_, size)}) {
      ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                            store_->Get(Table::kLedger, key));
      if (value.has_value()) {
        return Damaged(absl::StrCat("the head of ledger ", number_, " says ", size,
                                    " entries, but entry ", size, " (counted from 0) is stored"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckLastRecords(uint64_t size) const {
    const uint64_t first = size - std::min(size, kCheckedLeaves);
    for (uint64_t index = first; index < size; ++index) {
      ABSL_ASSIGN_OR_RETURN(const std::string leaf, nodes_({0, index}));
      ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                            store_->Get(Table::kLedger, keys::Record(number_, index)));
      if (!value.has_value()) {
        return Damaged(absl::StrCat("the record of entry ", index, " of ", size, " of ledger ",
                                    number_, " is missing"));
      }
      if (value->empty()) continue;  // Its term ended.
      const absl::StatusOr<RecordRow> record = CheckedRecord(index, *value, leaf);
      if (!record.ok()) {
        return Damaged(absl::StrCat("of ", size, " entries of ledger ", number_, ": ",
                                    record.status().message()));
      }
    }
    return absl::OkStatus();
  }

  Store* const store_;
  const CheckpointSigner* const signer_;
  const uint16_t number_;
  const merkle::NodeReader nodes_;
};

}  // namespace

struct Ledger::Impl {
  Impl(Store* store, const CheckpointSigner* signer, uint16_t number, Opener::Opened opened)
      : store(store),
        signer(signer),
        number(number),
        epoch(opened.head.epoch()),
        nodes(StoredNodes(store, number)),
        found(std::move(opened.found)),
        size(opened.head.size()),
        edge(std::move(opened.edge)),
        last_time(absl::FromUnixMicros(opened.head.time_us())),
        newest{{size, opened.head.root()}, opened.head.checkpoint()} {}

  Store* const store;
  const CheckpointSigner* const signer;
  const uint16_t number;
  const uint64_t epoch;
  const merkle::NodeReader nodes;
  const Found found;

  // The journal's thread alone: the durable tree, then the group in progress.
  uint64_t size;
  std::vector<std::string> edge;
  absl::Time last_time;
  GroupTree group;
  enum class Phase { kIdle, kOpen, kFinished } phase = Phase::kIdle;
  Newest finished;
  absl::Time finished_time;

  mutable absl::Mutex mu;
  Newest newest ABSL_GUARDED_BY(mu);
};

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ledger::~Ledger() = default;

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(Store* store, const CheckpointSigner* signer,
                                                     uint16_t number) {
  ABSL_ASSIGN_OR_RETURN(Opener::Opened opened, Opener(store, signer, number).Open());
  return std::unique_ptr<Ledger>(
      new Ledger(std::make_unique<Impl>(store, signer, number, std::move(opened))));
}

const Ledger::Found& Ledger::found() const { return impl_->found; }
uint16_t Ledger::number() const { return impl_->number; }
const std::string& Ledger::origin() const { return impl_->signer->origin(); }
absl::Time Ledger::last_time() const { return impl_->last_time; }

void Ledger::Begin() {
  CHECK(impl_->phase == Impl::Phase::kIdle);
  impl_->group.Begin(impl_->size, impl_->edge);
  impl_->phase = Impl::Phase::kOpen;
}

uint64_t Ledger::Append(const std::string& leaf_data) {
  CHECK(impl_->phase == Impl::Phase::kOpen);
  return impl_->group.Append(merkle::LeafHash(leaf_data));
}

Ledger::Group Ledger::Finish(absl::Time time) {
  CHECK(impl_->phase == Impl::Phase::kOpen);
  CHECK(time >= impl_->last_time);
  impl_->group.Finish();
  Group result;
  result.head = {impl_->group.size(), impl_->group.Root()};
  result.checkpoint = impl_->signer->Sign({origin(), result.head.size, result.head.root});
  impl_->group.ForEachNode([&](merkle::NodeId node, const std::string& hash) {
    result.rows.push_back(
        {Table::kLedger, keys::Node(impl_->number, node.level, node.index), hash});
  });
  result.rows.push_back(
      {Table::kMeta, keys::Head(impl_->number),
       MakeHeadRow(result.head, time, result.checkpoint, impl_->epoch).SerializeAsString()});
  impl_->finished = {result.head, result.checkpoint};
  impl_->finished_time = time;
  impl_->phase = Impl::Phase::kFinished;
  return result;
}

std::vector<std::string> Ledger::PathInGroup(uint64_t index) const {
  return impl_->group.Path(index);
}

void Ledger::Install() {
  CHECK(impl_->phase == Impl::Phase::kFinished);
  impl_->size = impl_->group.size();
  impl_->edge = impl_->group.Edge();
  impl_->last_time = impl_->finished_time;
  impl_->phase = Impl::Phase::kIdle;
  absl::MutexLock lock(&impl_->mu);
  impl_->newest = std::move(impl_->finished);
}

void Ledger::Abandon() { impl_->phase = Impl::Phase::kIdle; }

std::string Ledger::checkpoint() const {
  absl::MutexLock lock(&impl_->mu);
  return impl_->newest.checkpoint;
}

LedgerHead Ledger::head() const {
  absl::MutexLock lock(&impl_->mu);
  return impl_->newest.head;
}

Ledger::Newest Ledger::newest() const {
  absl::MutexLock lock(&impl_->mu);
  return impl_->newest;
}

absl::StatusOr<std::vector<std::string>> Ledger::InclusionPath(uint64_t index,
                                                               uint64_t size) const {
  if (size > head().size) return FieldMalformed("tree_size", "at most the ledger's size");
  if (index >= size) return FieldMalformed("index", "less than tree_size");
  return merkle::InclusionPath(index, size, impl_->nodes);
}

absl::StatusOr<std::vector<std::string>> Ledger::ConsistencyPath(uint64_t first,
                                                                 uint64_t second) const {
  if (second > head().size) return FieldMalformed("second_size", "at most the ledger's size");
  if (first == 0 || first > second) {
    return FieldMalformed("first_size", "at least 1 and at most second_size");
  }
  return merkle::ConsistencyPath(first, second, impl_->nodes);
}

absl::StatusOr<RecordRow> Ledger::Record(uint64_t index) const {
  if (index >= head().size) return FieldMalformed("index", "less than the ledger's size");
  ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> value,
                        impl_->store->Get(Table::kLedger, keys::Record(impl_->number, index)));
  if (!value.has_value()) {
    return DataDamaged(absl::StrCat("the record of ledger entry ", index, " is missing"));
  }
  if (value->empty()) return NotFound("the record: its term ended");
  ABSL_ASSIGN_OR_RETURN(const std::string leaf, impl_->nodes({0, index}));
  return CheckedRecord(index, *value, leaf);
}

}  // namespace naru
