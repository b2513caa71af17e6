// Debian's gRPC never accepts again after one failed accept (CVE-2023-4785): whoever opens enough
// connections makes it deaf for ever. The program then ends, to be started again, and does not
// stay.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "broker/base/status_matchers.h"
#include "tests/support/broker_process.h"
#include "tests/support/test_clients.h"
#include "tests/support/test_site.h"

namespace naru {
namespace {

constexpr int kExitDeaf = 3;
constexpr int kDescriptors = 256;

// Connections that say nothing, kept until the end.
class Connections {
 public:
  ~Connections() {
    for (const int fd : open_) close(fd);
  }
  // How many of `count` there are; those that do not fit wait in the listener's queue.
  size_t Open(const std::string& address, int count) {
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port));
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (fd < 0) break;
      connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
      open_.push_back(fd);
    }
    return open_.size();
  }

 private:
  std::vector<int> open_;
};

TEST(DeafListenerTest, TheProgramEndsInsteadOfStayingDeaf) {
  TestSite::Options options;
  options.directory = TestDirectory("deaf");
  TestSite site(options);
  BrokerProcess::Options process;
  process.config_file = site.config_file();
  process.stderr_file = site.PathOf("broker.log");
  process.max_descriptors = kDescriptors;
  ABSL_ASSERT_OK_AND_ASSIGN(const auto broker, BrokerProcess::Start(process));
  TestClients clients(&site, broker->grpc_address());
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent consent,
                            clients.Granted(PersonOf(1), {PaperOf(1, kAbstract)}));

  // It serves as long as nobody does this; after it, no more.
  EXPECT_FALSE(broker->Await(absl::Seconds(4)).ok());
  Connections connections;
  ASSERT_GE(connections.Open(broker->grpc_address(), 2 * kDescriptors), size_t{kDescriptors});
  ABSL_ASSERT_OK_AND_ASSIGN(const int code, broker->Await(absl::Seconds(90)));
  EXPECT_EQ(code, kExitDeaf);

  // Nothing is lost: the next one goes on.
  process.max_descriptors = 0;
  ABSL_ASSERT_OK_AND_ASSIGN(const auto next, BrokerProcess::Start(process));
  TestClients after(&site, next->grpc_address());
  ABSL_ASSERT_OK_AND_ASSIGN(const v1::Consent found, after.Get(consent.consent_id()));
  EXPECT_EQ(found.state(), v1::CONSENT_STATE_GRANTED);
}

}  // namespace
}  // namespace naru
