#include "tests/support/test_broker.h"

#include <glog/logging.h>

#include <utility>

#include "absl/time/time.h"

namespace naru {
namespace {

TestSite::Options In(const std::string& name, TestSite::Options options) {
  options.directory = TestDirectory(name);
  return options;
}

}  // namespace

TestBroker::TestBroker(const std::string& name, TestSite::Options site, Server::Options server)
    : site_(In(name, std::move(site))), options_(std::move(server)) {
  options_.config = site_.config();
  options_.development = true;
  options_.self_probe = false;
  Start();
}

TestBroker::~TestBroker() { Stop(); }

void TestBroker::Restart() {
  Stop();
  Start();
}

void TestBroker::Stop() {
  clients_.reset();
  if (server_ != nullptr) server_->Shutdown(absl::Seconds(1));
  server_.reset();
}

void TestBroker::Start() {
  auto server = Server::Start(options_);
  CHECK(server.ok()) << server.status();
  server_ = *std::move(server);
  clients_ = std::make_unique<TestClients>(&site_, server_->grpc_address());
}

}  // namespace naru
