#include "broker/base/grpc/test_certificates.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace naru {
namespace {

// Arguments are in single quotes; test directories have none in their names.
void Openssl(std::initializer_list<std::string> arguments, const std::string& log) {
  std::string command = "umask 077; openssl";
  for (const std::string& argument : arguments) absl::StrAppend(&command, " '", argument, "'");
  absl::StrAppend(&command, " >>'", log, "' 2>&1");
  CHECK_EQ(std::system(command.c_str()), 0) << command;
}

void Write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  CHECK(file.good()) << path;
}

}  // namespace

TestCa::TestCa(std::string directory)
    : directory_(std::move(directory)),
      ca_file_(directory_ + "/ca.pem"),
      ca_key_file_(directory_ + "/ca-key.pem") {
  mkdir(directory_.c_str(), 0700);
  Openssl(
      {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", ca_key_file_},
      directory_ + "/openssl.log");
  Openssl({"req", "-x509", "-new", "-key", ca_key_file_, "-out", ca_file_, "-days", "2", "-subj",
           "/CN=naru test authority", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
           "keyUsage=critical,keyCertSign,cRLSign"},
          directory_ + "/openssl.log");
}

config::v1::TlsFiles TestCa::IssueWith(const std::vector<std::string>& uris, Validity validity) {
  const std::string stem = absl::StrCat(directory_, "/leaf", ++issued_);
  config::v1::TlsFiles files;
  files.set_key_file(NewKey(stem));
  files.set_certificate_file(stem + "-cert.pem");
  files.set_ca_file(ca_file_);
  const std::string log = directory_ + "/openssl.log";
  Openssl({"req", "-new", "-key", files.key_file(), "-out", stem + ".csr", "-subj",
           absl::StrCat("/CN=leaf ", issued_)},
          log);
  std::string extensions =
      "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
      "extendedKeyUsage=serverAuth,clientAuth\n";
  absl::StrAppend(&extensions, "subjectAltName=IP:127.0.0.1,DNS:localhost");
  for (const std::string& uri : uris) absl::StrAppend(&extensions, ",URI:", uri);
  absl::StrAppend(&extensions, "\n");
  Write(stem + ".ext", extensions);
  Openssl(
      {"x509", "-req", "-in", stem + ".csr", "-CA", ca_file_, "-CAkey", ca_key_file_, "-set_serial",
       absl::StrCat(1000 + issued_), "-days", validity == Validity::kNow ? "2" : "-1", "-extfile",
       stem + ".ext", "-out", files.certificate_file()},
      log);
  return files;
}

config::v1::TlsFiles TestCa::Trusting(config::v1::TlsFiles files) const {
  files.set_ca_file(ca_file_);
  return files;
}

std::string TestCa::NewSigningKeyFile() {
  return NewKey(absl::StrCat(directory_, "/signing", ++issued_));
}

std::string TestCa::NewKey(const std::string& stem) {
  const std::string path = stem + "-key.pem";
  Openssl({"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path},
          directory_ + "/openssl.log");
  return path;
}

}  // namespace naru
