#pragma once

#include <openssl/x509.h>

#include "crypto/openssl_keys.h"
#include "ecloud/crypto/certificate.h"

namespace ecloud::crypto {

/// OpenSSL's objects behind the public types. OpenSSL's functions are not const-correct: nothing is
/// changed through these.
struct CertificateAccess {
  static X509* get(const Certificate& certificate) {
    return static_cast<X509*>(certificate.handle_.get());
  }
  static X509_CRL* get(const RevocationList& list) {
    return static_cast<X509_CRL*>(list.handle_.get());
  }
};

}  // namespace ecloud::crypto
