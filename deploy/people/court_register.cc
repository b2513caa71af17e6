// 대법원: the real-estate registry. A property has a description (표제부), rights of ownership
// (갑구) and other rights (을구). The views have one row for each present owner, so that asking
// with property and person finds nothing unless the person owns it.

#include <soci/soci.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "deploy/people/days.h"
#include "deploy/people/register_file.h"
#include "deploy/people/registers.h"

namespace naru::people {
namespace {

constexpr RegisterFile::Info kInfo = {"court.db", "9700000", "대법원"};

const RegisterFile::Statements& Tables() {
  static const auto* const kTables = new RegisterFile::Statements{
      "CREATE TABLE re_property (prop_seq INTEGER PRIMARY KEY, prop_uno TEXT NOT NULL, "
      "prop_kind TEXT NOT NULL, lot_addr TEXT NOT NULL, road_addr TEXT NOT NULL, "
      "structure TEXT NOT NULL, area_cm2 INTEGER NOT NULL, built_dt TEXT NOT NULL, "
      "registry_office TEXT NOT NULL)",
      "CREATE TABLE re_entry (prop_seq INTEGER NOT NULL, entry_seq INTEGER NOT NULL, "
      "part TEXT NOT NULL, rank_no TEXT NOT NULL, purpose TEXT NOT NULL, received_dt TEXT NOT "
      "NULL, "
      "receipt_no TEXT NOT NULL, cause TEXT NOT NULL, party TEXT NOT NULL, amount INTEGER NOT "
      "NULL, "
      "PRIMARY KEY (prop_seq, entry_seq)) WITHOUT ROWID",
      "CREATE TABLE re_owner (prop_seq INTEGER NOT NULL, owner_seq INTEGER NOT NULL, "
      "owner_nm TEXT NOT NULL, owner_rrn TEXT NOT NULL, owner_ci TEXT NOT NULL, "
      "owner_addr TEXT NOT NULL, share TEXT NOT NULL, PRIMARY KEY (prop_seq, owner_seq)) "
      "WITHOUT ROWID",
  };
  return *kTables;
}

const RegisterFile::Statements& Views() {
  static const auto* const kViews = new RegisterFile::Statements{
      "CREATE UNIQUE INDEX re_property_no ON re_property (prop_uno)",
      "CREATE INDEX re_owner_ci ON re_owner (owner_ci)",
      R"(CREATE VIEW real_estate_registry AS
SELECT p.prop_uno AS property_no, o.owner_ci AS person_ci,
       substr(p.prop_uno, 1, 4) || '-' || substr(p.prop_uno, 5, 4) || '-' || substr(p.prop_uno, 9)
         AS registry_number,
       p.prop_kind AS property_type, p.lot_addr AS lot_address, p.road_addr AS address,
       p.structure, printf('%d.%02d㎡', p.area_cm2 / 10000, p.area_cm2 % 10000 / 100) AS area,
       p.built_dt AS built_date, o.owner_nm AS owner_name,
       substr(o.owner_rrn, 1, 6) || '-' || substr(o.owner_rrn, 7) AS owner_resident_no,
       substr(o.owner_rrn, 1, 6) || '-' || substr(o.owner_rrn, 7, 1) || '******'
         AS owner_resident_no_masked,
       o.owner_addr AS owner_address, o.share AS owner_share,
       (SELECT count(*) FROM re_owner c WHERE c.prop_seq = p.prop_seq) AS owner_count,
       (SELECT e.received_dt FROM re_entry e WHERE e.prop_seq = p.prop_seq AND e.entry_seq = 2)
         AS acquired_date,
       (SELECT coalesce(sum(e.amount), 0) FROM re_entry e WHERE e.prop_seq = p.prop_seq
        AND e.part = '을구') AS mortgage_amount,
       p.registry_office, '합성 데이터' AS marker
FROM re_property p JOIN re_owner o ON o.prop_seq = p.prop_seq)",
      R"(CREATE VIEW real_estate_registry_rows AS
SELECT p.prop_uno AS property_no, o.owner_ci AS person_ci, e.entry_seq AS row_no, e.part AS section,
       e.rank_no, e.purpose, e.received_dt AS received_date, e.receipt_no, e.cause,
       e.party AS right_holder, e.amount
FROM re_property p
JOIN re_owner o ON o.prop_seq = p.prop_seq
JOIN re_entry e ON e.prop_seq = p.prop_seq)",
  };
  return *kViews;
}

class CourtRegister : public Register {
 public:
  CourtRegister(const std::string& folder, const PopulationOptions& population)
      : file_(folder, population, kInfo, Tables()), rows_(std::in_place, file_.session()) {}

  void Add(const Household& household) override {
    for (const Property& property : household.properties) {
      const Number seq = ++properties_;
      const Address& place = property.address;
      rows_->properties.Add(
          seq, property.number, property.kind, place.lot, place.line, property.structure,
          property.area_cm2, IsoDay(property.built),
          absl::StrCat(place.sigungu.empty() ? place.sido : place.sigungu, " 등기소"));
      AddOwners(seq, household, property);
      AddEntries(seq, household, property);
    }
  }

  void Finish() override {
    rows_.reset();
    file_.Finish(Views());
  }

 private:
  struct Rows {
    explicit Rows(soci::session& session)
        : properties(session, "re_property"),
          entries(session, "re_entry"),
          owners(session, "re_owner") {}
    RowInserter<Number, Text, Text, Text, Text, Text, Number, Text, Text> properties;
    RowInserter<Number, Number, Text, Text, Text, Text, Text, Text, Text, Number> entries;
    RowInserter<Number, Number, Text, Text, Text, Text, Text> owners;
  };

  void AddOwners(Number seq, const Household& household, const Property& property) {
    Number number = 0;
    for (const Owner& owner : property.owners) {
      const Person& person = household.people[owner.member];
      rows_->owners.Add(
          seq, ++number, person.name, person.resident_no, person.ci, household.address.line,
          owner.share_of == 1 ? "단독소유" : absl::StrFormat("%d분의 1", owner.share_of));
    }
  }

  void AddEntries(Number seq, const Household& household, const Property& property) {
    std::string names;
    for (const Owner& owner : property.owners) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", household.people[owner.member].name);
    }
    auto add = [&](Number entry, const char* part, const char* rank, const char* purpose,
                   absl::CivilDay day, const char* cause, const std::string& party, Number amount) {
      rows_->entries.Add(seq, entry, part, rank, purpose, IsoDay(day),
                         absl::StrFormat("제%d호", 1000 + (seq * 37 + entry * 11) % 90000), cause,
                         party, amount);
    };
    add(1, "갑구", "1", "소유권보존", property.built + 40, "신축", property.former_owner, 0);
    add(2, "갑구", "2", "소유권이전", property.acquired, "매매", names, property.price);
    if (property.lender.empty()) return;
    add(3, "을구", "1", "근저당권설정", property.acquired, "설정계약", property.lender,
        property.mortgage);
  }

  RegisterFile file_;
  std::optional<Rows> rows_;
  Number properties_ = 0;
};

}  // namespace

std::unique_ptr<Register> OpenCourtRegister(const std::string& folder,
                                            const PopulationOptions& population) {
  return std::make_unique<CourtRegister>(folder, population);
}

}  // namespace naru::people
