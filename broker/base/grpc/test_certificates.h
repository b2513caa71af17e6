#ifndef NARU_BROKER_BASE_GRPC_TEST_CERTIFICATES_H_
#define NARU_BROKER_BASE_GRPC_TEST_CERTIFICATES_H_

#include <string>
#include <vector>

#include "naru/config/v1/config.pb.h"

namespace naru {

// A throw-away certificate authority for tests, made with the openssl command line in a directory
// (made if it is not there; best one below TEST_TMPDIR). All keys are P-256, all files 0600. Ends
// the process when openssl fails. Not thread-safe.
//
//   TestCa ca(testing::TempDir() + "/pki");
//   config::v1::TlsFiles files = ca.Issue("urn:naru:1741000:holder");
class TestCa {
 public:
  explicit TestCa(std::string directory);

  // What can be wrong with a certificate beside its name.
  enum class Validity { kNow, kExpired };

  // Certificate, key and authority of one identity. Each call makes new files.
  config::v1::TlsFiles Issue(const std::string& uri) { return IssueWith({uri}); }
  // With any number of URI SANs.
  config::v1::TlsFiles IssueWith(const std::vector<std::string>& uris,
                                 Validity validity = Validity::kNow);
  // `files` with the authority of this CA in place of its own.
  config::v1::TlsFiles Trusting(config::v1::TlsFiles files) const;

  // PEM of an ECDSA P-256 key in a new 0600 file: for header, receipt and other signing keys.
  std::string NewSigningKeyFile();

  const std::string& ca_file() const { return ca_file_; }

 private:
  std::string NewKey(const std::string& stem);

  const std::string directory_;
  const std::string ca_file_;
  const std::string ca_key_file_;
  int issued_ = 0;
};

}  // namespace naru

#endif  // NARU_BROKER_BASE_GRPC_TEST_CERTIFICATES_H_
