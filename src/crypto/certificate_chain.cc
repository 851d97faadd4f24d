#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "crypto/certificate_access.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"

namespace ecloud::crypto {
namespace {

using StorePtr = std::unique_ptr<X509_STORE, OpensslFree<&::X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, OpensslFree<&::X509_STORE_CTX_free>>;

struct StackFree {
  // The certificates belong to others.
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), StackFree>;

/// The certificate's own words for what is wrong with it.
std::string described(X509_STORE_CTX* context, int error, const std::vector<Certificate>& chain,
                      std::int64_t now) {
  const int depth = ::X509_STORE_CTX_get_error_depth(context);
  std::string which = "the chain";
  if (depth >= 0 && static_cast<std::size_t>(depth) < chain.size()) {
    const Certificate& at = chain[static_cast<std::size_t>(depth)];
    which = "\"" + at.common_name() + "\"";
    if (error == X509_V_ERR_CERT_HAS_EXPIRED) {
      return which + " expired on " + base::format_rfc3339(at.not_after()) + ", and it is " +
             base::format_rfc3339(now);
    }
    if (error == X509_V_ERR_CERT_NOT_YET_VALID) {
      return which + " begins on " + base::format_rfc3339(at.not_before()) + ", and it is " +
             base::format_rfc3339(now);
    }
  }
  return which + ": " + ::X509_verify_cert_error_string(error);
}

bool same_name(const X509_NAME* a, const X509_NAME* b) {
  return ::X509_NAME_cmp(a, b) == 0;
}

}  // namespace

std::string chain_problem(const Certificate& leaf, const std::vector<Certificate>& between,
                          const Certificate& root, std::int64_t now) {
  const StorePtr store(::X509_STORE_new());
  const StoreContextPtr context(::X509_STORE_CTX_new());
  const StackPtr untrusted(sk_X509_new_null());
  for (const Certificate& one : between) {
    sk_X509_push(untrusted.get(), CertificateAccess::get(one));
  }
  if (::X509_STORE_add_cert(store.get(), CertificateAccess::get(root)) != 1 ||
      ::X509_STORE_CTX_init(context.get(), store.get(), CertificateAccess::get(leaf),
                            untrusted.get()) != 1) {
    fail_bug("checking certificates did not start");
  }
  X509_VERIFY_PARAM* parameters = ::X509_STORE_CTX_get0_param(context.get());
  ::X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  ::X509_VERIFY_PARAM_set_time(parameters, static_cast<std::time_t>(now));
  const bool valid = ::X509_verify_cert(context.get()) == 1;
  const int error = ::X509_STORE_CTX_get_error(context.get());
  ::ERR_clear_error();
  if (valid && error == X509_V_OK) return {};
  std::vector<Certificate> chain{leaf};
  chain.insert(chain.end(), between.begin(), between.end());
  chain.push_back(root);
  return described(context.get(), error, chain, now);
}

std::string revocation_problem(const Certificate& certificate, const Certificate& issuer,
                               const RevocationList& list, std::int64_t now) {
  X509* subject = CertificateAccess::get(certificate);
  X509* authority = CertificateAccess::get(issuer);
  X509_CRL* crl = CertificateAccess::get(list);
  const std::string what = "the revocation list of \"" + list.issuer_common_name() + "\"";
  if (!same_name(::X509_get_issuer_name(subject), ::X509_get_subject_name(authority))) {
    return "\"" + certificate.common_name() + "\" was not issued by \"" + issuer.common_name() +
           "\"";
  }
  if (!same_name(::X509_CRL_get_issuer(crl), ::X509_get_subject_name(authority))) {
    return what + " is not that of \"" + issuer.common_name() + "\"";
  }
  // Deltas and lists of a part of the certificates say nothing about the rest (RFC 5280 section
  // 5.2); an extension that is not understood may say the same.
  if (::X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1) >= 0 ||
      ::X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0 ||
      ::X509_CRL_get_ext_by_critical(crl, 1, -1) >= 0) {
    return what + " is one of a part of the certificates";
  }
  const bool is_signed = ::X509_CRL_verify(crl, ::X509_get0_pubkey(authority)) == 1;
  ::ERR_clear_error();
  if (!is_signed) return what + " is not signed by that authority";
  if (list.this_update() > now) {
    return what + " begins on " + base::format_rfc3339(list.this_update()) + ", and it is " +
           base::format_rfc3339(now);
  }
  const auto end = list.next_update();
  if (!end) return what + " names no time of its next update";
  if (*end < now) {
    return what + " expired on " + base::format_rfc3339(*end) + ", and it is " +
           base::format_rfc3339(now);
  }
  X509_REVOKED* entry = nullptr;
  if (::X509_CRL_get0_by_cert(crl, &entry, subject) != 0) {
    return "\"" + certificate.common_name() + "\" is revoked: " + what +
           " holds its serial number " + certificate.serial();
  }
  return {};
}

}  // namespace ecloud::crypto
