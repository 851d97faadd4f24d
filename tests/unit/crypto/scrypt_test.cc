#include "crypto/scrypt.h"

#include "ecloud/base/hex.h"
#include "support/catch.h"

namespace ecloud::crypto {
namespace {

std::string scrypt_hex(std::string_view password, std::string_view salt, std::uint64_t n,
                       std::uint32_t r, std::uint32_t p) {
  return base::to_hex(scrypt(base::as_bytes(password), base::as_bytes(salt), n, r, p, 64).reveal());
}

// RFC 7914 section 12; Python's hashlib gives the same.
TEST_CASE("scrypt gives what RFC 7914 says", "[crypto]") {
  CHECK(scrypt_hex("", "", 16, 1, 1) ==
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
        "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  CHECK(scrypt_hex("password", "NaCl", 1024, 8, 16) ==
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
  CHECK(scrypt_hex("pleaseletmein", "SodiumChloride", 16384, 8, 1) ==
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

// RFC 7914 section 11.
TEST_CASE("PBKDF2 with SHA-256 gives what RFC 7914 says", "[crypto]") {
  CHECK(base::to_hex(
            pbkdf2_sha256(base::as_bytes("passwd"), base::as_bytes("salt"), 1, 64).reveal()) ==
        "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

}  // namespace
}  // namespace ecloud::crypto
