#include "consent/text/messages.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "broker/base/limits.h"
#include "broker/base/sms_length.h"
#include "consent/text/words.h"

namespace naru {
namespace {

const Words& WordsOf(absl::string_view language) {
  return language == "en" ? EnglishWords() : KoreanWords();
}

absl::string_view NameOf(const HelpLine& help, absl::string_view language) {
  return language == "en" ? help.name_en : help.name_ko;
}

}  // namespace

bool FitsHelpLine(absl::string_view part, int bytes) {
  const absl::StatusOr<size_t> length = SmsLength(part);
  return !part.empty() && length.ok() && *length <= static_cast<size_t>(bytes) &&
         !ContainsInternetAddress(part);
}

std::string CodeMessage(absl::string_view sms_name, absl::string_view code,
                        absl::string_view language) {
  return absl::Substitute(WordsOf(language).sms_code, sms_name, code,
                          absl::ToInt64Minutes(limits::kCodeLife));
}

std::string ConsentRequestedMessage(absl::string_view sms_name, absl::string_view request_number,
                                    absl::string_view language, const HelpLine& help) {
  return absl::Substitute(WordsOf(language).sms_requested, sms_name, request_number,
                          NameOf(help, language));
}

std::string PapersSeenMessage(absl::string_view sms_name, int papers, absl::Time when,
                              absl::string_view language, const HelpLine& help) {
  const Words& words = WordsOf(language);
  const absl::TimeZone korea = absl::FixedTimeZone(9 * 60 * 60);
  return absl::Substitute(papers == 1 ? words.sms_seen_one : words.sms_seen, sms_name,
                          absl::FormatTime("%m/%d", when, korea),
                          absl::FormatTime("%H:%M", when, korea), papers, NameOf(help, language),
                          help.phone);
}

std::string WithdrawnMessage(uint64_t ledger_index, absl::string_view language) {
  return absl::Substitute(WordsOf(language).sms_withdrawn, ledger_index);
}

}  // namespace naru
