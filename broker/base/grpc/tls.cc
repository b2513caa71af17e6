#include "broker/base/grpc/tls.h"

#include <grpc/grpc.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "broker/base/errors.h"
#include "broker/base/file.h"
#include "broker/base/limits.h"
#include "broker/base/status_macros.h"
#include "broker/proof/crypto.h"

namespace naru {
namespace {

// How often gRPC looks whether a file is another.
constexpr unsigned int kRefreshSeconds = 5;
constexpr size_t kPemBytes = 1024 * 1024;

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

absl::Status CheckCertificates(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(const std::string pem, ReadFile(path, kPemBytes));
  if (!absl::StrContains(pem, "-----BEGIN CERTIFICATE-----")) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": holds no PEM certificate"));
  }
  return absl::OkStatus();
}

// gRPC reads the files itself and says nothing when one is not good: every handshake just fails.
absl::StatusOr<std::shared_ptr<grpc::experimental::FileWatcherCertificateProvider>> Watch(
    const config::v1::TlsFiles& files) {
  ABSL_RETURN_IF_ERROR(CheckCertificates(files.ca_file()));
  ABSL_RETURN_IF_ERROR(CheckCertificates(files.certificate_file()));
  absl::StatusOr<std::string> key = crypto::ReadSecretFile(files.key_file());
  ABSL_RETURN_IF_ERROR(key.status());
  const bool is_key = crypto::ParseSigningKey(*key, "tls").ok();
  crypto::Wipe(*key);
  if (!is_key) {
    return absl::FailedPreconditionError(
        absl::StrCat(files.key_file(), ": holds no PEM private key of type P-256 or Ed25519"));
  }
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      files.key_file(), files.certificate_file(), files.ca_file(), kRefreshSeconds);
}

// Takes a server whose certificate, which gRPC has verified, has the one URI SAN expected.
class IdentityVerifier : public grpc::experimental::ExternalCertificateVerifier {
 public:
  explicit IdentityVerifier(std::string expected) : expected_(std::move(expected)) {}

  bool Verify(grpc::experimental::TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> /*callback*/, grpc::Status* sync_status) override {
    const std::vector<grpc::string_ref> names = request->uri_names();
    const bool is_expected =
        names.size() == 1 && absl::string_view(names[0].data(), names[0].size()) == expected_;
    *sync_status = is_expected ? grpc::Status::OK
                               : grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                              "the server's certificate is not the expected one");
    return true;
  }

  // Nothing is ever under way.
  void Cancel(grpc::experimental::TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::string expected_;
};

grpc::ChannelArguments ChannelBounds() {
  grpc::ChannelArguments args;
  args.SetMaxReceiveMessageSize(limits::kMessageBytes);
  args.SetMaxSendMessageSize(limits::kMessageBytes);
  args.SetInt(GRPC_ARG_MAX_METADATA_SIZE, limits::kMetadataBytes);
  args.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits::kPingEvery));
  args.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits::kPingAnswer));
  args.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  args.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, Milliseconds(limits::kReconnectFirst));
  args.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, Milliseconds(limits::kReconnectMost));
  args.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, Milliseconds(limits::kReconnectMost));
  // The environment has no say in where documents go, and what is repeated is for the caller to
  // judge.
  args.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  args.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  args.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return args;
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const config::v1::TlsFiles& files) {
  ABSL_ASSIGN_OR_RETURN(auto provider, Watch(files));
  grpc::experimental::TlsServerCredentialsOptions options(std::move(provider));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return grpc::experimental::TlsServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const std::string& address,
                                                         const config::v1::TlsFiles& files,
                                                         absl::string_view expected_identity) {
  ABSL_ASSIGN_OR_RETURN(const PeerIdentity expected, ParseIdentity(expected_identity));
  ABSL_ASSIGN_OR_RETURN(auto provider, Watch(files));
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::move(provider));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  // The name of the host says nothing; the certificate's URI does.
  options.set_check_call_host(false);
  options.set_certificate_verifier(
      grpc::experimental::ExternalCertificateVerifier::Create<IdentityVerifier>(ToUri(expected)));
  return grpc::CreateCustomChannel(address, grpc::experimental::TlsCredentials(options),
                                   ChannelBounds());
}

absl::StatusOr<PeerIdentity> PeerIdentityOf(const grpc::AuthContext& context) {
  if (!context.IsPeerAuthenticated()) return CallerUnknown();
  const std::vector<grpc::string_ref> names = context.FindPropertyValues("peer_uri");
  if (names.size() != 1) return CallerUnknown();
  absl::StatusOr<PeerIdentity> identity =
      ParseIdentity(absl::string_view(names[0].data(), names[0].size()));
  if (!identity.ok()) return CallerUnknown();
  return identity;
}

absl::StatusOr<PeerIdentity> PeerIdentityOf(const grpc::ServerContextBase& context) {
  const std::shared_ptr<const grpc::AuthContext> auth = context.auth_context();
  if (auth == nullptr) return CallerUnknown();
  return PeerIdentityOf(*auth);
}

void SetServerBounds(grpc::ServerBuilder& builder, int max_message_bytes) {
  builder.SetMaxReceiveMessageSize(max_message_bytes);
  builder.SetMaxSendMessageSize(limits::kMessageBytes);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits::kStreamsPerConnection);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, limits::kMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             Milliseconds(limits::kHandshake));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits::kPingEvery));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits::kPingAnswer));
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(limits::kPingEvery / 2));
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace naru
