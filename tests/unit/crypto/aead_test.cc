#include "ecloud/crypto/aead.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

namespace ecloud::crypto {
namespace {

using base::Bytes;

Bytes octets(std::string_view hex) {
  const auto bytes = base::from_hex(hex);
  REQUIRE(bytes);
  return *bytes;
}

struct Vector {
  std::string key;
  std::string nonce;
  std::string additional_data;
  std::string plaintext;
  std::string ciphertext;
  std::string tag;
};

// Test cases 13 to 16 of the GCM submission to NIST (McGrew, Viega), those with 256-bit keys and
// 96-bit nonces; checked with node's crypto.
const std::string kZeros(64, '0');
const std::string kKey = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
const std::string kPlaintext =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
const std::string kCiphertext =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";
const Vector kVectors[] = {
    {kZeros, kZeros.substr(40), "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {kZeros, kZeros.substr(40), "", kZeros.substr(32), "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {kKey, "cafebabefacedbaddecaf888", "", kPlaintext, kCiphertext,
     "b094dac5d93471bdec1a502270e3cc6c"},
    {kKey, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     kPlaintext.substr(0, 120), kCiphertext.substr(0, 120), "76fc6ece0f4e1768cddf8853bb2d551b"}};

TEST_CASE("AES-256-GCM gives the values of the submission to NIST", "[crypto]") {
  for (const Vector& vector : kVectors) {
    const Sealed sealed = aes256gcm_seal(octets(vector.key), octets(vector.nonce),
                                         octets(vector.additional_data), octets(vector.plaintext));
    CHECK(base::to_hex(sealed.ciphertext) == vector.ciphertext);
    CHECK(base::to_hex(sealed.tag) == vector.tag);
    const auto opened = aes256gcm_open(octets(vector.key), octets(vector.nonce),
                                       octets(vector.additional_data), sealed);
    REQUIRE(opened);
    CHECK(base::to_hex(opened->reveal()) == vector.plaintext);
  }
}

TEST_CASE("one changed bit anywhere opens nothing", "[crypto]") {
  const Vector& vector = kVectors[3];
  Bytes key = octets(vector.key);
  Bytes nonce = octets(vector.nonce);
  Bytes additional_data = octets(vector.additional_data);
  Sealed sealed = aes256gcm_seal(key, nonce, additional_data, octets(vector.plaintext));
  REQUIRE(aes256gcm_open(key, nonce, additional_data, sealed));
  SECTION("key") {
    key[31] ^= 1;
  }
  SECTION("nonce") {
    nonce[0] ^= 1;
  }
  SECTION("additional data") {
    additional_data[5] ^= 0x80;
  }
  SECTION("additional data cut") {
    additional_data.pop_back();
  }
  SECTION("additional data gone") {
    additional_data.clear();
  }
  SECTION("first octet of the ciphertext") {
    sealed.ciphertext.front() ^= 1;
  }
  SECTION("last octet of the ciphertext") {
    sealed.ciphertext.back() ^= 1;
  }
  SECTION("ciphertext cut") {
    sealed.ciphertext.pop_back();
  }
  SECTION("ciphertext longer") {
    sealed.ciphertext.push_back(0);
  }
  SECTION("first octet of the tag") {
    sealed.tag.front() ^= 1;
  }
  SECTION("last octet of the tag") {
    sealed.tag.back() ^= 1;
  }
  CHECK_FALSE(aes256gcm_open(key, nonce, additional_data, sealed));
}

TEST_CASE("an empty text is authenticated as well", "[crypto]") {
  Sealed sealed = aes256gcm_seal(Bytes(32), Bytes(12), {}, {});
  CHECK(sealed.ciphertext.empty());
  const auto opened = aes256gcm_open(Bytes(32), Bytes(12), {}, sealed);
  REQUIRE(opened);
  CHECK(opened->empty());
  sealed.tag[0] ^= 1;
  CHECK_FALSE(aes256gcm_open(Bytes(32), Bytes(12), {}, sealed));
}

TEST_CASE("keys and nonces of another size are our mistake", "[crypto]") {
  CHECK_THROWS_AS(aes256gcm_seal(Bytes(16), Bytes(12), {}, {}), Error);
  CHECK_THROWS_AS(aes256gcm_seal(Bytes(33), Bytes(12), {}, {}), Error);
  CHECK_THROWS_AS(aes256gcm_seal(Bytes(32), Bytes(11), {}, {}), Error);
  CHECK_THROWS_AS(aes256gcm_open(Bytes(32), Bytes(16), {}, Sealed{}), Error);
}

}  // namespace
}  // namespace ecloud::crypto
