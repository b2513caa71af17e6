#include "broker/base/sms_length.h"

#include <iconv.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace naru {
namespace {

// The text with the full-width forms of ASCII (U+FF01 to U+FF5E) and the dots that domains take
// (U+3002, U+FF61) as plain ASCII, in lower case.
std::string Folded(absl::string_view utf8) {
  std::string folded;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const absl::string_view three = utf8.substr(i, 3);
    if (three == "\u3002" || three == "\uff61") {
      folded.push_back('.');
      i += 2;
    } else if (three.size() == 3 && three >= "\uff01" && three <= "\uff5e") {
      const int low = (static_cast<uint8_t>(three[1]) & 0x3f) << 6 |
                      (static_cast<uint8_t>(three[2]) & 0x3f);  // U+F000 + low
      folded.push_back(absl::ascii_tolower(static_cast<uint8_t>(low - 0xf01 + '!')));
      i += 2;
    } else {
      folded.push_back(absl::ascii_tolower(static_cast<uint8_t>(utf8[i])));
    }
  }
  return folded;
}

// What can stand in a label of a domain: ASCII, and the bytes of anything else.
bool InLabel(char c) { return absl::ascii_isalnum(c) || c == '-' || !absl::ascii_isascii(c); }

// Top-level domains in Hangul. Others are letters of ASCII; a Hangul sentence may run on after its
// full stop without a space, so Hangul on both sides alone does not make a domain.
bool StartsWithHangulTopLevel(absl::string_view text) {
  for (absl::string_view name : {"한국", "닷컴", "닷넷", "삼성"}) {
    if (absl::StartsWith(text, name)) return true;
  }
  return false;
}

bool IsDomainDot(absl::string_view text, size_t dot) {
  if (dot == 0 || !InLabel(text[dot - 1])) return false;
  const absl::string_view after = text.substr(dot + 1);
  if (after.size() >= 2 && absl::ascii_isalpha(after[0]) && absl::ascii_isalpha(after[1])) {
    return true;
  }
  return StartsWithHangulTopLevel(after);
}

// Whether four numbers of one to three digits, with dots between, begin at `start`.
bool StartsIpV4(absl::string_view text, size_t start) {
  size_t i = start;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (i >= text.size() || text[i] != '.') return false;
      ++i;
    }
    size_t digits = 0;
    while (i < text.size() && absl::ascii_isdigit(text[i])) ++i, ++digits;
    if (digits < 1 || digits > 3) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<size_t> SmsLength(absl::string_view utf8) {
  const iconv_t converter = iconv_open("EUC-KR", "UTF-8");
  // Belongs to the C library of every system Naru runs on.
  PCHECK(converter != reinterpret_cast<iconv_t>(-1)) << "iconv_open";
  const auto closer = absl::MakeCleanup([converter] { iconv_close(converter); });
  char* in = const_cast<char*>(utf8.data());  // iconv's signature; it only reads
  size_t in_left = utf8.size();
  size_t bytes = 0;
  while (in_left > 0) {
    char buffer[256];
    char* out = buffer;
    size_t out_left = sizeof(buffer);
    const size_t converted = iconv(converter, &in, &in_left, &out, &out_left);
    bytes += sizeof(buffer) - out_left;
    if (converted == static_cast<size_t>(-1) && errno != E2BIG) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the text has a character at byte ", utf8.size() - in_left, " that EUC-KR has not"));
    }
  }
  return bytes;
}

bool ContainsInternetAddress(absl::string_view utf8) {
  const std::string text = Folded(utf8);
  if (absl::StrContains(text, "http") || absl::StrContains(text, "://") ||
      absl::StrContains(text, "www.") || absl::StrContains(text, "xn--")) {
    return true;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && IsDomainDot(text, i)) return true;
    const bool number_starts = i == 0 || !absl::ascii_isdigit(text[i - 1]);
    if (number_starts && StartsIpV4(text, i)) return true;
  }
  return false;
}

}  // namespace naru
