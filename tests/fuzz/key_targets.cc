// Keys, secrets, and what others sign.
#include <string>

#include "ecloud/base/json.h"
#include "ecloud/crypto/jwe.h"
#include "ecloud/crypto/keystore.h"
#include "ecloud/deploy/release_wallet.h"
#include "ecloud/platform/provenance.h"
#include "fuzz/targets.h"
#include "support/test_data.h"

namespace ecloud::fuzz {
namespace {

bool asks_for_little(const base::Json& costs) {
  const auto at_most = [&](const char* name, std::uint64_t most) {
    return costs[name].opt_u64().value_or(0) <= most;
  };
  return at_most("n", 64) && at_most("r", 8) && at_most("p", 4) && at_most("c", 64) &&
         at_most("dklen", 64);
}

void run_keystore(base::ByteView input) {
  accepts([&] {
    const std::string_view text = base::as_chars(input);
    const auto keystore = crypto::Keystore::parse(text, "key.json");
    // Opening costs what the file asks for: only those are opened that ask for little.
    const auto file = base::Json::parse(text, "key.json");
    for (const char* spelling : {"crypto", "Crypto"}) {
      if (!asks_for_little(file[spelling]["kdfparams"])) return;
    }
    keystore.open(base::Secret(std::string("password")));
  });
}

void run_jwe(base::ByteView input) {
  static const base::Secret key(testing::test_data("crypto/test_key_rsa_2048.pem"));
  accepts([&] { crypto::jwe_decrypt(key, base::as_chars(input)); });
}

void run_release_wallet(base::ByteView input) {
  static const eth::Address app =
      *eth::Address::parse("0x00000000000000000000000000000000000a9900");
  static const auto key = *crypto::PrivateKey::from_hex(std::string(63, '0') + "1");
  accepts([&] {
    const auto wallet = deploy::read_release_wallet(input, app);
    if (wallet) deploy::open_phrase(deploy::Signer(key), app, wallet->sealed_phrase);
  });
}

void run_provenance(base::ByteView input) {
  accepts([&] { platform::read_provenance(base::as_chars(input)); });
}

}  // namespace

std::vector<Target> key_targets() {
  return {{"jwe", run_jwe},
          {"keystore", run_keystore},
          {"provenance", run_provenance},
          {"release_wallet", run_release_wallet}};
}

}  // namespace ecloud::fuzz
