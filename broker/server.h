#ifndef NARU_BROKER_SERVER_H_
#define NARU_BROKER_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "broker/base/clock.h"
#include "broker/base/executor.h"
#include "broker/base/random.h"
#include "broker/holder_stream.h"
#include "naru/config/v1/config.pb.h"

namespace naru {

// The whole broker: builds the object graph in order, serves, and takes it down in reverse order.
// Thread-safe.
class Server {
 public:
  struct Options {
    config::v1::BrokerConfig config;  // As LoadBrokerConfig gives it.
    // Lets identity providers marked development count. Never in production.
    bool development = false;
    // Once the listener was found deaf (SelfProbe); the process must end.
    std::function<void()> on_deaf;
    // What tests replace; nullptr takes the real one. Must outlive the server.
    Clock* clock = nullptr;
    Random* random = nullptr;
    Timer* timer = nullptr;
    bool self_probe = true;
    // Puts something between fetches and holders; empty for nothing. For tests alone.
    std::function<std::unique_ptr<HolderStreams>(HolderStreams*)> wrap_holders;
  };

  // What start-up found: printed, and worth comparing with the last published checkpoint.
  struct Found {
    uint64_t entries = 0;
    std::string root_hex;
    bool created = false;
    uint64_t generation = 0;
    bool catalogue_file_differs = false;
  };

  // Serves when it returns. DATA_LOSS with the numbers when the store is damaged or rolled back;
  // FAILED_PRECONDITION or INVALID_ARGUMENT for configuration, keys and catalogue (naming the
  // file); UNAVAILABLE when an address is taken.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Options options);
  // Shutdown(10 s) unless that was called.
  ~Server();

  // "host:port" with the ports chosen.
  const std::string& grpc_address() const;
  const std::string& ops_address() const;
  const Found& found() const;

  // Takes no new calls, lets those under way end within `grace`, then cancels them; makes durable
  // what waits.
  void Shutdown(absl::Duration grace);

 private:
  struct Graph;
  explicit Server(std::unique_ptr<Graph> graph);
  std::unique_ptr<Graph> graph_;
};

}  // namespace naru

#endif  // NARU_BROKER_SERVER_H_
