#include <glog/logging.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "benchmarks/loads.h"
#include "benchmarks/rounds.h"
#include "broker/base/clock.h"
#include "broker/base/file.h"
#include "broker/base/random.h"
#include "broker/base/thread_pool.h"
#include "broker/proof/checkpoint.h"
#include "consent/journal.h"
#include "consent/ledger/ledger.h"
#include "consent/store/keys.h"
#include "consent/store/rocksdb_store.h"

namespace naru {
namespace {

constexpr int kThreads = 64;
constexpr int kSubjects = 10'000;
// As large as a consent's row.
constexpr size_t kRowBytes = 300;

std::unique_ptr<CheckpointSigner> Signer() {
  using crypto::SigningKey;
  return std::make_unique<CheckpointSigner>(
      "naru.example/bench/0", crypto::GenerateSigningKey(SigningKey::Type::kEd25519, "e"),
      crypto::GenerateSigningKey(SigningKey::Type::kEcdsaP256, "p"));
}

// One row of the subject and one entry about them; the subject's own row when it is the first.
Change OneRow(const SubjectId& subject, uint64_t number) {
  Change change;
  change.locks = {subject.bytes()};
  change.judge = [subject, number](const Reader& rows,
                                   const JudgeContext&) -> absl::StatusOr<Verdict> {
    auto person = rows.Get(Table::kRows, keys::Subject(subject));
    if (!person.ok()) return person.status();
    Verdict verdict;
    if (!person->has_value()) {
      verdict.writes.push_back(
          {Table::kRows, keys::Subject(subject), storage::v1::SubjectRow().SerializeAsString()});
    }
    verdict.writes.push_back({Table::kRows, absl::StrCat(subject.bytes().substr(0, 2), "#", number),
                              std::string(kRowBytes, static_cast<char>(number))});
    EntryDraft& entry = verdict.entries.emplace_back();
    entry.subject = subject;
    entry.outer.set_kind(v1::ENTRY_KIND_HISTORY_READ);
    entry.outer.set_reference(absl::StrCat(number));
    return verdict;
  };
  return change;
}

}  // namespace

void JournalLoad(const std::string& directory) {
  CHECK(MakeDirectories(directory).ok()) << directory;
  RocksDbStore::Options options;
  options.data_directory = directory + "/data";
  options.head_directory = directory + "/head";
  options.clock = Clock::Real();
  auto store = RocksDbStore::Open(options);
  CHECK(store.ok()) << store.status();
  const auto signer = Signer();
  auto ledger = Ledger::Open(store->get(), signer.get(), 0);
  CHECK(ledger.ok()) << ledger.status();
  ThreadPool pool("commits", 2);
  std::atomic<uint64_t> groups{0};
  Journal::Options journal_options;
  journal_options.clock = Clock::Real();
  journal_options.random = Random::System();
  journal_options.store = store->get();
  journal_options.ledger = ledger->get();
  journal_options.executor = &pool;
  journal_options.observer.on_group = [&](int, int, absl::Duration, absl::Duration) { ++groups; };
  Journal journal(std::move(journal_options));
  std::vector<SubjectId> subjects;
  for (int i = 0; i < kSubjects; ++i) {
    subjects.push_back(SubjectId::Generate(static_cast<uint16_t>(i % 1024), *Random::System()));
  }
  std::atomic<uint64_t> next{0};

  RoundHandlers handlers;
  handlers.round = [&](const std::string&, absl::Duration length) {
    Round round;
    absl::Mutex mu;
    groups = 0;
    const absl::Duration start = Clock::Real()->Monotonic();
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        Latencies latencies;
        uint64_t errors = 0;
        for (absl::Duration at = start; at < start + length;) {
          const uint64_t number = next.fetch_add(1);
          const auto committed =
              journal.CommitAndWait(OneRow(subjects[number % subjects.size()], number));
          if (!committed.ok()) ++errors;
          const absl::Duration now = Clock::Real()->Monotonic();
          latencies.Add(now - at);
          at = now;
        }
        absl::MutexLock lock(&mu);
        round.latencies.Add(latencies);
        round.operations += latencies.count();
        round.errors += errors;
      });
    }
    for (std::thread& thread : threads) thread.join();
    round.took = Clock::Real()->Monotonic() - start;
    round.more["changes_per_group"] =
        static_cast<double>(round.operations) / static_cast<double>(groups.load());
    return round;
  };
  ServeRounds(JsonObject({{"pid", absl::StrCat(getpid())}}), handlers);
}

}  // namespace naru
