#ifndef NARU_BROKER_BASE_GRPC_TLS_H_
#define NARU_BROKER_BASE_GRPC_TLS_H_

#include <grpcpp/channel.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_context.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "broker/base/identity.h"
#include "naru/config/v1/config.pb.h"

// Mutual TLS between the programs of Naru: who is at the other end is its certificate's one URI
// SAN, urn:naru:<agency>:<service>, on both sides. gRPC takes TLS 1.2 and 1.3 and nothing older.
// Files are watched: a certificate or authority that is replaced on disk counts for new connections
// within seconds. Thread-safe.
namespace naru {

// Credentials of a server that takes no client without a certificate of the authorities in
// `files.ca_file`. The certificate should also name the host that callers connect to, as DNS or IP
// SAN: callers do not check it, but gRPC logs each connection to a name that the certificate does
// not have ("No match found for server name"). FAILED_PRECONDITION, NOT_FOUND or PERMISSION_DENIED
// names the file that is not there, is no PEM of the kind, or, for the key, can be read by others
// than its owner.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const config::v1::TlsFiles& files);

// A channel to "host:port" on which no call is made unless the server's certificate is of the
// authorities in `files.ca_file` and has exactly the URI SAN `expected_identity`, whatever the host
// is called. A server that is somebody else makes calls fail as UNAVAILABLE. Errors as above;
// INVALID_ARGUMENT when `expected_identity` is none. Connects with the first call, and again after
// at most two seconds when the connection breaks. Knows no proxies and repeats nothing by itself.
absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const std::string& address,
                                                         const config::v1::TlsFiles& files,
                                                         absl::string_view expected_identity);

// Who calls. UNAUTHENTICATED (errors.h, CallerUnknown) unless the peer was authenticated and its
// certificate has exactly one URI SAN, of the form that ParseIdentity reads.
absl::StatusOr<PeerIdentity> PeerIdentityOf(const grpc::AuthContext& context);
absl::StatusOr<PeerIdentity> PeerIdentityOf(const grpc::ServerContextBase& context);

// Sets the bounds of limits.h: sizes of messages and metadata, streams of a connection, time of a
// handshake, pings; takes no compressed messages, which could swell, and never shares its port with
// another process. `max_message_bytes` is that of a message received.
void SetServerBounds(grpc::ServerBuilder& builder, int max_message_bytes);

}  // namespace naru

#endif  // NARU_BROKER_BASE_GRPC_TLS_H_
