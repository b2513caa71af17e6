// Each test is free of races because of one kind of Abseil lock. Under --config=tsan a lock that
// tsan_runtime.cc fails to show is reported as a race; elsewhere the tests only pass.

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace naru {
namespace {

bool IsOne(int* value) { return *value == 1; }

TEST(TsanRuntimeTest, MutexOrdersItsHolders) {
  absl::Mutex mutex;
  int count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 100; ++j) {
        absl::MutexLock lock(&mutex);
        ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 400);
}

TEST(TsanRuntimeTest, ReaderLockComesBeforeTheNextWriter) {
  absl::Mutex mutex;
  int value = 0;
  int seen = 0;
  std::thread reader([&] {
    absl::ReaderMutexLock lock(&mutex);
    seen = value;
  });
  {
    absl::MutexLock lock(&mutex);
    ++value;
  }
  reader.join();
  EXPECT_LE(seen, 1);
}

TEST(TsanRuntimeTest, TryLockOrdersWhenItHolds) {
  absl::Mutex mutex;
  int value = 0;
  std::thread writer([&] {
    absl::MutexLock lock(&mutex);
    value = 1;
  });
  bool done = false;
  while (!done) {
    if (!mutex.TryLock()) continue;
    done = value == 1;
    mutex.Unlock();
  }
  writer.join();
}

TEST(TsanRuntimeTest, CondVarHandsTheMutexOver) {
  absl::Mutex mutex;
  absl::CondVar changed;
  int value = 0;
  std::thread writer([&] {
    absl::MutexLock lock(&mutex);
    value = 1;
    changed.SignalAll();
  });
  {
    absl::MutexLock lock(&mutex);
    while (value == 0) changed.Wait(&mutex);
    value = 2;
  }
  writer.join();
  EXPECT_EQ(value, 2);
}

TEST(TsanRuntimeTest, ConditionIsReadUnderTheLock) {
  absl::Mutex mutex;
  int value = 0;
  int other = 0;
  std::thread writer([&] {
    {
      absl::MutexLock lock(&mutex);
      other = 1;
    }
    absl::MutexLock lock(&mutex);
    value = 1;
  });
  mutex.LockWhen(absl::Condition(IsOne, &value));
  value = 2;
  mutex.Unlock();
  {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(IsOne, &other));
    EXPECT_FALSE(mutex.AwaitWithTimeout(absl::Condition(IsOne, &value), absl::ZeroDuration()));
  }
  writer.join();
}

TEST(TsanRuntimeTest, NotificationComesAfterWhatWasDoneBeforeIt) {
  absl::Notification polled;
  absl::Notification waited;
  int first = 0;
  int second = 0;
  std::thread notifier([&] {
    first = 1;
    polled.Notify();
    second = 1;
    waited.Notify();
  });
  while (!polled.HasBeenNotified()) std::this_thread::yield();
  EXPECT_EQ(first, 1);
  waited.WaitForNotification();
  EXPECT_EQ(second, 1);
  notifier.join();
}

TEST(TsanRuntimeTest, BlockingCounterComesAfterEveryDecrement) {
  absl::BlockingCounter left(2);
  int first = 0;
  int second = 0;
  std::thread one([&] {
    first = 1;
    left.DecrementCount();
  });
  std::thread two([&] {
    second = 1;
    left.DecrementCount();
  });
  left.Wait();
  EXPECT_EQ(first + second, 2);
  one.join();
  two.join();
}

}  // namespace
}  // namespace naru
