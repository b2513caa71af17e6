#include "adapters/holder/mask.h"

#include <gtest/gtest.h>

namespace naru {
namespace {

TEST(MaskTest, HidesWhatItSaysAndShowsNothingOfWhatItDoesNotKnow) {
  const struct {
    config::v1::Mask mask;
    const char* value;
    const char* shown;
  } kCases[] = {
      {config::v1::MASK_UNSPECIFIED, "840315-1970001", "840315-1970001"},
      {config::v1::MASK_NONE, "840315-1970001", "840315-1970001"},
      {config::v1::MASK_RESIDENT_NUMBER_BACK, "840315-1970001", "840315-1******"},
      {config::v1::MASK_RESIDENT_NUMBER_BACK, "8403151970001", "8403151******"},
      {config::v1::MASK_RESIDENT_NUMBER_BACK, "840315-1******", "840315-1******"},
      {config::v1::MASK_RESIDENT_NUMBER_BACK, "840315-19700011", "***************"},
      {config::v1::MASK_RESIDENT_NUMBER_BACK, "840315-197000A", "**************"},
      {config::v1::MASK_RESIDENT_NUMBER_BACK, "홍길동 840315-1970001", "******************"},
      {config::v1::MASK_RESIDENT_NUMBER_BACK, "M12345678", "*********"},
      {config::v1::MASK_RESIDENT_NUMBER_BACK, "", ""},
      {config::v1::MASK_NAME_MIDDLE, "홍길동", "홍*동"},
      {config::v1::MASK_NAME_MIDDLE, "김구", "김*"},
      {config::v1::MASK_NAME_MIDDLE, "이", "*"},
      {config::v1::MASK_NAME_MIDDLE, "남궁민수", "남궁**"},
      {config::v1::MASK_NAME_MIDDLE, "김하늘빛", "김**빛"},
      {config::v1::MASK_NAME_MIDDLE, "JANE DOE", "J*** **E"},
      {config::v1::MASK_NAME_MIDDLE, "", ""},
      {config::v1::MASK_PHONE, "010-1234-5678", "010-****-5678"},
      {config::v1::MASK_PHONE, "01012345678", "010****5678"},
      {config::v1::MASK_PHONE, "02-345-6789", "02-***-6789"},
      {config::v1::MASK_PHONE, "031-345-6789", "031-***-6789"},
      {config::v1::MASK_PHONE, "5678", "****"},
      {config::v1::MASK_PHONE, "010-1234-5678 (집)", "*****************"},
      {config::v1::MASK_ACCOUNT, "110-234-567890", "110-***-****90"},
      {config::v1::MASK_ACCOUNT, "1234567", "*******"},
      {config::v1::MASK_ACCOUNT, "신한 110-234-567890", "*****************"},
      {config::v1::MASK_ALL_BUT_LAST4, "증서-12345678", "*******5678"},
      {config::v1::MASK_ALL_BUT_LAST4, "가나다라마", "*나다라마"},
      {config::v1::MASK_ALL_BUT_LAST4, "1234", "****"},
      {static_cast<config::v1::Mask>(999), "비밀", "**"},
  };
  for (const auto& [mask, value, shown] : kCases) {
    EXPECT_EQ(ApplyMask(mask, value), shown) << config::v1::Mask_Name(mask) << " " << value;
  }
}

}  // namespace
}  // namespace naru
