#include "deploy/people/taxes.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"
#include "deploy/people/days.h"
#include "deploy/people/work.h"

namespace naru::people {
namespace {

constexpr int kAdultAge = 19;
constexpr int64_t kResidentTax = 12'500;  // 주민세(개인분) with education tax.

// Demands taxes of one person. One who pays late does so with the newest demands only.
class Collector {
 public:
  Collector(Rng& rng, absl::CivilDay today, Person& person)
      : rng_(rng), today_(today), person_(person), habit_(rng.Between(0, 99)) {}

  void National(const char* item, int tax_year, int64_t amount, absl::CivilDay due) {
    Demand(person_.national_levies, "7", item, tax_year, amount, due);
  }
  void Local(const char* item, int tax_year, int64_t amount, absl::CivilDay due) {
    Demand(person_.local_levies, "3", item, tax_year, amount, due);
  }

 private:
  void Demand(std::vector<Levy>& levies, const char* office, const char* item, int tax_year,
              int64_t amount, absl::CivilDay due) {
    if (amount <= 0 || due >= today_) return;
    Levy levy;
    levy.number =
        absl::StrFormat("%s%04d%07d%02d", office, tax_year, person_.index + 1, levies.size() + 1);
    levy.item = item;
    levy.tax_year = tax_year;
    levy.amount = amount / 10 * 10;
    levy.due = due;
    levy.paid = due - rng_.Between(0, 14);
    const bool newest = today_ - due < 240;
    if (newest && habit_ < 2) levy.paid.reset();
    if (newest && habit_ == 2) {
      levy.paid.reset();
      levy.deferred_until = today_ + rng_.Between(30, 200);
    }
    levies.push_back(std::move(levy));
  }

  Rng& rng_;
  absl::CivilDay today_;
  Person& person_;
  int64_t habit_;
};

// The yearly taxes on `tax_year`'s income and turnover, due in the year after.
void DemandOnIncome(const Person& person, int tax_year, Collector& collector) {
  int64_t income = 0;
  bool files_return = false;
  for (const IncomeItem& item : person.income) {
    if (item.tax_year != tax_year) continue;
    income += item.income;
    files_return |= item.kind == "사업소득";
  }
  if (files_return) {  // Tax on wages alone is withheld by the employer.
    const int64_t tax = IncomeTax(income);
    collector.National("종합소득세", tax_year, tax, absl::CivilDay(tax_year + 1, 5, 31));
    collector.Local("지방소득세(종합소득분)", tax_year, tax / 10,
                    absl::CivilDay(tax_year + 1, 5, 31));
  }
  for (const Business& business : person.businesses) {
    if (business.taxation == Taxation::kExempt || business.corporate) continue;
    for (const BusinessYear& books : business.years) {
      if (books.year != tax_year) continue;
      const int64_t vat = books.Revenue() / 100 * (business.taxation == Taxation::kGeneral ? 4 : 2);
      collector.National("부가가치세", tax_year, vat, absl::CivilDay(tax_year + 1, 1, 25));
    }
  }
}

void DemandOnProperty(const Household& household, size_t member, int year, Collector& collector) {
  for (const Property& property : household.properties) {
    for (const Owner& owner : property.owners) {
      if (owner.member != member || property.acquired.year() >= year) continue;
      const int64_t half = property.price / owner.share_of / 2000;
      collector.Local("재산세(주택 1기분)", year, half, absl::CivilDay(year, 7, 31));
      collector.Local("재산세(주택 2기분)", year, half, absl::CivilDay(year, 9, 30));
    }
  }
}

}  // namespace

void FillLevies(Rng& rng, absl::CivilDay today, Household& household) {
  const int this_year = static_cast<int>(today.year());
  for (size_t member = 0; member < household.people.size(); ++member) {
    Person& person = household.people[member];
    if (AgeOn(person.birthday, today) < kAdultAge) continue;
    Collector collector(rng, today, person);
    const bool drives = std::any_of(household.vehicles.begin(), household.vehicles.end(),
                                    [&](const Vehicle& car) { return car.owner == member; });
    const int64_t car_tax = drives ? rng.Skewed(60, 420) * 1000 : 0;
    for (int year = this_year - 2; year <= this_year; ++year) {
      DemandOnIncome(person, year - 1, collector);
      collector.Local("자동차세(제1기분)", year, car_tax / 2, absl::CivilDay(year, 6, 30));
      DemandOnProperty(household, member, year, collector);
      if (member == 0) {
        collector.Local("주민세(개인분)", year, kResidentTax, absl::CivilDay(year, 8, 31));
      }
    }
  }
}

}  // namespace naru::people
