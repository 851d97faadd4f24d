// Keys, secrets, and what others sign.
#include <string>

#include "ecloud/crypto/jwe.h"
#include "ecloud/crypto/keystore.h"
#include "ecloud/platform/provenance.h"
#include "fuzz/targets.h"
#include "support/test_data.h"

namespace ecloud::fuzz {
namespace {

void run_keystore(base::ByteView input) {
  // Opening costs what the file asks for; reading must not.
  accepts([&] { crypto::Keystore::parse(base::as_chars(input), "key.json"); });
}

void run_jwe(base::ByteView input) {
  static const base::Secret key(testing::test_data("crypto/test_key_rsa_2048.pem"));
  accepts([&] { crypto::jwe_decrypt(key, base::as_chars(input)); });
}

void run_provenance(base::ByteView input) {
  accepts([&] { platform::read_provenance(base::as_chars(input)); });
}

}  // namespace

std::vector<Target> key_targets() {
  return {{"jwe", run_jwe}, {"keystore", run_keystore}, {"provenance", run_provenance}};
}

}  // namespace ecloud::fuzz
