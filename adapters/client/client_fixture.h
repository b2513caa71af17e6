#ifndef NARU_ADAPTERS_CLIENT_CLIENT_FIXTURE_H_
#define NARU_ADAPTERS_CLIENT_CLIENT_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "adapters/client/fake_broker.h"
#include "adapters/client/naru_client.h"
#include "broker/base/status_matchers.h"

namespace naru::client {

// A client and a broker that misbehaves when told, for tests of fetching.
class ClientFixture : public testing::Test {
 protected:
  // Runs at once what should wait.
  class NoWait : public Timer {
   public:
    Token After(absl::Duration, std::function<void()> work) override {
      ++waits;
      work();
      return 1;
    }
    bool Cancel(Token) override { return false; }
    int waits = 0;
  };

  ClientFixture() : directory_(NewDirectory()), broker_(directory_, &clock_) {
    broker_.papers = {IncomePaper(1, 200'000), BusinessPaper(2, 300)};
    Connect(broker_.Config());
  }

  void Connect(const config::v1::ClientConfig& config) {
    auto client = NaruClient::Create(config, {&clock_, Random::System(), &timer_});
    ABSL_ASSERT_OK(client);
    client_ = *std::move(client);
  }

  FetchOptions Options() const {
    FetchOptions options;
    options.consent_id = kConsent;
    options.person = broker_.person;
    options.papers = {IncomePaper(1, 0).paper, BusinessPaper(2, 0).paper};
    return options;
  }

  FetchedCase Fetch() { return Fetch(Options()); }
  FetchedCase Fetch(FetchOptions options) {
    absl::StatusOr<FetchedCase> fetched = client_->FetchCase(std::move(options));
    ABSL_EXPECT_OK(fetched);
    return fetched.ok() ? *std::move(fetched) : FetchedCase();
  }

  static std::string NewDirectory() {
    static int made = 0;
    return absl::StrCat(testing::TempDir(), "/client_", ++made);
  }

  SimulatedClock clock_;
  NoWait timer_;
  const std::string directory_;
  FakeBroker broker_;
  std::unique_ptr<NaruClient> client_;
};

}  // namespace naru::client

#endif  // NARU_ADAPTERS_CLIENT_CLIENT_FIXTURE_H_
