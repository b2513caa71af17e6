#ifndef NARU_CONSENT_TEXT_CONSENT_TEXT_H_
#define NARU_CONSENT_TEXT_CONSENT_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "consent/catalog/catalogue.h"
#include "naru/v1/common.pb.h"

// The exact text that a citizen agrees to: what 전자정부법 42조 1항 demands (purpose, information
// and scope, who uses it), what is in each paper and why it is needed, until when, and that a no
// brings no disadvantage and a yes can be withdrawn. Its SHA-256 is what is signed, so the same
// arguments give the same bytes; whoever changes a word in text_ko.cc or text_en.cc changes
// kConsentTextVersion.
namespace naru {

inline constexpr absl::string_view kConsentTextVersion = "1";

struct ConsentText {
  std::string version;
  std::string text;  // UTF-8, lines end with "\n".
};

// What the text is about.
struct ConsentTerms {
  std::string requester;          // Agency code.
  std::string affair;             // Affair code.
  std::vector<v1::Paper> papers;  // With explicit parameters.
  // The latest end of the consent; its day in Korea is shown.
  absl::Time valid_until;
  uint32_t uses = 0;
  uint32_t retention_days = 0;
};

// `language` is "ko" or "en"; FieldMalformed("language") otherwise. INTERNAL when the catalogue
// does not have what the terms name. Of a business's or a property's number only the last four
// characters are shown: the text's digest stands in the ledger, and from it nobody shall find out
// the number by trying all.
absl::StatusOr<ConsentText> MakeConsentText(const Catalogue& catalogue, const ConsentTerms& terms,
                                            absl::string_view language);

}  // namespace naru

#endif  // NARU_CONSENT_TEXT_CONSENT_TEXT_H_
