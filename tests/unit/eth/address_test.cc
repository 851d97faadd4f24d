#include "ecloud/eth/address.h"

#include "ecloud/crypto/hash.h"
#include "unit/eth/eth_support.h"

namespace ecloud::eth {
namespace {

using testing::address;

// The examples of EIP-55.
const char* const kChecksummed[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
};

TEST_CASE("addresses are shown with the checksum of EIP-55", "[eth]") {
  for (const std::string text : kChecksummed) {
    CAPTURE(text);
    CHECK(address(text).to_string() == text);
    CHECK(address(address(text).to_lower_hex()).to_string() == text);
  }
  CHECK(address(kChecksummed[4]).to_lower_hex() == "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
}

TEST_CASE("addresses in one case need no checksum", "[eth]") {
  CHECK(Address::problem("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").empty());
  CHECK(Address::problem("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED").empty());
  CHECK(address("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED") == address(kChecksummed[4]));
}

TEST_CASE("a mistyped address is refused and the reason given", "[eth]") {
  const std::pair<const char*, const char*> cases[] = {
      {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "its checksum is wrong (a typing error?)"},
      {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "has 39 hex digits, not 40"},
      {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd", "has 41 hex digits, not 40"},
      {"0x", "has 0 hex digits, not 40"},
      {"", "does not start with 0x"},
      {"5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "does not start with 0x"},
      {"0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "does not start with 0x"},
      {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe ", "has a character that is no hex digit: ' '"},
      {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAO1", "has a character that is no hex digit: 'O'"},
      {"0x\x1b[31m", "has a character that is no hex digit: '?'"},
      {"0x0x5aaeb6053f3e94c9b9a09f33669435e7ef1bea", "has a character that is no hex digit: 'x'"},
  };
  for (const auto& [text, problem] : cases) {
    CAPTURE(text);
    CHECK_FALSE(Address::parse(text));
    CHECK(Address::problem(text) == problem);
  }
}

TEST_CASE("the address of a key is that of every other wallet", "[eth]") {
  // anvil's first two accounts, as anvil prints them.
  const auto of = [](const char* key) {
    return Address::of(crypto::PrivateKey::from_hex(key)->public_key()).to_string();
  };
  CHECK(of("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80") ==
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  CHECK(of("0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d") ==
        "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
}

TEST_CASE("the zero address is zero and pads to a zero word", "[eth]") {
  CHECK(Address().is_zero());
  CHECK(Address().to_string() == "0x0000000000000000000000000000000000000000");
  CHECK_FALSE(address(kChecksummed[0]).is_zero());
  CHECK(Address().to_word() == base::Bytes32{});
  CHECK(testing::hex(address(kChecksummed[4]).to_word()) ==
        "0x0000000000000000000000005aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
  CHECK(Address() < address(kChecksummed[0]));
}

TEST_CASE("CREATE2 addresses are those of the examples of EIP-1014", "[eth]") {
  struct Example {
    const char* deployer;
    const char* salt;
    std::string code;
    const char* result;
  };
  const char* const zero = "0x0000000000000000000000000000000000000000000000000000000000000000";
  const char* const feed = "0x000000000000000000000000feed000000000000000000000000000000000000";
  const char* const cafe = "0x00000000000000000000000000000000000000000000000000000000cafebabe";
  const char* const nobody = "0x0000000000000000000000000000000000000000";
  const char* const front = "0xdeadbeef00000000000000000000000000000000";
  const char* const back = "0x00000000000000000000000000000000deadbeef";
  std::string long_code = "0x";
  for (int i = 0; i < 11; ++i) long_code += "deadbeef";
  const Example examples[] = {
      {nobody, zero, "0x00", "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38"},
      {front, zero, "0x00", "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3"},
      {front, feed, "0x00", "0xD04116cDd17beBE565EB2422F2497E06cC1C9833"},
      {nobody, zero, "0xdeadbeef", "0x70f2b2914A2a4b783FaEFb75f459A580616Fcb5e"},
      {back, cafe, "0xdeadbeef", "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7"},
      {back, cafe, long_code, "0x1d8bfDC5D46DC4f61D6b6115972536eBE6A8854C"},
      {nobody, zero, "0x", "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0"},
  };
  for (const Example& example : examples) {
    CAPTURE(example.result);
    CHECK(create2_address(address(example.deployer), testing::fixed<32>(example.salt),
                          crypto::keccak256(testing::unhex(example.code)))
              .to_string() == example.result);
  }
}

}  // namespace
}  // namespace ecloud::eth
