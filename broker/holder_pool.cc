#include "broker/holder_pool.h"

#include <atomic>

#include "broker/base/errors.h"
#include "broker/circuit_breaker.h"
#include "broker/grpc_holder_stream.h"
#include "glog/logging.h"
#include "naru/holder/v1/holder_service.grpc.pb.h"

namespace naru {
namespace {

// What a caller of a full holder is told to wait; it asks again as a new fetch.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

}  // namespace

// Lives as long as its streams, so that the pool may go first.
struct HolderPool::Holder {
  Holder(HolderAddress where, std::shared_ptr<grpc::Channel> channel, Clock* clock,
         std::function<void(bool)> breaker_changed)
      : where(std::move(where)),
        stub(holder::v1::HolderService::NewStub(channel)),
        breaker(clock, limits::kBreakerFailures, limits::kBreakerOpen, std::move(breaker_changed)) {
  }

  const HolderAddress where;
  const std::shared_ptr<holder::v1::HolderService::StubInterface> stub;
  CircuitBreaker breaker;
  std::atomic<int> under_way{0};
};

// One document under way.
class HolderPool::Place : public HolderPlace {
 public:
  Place(std::shared_ptr<Holder> holder, Clock* clock, absl::Duration holder_answer)
      : holder_(std::move(holder)),
        clock_(clock),
        holder_answer_(holder_answer),
        since_(clock->Monotonic()) {}
  ~Place() override { --holder_->under_way; }

  void Reached() override { holder_->breaker.Reached(); }

  void NothingHeard(const absl::Status& status) override {
    const bool waited_in_vain = clock_->Monotonic() - since_ >= holder_answer_;
    if (absl::IsUnavailable(status) || waited_in_vain) holder_->breaker.NotReached();
  }

 private:
  const std::shared_ptr<Holder> holder_;
  Clock* const clock_;
  const absl::Duration holder_answer_;
  const absl::Duration since_;
};

absl::StatusOr<std::shared_ptr<HolderStream>> HolderPool::Open(const std::string& holder) {
  absl::MutexLock lock(&mu_);
  absl::StatusOr<std::shared_ptr<Holder>> found = Find(holder);
  if (!found.ok()) return found.status();
  // Streams give their places back outside the lock, but only here are they taken.
  if ((*found)->under_way.load() >= options_.max_documents) {
    return Overloaded("documents of the holder", kRetryAfter);
  }
  if (!(*found)->breaker.TryCall()) return DependencyUnavailable("holder");
  ++(*found)->under_way;
  auto place = std::make_unique<Place>(*found, options_.clock, options_.holder_answer);
  return std::make_shared<GrpcHolderStream>((*found)->stub, std::move(place));
}

absl::StatusOr<std::shared_ptr<HolderPool::Holder>> HolderPool::Find(const std::string& holder) {
  std::optional<HolderAddress> where = options_.find(holder);
  if (!where.has_value()) {
    holders_.erase(holder);
    return DependencyUnavailable("holder");
  }
  std::shared_ptr<Holder>& known = holders_[holder];
  const bool is_there = known != nullptr && known->where.address == where->address &&
                        known->where.identity == where->identity;
  if (is_there) return known;
  absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = options_.connect(*where);
  if (!channel.ok()) {
    LOG(ERROR) << "no channel to holder " << holder << ": " << channel.status();
    return DependencyUnavailable("holder");
  }
  std::function<void(bool)> changed;
  if (options_.breaker_changed) {
    changed = [tell = options_.breaker_changed, holder](bool open) { tell(holder, open); };
  }
  known = std::make_shared<Holder>(*std::move(where), *std::move(channel), options_.clock,
                                   std::move(changed));
  return known;
}

int HolderPool::under_way(const std::string& holder) const {
  absl::MutexLock lock(&mu_);
  const auto found = holders_.find(holder);
  if (found == holders_.end() || found->second == nullptr) return 0;
  return found->second->under_way.load();
}

}  // namespace naru
