// 국토교통부: land, buildings and vehicles. Land is known by its 고유번호, a vehicle by its
// 차대번호.

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "deploy/people/days.h"
#include "deploy/people/paper_register.h"

namespace naru::people {
namespace {

using Entries = std::vector<PaperEntry>;

std::string Area(int64_t cm2) {
  return absl::StrFormat("%d.%02d㎡", cm2 / 10000, cm2 % 10000 / 100);
}

// An entry for each parcel, filled by `fill`.
template <typename Fill>
void EachLand(const Household& household, Entries& entries, Fill fill) {
  for (const Land& land : household.lands) {
    PaperEntry entry;
    entry.person = &household.people[land.owner];
    entry.subject = land.number;
    if (fill(land, entry)) entries.push_back(std::move(entry));
  }
}

void LandRegister(const Household& household, const PopulationOptions& population,
                  Entries& entries) {
  const std::string year = absl::StrCat(population.today.year());
  EachLand(household, entries, [&](const Land& land, PaperEntry& entry) {
    entry.columns = {land.lot,
                     land.category,
                     Area(land.area_cm2),
                     IsoDay(land.acquired),
                     absl::StrCat(land.price_per_m2),
                     year};
    entry.rows = {{IsoDay(land.acquired), "소유권이전", entry.person->name}};
    return true;
  });
}

// The four corners of a parcel as wide as it is long.
void CadastralMap(const Household& household, const PopulationOptions&, Entries& entries) {
  EachLand(household, entries, [](const Land& land, PaperEntry& entry) {
    entry.columns = {land.lot, land.category, "1:1200",
                     absl::StrCat("나루 ", land.number.substr(2, 8), "호")};
    int64_t side_cm = 1;
    while (side_cm * side_cm < land.area_cm2) ++side_cm;
    const std::string far = absl::StrFormat("%d.%02d", side_cm / 100, side_cm % 100);
    entry.rows = {{"0.00", "0.00"}, {far, "0.00"}, {far, far}, {"0.00", far}};
    return true;
  });
}

void LandUse(const Household& household, const PopulationOptions&, Entries& entries) {
  EachLand(household, entries, [](const Land& land, PaperEntry& entry) {
    const bool built = land.property.has_value();
    entry.columns = {land.lot, land.category, Area(land.area_cm2), absl::StrCat(land.price_per_m2)};
    entry.rows = {{"국토의 계획 및 이용에 관한 법률", built ? "제2종일반주거지역"
                                                      : land.category == "임야" ? "보전관리지역"
                                                                                : "농림지역"}};
    if (!built) entry.rows.push_back({"농지법 등 다른 법령", "가축사육제한구역"});
    return true;
  });
}

void BuildingRegister(const Household& household, const PopulationOptions&, Entries& entries) {
  EachLand(household, entries, [&](const Land& land, PaperEntry& entry) {
    if (!land.property.has_value()) return false;
    const Property& property = household.properties[*land.property];
    entry.columns = {property.address.lot,   property.address.line,
                     property.kind,          property.kind == "집합건물" ? "공동주택" : "단독주택",
                     property.structure,     Area(property.area_cm2),
                     IsoDay(property.built), "해당 없음"};
    entry.rows = {{"1층", "주거", Area(property.area_cm2)}};
    return true;
  });
}

void VehicleRegister(const Household& household, const PopulationOptions&, Entries& entries) {
  for (const Vehicle& vehicle : household.vehicles) {
    const Person& owner = household.people[vehicle.owner];
    PaperEntry entry;
    entry.person = &owner;
    entry.subject = vehicle.number;
    entry.columns = {vehicle.plate,
                     vehicle.model,
                     absl::StrCat(vehicle.year),
                     "자가용",
                     IsoDay(vehicle.registered),
                     absl::StrCat(vehicle.mortgage)};
    entry.rows = {{IsoDay(vehicle.registered), "신규등록", owner.name}};
    if (!vehicle.lender.empty()) {
      entry.rows.push_back({IsoDay(vehicle.registered), "저당권설정", vehicle.lender});
    }
    entries.push_back(std::move(entry));
  }
}

}  // namespace

std::vector<PaperBook> LandBooks() {
  return {
      {{"land.db", "1613000", "국토교통부"},
       {{"land_register",
         "parcel_no",
         {"location", "land_category", "area", "changed_date", "official_price INTEGER",
          "price_year INTEGER"},
         {"event_date", "event", "holder_name"},
         LandRegister},
        {"cadastral_map",
         "parcel_no",
         {"location", "land_category", "scale", "sheet_no"},
         {"x", "y"},
         CadastralMap},
        {"land_use_plan",
         "parcel_no",
         {"location", "land_category", "area", "official_price INTEGER"},
         {"law", "zone"},
         LandUse},
        {"building_register",
         "parcel_no",
         {"location", "road_address", "building_type", "main_use", "structure", "total_area",
          "approved_date", "violation"},
         {"floor", "floor_use", "floor_area"},
         BuildingRegister}}},
      {{"vehicle.db", "1613000", "국토교통부"},
       {{"vehicle_register",
         "vehicle_no",
         {"plate_no", "model", "model_year INTEGER", "vehicle_use", "registered_date",
          "mortgage_amount INTEGER"},
         {"event_date", "event", "party"},
         VehicleRegister}}},
  };
}

}  // namespace naru::people
