#include "adapters/cli/consent_view.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace naru::cli {

void ShowConsentFields(Printer& printer, const v1::Consent& consent) {
  printer.Field({"동의 번호", "Consent"}, consent.consent_id());
  printer.Field({"상태", "State"}, StateText(consent.state(), printer.language()));
  printer.Field({"이용기관", "Requester"}, consent.requester());
  printer.Field({"사무", "Affair"}, consent.affair());
  printer.Field({"요청", "Opened"}, Printer::TimeText(consent.open_time()));
  printer.Field({"결정", "Decided"}, Printer::TimeText(consent.decide_time()));
  printer.Field({"결정 기한", "Decide until"}, Printer::TimeText(consent.decide_until()));
  printer.Field({"유효 기간 끝", "Valid until"}, Printer::TimeText(consent.valid_until()));
  printer.Field({"남은 횟수", "Uses left"}, absl::StrCat(consent.uses_left()));
  printer.Field({"동의 내용", "Text SHA-256"}, absl::BytesToHexString(consent.text_sha256()));
  std::map<uint32_t, v1::Decision> decisions;
  for (const v1::PaperDecision& one : consent.decisions()) {
    decisions[one.paper_id()] = one.decision();
  }
  std::vector<std::vector<std::string>> rows;
  for (const v1::Paper& paper : consent.papers()) {
    std::vector<std::string> parameters;
    for (const v1::Parameter& parameter : paper.parameters()) {
      parameters.push_back(
          absl::StrCat(parameter.name(), "=", absl::StrJoin(parameter.values(), ",")));
    }
    rows.push_back({absl::StrCat(paper.paper_id()), paper.kind(), absl::StrJoin(parameters, " "),
                    DecisionText(decisions[paper.paper_id()], printer.language())});
  }
  printer.Table({{"번호", "Paper"}, {"서류", "Kind"}, {"조건", "Parameters"}, {"결정", "Decision"}},
                rows);
}

}  // namespace naru::cli
