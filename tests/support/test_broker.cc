#include "tests/support/test_broker.h"

#include <glog/logging.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace naru {
namespace {

TestSite::Options In(const std::string& name, TestSite::Options options) {
  options.directory = TestDirectory(name);
  return options;
}

}  // namespace

std::string TestDirectory(const std::string& name) {
  const char* base = std::getenv("TEST_TMPDIR");
  return absl::StrCat(base != nullptr ? base : "/tmp", "/", name);
}

TestBroker::TestBroker(const std::string& name, TestSite::Options site, Server::Options server)
    : site_(In(name, std::move(site))), options_(std::move(server)) {
  options_.config = site_.config();
  options_.development = true;
  if (!options_.on_deaf) {
    options_.on_deaf = [] { LOG(FATAL) << "the listener of the tested broker is deaf"; };
  }
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
