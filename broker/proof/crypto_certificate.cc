#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

#include "absl/status/status.h"
#include "broker/proof/certificate.h"
#include "broker/proof/crypto_openssl.h"

namespace naru::crypto {

absl::StatusOr<absl::Time> NotAfter(absl::string_view pem) {
  using internal::Bio;
  using Certificate = std::unique_ptr<X509, internal::Freer<X509_free>>;
  const internal::ErrorQueueGuard guard;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Certificate certificate(
      bio == nullptr ? nullptr : PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  std::tm end = {};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return absl::InvalidArgumentError("no PEM certificate");
  }
  return absl::FromTM(end, absl::UTCTimeZone());
}

}  // namespace naru::crypto
