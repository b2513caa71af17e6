#ifndef NARU_ADAPTERS_CLI_INPUT_H_
#define NARU_ADAPTERS_CLI_INPUT_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "naru/v1/common.pb.h"
#include "naru/v1/consent_service.pb.h"

// What naructl reads. Numbers of persons, codes and assertions come from files or standard input,
// never from arguments, which every user of the machine can see.
namespace naru::cli {

// A small text: the file's, or for "-" that of `in`, white space around it aside. INVALID_ARGUMENT
// when it is empty or longer than 16 KiB. Errors name the file, never its content.
absl::StatusOr<std::string> ReadText(const std::string& file, std::istream& in);

// A person's CI in such a text.
absl::StatusOr<v1::Subject> ReadPerson(const std::string& file, std::istream& in);

// Two lines, as naru-idp-dev prints them: the JWS and 32 hexadecimal characters of salt.
absl::StatusOr<v1::Assertion> ReadAssertion(const std::string& file, std::istream& in);

// The papers of a textproto in the form of OpenConsentRequest's `papers`, 1 to 64.
absl::StatusOr<std::vector<v1::Paper>> ReadPapers(const std::string& file);

// "1=AGREED,2=REFUSED"; each paper once. INVALID_ARGUMENT otherwise.
absl::StatusOr<std::vector<v1::PaperDecision>> ParseDecisions(absl::string_view text);

// 64 hexadecimal characters. INVALID_ARGUMENT otherwise.
absl::StatusOr<std::string> ParseSha256(absl::string_view hex);

}  // namespace naru::cli

#endif  // NARU_ADAPTERS_CLI_INPUT_H_
