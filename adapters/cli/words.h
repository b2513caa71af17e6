#ifndef NARU_ADAPTERS_CLI_WORDS_H_
#define NARU_ADAPTERS_CLI_WORDS_H_

#include <string>

#include "adapters/client/fetched_case.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/error_reason.pb.h"
#include "naru/v1/ledger_entry.pb.h"

// The words naructl prints, as offices use them. Pure.
namespace naru::cli {

enum class Language { kKorean, kEnglish };

// One text in each language; both live for ever.
struct Words {
  const char* ko;
  const char* en;
  std::string in(Language language) const { return language == Language::kKorean ? ko : en; }
};

// Each gives the wire's name in parentheses behind the words, so that it can be searched for; a
// value this version does not know is its number.
std::string StateText(v1::ConsentState state, Language language);
std::string DecisionText(v1::Decision decision, Language language);
std::string ResultText(client::DocumentResult result, Language language);
std::string ReasonText(v1::RefusalReason reason, Language language);
std::string MenderText(v1::Mender mender, Language language);
std::string EntryText(v1::EntryKind kind, Language language);

}  // namespace naru::cli

#endif  // NARU_ADAPTERS_CLI_WORDS_H_
