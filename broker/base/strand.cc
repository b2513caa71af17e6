#include "broker/base/strand.h"

#include <utility>

namespace naru {
namespace {

// Closures run in one turn on the inner executor; then others have theirs.
constexpr int kTurn = 64;

thread_local const Strand* current_strand = nullptr;

}  // namespace

void Strand::Run(std::function<void()> work) {
  {
    absl::MutexLock lock(&mu_);
    queue_.push_back(std::move(work));
    if (draining_) return;
    draining_ = true;
  }
  Schedule();
}

bool Strand::RunsHere() const { return current_strand == this; }

size_t Strand::size() const {
  absl::MutexLock lock(&mu_);
  return queue_.size();
}

void Strand::Schedule() {
  inner_->Run([self = shared_from_this()] { self->Drain(); });
}

void Strand::Drain() {
  const Strand* const outer = std::exchange(current_strand, this);
  bool more = true;
  for (int i = 0; i < kTurn && more; ++i) {
    std::function<void()> work;
    {
      absl::MutexLock lock(&mu_);
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
    // What the closure holds is let go inside its turn too, before the next one begins.
    work = nullptr;
    absl::MutexLock lock(&mu_);
    more = draining_ = !queue_.empty();
  }
  current_strand = outer;
  if (more) Schedule();
}

std::shared_ptr<Strand> MakeStrand(Executor* inner) {
  return std::shared_ptr<Strand>(new Strand(inner));
}

}  // namespace naru
