#include "broker/base/grpc/tls.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/grpc/grpc_status.h"
#include "broker/base/grpc/test_certificates.h"
#include "broker/base/limits.h"
#include "broker/base/status_matchers.h"
#include "naru/holder/v1/holder_service.grpc.pb.h"

namespace naru {
namespace {

using ::testing::HasSubstr;
using TlsFiles = config::v1::TlsFiles;

constexpr char kHolder[] = "urn:naru:1741000:holder";
constexpr char kBroker[] = "urn:naru:1741999:broker";

// Ends every call with who the caller is, as text of an ABORTED status.
class WhoCalls final : public holder::v1::HolderService::CallbackService {
 public:
  grpc::ServerBidiReactor<holder::v1::ProvideDocumentRequest, holder::v1::ProvideDocumentResponse>*
  ProvideDocument(grpc::CallbackServerContext* context) override {
    class Reactor final : public grpc::ServerBidiReactor<holder::v1::ProvideDocumentRequest,
                                                         holder::v1::ProvideDocumentResponse> {
     public:
      explicit Reactor(grpc::Status status) { Finish(status); }
      void OnDone() override { delete this; }
    };
    const absl::StatusOr<PeerIdentity> caller = PeerIdentityOf(*context);
    return new Reactor(caller.ok() ? grpc::Status(grpc::StatusCode::ABORTED, ToUri(*caller))
                                   : ToGrpcStatus(caller.status()));
  }
};

class TlsTest : public testing::Test {
 protected:
  TlsTest() : ca_(testing::TempDir() + "/" + Name()) {}

  static std::string Name() {
    return testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  void Serve(const TlsFiles& files) {
    auto credentials = ServerCredentials(files);
    ABSL_ASSERT_OK(credentials);
    grpc::ServerBuilder builder;
    SetServerBounds(builder, limits::kRequestBytes);
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", *credentials, &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    address_ = absl::StrCat("127.0.0.1:", port);
  }

  // How a call ends.
  grpc::Status Call(const TlsFiles& files, absl::string_view expected = kHolder) {
    auto channel = ChannelTo(address_, files, expected);
    if (!channel.ok()) return ToGrpcStatus(channel.status());
    auto stub = holder::v1::HolderService::NewStub(*channel);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    auto stream = stub->ProvideDocument(&context);
    holder::v1::ProvideDocumentResponse response;
    while (stream->Read(&response)) {
    }
    return stream->Finish();
  }

  TestCa ca_;
  WhoCalls service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

TEST_F(TlsTest, BothSidesAreWhoTheirCertificatesSay) {
  Serve(ca_.Issue(kHolder));
  const grpc::Status status = Call(ca_.Issue(kBroker));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED) << status.error_message();
  EXPECT_EQ(status.error_message(), kBroker);
}

TEST_F(TlsTest, ACallToAHostThatTheCertificateNamesLogsNothing) {
  testing::internal::CaptureStderr();
  Serve(ca_.Issue(kHolder));
  EXPECT_EQ(Call(ca_.Issue(kBroker)).error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(TlsTest, AServerThatIsSomebodyElseIsRefused) {
  Serve(ca_.Issue("urn:naru:1210000:holder"));
  EXPECT_EQ(Call(ca_.Issue(kBroker)).error_code(), grpc::StatusCode::UNAVAILABLE);
  // The server is well: who expects it reaches it.
  EXPECT_EQ(Call(ca_.Issue(kBroker), "urn:naru:1210000:holder").error_code(),
            grpc::StatusCode::ABORTED);
}

TEST_F(TlsTest, AServerWithTwoNamesOrNoneIsRefused) {
  Serve(ca_.IssueWith({kHolder, "urn:naru:1210000:holder"}));
  EXPECT_EQ(Call(ca_.Issue(kBroker)).error_code(), grpc::StatusCode::UNAVAILABLE);
  Serve(ca_.IssueWith({}));
  EXPECT_EQ(Call(ca_.Issue(kBroker)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, AServerOfAnotherAuthorityIsRefused) {
  TestCa other(testing::TempDir() + "/other");
  Serve(ca_.Trusting(other.Issue(kHolder)));
  EXPECT_EQ(Call(ca_.Issue(kBroker)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, AnExpiredServerIsRefused) {
  Serve(ca_.IssueWith({kHolder}, TestCa::Validity::kExpired));
  EXPECT_EQ(Call(ca_.Issue(kBroker)).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, ACallerOfAnotherAuthorityOrExpiredIsRefused) {
  TestCa other(testing::TempDir() + "/other-caller");
  Serve(ca_.Issue(kHolder));
  EXPECT_EQ(Call(ca_.Trusting(other.Issue(kBroker))).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Call(ca_.IssueWith({kBroker}, TestCa::Validity::kExpired)).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, ACallerWithoutCertificateIsRefused) {
  Serve(ca_.Issue(kHolder));
  grpc::SslCredentialsOptions options;
  auto root = ReadFile(ca_.ca_file(), 1 << 20);
  ABSL_ASSERT_OK(root);
  options.pem_root_certs = *root;
  auto stub = holder::v1::HolderService::NewStub(
      grpc::CreateChannel(address_, grpc::SslCredentials(options)));
  grpc::ClientContext context;
  auto stream = stub->ProvideDocument(&context);
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, ACallerWithTwoNamesNoneOrAStrangeOneIsNobody) {
  Serve(ca_.Issue(kHolder));
  for (const std::vector<std::string>& names : std::vector<std::vector<std::string>>{
           {kBroker, "urn:naru:1210000:holder"}, {}, {"urn:naru:1741999:broker:more"}}) {
    const absl::Status status = FromGrpcStatus(Call(ca_.IssueWith(names)));
    EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
    EXPECT_THAT(status, HasErrorReason(v1::ERROR_REASON_CALLER_UNKNOWN));
  }
}

TEST_F(TlsTest, FilesThatAreNotGoodAreNamed) {
  const TlsFiles good = ca_.Issue(kHolder);
  TlsFiles files = good;
  files.set_ca_file("/nowhere/ca.pem");
  EXPECT_THAT(ServerCredentials(files),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/nowhere/ca.pem")));
  files = good;
  files.set_certificate_file(good.key_file());
  EXPECT_THAT(ServerCredentials(files),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no PEM certificate")));
  files = good;
  ASSERT_EQ(chmod(good.key_file().c_str(), 0644), 0);
  EXPECT_THAT(ServerCredentials(files),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(good.key_file())));
  EXPECT_THAT(ChannelTo("127.0.0.1:1", ca_.Issue(kBroker), "urn:naru:x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(TlsTest, AMessageOverTheBoundIsRefused) {
  Serve(ca_.Issue(kHolder));
  auto channel = ChannelTo(address_, ca_.Issue(kBroker), kHolder);
  ABSL_ASSERT_OK(channel);
  grpc::ClientContext context;
  // More metadata than the bound: the call never reaches the service.
  context.AddMetadata("x-large", std::string(2 * limits::kMetadataBytes, 'x'));
  auto stream = holder::v1::HolderService::NewStub(*channel)->ProvideDocument(&context);
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
}

}  // namespace
}  // namespace naru
