#ifndef NARU_TESTS_SUPPORT_TEST_BROKER_H_
#define NARU_TESTS_SUPPORT_TEST_BROKER_H_

#include <memory>
#include <string>

#include "broker/server.h"
#include "tests/support/test_clients.h"
#include "tests/support/test_site.h"

namespace naru {

// A whole broker in this process, on free ports of 127.0.0.1 and on RocksDB below TEST_TMPDIR, with
// everybody around it. Not thread-safe; what site() and clients() give is.
class TestBroker {
 public:
  // `name` is unique within the test program: the directory is called so. `site.directory` is set
  // here, `server.config` and `server.development` too; no self-probe runs.
  explicit TestBroker(const std::string& name, TestSite::Options site = {},
                      Server::Options server = {});
  ~TestBroker();

  TestSite& site() { return site_; }
  // Of the running broker; another object after a restart.
  TestClients& clients() { return *clients_; }
  Server& server() { return *server_; }

  // Ends it in order, and starts it on the same data.
  void Restart();
  void Stop();
  void Start();

 private:
  TestSite site_;
  Server::Options options_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<TestClients> clients_;
};

}  // namespace naru

#endif  // NARU_TESTS_SUPPORT_TEST_BROKER_H_
