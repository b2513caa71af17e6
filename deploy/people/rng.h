#ifndef NARU_DEPLOY_PEOPLE_RNG_H_
#define NARU_DEPLOY_PEOPLE_RNG_H_

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>

namespace naru::people {

// Random numbers for invented people: the same seed gives the same numbers on every machine and
// compiler. std::mt19937_64 is fixed by the standard, the standard's distributions are not, so they
// are written out here. Never for secrets. Not thread-safe.
class Rng {
 public:
  // Numbers of one `stream` do not depend on how many were drawn from another, so that a household
  // stays the same when the people around it change.
  Rng(uint64_t seed, uint64_t stream);

  uint64_t Next() { return engine_(); }

  // A number from `low` to `high`, both included. Dies if low > high.
  int64_t Between(int64_t low, int64_t high);

  // Like Between, but small numbers come more often, as incomes and prices do.
  int64_t Skewed(int64_t low, int64_t high) { return Between(low, Between(low, high)); }

  bool Chance(int percent) { return Between(0, 99) < percent; }

  // An element of an array or vector, each equally likely.
  template <typename List>
  const auto& Pick(const List& list) {
    return list[static_cast<size_t>(Between(0, static_cast<int64_t>(std::size(list)) - 1))];
  }

  // An element of a list of structs with a field `weight`, likely as its weight.
  template <typename List>
  const auto& PickWeighted(const List& list) {
    int64_t total = 0;
    for (const auto& item : list) total += item.weight;
    int64_t left = Between(0, total - 1);
    for (const auto& item : list) {
      left -= item.weight;
      if (left < 0) return item;
    }
    return list[0];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_RNG_H_
