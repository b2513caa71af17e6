#include "deploy/people/trade.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "deploy/people/addresses.h"
#include "deploy/people/days.h"

namespace naru::people {
namespace {

struct Trade {
  const char* category;
  const char* item;
  const char* second_item;  // Some businesses have it beside the first.
  const char* sign;         // What the shop's name ends in.
  bool exempt;              // From value added tax.
  int weight;
};

constexpr Trade kTrades[] = {
    {"음식점업", "한식", "분식", "식당", false, 18},
    {"음식점업", "커피전문점", "제과", "커피", false, 12},
    {"도매 및 소매업", "잡화", "생활용품", "상회", false, 14},
    {"도매 및 소매업", "전자상거래 소매업", "의류", "스토어", false, 14},
    {"도매 및 소매업", "농산물", "청과", "청과", true, 6},
    {"서비스업", "미용업", "화장품", "미용실", false, 9},
    {"서비스업", "세탁업", "수선", "세탁소", false, 4},
    {"교육 서비스업", "입시학원", "교습소", "학원", true, 6},
    {"건설업", "실내건축", "도배", "인테리어", false, 7},
    {"운수업", "화물운송", "용달", "운수", false, 7},
    {"부동산업", "비주거용 건물 임대", "부동산중개", "부동산", false, 7},
    {"제조업", "금속가공", "기계부품", "정밀", false, 5},
    {"정보통신업", "소프트웨어 개발", "데이터 처리", "소프트", false, 5},
};

constexpr const char* kSignNames[] = {"한강", "새벽", "하늘",   "은행나무", "느티나무", "행복",
                                      "우리", "푸른", "해오름", "나들목",   "모퉁이",   "별빛",
                                      "정든", "큰길", "햇살",   "바다",     "솔밭",     "다온",
                                      "미소", "소담", "온누리", "늘봄",     "두레",     "참좋은"};

int64_t Part(int64_t whole, int64_t percent) { return whole * percent / 100; }

// Cost of sales and of running, in the order of kAccounts; both end in the net income.
std::vector<AccountLine> IncomeStatement(Rng& rng, int64_t revenue, bool corporate) {
  const int64_t cost = Part(revenue, rng.Between(42, 62));
  const int64_t gross = revenue - cost;
  const int64_t wages = Part(gross, rng.Between(18, 32));
  const int64_t rent = Part(gross, rng.Between(6, 14));
  const int64_t wear = Part(gross, rng.Between(2, 5));
  const int64_t other = Part(gross, rng.Between(6, 15));
  const int64_t operating = gross - wages - rent - wear - other;
  const int64_t gains = Part(operating, rng.Between(0, 4));
  const int64_t interest = Part(operating, rng.Between(1, 9));
  const int64_t before_tax = operating + gains - interest;
  const int64_t tax = corporate ? Part(before_tax, 9) : 0;
  return {{101, revenue},    {102, cost},  {103, gross},           {104, wages}, {105, rent},
          {106, wear},       {107, other}, {109, operating},       {110, gains}, {111, interest},
          {112, before_tax}, {113, tax},   {114, before_tax - tax}};
}

std::vector<AccountLine> BalanceSheet(Rng& rng, int64_t revenue, int64_t net_income) {
  const int64_t cash = Part(revenue, rng.Between(4, 15));
  const int64_t claims = Part(revenue, rng.Between(2, 12));
  const int64_t stock = Part(revenue, rng.Between(2, 14));
  const int64_t equipment = Part(revenue, rng.Between(8, 30));
  const int64_t deposit = Part(revenue, rng.Between(5, 20));
  const int64_t assets = cash + claims + stock + equipment + deposit;
  const int64_t payables = Part(assets, rng.Between(8, 20));
  const int64_t short_loans = Part(assets, rng.Between(0, 15));
  const int64_t long_loans = Part(assets, rng.Between(0, 25));
  const int64_t debts = payables + short_loans + long_loans;
  const int64_t equity = assets - debts;
  const int64_t earned = std::min(equity, net_income);
  return {{201, cash},       {202, claims}, {203, stock},           {204, equipment},
          {205, deposit},    {206, assets}, {207, payables},        {208, short_loans},
          {209, long_loans}, {210, debts},  {211, equity - earned}, {212, earned},
          {213, equity},     {214, assets}};
}

}  // namespace

const std::vector<Account>& Accounts() {
  static const auto* const kAccounts = new std::vector<Account>{
      {101, "손익계산서", "매출액"},
      {102, "손익계산서", "매출원가"},
      {103, "손익계산서", "매출총이익"},
      {104, "손익계산서", "급여"},
      {105, "손익계산서", "임차료"},
      {106, "손익계산서", "감가상각비"},
      {107, "손익계산서", "기타 판매비와관리비"},
      {109, "손익계산서", "영업손익"},
      {110, "손익계산서", "영업외수익"},
      {111, "손익계산서", "이자비용"},
      {112, "손익계산서", "법인세비용차감전손익"},
      {113, "손익계산서", "법인세비용"},
      {114, "손익계산서", "당기순손익"},
      {201, "재무상태표", "현금 및 현금성자산"},
      {202, "재무상태표", "매출채권"},
      {203, "재무상태표", "재고자산"},
      {204, "재무상태표", "유형자산"},
      {205, "재무상태표", "임차보증금"},
      {206, "재무상태표", "자산총계"},
      {207, "재무상태표", "매입채무"},
      {208, "재무상태표", "단기차입금"},
      {209, "재무상태표", "장기차입금"},
      {210, "재무상태표", "부채총계"},
      {211, "재무상태표", "자본금"},
      {212, "재무상태표", "이익잉여금"},
      {213, "재무상태표", "자본총계"},
      {214, "재무상태표", "부채와 자본총계"},
  };
  return *kAccounts;
}

Business InventBusiness(Rng& rng, const std::string& owner_name, const Address& home,
                        absl::CivilDay opened_first, absl::CivilDay today) {
  const Trade& trade = rng.PickWeighted(kTrades);
  Business business;
  business.corporate = rng.Chance(8);
  const std::string sign =
      rng.Chance(15) ? owner_name.substr(owner_name.size() - 6) : rng.Pick(kSignNames);
  business.trade_name = absl::StrCat(business.corporate ? "주식회사 " : "", sign, trade.sign);
  business.items.push_back({trade.category, trade.item});
  if (rng.Chance(35)) business.items.push_back({trade.category, trade.second_item});
  business.taxation = trade.exempt                            ? Taxation::kExempt
                      : !business.corporate && rng.Chance(35) ? Taxation::kSimplified
                                                              : Taxation::kGeneral;
  business.address = ShopAddress(rng, home);
  business.opened = DayBetween(rng, std::max(opened_first, today - 20 * 365), today - 60);
  if (rng.Chance(14) && business.opened + 400 < today) {
    business.closed = DayBetween(rng, business.opened + 300, today - 30);
  }
  return business;
}

void FillYears(Rng& rng, int64_t monthly_revenue, bool keeps_books, int first_year, int last_year,
               Business& business) {
  int64_t monthly = monthly_revenue;
  for (int year = first_year; year <= last_year; ++year) {
    monthly = Part(monthly, rng.Between(93, 112));
    const int first_months = MonthsWithin(business.opened, business.closed,
                                          absl::CivilMonth(year, 1), absl::CivilMonth(year, 6));
    const int second_months = MonthsWithin(business.opened, business.closed,
                                           absl::CivilMonth(year, 7), absl::CivilMonth(year, 12));
    if (first_months + second_months == 0) continue;
    BusinessYear books;
    books.year = year;
    books.first_half = Part(monthly, rng.Between(92, 108)) * first_months;
    books.second_half = Part(monthly, rng.Between(92, 108)) * second_months;
    const int64_t revenue = books.Revenue();
    std::vector<AccountLine> lines = IncomeStatement(rng, revenue, business.corporate);
    books.net_income = lines.back().amount;
    if (keeps_books) {
      for (const AccountLine& line : BalanceSheet(rng, revenue, books.net_income)) {
        lines.push_back(line);
      }
      books.accounts = std::move(lines);
    }
    business.years.push_back(std::move(books));
  }
}

}  // namespace naru::people
