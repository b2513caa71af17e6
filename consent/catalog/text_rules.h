#ifndef NARU_CONSENT_CATALOG_TEXT_RULES_H_
#define NARU_CONSENT_CATALOG_TEXT_RULES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// The forms of single texts in a catalogue. Pure.
namespace naru {

// What is wrong with a line that people read, UTF-8, 1 to `max` characters: empty when nothing is.
// Control characters and those that turn the direction of writing or cannot be seen are wrong: such
// a line could look like another, or add lines of its own to a consent's text.
std::string WrongLine(absl::string_view utf8, int max);

// "host:port" with a port from 1 to 65535; an IPv6 address is in brackets.
bool IsHostPort(absl::string_view text);

// An RFC 3339 time; `when_empty` for the empty text; nullopt for anything else.
std::optional<absl::Time> ParseRfc3339(absl::string_view text, absl::Time when_empty);

}  // namespace naru

#endif  // NARU_CONSENT_CATALOG_TEXT_RULES_H_
