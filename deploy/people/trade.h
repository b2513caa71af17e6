#ifndef NARU_DEPLOY_PEOPLE_TRADE_H_
#define NARU_DEPLOY_PEOPLE_TRADE_H_

#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "deploy/people/model.h"
#include "deploy/people/rng.h"

namespace naru::people {

// A line of an income statement or balance sheet, as the tax service numbers them here.
struct Account {
  int code;
  const char* statement;  // 손익계산서 or 재무상태표.
  const char* name;
};

// Every account, in the order of the paper.
const std::vector<Account>& Accounts();

// What the business did not draw itself: trade, taxation, items, opening day. The numbers are set
// by the caller.
Business InventBusiness(Rng& rng, const std::string& owner_name, const Address& home,
                        absl::CivilDay opened_first, absl::CivilDay today);

// Revenue and accounts of each tax year first..last in which the business was open. The accounts
// are only there when `keeps_books`; sums always add up (assets = liabilities + equity).
void FillYears(Rng& rng, int64_t monthly_revenue, bool keeps_books, int first_year, int last_year,
               Business& business);

}  // namespace naru::people

#endif  // NARU_DEPLOY_PEOPLE_TRADE_H_
