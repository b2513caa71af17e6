#include "broker/broker_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "broker/base/file.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"

namespace naru {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr char kGood[] = R"(listen_address: "127.0.0.1:0"
ops_address: "127.0.0.1:0"
tls { certificate_file: "c.pem" key_file: "k.pem" ca_file: "ca.pem" }
data_directory: "/var/lib/naru/data"
head_directory: "/var/lib/naru/head"
catalogue_file: "catalogue.textproto"
ledger_origin: "naru.example/ledger/0"
ledger_ed25519_key { key_id: "a" file: "a.pem" }
ledger_ecdsa_key { key_id: "b" file: "b.pem" }
receipt_key { key_id: "c" file: "c.pem" }
pepper { key_id: "d" file: "d.hex" }
key_encryption_key { key_id: "e" file: "e.hex" }
code_key { key_id: "f" file: "f.hex" }
link_key { key_id: "g" file: "g.hex" }
)";

absl::StatusOr<config::v1::BrokerConfig> Load(const std::string& text) {
  const std::string path = absl::StrCat(testing::TempDir(), "/broker.textproto");
  ABSL_EXPECT_OK(AtomicWriteFile(path, text));
  return LoadBrokerConfig(path);
}

void ExpectRefused(const std::string& text, const std::string& field) {
  EXPECT_THAT(Load(text), StatusIs(absl::StatusCode::kInvalidArgument,
                                   AllOf(HasSubstr("broker.textproto:"), HasSubstr(field))))
      << text;
}

TEST(BrokerConfigTest, WhatIsLeftOutHasItsDefault) {
  ABSL_ASSERT_OK_AND_ASSIGN(const config::v1::BrokerConfig config, Load(kGood));
  EXPECT_EQ(config.clock(), config::v1::CLOCK_MODE_REQUIRE_SYNCHRONISED);
  EXPECT_EQ(config.limits().max_fetches(), static_cast<uint32_t>(limits::kFetches));
  const HelpLine help = HelpLineOf(config);
  EXPECT_EQ(help.name_ko, "정부24");
  EXPECT_EQ(help.name_en, "Gov24");
  EXPECT_EQ(help.phone, "110");
}

TEST(BrokerConfigTest, TheFirstThingWrongIsNamedWithItsLine) {
  const auto with = [](const char* from, const char* to) {
    return absl::StrReplaceAll(kGood, {{from, to}});
  };
  ExpectRefused(with("listen_address: \"127.0.0.1:0\"", "listen_address: \"here\""),
                "listen_address");
  ExpectRefused(with("ops_address: \"127.0.0.1:0\"", "ops_address: \"0.0.0.0:0\""), "loopback");
  ExpectRefused(with("/var/lib/naru/head", "/var/lib/naru/data/head"), "head_directory");
  ExpectRefused(with("naru.example/ledger/0", "with space"), "ledger_origin");
  ExpectRefused(with("file: \"d.hex\"", ""), "pepper.file");
  ExpectRefused(with("link_key", "no_such_key"), "no_such_key");
}

TEST(BrokerConfigTest, TheHelpLineFitsIntoAMessageOrIsRefused) {
  ABSL_ASSERT_OK_AND_ASSIGN(
      const config::v1::BrokerConfig config,
      Load(absl::StrCat(kGood, "help_line { app_name: \"나루앱\" telephone: \"1588-0000\" }\n")));
  const HelpLine help = HelpLineOf(config);
  EXPECT_EQ(help.name_ko, "나루앱");
  EXPECT_EQ(help.name_en, "Gov24") << "a part left out has its default";
  EXPECT_EQ(help.phone, "1588-0000");
  const auto refused = [](const char* part, const char* field) {
    ExpectRefused(absl::StrCat(kGood, "help_line { ", part, " }\n"), field);
  };
  refused("app_name: \"가나다라마\"", "help_line.app_name");
  refused("app_name: \"☃\"", "help_line.app_name");
  refused("app_name_en: \"gov.kr\"", "help_line.app_name_en");
  refused("telephone: \"1588-00000\"", "help_line.telephone");
  refused("telephone: \"call us\"", "help_line.telephone");
}

}  // namespace
}  // namespace naru
