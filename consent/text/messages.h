#ifndef NARU_CONSENT_TEXT_MESSAGES_H_
#define NARU_CONSENT_TEXT_MESSAGES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// The messages that go to a citizen's phone, each at most limits::kSmsBytes in EUC-KR for every
// sms_name that a catalogue may have, and without an internet address. `language` is "ko" or "en";
// anything else gives Korean.
namespace naru {

// Where a citizen looks and whom to call: the deployment's own, at most kHelpNameBytes and
// kHelpPhoneBytes in EUC-KR.
struct HelpLine {
  std::string name_ko = "정부24";
  std::string name_en = "Gov24";
  std::string phone = "110";
};
inline constexpr int kHelpNameBytes = 8;
inline constexpr int kHelpPhoneBytes = 9;
// Whether a part may stand in messages: 1 to `bytes` bytes in EUC-KR, no internet address.
bool FitsHelpLine(absl::string_view part, int bytes);

// The code, from whom, and that officials never ask for it. `sms_name` is the requester's.
std::string CodeMessage(absl::string_view sms_name, absl::string_view code,
                        absl::string_view language);
// Somebody asks for consent: nothing but the request number, with which the citizen finds it.
std::string ConsentRequestedMessage(absl::string_view sms_name, absl::string_view request_number,
                                    absl::string_view language, const HelpLine& help = {});
// Papers were seen.
std::string PapersSeenMessage(absl::string_view sms_name, int papers, absl::Time when,
                              absl::string_view language, const HelpLine& help = {});
// A consent was withdrawn; the ledger's entry says so.
std::string WithdrawnMessage(uint64_t ledger_index, absl::string_view language);

}  // namespace naru

#endif  // NARU_CONSENT_TEXT_MESSAGES_H_
