#include "ecloud/oci/digest.h"

#include <string>

#include "support/catch.h"

namespace ecloud::oci {
namespace {

// FIPS 180-4 example values, NIST CSRC "SHA256.pdf": "abc" and the empty message.
const std::string kAbc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const std::string kEmpty =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST_CASE("A digest is the SHA-256 of the content", "[oci]") {
  CHECK(Digest::of(base::as_bytes("abc")).to_string() == kAbc);
  CHECK(Digest::of({}).to_string() == kEmpty);
}

TEST_CASE("A digest survives being printed and parsed", "[oci]") {
  const auto digest = Digest::parse(kAbc);
  REQUIRE(digest);
  CHECK(digest->to_string() == kAbc);
  CHECK(*digest == Digest::of(base::as_bytes("abc")));
  CHECK_FALSE(*digest == Digest::of({}));
  CHECK(digest->sha256()[0] == 0xba);
  CHECK(digest->sha256()[31] == 0xad);
}

TEST_CASE("What is not exactly a sha256 digest is refused", "[oci]") {
  const std::string hex = kAbc.substr(7);
  std::string upper = kAbc;
  upper[7] = 'B';
  for (const std::string& text :
       {std::string(), std::string("sha256:"), hex, "SHA256:" + hex, "sha512:" + hex + hex,
        "sha256:0x" + hex.substr(2), kAbc + "0", kAbc.substr(0, 70), upper, kAbc + " ", " " + kAbc,
        "sha256:" + std::string(63, 'a') + "g"}) {
    INFO(text);
    CHECK_FALSE(Digest::parse(text));
  }
}

}  // namespace
}  // namespace ecloud::oci
