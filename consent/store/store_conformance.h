#ifndef NARU_CONSENT_STORE_STORE_CONFORMANCE_H_
#define NARU_CONSENT_STORE_STORE_CONFORMANCE_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "consent/store/store.h"

// What every engine of Store must do: one suite that all of them pass, so that whoever codes
// against Store need not know the engine. An engine's test links it (:store_conformance) and says
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance, testing::Values(StoreEngine{...}),
//   StoreEngineName);
namespace naru {

// Where one store rests. Opened any number of times, one store at a time.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  // The store with what earlier ones left here. Those are gone by now.
  virtual absl::StatusOr<std::unique_ptr<Store>> Open() = 0;
};

struct StoreEngine {
  std::string name;
  // A new, empty place.
  std::function<std::unique_ptr<StorePlace>()> new_place;
  // Whether HeadAtOpen tells what was written before.
  bool keeps_head = false;
};

std::string StoreEngineName(const testing::TestParamInfo<StoreEngine>& info);

class StoreConformance : public testing::TestWithParam<StoreEngine> {
 protected:
  void SetUp() override;

  Store& store() { return *store_; }
  // Closes the store and opens it again.
  void Reopen();

  // Writes one row (nullopt deletes it).
  absl::Status Put(Table table, const std::string& key, std::optional<std::string> value);
  // The row's value; "(none)" when there is no row. Fails the test on an error.
  std::string ValueOf(Table table, const std::string& key);
  // "key=value key=value ..." of a scan.
  std::string ScanText(Table table, absl::string_view from, absl::string_view to,
                       int limit = kScanRows);

 private:
  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<Store> store_;
};

}  // namespace naru

#endif  // NARU_CONSENT_STORE_STORE_CONFORMANCE_H_
