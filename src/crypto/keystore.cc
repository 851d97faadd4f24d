#include "ecloud/crypto/keystore.h"

#include <algorithm>
#include <array>
#include <bit>
#include <new>

#include "crypto/openssl_keys.h"
#include "crypto/scrypt.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"

namespace ecloud::crypto {
namespace {

constexpr std::uint64_t kVersion = 3;
/// The cipher's key, then the MAC's: 16 octets each. A longer derived key begins with the same.
constexpr std::size_t kDerivedSize = 32;
constexpr std::size_t kMaxDerivedSize = 1'024;
constexpr std::size_t kMaxSaltSize = 1'024;
/// What a file may ask for: four times the memory and 64 times the work of the usual cost.
constexpr std::uint64_t kMaxMemory = std::uint64_t{1} << 30;
constexpr std::uint64_t kMaxScryptSteps = std::uint64_t{1} << 27;
constexpr std::uint64_t kMaxIterations = 20'000'000;

constexpr char kHint[] = "the file has to be a key file of version 3, as geth and ethers write it";

Error unsupported(const std::string& name, const std::string& what) {
  return Error(Category::kUsage, "keystore.unsupported", name + ": " + what, kHint);
}

/// Programs differ in the case of names: "Crypto", "KDF", "Version".
base::Json member(const base::Json& object, std::string_view name) {
  if (object[name].exists() || !object.is_object()) return object[name];
  for (const auto& [other, value] : object.members()) {
    if (base::equal_ignoring_case(other, name)) return value;
  }
  return object[name];
}

/// A number, or its digits as a text.
std::uint64_t number(const base::Json& place) {
  if (place.is_string()) {
    if (const auto value = base::parse_decimal(place.as_string())) return *value;
  }
  return place.as_u64();
}

std::string word(const base::Json& place) {
  return base::to_lower(place.as_string());
}

base::Bytes octets(const base::Json& place) {
  auto bytes = base::from_hex(place.as_string());
  if (!bytes) throw place.error("expected hex digits");
  return std::move(*bytes);
}

Error size_error(const base::Json& place, std::size_t expected, std::size_t found) {
  return place.error("expected " + std::to_string(expected) + " octets, found " +
                     std::to_string(found));
}

template <std::size_t N>
base::FixedBytes<N> fixed_octets(const base::Json& place) {
  const base::Bytes bytes = octets(place);
  if (bytes.size() != N) throw size_error(place, N, bytes.size());
  base::FixedBytes<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

/// N bytes that were written as a number, without the zeros at the start, which are put back:
/// eth-keyfile did so with the iv until 2025.
template <std::size_t N>
base::FixedBytes<N> padded_octets(const base::Json& place) {
  std::string digits = place.as_string();
  if (digits.starts_with("0x") || digits.starts_with("0X")) digits.erase(0, 2);
  if (digits.size() % 2 == 1) digits.insert(0, 1, '0');
  const auto bytes = base::from_hex(digits);
  if (!bytes) throw place.error("expected hex digits");
  if (bytes->empty() || bytes->size() > N) throw size_error(place, N, bytes->size());
  base::FixedBytes<N> out{};
  std::copy(bytes->begin(), bytes->end(), out.end() - static_cast<std::ptrdiff_t>(bytes->size()));
  return out;
}

base::FixedBytes<20> address_of(const PrivateKey& key) {
  const PublicKey point = key.public_key();
  const Bytes32 hash = keccak256(ByteView(point).subspan(1));
  base::FixedBytes<20> out;
  std::copy(hash.begin() + 12, hash.end(), out.begin());
  return out;
}

/// AES-128-CTR (NIST SP 800-38A) is its own inverse.
base::Bytes aes128_ctr(ByteView key, ByteView iv, ByteView in) {
  const CipherContextPtr context(::EVP_CIPHER_CTX_new());
  base::Bytes out(in.size());
  int size = 0;
  if (::EVP_EncryptInit_ex(context.get(), ::EVP_aes_128_ctr(), nullptr, key.data(), iv.data()) !=
          1 ||
      ::EVP_EncryptUpdate(context.get(), out.data(), &size, in.data(),
                          static_cast<int>(in.size())) != 1) {
    fail_bug("AES-128-CTR failed");
  }
  return out;
}

Bytes32 mac_of(const base::Secret& derived, ByteView ciphertext) {
  base::Bytes text(derived.reveal().begin() + 16, derived.reveal().begin() + kDerivedSize);
  base::append(text, ciphertext);
  const Bytes32 mac = keccak256(text);
  base::wipe(text.data(), text.size());
  return mac;
}

base::Secret derive_scrypt(const base::Secret& password, ByteView salt, const ScryptCost& cost) {
  try {
    return scrypt(password.reveal(), salt, cost.n, cost.r, cost.p, kDerivedSize);
  } catch (const std::bad_alloc&) {
    throw Error(Category::kFailure, "keystore.no_memory",
                "the key file needs " + std::to_string((128 * cost.n * cost.r) >> 20) +
                    " MiB of memory, which this machine does not give");
  }
}

ScryptCost read_scrypt(const base::Json& place, const std::string& name) {
  const std::uint64_t n = number(member(place, "n"));
  const std::uint64_t r = number(member(place, "r"));
  const std::uint64_t p = number(member(place, "p"));
  if (n < 2 || !std::has_single_bit(n)) throw place["n"].error("expected a power of two");
  if (r == 0) throw place["r"].error("expected a number above 0");
  if (p == 0) throw place["p"].error("expected a number above 0");
  // Bounded one by one first, so that the products cannot overflow.
  const bool bounded = n <= kMaxScryptSteps && r <= kMaxScryptSteps && p <= kMaxScryptSteps;
  if (!bounded || 128 * n * r > kMaxMemory || n * r > kMaxScryptSteps / p ||
      128 * r > kMaxMemory / 16 / p) {
    throw unsupported(name,
                      "opening it would take more than 1 GiB of memory or minutes of work "
                      "(scrypt n " +
                          std::to_string(n) + ", r " + std::to_string(r) + ", p " +
                          std::to_string(p) + ")");
  }
  return {n, static_cast<std::uint32_t>(r), static_cast<std::uint32_t>(p)};
}

std::uint32_t read_pbkdf2(const base::Json& place, const std::string& name) {
  const base::Json prf = member(place, "prf");
  const std::string function = prf.exists() ? word(prf) : "hmac-sha256";
  if (function != "hmac-sha256") {
    throw unsupported(name, "unknown function " + base::printable_line(function, 40) +
                                " for pbkdf2, not hmac-sha256");
  }
  const std::uint64_t count = number(member(place, "c"));
  if (count == 0) throw place["c"].error("expected a number above 0");
  if (count > kMaxIterations) {
    throw unsupported(name,
                      "opening it would take minutes (pbkdf2 c " + std::to_string(count) + ")");
  }
  return static_cast<std::uint32_t>(count);
}

/// RFC 4122 section 4.4.
std::string random_uuid(Random& random) {
  base::Bytes bytes = random.bytes(16);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text = base::to_hex(bytes);
  for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, "-");
  return text;
}

std::optional<base::FixedBytes<20>> read_address(const base::Json& file) {
  const base::Json place = member(file, "address");
  if (!place.exists() || place.is_null() || place.as_string().empty()) return std::nullopt;
  return fixed_octets<20>(place);
}

}  // namespace

std::string seal_keystore(const PrivateKey& key, const base::Secret& password, Random& random,
                          const ScryptCost& cost) {
  const base::Bytes salt = random.bytes(32);
  const base::Bytes iv = random.bytes(16);
  const base::Secret derived = derive_scrypt(password, salt, cost);
  const base::Bytes ciphertext = aes128_ctr(derived.reveal().first(16), iv, key.secret().reveal());
  const auto params = base::Json::object({{"dklen", std::uint64_t{kDerivedSize}},
                                          {"n", cost.n},
                                          {"p", std::uint64_t{cost.p}},
                                          {"r", std::uint64_t{cost.r}},
                                          {"salt", base::to_hex(salt)}});
  const auto crypto =
      base::Json::object({{"cipher", "aes-128-ctr"},
                          {"cipherparams", base::Json::object({{"iv", base::to_hex(iv)}})},
                          {"ciphertext", base::to_hex(ciphertext)},
                          {"kdf", "scrypt"},
                          {"kdfparams", params},
                          {"mac", base::to_hex(mac_of(derived, ciphertext))}});
  return base::Json::object({{"address", base::to_hex(address_of(key))},
                             {"crypto", crypto},
                             {"id", random_uuid(random)},
                             {"version", kVersion}})
      .dump();
}

Keystore Keystore::parse(std::string_view text, std::string name) {
  Keystore out;
  out.name_ = std::move(name);
  try {
    const auto file = base::Json::parse(text, out.name_, Category::kUsage);
    const base::Json version = member(file, "version");
    const base::Json crypto = member(file, "crypto");
    if (!version.exists() && !crypto.exists()) throw version.error("missing");
    if (version.exists() && number(version) != kVersion) {
      throw unsupported(out.name_, "version " + version.dump() + " of the key file format, not 3");
    }
    const std::string cipher = word(member(crypto, "cipher"));
    if (cipher != "aes-128-ctr") {
      throw unsupported(out.name_, "unknown cipher " + base::printable_line(cipher, 40));
    }
    const std::string kdf = word(member(crypto, "kdf"));
    const base::Json params = member(crypto, "kdfparams");
    out.is_scrypt_ = kdf == "scrypt";
    if (out.is_scrypt_) {
      out.cost_ = read_scrypt(params, out.name_);
    } else if (kdf == "pbkdf2") {
      out.iterations_ = read_pbkdf2(params, out.name_);
    } else {
      throw unsupported(out.name_, "unknown key derivation " + base::printable_line(kdf, 40));
    }
    const base::Json length = member(params, "dklen");
    const std::uint64_t size = length.exists() ? number(length) : kDerivedSize;
    if (size < kDerivedSize || size > kMaxDerivedSize) throw length.error("expected 32");
    const base::Json salt = member(params, "salt");
    out.salt_ = octets(salt);
    if (out.salt_.size() > kMaxSaltSize) throw salt.error("too long");
    out.iv_ = padded_octets<16>(member(member(crypto, "cipherparams"), "iv"));
    const base::Json ciphertext = member(crypto, "ciphertext");
    out.ciphertext_ = octets(ciphertext);
    // Some programs left out the zeros at the start of a key.
    if (out.ciphertext_.empty() || out.ciphertext_.size() > 32) {
      throw ciphertext.error("expected 32 octets");
    }
    out.mac_ = padded_octets<32>(member(crypto, "mac"));
    out.address_ = read_address(file);
  } catch (const Error& error) {
    if (error.code() == "keystore.unsupported") throw;
    throw Error(Category::kUsage, "keystore.malformed", error.message(), kHint);
  }
  return out;
}

base::Secret Keystore::derive(const base::Secret& password) const {
  if (is_scrypt_) return derive_scrypt(password, salt_, cost_);
  return pbkdf2_sha256(password.reveal(), salt_, iterations_, kDerivedSize);
}

PrivateKey Keystore::open(const base::Secret& password) const {
  const base::Secret derived = derive(password);
  if (!base::equal_constant_time(mac_of(derived, ciphertext_), mac_)) {
    throw Error(Category::kCredentials, "keystore.wrong_password",
                name_ + ": the password is wrong, or the file was changed since it was written");
  }
  base::Bytes plain = aes128_ctr(derived.reveal().first(16), iv_, ciphertext_);
  base::Bytes padded(32 - plain.size());
  padded.reserve(32);
  base::append(padded, plain);
  auto key = PrivateKey::from_bytes(padded);
  base::wipe(plain.data(), plain.size());
  base::wipe(padded.data(), padded.size());
  if (!key) {
    throw Error(Category::kVerification, "keystore.damaged",
                name_ + ": what the file protects is no private key");
  }
  if (address_ && address_of(*key) != *address_) {
    throw Error(Category::kVerification, "keystore.damaged",
                name_ + ": the key in the file is not that of the address that the file names");
  }
  return std::move(*key);
}

}  // namespace ecloud::crypto
