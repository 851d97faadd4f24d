#include "ecloud/crypto/certificate.h"

#include <openssl/ui.h>

#include "support/catch.h"
#include "support/tdx_pki.h"

namespace ecloud::crypto {
namespace {

using testing::Authority;
using testing::kTdxNow;
using testing::make_certificate;
using testing::make_revocation_list;
using testing::tdx_pki;

Certificate read(const Authority& authority) {
  const auto out = Certificate::from_der(authority.der);
  REQUIRE(out);
  return *out;
}

RevocationList read_list(const base::Bytes& der) {
  const auto out = RevocationList::read(der);
  REQUIRE(out);
  return *out;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// How often OpenSSL would have asked for a password while this lives; it gets none.
class Prompts {
 public:
  Prompts() : before_(::UI_get_default_method()), method_(::UI_create_method("count")) {
    asked = 0;
    ::UI_method_set_opener(method_, [](UI*) {
      ++asked;
      return 0;
    });
    ::UI_set_default_method(method_);
  }
  ~Prompts() {
    ::UI_set_default_method(before_);
    ::UI_destroy_method(method_);
  }
  Prompts(const Prompts&) = delete;
  Prompts& operator=(const Prompts&) = delete;

  static inline int asked = 0;

 private:
  const UI_METHOD* before_;
  UI_METHOD* method_;
};

/// PEM that says of itself that it is encrypted (RFC 1421, 4.6.1.1).
std::string called_encrypted(std::string pem) {
  return pem.insert(pem.find('\n') + 1,
                    "Proc-Type: 4,ENCRYPTED\n"
                    "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n");
}

}  // namespace

TEST_CASE("a certificate says who it is", "[crypto]") {
  const Certificate leaf = read(tdx_pki().platform_pck);
  CHECK(leaf.common_name() == "Intel SGX PCK Certificate");
  CHECK(leaf.issuer_common_name() == "Intel SGX PCK Platform CA");
  CHECK(leaf.serial() == "04");
  CHECK(leaf.not_before() == kTdxNow - 1000 * testing::kDay);
  CHECK(leaf.not_after() == kTdxNow + 1000 * testing::kDay);
  CHECK(leaf.der() == tdx_pki().platform_pck.der);
  REQUIRE(leaf.key());
  CHECK(leaf.key()->type() == KeyType::kP256);
  CHECK(leaf.extension("1.2.840.113741.1.13.1") == testing::make_sgx_extension({}));
  CHECK_FALSE(leaf.extension("1.2.840.113741.1.13.2"));
}

TEST_CASE("certificates are read from PEM in their order", "[crypto]") {
  const std::string chain = tdx_pki().platform_chain();
  const auto certificates = Certificate::from_pem("\n" + chain + std::string("\0 \r\n", 4));
  REQUIRE(certificates);
  REQUIRE(certificates->size() == 3);
  CHECK(certificates->at(1).common_name() == "Intel SGX PCK Platform CA");
  for (const std::string& text :
       {std::string(), "x" + chain, chain + "x", chain.substr(0, chain.size() - 5),
        chain.substr(0, 200),
        std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----")}) {
    CHECK_FALSE(Certificate::from_pem(text));
  }
  std::string many;
  for (int i = 0; i < 17; ++i) many += tdx_pki().root.pem;
  CHECK_FALSE(Certificate::from_pem(many));
  base::Bytes longer = tdx_pki().root.der;
  longer.push_back(0);
  CHECK_FALSE(Certificate::from_der(longer));
  CHECK_FALSE(Certificate::from_der({}));
}

TEST_CASE("nobody is asked for the password of what is said to be encrypted", "[crypto]") {
  const Prompts prompts;
  CHECK_FALSE(Certificate::from_pem(called_encrypted(tdx_pki().root.pem)));
  const std::string list = testing::to_pem_list(make_revocation_list(tdx_pki().platform_ca, {{1}}));
  REQUIRE(RevocationList::read(base::as_bytes(list)));
  CHECK_FALSE(RevocationList::read(base::as_bytes(called_encrypted(list))));
  CHECK(Prompts::asked == 0);
}

TEST_CASE("a chain leads to the root that is trusted and to no other", "[crypto]") {
  const auto& pki = tdx_pki();
  const Certificate root = read(pki.root), authority = read(pki.platform_ca),
                    leaf = read(pki.platform_pck);
  CHECK(chain_problem(leaf, {authority}, root, kTdxNow) == "");
  CHECK(chain_problem(authority, {}, root, kTdxNow) == "");
  CHECK(chain_problem(leaf, {}, root, kTdxNow) != "");
  CHECK(chain_problem(leaf, {read(pki.processor_ca)}, root, kTdxNow) != "");
  const Certificate other = read(make_certificate({"Intel SGX Root CA", 1, true}, nullptr));
  CHECK(chain_problem(leaf, {authority}, other, kTdxNow) != "");
  // The real root among what is not trusted changes nothing.
  CHECK(chain_problem(leaf, {authority, root}, other, kTdxNow) != "");
  CHECK(has(chain_problem(leaf, {authority}, root, kTdxNow + 1000 * testing::kDay + 1),
            "expired on"));
}

TEST_CASE("what is no authority certifies nobody", "[crypto]") {
  const auto& pki = tdx_pki();
  const auto forged = make_certificate({"Intel SGX PCK Certificate", 9}, &pki.platform_pck);
  const std::string problem = chain_problem(
      read(forged), {read(pki.platform_pck), read(pki.platform_ca)}, read(pki.root), kTdxNow);
  CHECK(has(problem, "invalid CA certificate"));
}

TEST_CASE("a revocation list holds for its authority and time", "[crypto]") {
  const auto& pki = tdx_pki();
  const Certificate leaf = read(pki.platform_pck), authority = read(pki.platform_ca);
  const RevocationList list = read_list(make_revocation_list(pki.platform_ca, {{1, 2, 3}}));
  CHECK(list.issuer_common_name() == "Intel SGX PCK Platform CA");
  CHECK(list.size() == 3);
  CHECK(list.this_update() == kTdxNow - testing::kDay);
  CHECK(list.next_update() == kTdxNow + 30 * testing::kDay);
  CHECK(revocation_problem(leaf, authority, list, kTdxNow) == "");
  CHECK(has(revocation_problem(leaf, authority, list, kTdxNow - 2 * testing::kDay), "begins on"));
  CHECK(has(revocation_problem(leaf, authority, list, kTdxNow + 31 * testing::kDay), "expired on"));
  const RevocationList revoking = read_list(make_revocation_list(pki.platform_ca, {{4}}));
  CHECK(has(revocation_problem(leaf, authority, revoking, kTdxNow), "is revoked"));
  CHECK(has(revocation_problem(leaf, read(pki.processor_ca), list, kTdxNow), "was not issued by"));
  CHECK_FALSE(RevocationList::read({}));
  base::Bytes longer = make_revocation_list(pki.root, {});
  longer.push_back(0);
  CHECK_FALSE(RevocationList::read(longer));
}

}  // namespace ecloud::crypto
