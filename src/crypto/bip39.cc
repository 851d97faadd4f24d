#include "ecloud/crypto/bip39.h"

#include <openssl/evp.h>

#include <algorithm>
#include <optional>

#include "crypto/bip39_english.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::crypto {
namespace {

constexpr std::size_t kWords = 2048;
constexpr std::size_t kBitsPerWord = 11;
constexpr int kSeedRounds = 2048;
constexpr std::size_t kSeedSize = 64;

/// A phrase has 12, 15, 18, 21 or 24 words: 32 bits of entropy and 1 of checksum for every three.
bool is_word_count(std::size_t count) {
  return count >= 12 && count <= 24 && count % 3 == 0;
}

std::optional<std::size_t> word_index(std::string_view word) {
  const std::vector<std::string_view>& list = english_word_list();
  const auto found = std::lower_bound(list.begin(), list.end(), word);
  if (found == list.end() || *found != word) return std::nullopt;
  return static_cast<std::size_t>(found - list.begin());
}

/// Entropy and checksum as one row of bits, the highest of an octet first; wiped at the end.
class BitRow {
 public:
  explicit BitRow(std::size_t bits) : octets_((bits + 7) / 8) {}
  ~BitRow() { base::wipe(octets_.data(), octets_.size()); }
  BitRow(const BitRow&) = delete;
  BitRow& operator=(const BitRow&) = delete;

  base::Bytes& octets() { return octets_; }

  std::size_t group(std::size_t index) const {
    std::size_t value = 0;
    for (std::size_t bit = index * kBitsPerWord; bit < (index + 1) * kBitsPerWord; ++bit) {
      value = value << 1 | (octets_[bit / 8] >> (7 - bit % 8) & 1u);
    }
    return value;
  }

  void set_group(std::size_t index, std::size_t value) {
    for (std::size_t i = 0; i < kBitsPerWord; ++i) {
      const std::size_t bit = index * kBitsPerWord + i;
      const std::size_t one = value >> (kBitsPerWord - 1 - i) & 1u;
      octets_[bit / 8] = static_cast<std::uint8_t>(octets_[bit / 8] | one << (7 - bit % 8));
    }
  }

 private:
  base::Bytes octets_;
};

}  // namespace

const std::vector<std::string_view>& english_word_list() {
  static const std::vector<std::string_view> list = [] {
    std::vector<std::string_view> words = base::words_of(kEnglishWords);
    if (words.size() != kWords) fail_bug("the English word list is not complete");
    return words;
  }();
  return list;
}

base::Secret mnemonic_from_entropy(base::ByteView entropy) {
  const std::size_t count = entropy.size() * 8 / 32 * 3;
  if (entropy.size() % 4 != 0 || !is_word_count(count)) {
    fail_bug("the entropy of a mnemonic has 16, 20, 24, 28 or 32 octets");
  }
  BitRow bits(count * kBitsPerWord);
  std::copy(entropy.begin(), entropy.end(), bits.octets().begin());
  // At most 8 bits of checksum, so that the first octet of the hash is enough.
  bits.octets().back() = sha256(entropy)[0];
  std::string phrase;
  phrase.reserve(count * 9);  // the longest word has 8 letters: no copy is left behind
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) phrase += ' ';
    phrase += english_word_list()[bits.group(i)];
  }
  return base::Secret(std::move(phrase));
}

base::Secret generate_mnemonic(Random& random) {
  base::Bytes32 entropy = random.bytes32();
  base::Secret phrase = mnemonic_from_entropy(entropy);
  base::wipe(entropy.data(), entropy.size());
  return phrase;
}

std::string mnemonic_problem(std::string_view phrase) {
  const base::Secret normal = normalize_mnemonic(phrase);
  const std::vector<std::string_view> words = base::words_of(normal.reveal_text());
  if (!is_word_count(words.size())) {
    return "has " + std::to_string(words.size()) + (words.size() == 1 ? " word" : " words") +
           ", not 12, 15, 18, 21 or 24";
  }
  BitRow bits(words.size() * kBitsPerWord);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::optional<std::size_t> index = word_index(words[i]);
    if (!index) return "word " + std::to_string(i + 1) + " is not in the English list";
    bits.set_group(i, *index);
  }
  const base::ByteView octets = bits.octets();
  const std::size_t checksum_bits = words.size() / 3;
  const unsigned expected = sha256(octets.first(octets.size() - 1))[0];
  const unsigned difference = expected ^ octets.back();
  return difference >> (8 - checksum_bits) == 0 ? "" : "its checksum is wrong";
}

base::Secret normalize_mnemonic(std::string_view phrase) {
  std::string out;
  out.reserve(phrase.size() + 1);
  for (const std::string_view word : base::words_of(phrase)) {
    if (!out.empty()) out += ' ';
    for (const char c : word) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return base::Secret(std::move(out));
}

base::Secret mnemonic_seed(std::string_view phrase, std::string_view passphrase) {
  const base::Secret normal = normalize_mnemonic(phrase);
  const std::string_view password = normal.reveal_text();
  std::string salt = "mnemonic" + std::string(passphrase);
  base::FixedBytes<kSeedSize> seed;
  const int done = ::PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                       reinterpret_cast<const unsigned char*>(salt.data()),
                                       static_cast<int>(salt.size()), kSeedRounds, ::EVP_sha512(),
                                       static_cast<int>(seed.size()), seed.data());
  base::wipe(salt.data(), salt.size());
  if (done != 1) fail_bug("PBKDF2 failed");
  base::Secret out{base::ByteView(seed)};
  base::wipe(seed.data(), seed.size());
  return out;
}

}  // namespace ecloud::crypto
