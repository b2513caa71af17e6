#include "broker/proof/binding.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace naru {
namespace {

const absl::string_view kNonce = "0123456789abcdef0123456789abcdef";

TEST(SubjectBytesTest, AreTypeLengthAndNumber) {
  EXPECT_EQ(SubjectBytes(v1::SUBJECT_TYPE_BUSINESS, "1234567890"),
            std::string("\x03\x00\x0a", 3) + "1234567890");
  EXPECT_EQ(SubjectBytes(v1::SUBJECT_TYPE_PERSON, std::string(300, 'C')),
            std::string("\x01\x01\x2c", 3) + std::string(300, 'C'));
  EXPECT_EQ(SubjectBytes(v1::SUBJECT_TYPE_PERSON, ""), std::string("\x01\x00\x00", 3));
}

TEST(SubjectBytesTest, WhatIsNoSubjectNeverLooksLikeOne) {
  const std::string nobody(3, '\0');
  // 257 cut to a byte would be a person.
  EXPECT_EQ(SubjectBytes(static_cast<v1::SubjectType>(257), "1234567890"), nobody);
  EXPECT_EQ(SubjectBytes(static_cast<v1::SubjectType>(-1), "1234567890"), nobody);
  EXPECT_EQ(SubjectBytes(v1::SUBJECT_TYPE_PERSON, std::string(65536, '1')), nobody);
}

TEST(SubjectBindingTest, IsTheHmacOfTheSubjectBytes) {
  // Computed with another program.
  EXPECT_EQ(absl::BytesToHexString(SubjectBinding(kNonce, v1::SUBJECT_TYPE_BUSINESS, "1234567890")),
            "50b1f58a2d428cacbe8c5a70711d6bfb69b8eeae9dad8400fc36906ed4055bcf");
}

TEST(SubjectBindingTest, P3_EveryPartMakesAnotherBinding) {
  const std::set<std::string> bindings = {
      SubjectBinding(kNonce, v1::SUBJECT_TYPE_PERSON, "CI"),
      SubjectBinding(kNonce, v1::SUBJECT_TYPE_HOUSEHOLD, "CI"),
      SubjectBinding(kNonce, v1::SUBJECT_TYPE_PERSON, "CJ"),
      SubjectBinding(kNonce, v1::SUBJECT_TYPE_PERSON, "CI "),
      SubjectBinding("another nonce", v1::SUBJECT_TYPE_PERSON, "CI"),
  };
  EXPECT_EQ(bindings.size(), 5u);
}

}  // namespace
}  // namespace naru
