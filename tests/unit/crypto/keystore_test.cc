#include "ecloud/crypto/keystore.h"

#include <functional>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"
#include "support/counting_random.h"
#include "support/test_data.h"

namespace ecloud::crypto {
namespace {

using base::Json;
using testing::CountingRandom;

constexpr ScryptCost kCheap{2, 8, 1};
// The key 1, and its address as every wallet computes it.
constexpr char kKeyOne[] = "0000000000000000000000000000000000000000000000000000000000000001";
constexpr char kAddressOne[] = "7e5f4552091a69125d5dfcb7b8c2659029395bdf";

base::Secret password(std::string text = "correct horse") {
  return base::Secret(std::move(text));
}

std::string sealed(const std::string& word = "correct horse") {
  CountingRandom random;
  return seal_keystore(*PrivateKey::from_hex(kKeyOne), password(word), random, kCheap);
}

std::string opened(std::string_view file, const std::string& word = "correct horse") {
  const PrivateKey key = Keystore::parse(file, "key.json").open(password(word));
  return base::to_hex(key.secret().reveal());
}

/// "CODE: message" of the refusal.
std::string refusal(const std::function<void()>& action, Category category) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.category() == category);
    return error.code() + ": " + error.message();
  }
  return "accepted";
}

std::string parse_refusal(std::string_view file) {
  return refusal([&] { Keystore::parse(file, "key.json"); }, Category::kUsage);
}

/// A sound file with `from` replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string file = sealed();
  const std::size_t at = file.find(from);
  REQUIRE(at != std::string::npos);
  return file.replace(at, from.size(), to);
}

/// Every run of bytes begins with zeros: `digits` hex digits of them, rounded up.
class LeadingZeros final : public Random {
 public:
  explicit LeadingZeros(std::size_t digits) : zeros_((digits + 1) / 2) {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = i < zeros_ ? 0 : 7;
  }

 private:
  std::size_t zeros_;
};

}  // namespace

// The two vectors of the Web3 Secret Storage Definition, and geth's one of a key whose leading zero
// was left out (accounts/keystore/testdata/v3_test_vector.json).
TEST_CASE("The published key files open", "[crypto]") {
  const Json vectors = testing::test_data_json("crypto/keystore.json");
  REQUIRE(vectors.size() == 3);
  for (const auto& [name, vector] : vectors.members()) {
    INFO(name);
    const std::string file = vector["json"].dump();
    CHECK(opened(file, vector["password"].as_string()) == vector["key"].as_string());
    CHECK_FALSE(Keystore::parse(file, name).address());
  }
}

TEST_CASE("A key file holds what the format asks for and opens again", "[crypto]") {
  const Json file = Json::parse(sealed(), "file");
  CHECK(file["version"].as_u64() == 3);
  CHECK(file["address"].as_string() == kAddressOne);
  // RFC 4122: version 4, variant 1; the random octets 48 to 63.
  CHECK(file["id"].as_string() == "30313233-3435-4637-b839-3a3b3c3d3e3f");
  CHECK(file["crypto"]["cipher"].as_string() == "aes-128-ctr");
  CHECK(file["crypto"]["kdf"].as_string() == "scrypt");
  CHECK(file["crypto"]["kdfparams"]["dklen"].as_u64() == 32);
  CHECK(file["crypto"]["kdfparams"]["salt"].as_string().size() == 64);
  CHECK(file.dump().find(kKeyOne) == std::string::npos);
  CHECK(opened(sealed()) == kKeyOne);
  CHECK(base::to_hex(*Keystore::parse(sealed(), "key.json").address()) == kAddressOne);
}

TEST_CASE("The usual cost is that of geth", "[crypto]") {
  CHECK(ScryptCost().n == 262'144);
  CHECK(ScryptCost().r == 8);
  CHECK(ScryptCost().p == 1);
}

TEST_CASE("Two key files of one key and password differ", "[crypto]") {
  SystemRandom random;
  const auto key = *PrivateKey::from_hex(kKeyOne);
  CHECK(seal_keystore(key, password(), random, kCheap) !=
        seal_keystore(key, password(), random, kCheap));
}

TEST_CASE("Any octets are a password, and no password is one too", "[crypto]") {
  for (const std::string& word :
       {std::string(), std::string("p\xc3\xa4ss \xe2\x82\xac"), std::string("a\0b", 3)}) {
    CHECK(opened(sealed(word), word) == kKeyOne);
  }
}

TEST_CASE("Other programs' ways to write the file are read", "[crypto]") {
  const std::string address = "\"address\":" + base::Json(kAddressOne).dump() + ",";
  SECTION("the address with 0x and checksum") {
    const std::string file =
        changed(address, "\"address\":\"0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf\",");
    CHECK(opened(file) == kKeyOne);
    CHECK(base::to_hex(*Keystore::parse(file, "f").address()) == kAddressOne);
  }
  SECTION("no address") {
    const std::string file = changed(address, "");
    CHECK(opened(file) == kKeyOne);
    CHECK_FALSE(Keystore::parse(file, "f").address());
  }
  SECTION("an empty address") {
    CHECK_FALSE(Keystore::parse(changed(address, "\"address\":\"\","), "f").address());
  }
  SECTION("a capital in Crypto, as ethers 5 and old geth write it") {
    CHECK(opened(changed("\"crypto\"", "\"Crypto\"")) == kKeyOne);
  }
  SECTION("no id, and members of the program's own") {
    CHECK(opened(changed("\"id\":\"30313233-3435-4637-b839-3a3b3c3d3e3f\"",
                         "\"x-ethers\":{\"client\":\"ethers/6\"}")) == kKeyOne);
  }
}

TEST_CASE("Key files of other programs' versions and mistakes open", "[crypto]") {
  const std::string iv = Json::parse(sealed(), "file")["crypto"]["cipherparams"]["iv"].as_string();
  SECTION("an iv without the zeros at its start") {
    for (const std::size_t zeros : {1, 2, 3, 6}) {
      INFO(zeros);
      LeadingZeros source(zeros);
      const std::string file =
          seal_keystore(*PrivateKey::from_hex(kKeyOne), password(), source, kCheap);
      const std::string whole =
          Json::parse(file, "file")["crypto"]["cipherparams"]["iv"].as_string();
      std::string shortened = file;
      shortened.replace(shortened.find(whole), whole.size(), whole.substr(zeros));
      CHECK(opened(shortened) == kKeyOne);
    }
  }
  SECTION("names and words in capitals, numbers as texts") {
    std::string file = changed("\"version\":3", "\"VERSION\":\"3\"");
    const auto replace = [&](const std::string& from, const std::string& to) {
      file.replace(file.find(from), from.size(), to);
    };
    replace("\"cipher\":\"aes-128-ctr\"", "\"Cipher\":\"AES-128-CTR\"");
    replace("\"kdf\":\"scrypt\"", "\"KDF\":\"Scrypt\"");
    replace("\"kdfparams\"", "\"KDFParams\"");
    replace("\"n\":2", "\"N\":\"2\"");
    replace("\"mac\":\"", "\"MAC\":\"0x");
    replace("\"iv\":\"" + iv, "\"IV\":\"0X" + iv);
    CHECK(opened(file) == kKeyOne);
  }
  SECTION("no version and no dklen, which have one value only") {
    std::string file = changed(",\"version\":3", "");
    const std::string length = "\"dklen\":32,";
    file.erase(file.find(length), length.size());
    CHECK(opened(file) == kKeyOne);
  }
  SECTION("pbkdf2 without the name of its only function") {
    const Json vector = testing::test_data_json("crypto/keystore.json")["pbkdf2"];
    std::string file = vector["json"].dump();
    const std::string name = "\"prf\":\"hmac-sha256\"";
    const std::size_t at = file.find(name);
    REQUIRE(at != std::string::npos);
    const bool last = file[at + name.size()] != ',';
    file.erase(last ? at - 1 : at, name.size() + 1);
    CHECK(opened(file, vector["password"].as_string()) == vector["key"].as_string());
  }
}

TEST_CASE("A wrong password is told apart from a damaged file", "[crypto]") {
  const auto open_with = [](const std::string& file, const std::string& word, Category category) {
    return refusal([&] { opened(file, word); }, category);
  };
  CHECK(open_with(sealed(), "wrong", Category::kCredentials) ==
        "keystore.wrong_password: key.json: the password is wrong, or the file was changed since "
        "it was written");
  // The right password for another account than the file names.
  CHECK(open_with(changed(kAddressOne, "2b5ad5c4795c026514f8317c7a215e218dccd6cf"), "correct horse",
                  Category::kVerification) ==
        "keystore.damaged: key.json: the key in the file is not that of the address that the file "
        "names");
}

TEST_CASE("A changed ciphertext or MAC does not open", "[crypto]") {
  Json file = Json::parse(sealed(), "file");
  for (const char* name : {"ciphertext", "mac"}) {
    std::string value = file["crypto"][name].as_string();
    const std::string before = value;
    value[10] = value[10] == '0' ? '1' : '0';
    CHECK(refusal([&] { opened(changed(before, value)); }, Category::kCredentials)
              .starts_with("keystore.wrong_password: "));
  }
}

TEST_CASE("What is no key file is refused with the place", "[crypto]") {
  CHECK(parse_refusal("hello").starts_with("keystore.malformed: key.json: not valid JSON"));
  CHECK(parse_refusal("{}").starts_with("keystore.malformed: key.json: $.version: "));
  CHECK(parse_refusal(changed("\"mac\":\"", "\"mac\":\"zz")) ==
        "keystore.malformed: key.json: $.crypto.mac: expected hex digits");
  CHECK(parse_refusal(changed("\"iv\":\"", "\"iv\":\"00")) ==
        "keystore.malformed: key.json: $.crypto.cipherparams.iv: expected 16 octets, found 17");
  CHECK(parse_refusal(changed("\"ciphertext\":\"", "\"ciphertext\":\"00")) ==
        "keystore.malformed: key.json: $.crypto.ciphertext: expected 32 octets");
  CHECK(parse_refusal(changed("\"dklen\":32", "\"dklen\":16")) ==
        "keystore.malformed: key.json: $.crypto.kdfparams.dklen: expected 32");
  CHECK(parse_refusal(changed("\"n\":2", "\"n\":3")) ==
        "keystore.malformed: key.json: $.crypto.kdfparams.n: expected a power of two");
  CHECK(parse_refusal(changed("\"p\":1", "\"p\":0")) ==
        "keystore.malformed: key.json: $.crypto.kdfparams.p: expected a number above 0");
  CHECK(parse_refusal(changed(kAddressOne, "7e5f")) ==
        "keystore.malformed: key.json: $.address: expected 20 octets, found 2");
}

TEST_CASE("Other versions and ciphers and derivations are refused by name", "[crypto]") {
  CHECK(parse_refusal(changed("\"version\":3", "\"version\":4")) ==
        "keystore.unsupported: key.json: version 4 of the key file format, not 3");
  CHECK(parse_refusal(changed("aes-128-ctr", "aes-128-cbc")) ==
        "keystore.unsupported: key.json: unknown cipher aes-128-cbc");
  CHECK(parse_refusal(changed("scrypt", "argon2id")) ==
        "keystore.unsupported: key.json: unknown key derivation argon2id");
}

TEST_CASE("A file that asks for absurd work is refused before any of it", "[crypto]") {
  for (const char* parameters :
       {"\"n\":16777216,\"p\":1,\"r\":8", "\"n\":2,\"p\":1,\"r\":4294967296",
        "\"n\":262144,\"p\":1000,\"r\":8", "\"n\":9223372036854775808,\"p\":1,\"r\":8",
        "\"n\":2,\"p\":18446744073709551615,\"r\":1", "\"n\":2,\"p\":67108864,\"r\":1"}) {
    INFO(parameters);
    CHECK(parse_refusal(changed("\"n\":2,\"p\":1,\"r\":8", parameters))
              .starts_with("keystore.unsupported: key.json: opening it would take more than 1 GiB "
                           "of memory or minutes of work (scrypt n "));
  }
  // What geth and its like may write is not.
  Keystore::parse(changed("\"n\":2,", "\"n\":1048576,"), "key.json");

  std::string file = testing::test_data_json("crypto/keystore.json")["pbkdf2"]["json"].dump();
  file.replace(file.find("262144"), 6, "4294967295");
  CHECK(parse_refusal(file) ==
        "keystore.unsupported: key.json: opening it would take minutes (pbkdf2 c 4294967295)");
}

}  // namespace ecloud::crypto
