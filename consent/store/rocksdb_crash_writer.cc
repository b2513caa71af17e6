// Writes groups to a RocksDbStore until it is killed, and tells of each on standard output once
// Update has returned:
//
//   rocksdb_crash_writer <data directory> <head directory> <write buffer bytes>
//
// For rocksdb_crash_test, which kills it.

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "broker/base/clock.h"
#include "broker/base/log.h"
#include "consent/store/rocksdb_store.h"
#include "consent/store/test_groups.h"
#include "glog/logging.h"

int main(int argc, char** argv) {
  naru::InitLogging(argv[0]);
  CHECK_EQ(argc, 4);
  naru::RocksDbStore::Options options;
  options.data_directory = argv[1];
  options.head_directory = argv[2];
  options.clock = naru::Clock::Real();
  options.min_free_bytes = 1 << 20;
  options.ballast_bytes = 1 << 20;
  options.settings.block_cache_bytes = 1 << 20;
  CHECK(absl::SimpleAtoi(argv[3], &options.settings.write_buffer_bytes));
  const auto store = naru::RocksDbStore::Open(options);
  CHECK(store.ok()) << store.status();
  for (;;) {
    const absl::StatusOr<uint64_t> group = naru::test_groups::WriteNextGroup(**store);
    CHECK(group.ok()) << group.status();
    const std::string line = absl::StrCat(*group, "\n");
    // Nobody reads any more: the test has ended without killing this process.
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) return 0;
  }
}
