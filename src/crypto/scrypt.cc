#include "crypto/scrypt.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "ecloud/base/error.h"

namespace ecloud::crypto {
namespace {

using Words = std::uint32_t*;

constexpr std::size_t kBlockWords = 16;

/// Memory of words that is wiped, because a password could be tried against what it held.
class Scratch {
 public:
  explicit Scratch(std::size_t words)
      : size_(words), words_(std::make_unique_for_overwrite<std::uint32_t[]>(words)) {}
  ~Scratch() { base::wipe(words_.get(), size_ * sizeof(std::uint32_t)); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Words get() { return words_.get(); }

 private:
  std::size_t size_;
  std::unique_ptr<std::uint32_t[]> words_;
};

void quarter_round(std::array<std::uint32_t, kBlockWords>& x, int a, int b, int c, int d) {
  x[b] ^= std::rotl(x[a] + x[d], 7);
  x[c] ^= std::rotl(x[b] + x[a], 9);
  x[d] ^= std::rotl(x[c] + x[b], 13);
  x[a] ^= std::rotl(x[d] + x[c], 18);
}

/// Section 3: four double rounds over `block`, in place.
void salsa20_8(std::array<std::uint32_t, kBlockWords>& block) {
  std::array<std::uint32_t, kBlockWords> x = block;
  for (int i = 0; i < 4; ++i) {
    quarter_round(x, 0, 4, 8, 12);
    quarter_round(x, 5, 9, 13, 1);
    quarter_round(x, 10, 14, 2, 6);
    quarter_round(x, 15, 3, 7, 11);
    quarter_round(x, 0, 1, 2, 3);
    quarter_round(x, 5, 6, 7, 4);
    quarter_round(x, 10, 11, 8, 9);
    quarter_round(x, 15, 12, 13, 14);
  }
  for (std::size_t i = 0; i < kBlockWords; ++i) block[i] += x[i];
}

/// Section 4: from `in` to `out`, which do not overlap, 2 * r blocks each.
void block_mix(const std::uint32_t* in, Words out, std::size_t r) {
  std::array<std::uint32_t, kBlockWords> x;
  std::copy_n(in + (2 * r - 1) * kBlockWords, kBlockWords, x.begin());
  for (std::size_t i = 0; i < 2 * r; ++i) {
    for (std::size_t j = 0; j < kBlockWords; ++j) x[j] ^= in[i * kBlockWords + j];
    salsa20_8(x);
    // Even blocks come first, then odd ones.
    std::copy(x.begin(), x.end(), out + (i / 2 + (i % 2) * r) * kBlockWords);
  }
}

/// Section 5, in place on 32 * r words; `table` has room for n of such.
void rom_mix(Words block, std::size_t r, std::uint64_t n, Words table) {
  const std::size_t words = 32 * r;
  Scratch other(words);
  Words x = block;
  Words y = other.get();
  for (std::uint64_t i = 0; i < n; ++i) {
    std::copy_n(x, words, table + i * words);
    block_mix(x, y, r);
    std::swap(x, y);
  }
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint32_t* last = x + (2 * r - 1) * kBlockWords;
    const std::uint64_t j = (last[0] | (std::uint64_t{last[1]} << 32)) & (n - 1);
    const std::uint32_t* row = table + j * words;
    for (std::size_t k = 0; k < words; ++k) x[k] ^= row[k];
    block_mix(x, y, r);
    std::swap(x, y);
  }
  if (x != block) std::copy_n(x, words, block);
}

std::uint32_t load_le(const std::uint8_t* in) {
  return static_cast<std::uint32_t>(in[0]) | static_cast<std::uint32_t>(in[1]) << 8 |
         static_cast<std::uint32_t>(in[2]) << 16 | static_cast<std::uint32_t>(in[3]) << 24;
}

}  // namespace

base::Secret pbkdf2_sha256(base::ByteView password, base::ByteView salt, std::uint32_t iterations,
                           std::size_t size) {
  base::Bytes out(size);
  // OpenSSL takes a null password for none at all.
  const char* text = password.empty() ? "" : reinterpret_cast<const char*>(password.data());
  if (::PKCS5_PBKDF2_HMAC(text, static_cast<int>(password.size()), salt.data(),
                          static_cast<int>(salt.size()), static_cast<int>(iterations),
                          ::EVP_sha256(), static_cast<int>(size), out.data()) != 1) {
    fail_bug("PBKDF2 failed");
  }
  base::Secret secret{base::ByteView(out)};
  base::wipe(out.data(), out.size());
  return secret;
}

base::Secret scrypt(base::ByteView password, base::ByteView salt, std::uint64_t n, std::uint32_t r,
                    std::uint32_t p, std::size_t size) {
  if (n < 2 || !std::has_single_bit(n) || r == 0 || p == 0) fail_bug("scrypt: parameters");
  const std::size_t words = 32 * std::size_t{r};
  const base::Secret start = pbkdf2_sha256(password, salt, 1, words * 4 * p);
  base::Bytes mixed(start.reveal().begin(), start.reveal().end());
  {
    Scratch block(words);
    Scratch table(words * n);
    for (std::size_t lane = 0; lane < p; ++lane) {
      std::uint8_t* octets = mixed.data() + lane * words * 4;
      for (std::size_t i = 0; i < words; ++i) block.get()[i] = load_le(octets + 4 * i);
      rom_mix(block.get(), r, n, table.get());
      for (std::size_t i = 0; i < words * 4; ++i) {
        octets[i] = static_cast<std::uint8_t>(block.get()[i / 4] >> (8 * (i % 4)));
      }
    }
  }
  base::Secret out = pbkdf2_sha256(password, mixed, 1, size);
  base::wipe(mixed.data(), mixed.size());
  return out;
}

}  // namespace ecloud::crypto
