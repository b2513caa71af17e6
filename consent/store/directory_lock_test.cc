#include "consent/store/directory_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/base/file.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using ::testing::HasSubstr;

TEST(DirectoryLockTest, OneHolderAtATime) {
  const std::string directory = testing::TempDir() + "/locked";
  ABSL_ASSERT_OK(MakeDirectories(directory));
  auto first = DirectoryLock::Take(directory);
  ABSL_ASSERT_OK(first);
  EXPECT_THAT(DirectoryLock::Take(directory),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in use")));
  first->reset();
  ABSL_EXPECT_OK(DirectoryLock::Take(directory));
}

TEST(DirectoryLockTest, ErrorsNameTheDirectory) {
  EXPECT_THAT(DirectoryLock::Take("/nowhere/at/all"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/at/all")));
}

}  // namespace
}  // namespace naru
