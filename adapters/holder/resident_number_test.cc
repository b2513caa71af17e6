#include "adapters/holder/resident_number.h"

#include <gtest/gtest.h>

namespace naru {
namespace {

// Numbers of nobody: regions from 97 on were never given out, and what needs a check digit to be
// found has it here.
TEST(ResidentNumberTest, FindsWhatLooksLikeANumberAndNothingElse) {
  const struct {
    const char* text;
    bool is;
  } kCases[] = {
      {"840315-1970001", true},
      {"대표자 840315-1970001 (주민등록번호)", true},
      {"840315 - 1970001", true},
      {"840315\u20131970001", true},
      {"840315\u20111970001", true},
      {"번호840315-1970001번", true},
      {"000229-3970001", true},   // 2000 was a leap year.
      {"840315-5970001", true},   // A foreigner's.
      {"8403151970001", true},    // With the right check digit.
      {"2101013970001", true},    // Born when there is none any more.
      {"8403151970003", false},   // Thirteen digits with another.
      {"840315-1******", false},  // Hidden.
      {"840315", false},
      {"841315-1970001", false},   // No such month.
      {"840230-1970001", false},   // No such day.
      {"000229-1970001", false},   // 1900 was none.
      {"840315-0970001", false},   // Born in the 1800s.
      {"840315-9970001", false},   // The same.
      {"840315-19700012", false},  // Another number's part.
      {"1840315-1970001", false},
      {"18403151970001", false},
      {"840315-197000", false},
      {"110111-0000018", false},  // A corporation's.
      {"214-81-00003", false},    // A business's.
      {"1210000-20261126-00AB-12CD", false},
      {"010-1234-5678", false},
      {"", false},
      {"-", false},
  };
  for (const auto& [text, is] : kCases) EXPECT_EQ(HasResidentNumber(text), is) << text;
}

}  // namespace
}  // namespace naru
