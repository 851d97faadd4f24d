// What is left of a secret in memory that was given back: nothing.

#include "support/freed_memory.h"

#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/hd.h"
#include "ecloud/crypto/keystore.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/platform/app_environment.h"
#include "ecloud/platform/dotenv.h"
#include "support/catch.h"
#include "support/counting_random.h"
#include "support/temp_dir.h"

namespace ecloud::deploy {
namespace {

using testing::FreedMemory;

// A published phrase (BIP-39's own test vectors); long enough to live on the heap.
constexpr std::string_view kWords =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";
constexpr std::string_view kKeyHex =
    "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";

base::Secret words() {
  return base::Secret(base::as_bytes(kWords));
}

crypto::PrivateKey key() {
  return *crypto::PrivateKey::from_hex(kKeyHex);
}

}  // namespace

TEST_CASE("The watch finds what was not wiped", "[deploy][memory]") {
  const FreedMemory memory("legal winner thank");
  { const std::string careless(kWords); }
  CHECK(memory.found() == 1);
  { const base::Secret careful(base::as_bytes(kWords)); }
  CHECK(memory.found() == 1);
}

TEST_CASE("Secrets that move, are copied and are replaced leave nothing", "[deploy][memory]") {
  const FreedMemory memory("legal winner thank");
  {
    base::Secret first = words();
    base::Secret second = first.clone();
    base::Secret third = std::move(first);
    second = std::move(third);
    third = words();
    std::vector<base::Secret> many;
    for (int i = 0; i < 9; ++i) many.push_back(second.clone());
  }
  CHECK(memory.found() == 0);
}

TEST_CASE("Words leave nothing when they are checked, derived from and stored",
          "[deploy][memory]") {
  const testing::TempDir dir;
  testing::CountingRandom random;
  const crypto::PrivateKey deployer = key();
  const Signer signer(deployer);
  const eth::Address app = *eth::Address::parse("0x1111111111111111111111111111111111111111");
  const FreedMemory memory("winner thank year wave sausage");
  {
    const base::Secret normal = crypto::normalize_mnemonic(words().reveal_text());
    CHECK(crypto::mnemonic_problem(normal.reveal_text()).empty());
    CHECK(memory.found() == 0);
    CHECK(wallet_addresses(normal).evm.size() == 42);
    CHECK(memory.found() == 0);
    WalletStore store(dir.path(), "sepolia");
    store.save(signer, app, normal, random, 1);
    CHECK(memory.found() == 0);
    CHECK(store.load(signer, app)->reveal_text() == kWords);
  }
  CHECK(memory.found() == 0);
}

TEST_CASE("New words leave nothing", "[deploy][memory]") {
  testing::CountingRandom random;
  const base::Secret made = crypto::generate_mnemonic(random);
  testing::CountingRandom same;
  const FreedMemory memory(made.reveal_text().substr(20, 40));
  { const base::Secret again = crypto::generate_mnemonic(same); }
  CHECK(memory.found() == 0);
}

TEST_CASE("A private key leaves nothing when it is read and sealed and opened",
          "[deploy][memory]") {
  testing::CountingRandom random;
  const base::Secret password(std::string("correct horse battery staple"));
  const base::Bytes octets = *base::from_hex(kKeyHex);
  const std::string_view raw(reinterpret_cast<const char*>(octets.data()), octets.size());
  const FreedMemory memory(raw);
  {
    const crypto::PrivateKey read = key();
    const std::string sealed =
        crypto::seal_keystore(read, password, random, {.n = 2, .r = 8, .p = 1});
    CHECK(memory.found() == 0);
    const crypto::PrivateKey opened = crypto::Keystore::parse(sealed, "test").open(password);
    CHECK(opened.secret().size() == 32);
  }
  CHECK(memory.found() == 0);
}

TEST_CASE("A file with a key leaves nothing when it is read", "[deploy][memory]") {
  const testing::TempDir dir;
  const auto path = dir.write("key", kKeyHex);
  const FreedMemory memory(kKeyHex);
  { const base::Secret text(base::read_file(path, 4096)); }
  { const base::Secret text(*base::read_file_if_exists(path, 4096)); }
  CHECK(memory.found() == 0);
}

TEST_CASE("Values of an env file leave nothing", "[deploy][memory]") {
  const base::Secret file(
      std::string("TOKEN=the-value-of-a-private-variable-that-is-long\nOTHER_PUBLIC=x\n"));
  const FreedMemory memory("value-of-a-private-variable");
  {
    const platform::Dotenv dotenv = platform::parse_dotenv(file.reveal_text(), ".env");
    CHECK(memory.found() == 0);
    const platform::AppEnvironment split = platform::split_environment(dotenv, ".env", nullptr);
    CHECK(split.private_variables.size() == 1);
  }
  CHECK(memory.found() == 0);
}

}  // namespace ecloud::deploy
