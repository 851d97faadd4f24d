#include "ecloud/crypto/hash.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

namespace ecloud::crypto {
namespace {

using base::as_bytes;
using base::Bytes;
using base::to_hex;

/// 0, 1, … 250, 0, …: no period of 2, so that lanes cannot be swapped unseen.
Bytes pattern(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i % 251);
  return out;
}

/// first, first + 1, … last.
Bytes range(unsigned first, unsigned last) {
  Bytes out;
  for (unsigned i = first; i <= last; ++i) out.push_back(static_cast<std::uint8_t>(i));
  return out;
}

TEST_CASE("Keccak-256 gives the digests that Ethereum uses", "[crypto]") {
  // The submission's known answers for the empty message and "abc"; the third is widely published.
  CHECK(to_hex(keccak256({})) ==
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  CHECK(to_hex(keccak256(as_bytes("abc"))) ==
        "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
  CHECK(to_hex(keccak256(as_bytes("The quick brown fox jumps over the lazy dog"))) ==
        "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15");
}

TEST_CASE("Keccak-256 is right on both sides of a full block", "[crypto]") {
  // Made with ethers 6; a block has 136 octets.
  const std::pair<std::size_t, const char*> answers[] = {
      {1, "bc36789e7a1e281436464229828f817d6612f7b477d66591ff96a9e064bcc98a"},
      {135, "cbdfd9dee5faad3818d6b06f95a219fd290b0e1706f6a82e5a595b9ce9faca62"},
      {136, "7ce759f1ab7f9ce437719970c26b0a66ff11fe3e38e17df89cf5d29c7d7f807e"},
      {137, "ac73d4fae68b8453f764007c1a20ce95994187861f0c3227a3a8e99a73a3b1db"},
      {271, "27eceb59ebc3dc8a04a5b135be641591a7278540e4556a2ba9f408194e666ec3"},
      {272, "8e2476e65823b24d96ebe239f2c1534cdf763e689e2410c3b1cb0c74e6177bfc"},
      {273, "3f02f134370e4debb95140ef49ddd3aed8c65ff1ed83a43f1b269421f179c5f9"},
      {1000000, "2cc947428a556b8e8d857d7c0b28314752606e9ad988ffa524eee08132f28027"}};
  for (const auto& answer : answers) {
    CAPTURE(answer.first);
    CHECK(to_hex(keccak256(pattern(answer.first))) == answer.second);
  }
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-4", "[crypto]") {
  CHECK(to_hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256(as_bytes("abc"))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST_CASE("a SHA-256 fed piece by piece is that of the whole", "[crypto]") {
  const Bytes whole = pattern(1000000);
  Sha256Stream stream;
  std::size_t size = 1;
  for (std::size_t at = 0; at < whole.size();) {
    const std::size_t count = std::min(size, whole.size() - at);
    stream.update(base::ByteView(whole).subspan(at, count));
    at += count;
    size = size * 3 % 70001;
  }
  stream.update({});
  // Made with node's crypto.
  CHECK(to_hex(stream.finish()) ==
        "2c030d49ec131bfbbb446ad21e7a2f12cdb4f2f4f3fda3ac709dd2e68a4646c7");

  Sha256Stream empty;
  CHECK(empty.finish() == sha256({}));
  CHECK_THROWS_AS(empty.finish(), Error);
  CHECK_THROWS_AS(empty.update({}), Error);
}

TEST_CASE("HMAC-SHA-512 gives the values of RFC 4231", "[crypto]") {
  CHECK(to_hex(hmac_sha512(Bytes(20, 0x0b), as_bytes("Hi There"))) ==
        "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
        "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  CHECK(to_hex(hmac_sha512(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
  CHECK(to_hex(hmac_sha512(Bytes(20, 0xaa), Bytes(50, 0xdd))) ==
        "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
        "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb");
  CHECK(to_hex(hmac_sha512(range(1, 25), Bytes(50, 0xcd))) ==
        "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
        "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd");
  CHECK(to_hex(hmac_sha512(Bytes(131, 0xaa),
                           as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
        "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
        "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598");
  CHECK(to_hex(hmac_sha512(
            Bytes(131, 0xaa),
            as_bytes("This is a test using a larger than block-size key and a larger than "
                     "block-size data. The key needs to be hashed before being used by the HMAC "
                     "algorithm."))) ==
        "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
        "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58");
}

TEST_CASE("HMAC-SHA-512 takes an empty key and empty data", "[crypto]") {
  // Made with node's crypto.
  CHECK(to_hex(hmac_sha512({}, {})) ==
        "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac673"
        "0c6c515421b327ec1d69402e53dfb49ad7381eb067b338fd7b0cb22247225d47");
}

TEST_CASE("HKDF-SHA-256 gives the values of RFC 5869", "[crypto]") {
  CHECK(to_hex(hkdf_sha256(Bytes(22, 0x0b), range(0, 12), range(0xf0, 0xf9), 42)) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(to_hex(hkdf_sha256(range(0, 0x4f), range(0x60, 0xaf), range(0xb0, 0xff), 82)) ==
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
        "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
        "cc30c58179ec3e87c14c01d5c1f3434f1d87");
  CHECK(to_hex(hkdf_sha256(Bytes(22, 0x0b), {}, {}, 42)) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("HKDF-SHA-256 gives 8160 octets and no more", "[crypto]") {
  const Bytes longest = hkdf_sha256(as_bytes("key"), as_bytes("salt"), as_bytes("info"), 8160);
  // The SHA-256 of what node's hkdfSync gives.
  CHECK(to_hex(sha256(longest)) ==
        "eefb353c6740aae892c4a7a48657c7ce514f5a8115b39cb05d3f85c6dfec8df6");
  CHECK(hkdf_sha256(as_bytes("key"), {}, {}, 0).empty());
  CHECK(hkdf_sha256({}, {}, {}, 1).size() == 1);
  CHECK_THROWS_AS(hkdf_sha256(as_bytes("key"), {}, {}, 8161), Error);
}

}  // namespace
}  // namespace ecloud::crypto
