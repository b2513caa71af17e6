#include "adapters/resolver/resolver_config.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "adapters/resolver/resolver_rights.h"
#include "broker/base/file.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using ::testing::HasSubstr;

// The demo's configuration with its tokens filled in.
std::string DemoText() {
  const absl::StatusOr<std::string> text = ReadFile("deploy/resolver.textproto", 1 << 20);
  EXPECT_THAT(text, IsOk());
  return absl::StrReplaceAll(*text, {{"@RESOLVER@", "127.0.0.1:0"},
                                     {"@BROKER@", "127.0.0.1:7000"},
                                     {"@PKI@", "/pki"},
                                     {"@RUN@", "/run"},
                                     {"@PEOPLE@", "/people"}});
}

absl::Status CheckText(const std::string& text) {
  const auto file = ResolverConfigFile::Parse("resolver.textproto", text);
  return file.ok() ? CheckResolverConfig(*file) : file.status();
}

TEST(ResolverConfigTest, TheDemosConfigurationIsGood) {
  const std::string text = DemoText();
  EXPECT_EQ(text.find('@'), std::string::npos);
  ABSL_EXPECT_OK(CheckText(text));
}

TEST(ResolverConfigTest, RightsAreThoseNamedAndNoOthers) {
  ABSL_ASSERT_OK_AND_ASSIGN(const auto file, ResolverConfigFile::Parse("demo", DemoText()));
  ABSL_ASSERT_OK_AND_ASSIGN(const ResolverRights rights, ResolverRights::Create(file.message()));
  EXPECT_TRUE(rights.IsBroker({"1741999", "broker"}));
  EXPECT_FALSE(rights.IsBroker({"1741999", "resolver"}));
  EXPECT_TRUE(rights.MayLookUp({"B553077", "counter"}));
  EXPECT_FALSE(rights.MayLookUp({"B553077", "citizen"}));
  EXPECT_FALSE(rights.MayLookUp({"1741999", "broker"}));
  const PeerIdentity pension = {"B552468", "holder"};
  for (int kind = 0; kind < identity::v1::NumberKind_ARRAYSIZE; ++kind) {
    EXPECT_EQ(rights.MayResolve(pension, static_cast<identity::v1::NumberKind>(kind)),
              kind == identity::v1::NUMBER_KIND_PENSION);
  }
}

TEST(ResolverConfigTest, WhatIsWrongIsNamedWithItsLine) {
  struct Case {
    const char* from;
    const char* to;
    const char* error;
  };
  const std::vector<Case> cases = {
      {"listen_address: \"127.0.0.1:0\"", "listen_address: \"127.0.0.1\"",
       "resolver.textproto:7: listen_address: is not host:port"},
      {"\"/pki/resolver/key.pem\"", "\"\"", "resolver.textproto:12: tls.key_file: is missing"},
      {"connection: \"sqlite3://dbname=/people/resolver.db\"", "", "connection: is missing"},
      {"broker_address: \"127.0.0.1:7000\"", "broker_address: \"127.0.0.1:70000\"",
       "broker_address: is not host:port"},
      {"urn:naru:1741999:broker", "urn:naru:1741999", "broker_identity: is not urn:naru"},
      {"urn:naru:B553077:system", "urn:naru:B553077:counter", "requesters[1]: stands twice"},
      {"urn:naru:B553077:system", "urn:naru:1741999:broker", "requesters[1]: is the broker"},
      {"urn:naru:B553077:system", "counter", "requesters[1]: is not urn:naru"},
      {"urn:naru:1210000:holder", "", "holders[2].identity: is not urn:naru"},
      {"NUMBER_KIND_PENSION", "NUMBER_KIND_UNSPECIFIED", "holders[5].number_kind: is not the name"},
      {"holders {", "holder {", "resolver.textproto:"},
  };
  for (const Case& c : cases) {
    std::string text = DemoText();
    const size_t at = text.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.from;
    text.replace(at, std::string(c.from).size(), c.to);
    EXPECT_THAT(CheckText(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(c.error)));
  }
}

TEST(ResolverConfigTest, AFileThatIsNotThereIsNamed) {
  EXPECT_THAT(LoadResolverConfig("/nowhere/resolver.textproto"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/resolver.textproto")));
}

}  // namespace
}  // namespace naru
