#include "ecloud/eth/signing.h"

#include "ecloud/crypto/hash.h"
#include "unit/eth/eth_support.h"

namespace ecloud::eth {
namespace {

using testing::address;
using testing::fixed;
using testing::hex;

base::Bytes32 keccak_text(std::string_view text) {
  return crypto::keccak256(base::as_bytes(text));
}

TEST_CASE("personal messages hash as in viem", "[eth]") {
  const base::Json vectors = testing::eth_vectors()["signing"];
  for (const base::Json& row : vectors["personal"].elements()) {
    CHECK(hex(personal_message_hash(base::as_bytes(row["text"].as_string()))) ==
          row["hash"].as_string());
  }
  const base::Json raw = vectors["personalRaw"];
  CHECK(hex(personal_message_hash(testing::unhex(raw["bytes"].as_string()))) ==
        raw["hash"].as_string());
}

TEST_CASE("domain separators cover the members that are given", "[eth]") {
  const base::Json domains = testing::eth_vectors()["signing"]["domains"];
  const Address controller = address("0x0dd810a6ffba6a9820a10d97b659f07d8d23d4E2");
  const auto separator = [](const Eip712Domain& domain) {
    return hex(eip712_domain_separator(domain));
  };
  CHECK(separator({"EigenCloud Billing API", "1", {}, {}}) == domains["billing"].as_string());
  CHECK(separator({"", "", U256(1), {}}) == domains["chainOnly"].as_string());
  CHECK(separator({"", "", {}, controller}) == domains["contractOnly"].as_string());
  CHECK(separator({"N", "", {}, controller}) == domains["nameAndContract"].as_string());
  CHECK(separator({}) == domains["nothing"].as_string());
}

TEST_CASE("the mail of EIP-712 has its digest and is signed by its cow", "[eth]") {
  // EIP-712, test case Example.js.
  const base::Bytes32 domain = eip712_domain_separator(
      {"Ether Mail", "1", U256(1), address("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")});
  CHECK(hex(domain) == "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");

  const base::Bytes32 person = keccak_text("Person(string name,address wallet)");
  const auto hash_person = [&person](std::string_view name, const char* wallet) {
    return crypto::keccak256(abi_encode("(bytes32,bytes32,address)",
                                        abi_list(person, keccak_text(name), address(wallet))));
  };
  const base::Bytes32 mail = crypto::keccak256(abi_encode(
      "(bytes32,bytes32,bytes32,bytes32)",
      abi_list(keccak_text(
                   "Mail(Person from,Person to,string contents)Person(string name,address wallet)"),
               hash_person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"),
               hash_person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"),
               keccak_text("Hello, Bob!"))));
  CHECK(hex(mail) == "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
  const base::Bytes32 digest = eip712_digest(domain, mail);
  CHECK(hex(digest) == "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");

  // The private key of the example is keccak256("cow").
  const auto key = crypto::PrivateKey::from_bytes(keccak_text("cow"));
  REQUIRE(key);
  const crypto::RecoverableSignature signature = key->sign(digest);
  CHECK(hex(signature.with_v27()) ==
        "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
        "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c");
  CHECK(recover_address(digest, signature) ==
        address("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"));
}

TEST_CASE("the permission digest is the one that the AppController computes", "[eth]") {
  // Read from Sepolia: domainSeparator() and calculateApiPermissionDigestHash() of the controller.
  const base::Bytes32 domain = eip712_domain_separator(
      {"EigenLayer", "1", U256(11155111), address("0x0dd810a6ffba6a9820a10d97b659f07d8d23d4E2")});
  CHECK(hex(domain) == "0xcebde62aab3c3a48201064e3c026b012890976a50b61a1f4269359cb94bd3437");
  const base::Bytes32 type = keccak_text("ApiPermission(bytes4 permission,uint256 expiry)");
  CHECK(hex(type) == "0xacd45e8bd36cea31aec6cd4552b994e6bfbda89766b3171349ace038b1b8267f");
  const base::Bytes32 permission = crypto::keccak256(
      abi_encode("(bytes32,bytes4,uint256)",
                 abi_list(type, base::FixedBytes<4>{0x0e, 0x67, 0xb2, 0x2f}, 1234567890)));
  CHECK(hex(eip712_digest(domain, permission)) ==
        "0xc9d4985e6126c6e03fa8cf20b2d587b2291e79885e31bbeb09c0ffb545c25abb");
}

TEST_CASE("the billing digest is the one that viem computes", "[eth]") {
  const base::Json vectors = testing::eth_vectors()["signing"];
  const base::Bytes32 auth = crypto::keccak256(
      abi_encode("(bytes32,bytes32,uint256)",
                 abi_list(keccak_text("BillingAuth(string product,uint256 expiry)"),
                          keccak_text("compute"), 1'800'000'300)));
  CHECK(hex(auth) == vectors["billingStruct"].as_string());
  const base::Bytes32 domain = eip712_domain_separator({"EigenCloud Billing API", "1", {}, {}});
  CHECK(hex(eip712_digest(domain, auth)) == vectors["billingDigest"].as_string());
}

TEST_CASE("an invalid signature has no signer", "[eth]") {
  const base::Bytes32 digest = keccak_text("anything");
  CHECK_FALSE(recover_address(digest, {}));
  crypto::RecoverableSignature too_large;
  too_large.r.fill(0xff);
  too_large.s = digest;
  CHECK_FALSE(recover_address(digest, too_large));
}

}  // namespace
}  // namespace ecloud::eth
