#include "consent/store/big_endian.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace naru {
namespace {

TEST(BigEndianTest, HighestByteComesFirst) {
  std::string bytes;
  AppendBigEndian(bytes, uint16_t{0x0102});
  AppendBigEndian(bytes, uint32_t{0x03040506});
  AppendBigEndian(bytes, uint64_t{0x0708090a0b0c0d0e});
  EXPECT_EQ(bytes, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e");
}

TEST(BigEndianTest, WhatWasAppendedIsReadBack) {
  for (const uint64_t value : {uint64_t{0}, uint64_t{0x80}, uint64_t{1} << 63, ~uint64_t{0}}) {
    std::string bytes = "ab";
    AppendBigEndian(bytes, value);
    EXPECT_EQ(ReadBigEndian<uint64_t>(bytes, 2), value);
  }
  EXPECT_EQ(ReadBigEndian<uint16_t>("\xff\xfe"), 0xfffe);
}

}  // namespace
}  // namespace naru
