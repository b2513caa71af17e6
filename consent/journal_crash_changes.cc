#include "consent/journal_crash_changes.h"

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/base/clock.h"
#include "broker/base/errors.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"
#include "consent/store/keys.h"

namespace naru::journal_crash {
namespace {

constexpr char kEd25519Pem[] = R"(-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIP3y6sj51RQXrnHYhTQrBGJIuLPjEnMAQDgRy+CTAdQM
-----END PRIVATE KEY-----
)";

constexpr char kP256Pem[] = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXgz6wZRbISdpNxCr
jH7gAQBrGzsod5fkyLiSY8QqdAehRANCAARCtaZX6vfNJBmfE2q0xnRK9qyWDOW0
Hh9tjPUmxgy0cUULOW55g9YRSehbeHmeaNLpId9uOO2f/1zshN50d3UU
-----END PRIVATE KEY-----
)";

}  // namespace

std::unique_ptr<CheckpointSigner> Signer() {
  return std::make_unique<CheckpointSigner>("naru.example/crash/0",
                                            crypto::ParseSigningKey(kEd25519Pem, "e").value(),
                                            crypto::ParseSigningKey(kP256Pem, "p").value());
}

RocksDbStore::Options StoreOptions(const std::string& directory) {
  RocksDbStore::Options options;
  options.data_directory = directory + "/data";
  options.head_directory = directory + "/head";
  options.clock = Clock::Real();
  options.min_free_bytes = 1 << 20;
  options.ballast_bytes = 0;
  // RocksDB's smallest: flushes and new logs are part of what is interrupted.
  options.settings.write_buffer_bytes = 64 << 10;
  return options;
}

std::vector<SubjectId> Subjects() {
  FakeRandom random(7);
  std::vector<SubjectId> subjects;
  for (uint16_t i = 0; i < 6; ++i) subjects.push_back(SubjectId::Generate(i * 100, random));
  return subjects;
}

std::string CountKey(const SubjectId& subject) {
  return absl::StrCat(subject.bytes().substr(0, 2), "#", subject.bytes());
}

Change Count(const SubjectId& subject) {
  Change change;
  change.locks = {subject.bytes()};
  change.judge = [subject](const Reader& rows, const JudgeContext&) -> absl::StatusOr<Verdict> {
    ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> person,
                          rows.Get(Table::kRows, keys::Subject(subject)));
    ABSL_ASSIGN_OR_RETURN(const std::optional<std::string> count,
                          rows.Get(Table::kRows, CountKey(subject)));
    uint64_t next = 1;
    if (count.has_value()) {
      if (!absl::SimpleAtoi(*count, &next)) return InternalFault("a count is not a number");
      ++next;
    }
    Verdict verdict;
    if (!person.has_value()) {
      verdict.writes.push_back(
          {Table::kRows, keys::Subject(subject), storage::v1::SubjectRow().SerializeAsString()});
    }
    verdict.writes.push_back({Table::kRows, CountKey(subject), absl::StrCat(next)});
    EntryDraft& entry = verdict.entries.emplace_back();
    entry.subject = subject;
    entry.outer.set_kind(v1::ENTRY_KIND_HISTORY_READ);
    entry.outer.set_reference(absl::StrCat(next));
    entry.details = "details";
    entry.data_key = std::string(32, 'k');
    return verdict;
  };
  return change;
}

}  // namespace naru::journal_crash
