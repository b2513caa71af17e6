#ifndef NARU_DEPLOY_PEOPLE_POPULATION_H_
#define NARU_DEPLOY_PEOPLE_POPULATION_H_

#include <cstdint>

#include "absl/time/civil_time.h"
#include "deploy/people/model.h"
#include "deploy/people/numbers.h"
#include "deploy/people/rng.h"

namespace naru::people {

inline constexpr int64_t kPeopleMin = 10;
inline constexpr int64_t kPeopleMax = 2'000'000;  // More would exhaust the business numbers.

struct PopulationOptions {
  int64_t count = 10'000;  // From kPeopleMin to kPeopleMax.
  uint64_t seed = 1;
  absl::CivilDay today{2026, 11, 1};  // The day as of which the registers stand.
};

// Invents a population one household at a time, so that its size needs no memory. The first
// household is the demo's (demo.h) whatever the seed; the others depend on seed, count of employers
// and their own number only. Not thread-safe.
class Population {
 public:
  explicit Population(const PopulationOptions& options);

  // Sets `household` to the next one; false when all people were given.
  bool Next(Household& household);

  int64_t given() const { return given_; }

  // The tax years for which registers have something.
  int first_tax_year() const { return static_cast<int>(options_.today.year()) - 5; }
  int last_tax_year() const { return static_cast<int>(options_.today.year()) - 1; }

 private:
  void GiveIdentity(Rng& rng, Person& person);
  void FillPast(Rng& rng, Household& household);
  void FillWork(Rng& rng, const Address& home, Person& person);
  void OpenBusinesses(Rng& rng, const Address& home, int count, Person& person);
  void NumberBusiness(Business& business);
  void NumberBelongings(Household& household);

  const PopulationOptions options_;
  const int64_t employers_;
  ResidentNumbers resident_numbers_;
  int64_t households_ = 0;
  int64_t given_ = 0;
  int64_t sole_businesses_ = 0;
  int64_t corporations_ = 0;
  int64_t properties_ = 0;
  int64_t parcels_ = 0;
  int64_t vehicles_ = 0;
};

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_POPULATION_H_
