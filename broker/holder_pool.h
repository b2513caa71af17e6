#ifndef NARU_BROKER_HOLDER_POOL_H_
#define NARU_BROKER_HOLDER_POOL_H_

#include <grpcpp/channel.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/limits.h"
#include "broker/holder_stream.h"

namespace naru {

// Where a holder's service is.
struct HolderAddress {
  std::string address;   // "host:port"
  std::string identity;  // URI SAN of its certificate.
};

// The holders over gRPC, each with a channel, a bound on the documents under way (bulkhead) and a
// breaker of its own, so that one that is slow or gone takes nothing from the others (P10). A
// holder that the catalogue moves gets a new channel. Bounded by the catalogue. Thread-safe.
class HolderPool : public HolderStreams {
 public:
  struct Options {
    Clock* clock = nullptr;  // Outlives the pool and its streams.
    // Where a holder is now; nullopt for who holds nothing. Must not block.
    std::function<std::optional<HolderAddress>(const std::string& holder)> find;
    // As ChannelTo of tls.h.
    std::function<absl::StatusOr<std::shared_ptr<grpc::Channel>>(const HolderAddress&)> connect;
    int max_documents = limits::kDocumentsPerHolder;
    // A holder that has said nothing for so long when it is given up counts as not reached.
    absl::Duration holder_answer = limits::kHolderAnswer;
    // For metrics; may be empty. Must not block or call the pool.
    std::function<void(const std::string& holder, bool open)> breaker_changed;
  };
  explicit HolderPool(Options options) : options_(std::move(options)) {}

  absl::StatusOr<std::shared_ptr<HolderStream>> Open(const std::string& holder) override
      ABSL_LOCKS_EXCLUDED(mu_);

  // Documents under way.
  int under_way(const std::string& holder) const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Holder;
  class Place;

  absl::StatusOr<std::shared_ptr<Holder>> Find(const std::string& holder)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Options options_;
  mutable absl::Mutex mu_;
  std::map<std::string, std::shared_ptr<Holder>> holders_ ABSL_GUARDED_BY(mu_);
};

}  // namespace naru

#endif  // NARU_BROKER_HOLDER_POOL_H_
