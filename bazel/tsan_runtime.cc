// Linked into every binary of --config=tsan, and into no other.
//
// Debian's gRPC, OpenSSL, RocksDB and Abseil are not instrumented. Abseil's locks are bare atomics
// inside its library, so ThreadSanitizer would see no lock at all and report every field that a
// mutex guards. The definitions below stand before the library's own, also for the calls that gRPC
// makes: each tells ThreadSanitizer what the call orders, then calls the library's.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

extern "C" const char* __tsan_default_suppressions();

// Names libraries only, and each only for what happens inside it (a copy, a free). A race in our
// own code is reported also when such a library called that code.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libgrpc.so\n"
         "called_from_lib:libgrpc++.so\n"
         "called_from_lib:libgpr.so\n"
         "called_from_lib:libssl.so\n"
         "called_from_lib:libabsl_cord.so\n"
         "called_from_lib:libabsl_graphcycles_internal.so\n"
         "called_from_lib:libabsl_status.so\n"
         "race:librocksdb.so\n";
}

namespace {

// The library's own definition of a function that stands in this file too. Members are called as
// functions whose first argument is the object.
template <typename Function>
Function* Next(const char* mangled_name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, mangled_name));
}

void After(const void* object) { __tsan_acquire(const_cast<void*>(object)); }
void Before(const void* object) { __tsan_release(const_cast<void*>(object)); }

bool AfterIf(bool held, const void* object) {
  if (held) After(object);
  return held;
}

// A condition is evaluated inside the library, by whichever thread holds the lock just then.
class VisibleCondition {
 public:
  VisibleCondition(absl::Mutex* mutex, const absl::Condition& condition)
      : mutex_(mutex), condition_(condition), visible_(&Eval, this) {
    Before(mutex);
  }
  const absl::Condition& get() const { return visible_; }

 private:
  __attribute__((no_sanitize("thread"))) static bool Eval(VisibleCondition* self) {
    After(self->mutex_);
    const bool met = self->condition_.Eval();
    Before(self->mutex_);
    return met;
  }

  absl::Mutex* const mutex_;
  const absl::Condition& condition_;
  const absl::Condition visible_;
};

using MutexFunction = void(absl::Mutex*);
using MutexTryFunction = bool(absl::Mutex*);
using MutexWhenFunction = void(absl::Mutex*, const absl::Condition&);
template <typename Limit>
using MutexWhenLimitFunction = bool(absl::Mutex*, const absl::Condition&, Limit);

// Mutex::Await and LockWhen, with the lock held afterwards in any case.
void When(const char* name, absl::Mutex* mutex, const absl::Condition& condition) {
  const VisibleCondition visible(mutex, condition);
  Next<MutexWhenFunction>(name)(mutex, visible.get());
  After(mutex);
}

template <typename Limit>
bool When(const char* name, absl::Mutex* mutex, const absl::Condition& condition, Limit limit) {
  const VisibleCondition visible(mutex, condition);
  const bool met = Next<MutexWhenLimitFunction<Limit>>(name)(mutex, visible.get(), limit);
  After(mutex);
  return met;
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  static auto* const next = Next<MutexFunction>("_ZN4absl7debian35Mutex4LockEv");
  next(this);
  After(this);
}

void Mutex::Unlock() {
  static auto* const next = Next<MutexFunction>("_ZN4absl7debian35Mutex6UnlockEv");
  Before(this);
  next(this);
}

bool Mutex::TryLock() {
  static auto* const next = Next<MutexTryFunction>("_ZN4absl7debian35Mutex7TryLockEv");
  return AfterIf(next(this), this);
}

void Mutex::ReaderLock() {
  static auto* const next = Next<MutexFunction>("_ZN4absl7debian35Mutex10ReaderLockEv");
  next(this);
  After(this);
}

void Mutex::ReaderUnlock() {
  static auto* const next = Next<MutexFunction>("_ZN4absl7debian35Mutex12ReaderUnlockEv");
  Before(this);
  next(this);
}

bool Mutex::ReaderTryLock() {
  static auto* const next = Next<MutexTryFunction>("_ZN4absl7debian35Mutex13ReaderTryLockEv");
  return AfterIf(next(this), this);
}

void Mutex::Await(const Condition& condition) {
  When("_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE", this, condition);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  return When("_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE", this,
              condition, timeout);
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  return When("_ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE", this,
              condition, deadline);
}

void Mutex::LockWhen(const Condition& condition) {
  When("_ZN4absl7debian35Mutex8LockWhenERKNS0_9ConditionE", this, condition);
}

bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  return When("_ZN4absl7debian35Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE", this,
              condition, timeout);
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  return When("_ZN4absl7debian35Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE", this,
              condition, deadline);
}

void Mutex::ReaderLockWhen(const Condition& condition) {
  When("_ZN4absl7debian35Mutex14ReaderLockWhenERKNS0_9ConditionE", this, condition);
}

bool Mutex::ReaderLockWhenWithTimeout(const Condition& condition, Duration timeout) {
  return When("_ZN4absl7debian35Mutex25ReaderLockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE",
              this, condition, timeout);
}

bool Mutex::ReaderLockWhenWithDeadline(const Condition& condition, Time deadline) {
  return When("_ZN4absl7debian35Mutex26ReaderLockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE",
              this, condition, deadline);
}

void CondVar::Wait(Mutex* mutex) {
  static auto* const next =
      Next<void(CondVar*, Mutex*)>("_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE");
  Before(mutex);
  next(this, mutex);
  After(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Duration)>(
      "_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  Before(mutex);
  const bool timed_out = next(this, mutex, timeout);
  After(mutex);
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Time)>(
      "_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  Before(mutex);
  const bool timed_out = next(this, mutex, deadline);
  After(mutex);
  return timed_out;
}

void Notification::Notify() {
  static auto* const next = Next<void(Notification*)>("_ZN4absl7debian312Notification6NotifyEv");
  Before(&notified_yet_);  // what the inline HasBeenNotified() reads
  next(this);
}

void Notification::WaitForNotification() const {
  static auto* const next =
      Next<void(const Notification*)>("_ZNK4absl7debian312Notification19WaitForNotificationEv");
  next(this);
  After(&notified_yet_);
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static auto* const next = Next<bool(const Notification*, Duration)>(
      "_ZNK4absl7debian312Notification30WaitForNotificationWithTimeoutENS0_8DurationE");
  return AfterIf(next(this, timeout), &notified_yet_);
}

bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  static auto* const next = Next<bool(const Notification*, Time)>(
      "_ZNK4absl7debian312Notification31WaitForNotificationWithDeadlineENS0_4TimeE");
  return AfterIf(next(this, deadline), &notified_yet_);
}

bool BlockingCounter::DecrementCount() {
  static auto* const next =
      Next<bool(BlockingCounter*)>("_ZN4absl7debian315BlockingCounter14DecrementCountEv");
  Before(this);
  return next(this);
}

void BlockingCounter::Wait() {
  static auto* const next =
      Next<void(BlockingCounter*)>("_ZN4absl7debian315BlockingCounter4WaitEv");
  next(this);
  After(this);
}

ABSL_NAMESPACE_END
}  // namespace absl
