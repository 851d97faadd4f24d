#include "ecloud/crypto/bip39.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/hash.h"
#include "support/catch.h"
#include "support/counting_random.h"
#include "support/test_data.h"

namespace ecloud::crypto {
namespace {

constexpr const char* kJunk = "test test test test test test test test test test test junk";

std::string seed_of(std::string_view phrase, std::string_view passphrase = {}) {
  return base::to_hex(mnemonic_seed(phrase, passphrase).reveal());
}

std::string repeated(std::string_view word, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += std::string(i > 0 ? " " : "") + std::string(word);
  return out;
}

TEST_CASE("the English word list is the published one", "[crypto]") {
  std::string text;
  for (const std::string_view word : english_word_list()) text += std::string(word) + "\n";
  // The SHA-256 of english.txt in the BIP-39 repository.
  CHECK(base::to_hex(sha256(base::as_bytes(text))) ==
        "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
  CHECK(english_word_list().size() == 2048);
}

TEST_CASE("the 24 English vectors of BIP-39 hold", "[crypto]") {
  // trezor/python-mnemonic vectors.json, passphrase TREZOR, made again with @scure/bip39 2.4.0.
  const auto vectors = testing::test_data_json("crypto/bip39_english.json").elements();
  REQUIRE(vectors.size() == 24);
  for (const base::Json& vector : vectors) {
    const std::string phrase = vector["mnemonic"].as_string();
    const auto entropy = base::from_hex(vector["entropy"].as_string());
    REQUIRE(entropy);
    CHECK(mnemonic_from_entropy(*entropy).reveal_text() == phrase);
    CHECK(mnemonic_problem(phrase) == "");
    CHECK(seed_of(phrase, "TREZOR") == vector["seed"].as_string());
  }
}

TEST_CASE("15 and 21 words are valid too", "[crypto]") {
  // Made with @scure/bip39.
  testing::CountingRandom random;
  const std::string fifteen =
      "abandon amount liar amount expire adjust cage candy arch gather drum bullet absurd math "
      "exhibit";
  const std::string twenty_one =
      "abandon amount liar amount expire adjust cage candy arch gather drum bullet absurd math "
      "era live bid rhythm alien crouch saddle";
  CHECK(mnemonic_from_entropy(random.bytes(20)).reveal_text() == fifteen);
  CHECK(mnemonic_from_entropy(testing::CountingRandom().bytes(28)).reveal_text() == twenty_one);
  CHECK(mnemonic_problem(fifteen) == "");
  CHECK(mnemonic_problem(twenty_one) == "");
}

TEST_CASE("a seed without passphrase is that of other wallets", "[crypto]") {
  // Made with @scure/bip39.
  CHECK(seed_of(kJunk) ==
        "9dfc3c64c2f8bede1533b6a79f8570e5943e0b8fd1cf77107adf7b72cef42185"
        "d564a3aee24cab43f80e3c4538087d70fc824eabbad596a23c97b6ee8322ccc0");
  CHECK(seed_of(kJunk, "x") != seed_of(kJunk));
}

TEST_CASE("entropy of another size is our mistake", "[crypto]") {
  for (const std::size_t size : {0, 4, 12, 15, 17, 31, 33, 36, 64}) {
    CAPTURE(size);
    CHECK_THROWS_AS(mnemonic_from_entropy(base::Bytes(size)), Error);
  }
}

TEST_CASE("a fresh phrase has 24 words from the given random octets", "[crypto]") {
  SystemRandom random;
  const base::Secret one = generate_mnemonic(random);
  const base::Secret two = generate_mnemonic(random);
  CHECK(mnemonic_problem(one.reveal_text()) == "");
  CHECK(one.reveal_text() != two.reveal_text());

  testing::CountingRandom counting;
  const base::Secret known = generate_mnemonic(counting);
  CHECK(known.reveal_text() ==
        mnemonic_from_entropy(testing::CountingRandom().bytes32()).reveal_text());
}

TEST_CASE("an invalid phrase is explained without its words", "[crypto]") {
  CHECK(mnemonic_problem("") == "has 0 words, not 12, 15, 18, 21 or 24");
  CHECK(mnemonic_problem(" \n ") == "has 0 words, not 12, 15, 18, 21 or 24");
  CHECK(mnemonic_problem("zoo") == "has 1 word, not 12, 15, 18, 21 or 24");
  CHECK(mnemonic_problem(repeated("zoo", 23)) == "has 23 words, not 12, 15, 18, 21 or 24");
  CHECK(mnemonic_problem(repeated("zoo", 9)) == "has 9 words, not 12, 15, 18, 21 or 24");
  CHECK(mnemonic_problem(repeated("zoo", 27)) == "has 27 words, not 12, 15, 18, 21 or 24");
  CHECK(mnemonic_problem("test test tset test test test test test test test test junk") ==
        "word 3 is not in the English list");
  CHECK(mnemonic_problem("test test test test test test test test test test test junks") ==
        "word 12 is not in the English list");
  CHECK(mnemonic_problem("t\xc3\xa9st test test test test test test test test test test junk") ==
        "word 1 is not in the English list");
  CHECK(mnemonic_problem(repeated("test", 12)) == "its checksum is wrong");
  // The last word of the all-zero phrase carries 8 bits of checksum: one of 8 neighbours fits.
  CHECK(mnemonic_problem(repeated("abandon", 23) + " art") == "");
  CHECK(mnemonic_problem(repeated("abandon", 23) + " artist") == "its checksum is wrong");
  CHECK(mnemonic_problem(repeated("abandon", 23) + " abandon") == "its checksum is wrong");
}

TEST_CASE("capitals, line breaks and the spaces of Unicode in a phrase change nothing",
          "[crypto]") {
  const std::string pasted = "  Test TEST test\ttest test test\r\ntest test  test test test junk\n";
  CHECK(normalize_mnemonic(pasted).reveal_text() == kJunk);
  CHECK(mnemonic_problem(pasted) == "");
  CHECK(seed_of(pasted) == seed_of(kJunk));
  CHECK(normalize_mnemonic("").empty());
  for (const char* space : {"\xc2\xa0", "\xe3\x80\x80", "\xe2\x80\x89", "\xe2\x80\x83"}) {
    std::string words("\xef\xbb\xbf");
    for (const char c : std::string(kJunk))
      words += c == ' ' ? std::string(space) : std::string(1, c);
    CHECK(mnemonic_problem(words) == "");
    CHECK(seed_of(words) == seed_of(kJunk));
  }
  CHECK(normalize_mnemonic(kJunk).reveal_text() == kJunk);
}

}  // namespace
}  // namespace ecloud::crypto
