// 국세청: taxpayers, businesses, returns. Days are written YYYYMMDD; views turn them round. The
// business table keeps the representative's resident number, and the business views show it on
// purpose: in 2024 a changed form printed it on 587 papers, so the list of allowed fields must have
// something to stop.

#include <soci/soci.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "deploy/people/days.h"
#include "deploy/people/nts_views.h"
#include "deploy/people/register_file.h"
#include "deploy/people/registers.h"
#include "deploy/people/trade.h"
#include "deploy/people/work.h"

namespace naru::people {
namespace {

constexpr RegisterFile::Info kInfo = {"nts.db", "1210000", "국세청"};

const RegisterFile::Statements& Tables() {
  static const auto* const kTables = new RegisterFile::Statements{
      "CREATE TABLE nt_taxpayer (tp_seq INTEGER PRIMARY KEY, tin TEXT NOT NULL, "
      "rrn TEXT NOT NULL, ci TEXT NOT NULL, tp_nm TEXT NOT NULL, addr TEXT NOT NULL, "
      "tax_office TEXT NOT NULL)",
      "CREATE TABLE nt_business (biz_seq INTEGER PRIMARY KEY, biz_no TEXT NOT NULL, "
      "rep_tp_seq INTEGER NOT NULL, representative_rrn TEXT NOT NULL, rep_nm TEXT NOT NULL, "
      "trade_nm TEXT NOT NULL, biz_kind TEXT NOT NULL, corp_no TEXT, tax_kind TEXT NOT NULL, "
      "open_ymd TEXT NOT NULL, close_ymd TEXT, addr TEXT NOT NULL, tax_office TEXT NOT NULL)",
      "CREATE TABLE nt_business_item (biz_seq INTEGER NOT NULL, item_seq INTEGER NOT NULL, "
      "biz_cond TEXT NOT NULL, biz_item TEXT NOT NULL, PRIMARY KEY (biz_seq, item_seq)) "
      "WITHOUT ROWID",
      "CREATE TABLE nt_vat_return (biz_seq INTEGER NOT NULL, yr INTEGER NOT NULL, "
      "term INTEGER NOT NULL, tax_base INTEGER NOT NULL, zero_base INTEGER NOT NULL, "
      "out_tax INTEGER NOT NULL, filed_ymd TEXT NOT NULL, PRIMARY KEY (biz_seq, yr, term)) "
      "WITHOUT ROWID",
      "CREATE TABLE nt_account (acct_cd INTEGER PRIMARY KEY, stmt_nm TEXT NOT NULL, "
      "acct_nm TEXT NOT NULL)",
      "CREATE TABLE nt_statement (stmt_seq INTEGER PRIMARY KEY, biz_seq INTEGER NOT NULL, "
      "yr INTEGER NOT NULL, from_ymd TEXT NOT NULL, to_ymd TEXT NOT NULL)",
      "CREATE TABLE nt_statement_line (stmt_seq INTEGER NOT NULL, acct_cd INTEGER NOT NULL, "
      "amt INTEGER NOT NULL, PRIMARY KEY (stmt_seq, acct_cd)) WITHOUT ROWID",
      "CREATE TABLE nt_income (tp_seq INTEGER NOT NULL, yr INTEGER NOT NULL, "
      "item_seq INTEGER NOT NULL, inc_kind TEXT NOT NULL, payer_nm TEXT NOT NULL, "
      "gross_amt INTEGER NOT NULL, inc_amt INTEGER NOT NULL, "
      "PRIMARY KEY (tp_seq, yr, item_seq)) WITHOUT ROWID",
      "CREATE TABLE nt_income_year (tp_seq INTEGER NOT NULL, yr INTEGER NOT NULL, "
      "inc_sum INTEGER NOT NULL, tax_amt INTEGER NOT NULL, settled_by TEXT NOT NULL, "
      "PRIMARY KEY (tp_seq, yr)) WITHOUT ROWID",
      "CREATE TABLE nt_notice (tp_seq INTEGER NOT NULL, notice_seq INTEGER NOT NULL, "
      "notice_no TEXT NOT NULL, tax_item TEXT NOT NULL, yr INTEGER NOT NULL, amt INTEGER NOT NULL, "
      "due_ymd TEXT NOT NULL, paid_ymd TEXT, defer_ymd TEXT, PRIMARY KEY (tp_seq, notice_seq)) "
      "WITHOUT ROWID",
  };
  return *kTables;
}

const char* TaxationName(Taxation taxation) {
  switch (taxation) {
    case Taxation::kGeneral:
      return "일반과세자";
    case Taxation::kSimplified:
      return "간이과세자";
    case Taxation::kExempt:
      return "면세사업자";
  }
  return "";
}

class NtsRegister : public Register {
 public:
  NtsRegister(const std::string& folder, const PopulationOptions& population)
      : population_(population),
        file_(folder, population, kInfo, Tables()),
        rows_(std::in_place, file_.session()) {
    RowInserter<Number, Text, Text> accounts(file_.session(), "nt_account");
    for (const Account& account : Accounts()) {
      accounts.Add(account.code, account.statement, account.name);
    }
  }

  void Add(const Household& household) override {
    for (const Person& person : household.people) {
      if (!KnownToTax(person, population_)) continue;
      const Number seq = person.index + 1;
      rows_->taxpayers.Add(seq, NtsTaxpayerNo(person), person.resident_no, person.ci, person.name,
                           household.address.line, household.address.tax_office);
      for (const Business& business : person.businesses) AddBusiness(seq, person, business);
      AddIncome(seq, person);
      AddNotices(seq, person);
    }
  }

  void Finish() override {
    rows_.reset();
    file_.Finish(NtsViews());
  }

 private:
  struct Rows {
    explicit Rows(soci::session& session)
        : taxpayers(session, "nt_taxpayer"),
          businesses(session, "nt_business"),
          items(session, "nt_business_item"),
          vat(session, "nt_vat_return"),
          statements(session, "nt_statement"),
          lines(session, "nt_statement_line"),
          income(session, "nt_income"),
          years(session, "nt_income_year"),
          notices(session, "nt_notice") {}
    RowInserter<Number, Text, Text, Text, Text, Text, Text> taxpayers;
    RowInserter<Number, Text, Number, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text>
        businesses;
    RowInserter<Number, Number, Text, Text> items;
    RowInserter<Number, Number, Number, Number, Number, Number, Text> vat;
    RowInserter<Number, Number, Number, Text, Text> statements;
    RowInserter<Number, Number, Number> lines;
    RowInserter<Number, Number, Number, Text, Text, Number, Number> income;
    RowInserter<Number, Number, Number, Number, Text> years;
    RowInserter<Number, Number, Text, Text, Number, Number, Text, Text, Text> notices;
  };

  void AddBusiness(Number owner, const Person& person, const Business& business) {
    const Number seq = ++businesses_;
    rows_->businesses.Add(seq, business.number, owner, person.resident_no, person.name,
                          business.trade_name, business.corporate ? "법인사업자" : "개인사업자",
                          business.corporation_no, TaxationName(business.taxation),
                          PlainDay(business.opened), PlainDay(business.closed),
                          business.address.line, business.address.tax_office);
    Number item = 0;
    for (const BusinessItem& line : business.items) {
      rows_->items.Add(seq, ++item, line.category, line.item);
    }
    for (const BusinessYear& books : business.years) {
      AddVat(seq, business, books);
      AddStatement(seq, business, books);
    }
  }

  void AddVat(Number seq, const Business& business, const BusinessYear& books) {
    if (business.taxation == Taxation::kExempt) return;
    auto add = [&](Number term, Number base, absl::CivilDay filed) {
      // One in seven sells abroad a little, at the zero rate.
      const Number zero = seq % 7 == 0 ? base / 20 : 0;
      rows_->vat.Add(seq, books.year, term, base - zero, zero, (base - zero) / 10, PlainDay(filed));
    };
    if (business.taxation == Taxation::kSimplified) {  // One return a year.
      add(0, books.Revenue(), absl::CivilDay(books.year + 1, 1, 25));
      return;
    }
    if (books.first_half > 0) add(1, books.first_half, absl::CivilDay(books.year, 7, 25));
    if (books.second_half > 0) add(2, books.second_half, absl::CivilDay(books.year + 1, 1, 25));
  }

  void AddStatement(Number seq, const Business& business, const BusinessYear& books) {
    if (books.accounts.empty()) return;
    const Number statement = ++statements_;
    const absl::CivilDay from = std::max(business.opened, absl::CivilDay(books.year, 1, 1));
    const absl::CivilDay year_end(books.year, 12, 31);
    const absl::CivilDay to = std::min(business.closed.value_or(year_end), year_end);
    rows_->statements.Add(statement, seq, books.year, PlainDay(from), PlainDay(to));
    for (const AccountLine& line : books.accounts) {
      rows_->lines.Add(statement, line.code, line.amount);
    }
  }

  void AddIncome(Number seq, const Person& person) {
    Number item_seq = 0;
    for (size_t i = 0; i < person.income.size(); ++i) {
      const IncomeItem& item = person.income[i];
      rows_->income.Add(seq, item.tax_year, ++item_seq, item.kind, item.payer, item.gross,
                        item.income);
      const bool year_ends =
          i + 1 == person.income.size() || person.income[i + 1].tax_year != item.tax_year;
      if (!year_ends) continue;
      AddIncomeYear(seq, person, item.tax_year);
      item_seq = 0;
    }
  }

  void AddIncomeYear(Number seq, const Person& person, int year) {
    Number sum = 0;
    bool files_return = false;
    for (const IncomeItem& item : person.income) {
      if (item.tax_year != year) continue;
      sum += item.income;
      files_return |= item.kind == "사업소득";
    }
    rows_->years.Add(seq, year, sum, IncomeTax(sum), files_return ? "종합소득세 신고" : "연말정산");
  }

  void AddNotices(Number seq, const Person& person) {
    Number notice = 0;
    for (const Levy& levy : person.national_levies) {
      rows_->notices.Add(seq, ++notice, levy.number, levy.item, levy.tax_year, levy.amount,
                         PlainDay(levy.due), PlainDay(levy.paid), PlainDay(levy.deferred_until));
    }
  }

  const PopulationOptions population_;
  RegisterFile file_;
  std::optional<Rows> rows_;
  Number businesses_ = 0;
  Number statements_ = 0;
};

}  // namespace

std::unique_ptr<Register> OpenNtsRegister(const std::string& folder,
                                          const PopulationOptions& population) {
  return std::make_unique<NtsRegister>(folder, population);
}

}  // namespace naru::people
