#include "ecloud/crypto/jwe.h"

#include "ecloud/deploy/release_wallet.h"
#include "ecloud/platform/app_environment.h"
#include "interop/node_program.h"
#include "support/test_data.h"

namespace ecloud::crypto {
namespace {

const std::string kText =
    "{\"KEY\":\"line\\n\\\"quoted\\\" \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"}";

struct TestKey {
  std::string private_pem = testing::test_data("crypto/test_key_rsa_2048.pem");
  std::string public_pem = testing::test_data("crypto/test_key_rsa_2048.pub.pem");
};

std::optional<base::Json> run_jose(const TestKey& key, base::Json decrypt, base::Json encrypt) {
  return testing::run_node("jwe.mjs", base::Json::object({{"privateKey", key.private_pem},
                                                          {"publicKey", key.public_pem},
                                                          {"decrypt", std::move(decrypt)},
                                                          {"encrypt", std::move(encrypt)}}));
}

TEST_CASE("jose decrypts the private environment and reads its app in the header", "[interop]") {
  const TestKey key;
  SystemRandom random;
  const auto app = eth::Address::parse("0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  REQUIRE(app);
  const auto environment = platform::split_environment(
      platform::parse_dotenv("KEY='line\n\"quoted\" \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80'\n"
                             "OPEN_PUBLIC=1\nMNEMONIC=left out",
                             ".env"),
      ".env", nullptr);
  const base::Bytes jwe =
      platform::encrypt_private_environment(environment, *app, key.public_pem, random);
  const auto result =
      run_jose(key, base::Json::array({base::Json(base::as_chars(jwe))}), base::Json::array());
  if (!result) return;
  const base::Json opened = (*result)["decrypted"].at(0);
  CHECK(opened["text"].as_string() == kText);
  CHECK(opened["header"].dump() == R"({"alg":"RSA-OAEP-256","enc":"A256GCM","x-eigenx-app-id":)"
                                   R"("0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa"})");
}

TEST_CASE("jose accepts and reads what a release says of its wallet", "[interop]") {
  const TestKey key;
  SystemRandom random;
  const auto app = *eth::Address::parse("0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  const auto deployer = *PrivateKey::from_hex(std::string(63, '0') + "7");
  const std::string words = deploy::seal_phrase(
      deploy::Signer(deployer), app,
      base::Secret(std::string("test test test test test test test test test test test junk")),
      random);
  const base::Bytes jwe = platform::encrypt_private_environment(
      {}, app, key.public_pem, random,
      deploy::header_members({deploy::WalletSource::kGenerated, words}));
  const auto result =
      run_jose(key, base::Json::array({base::Json(base::as_chars(jwe))}), base::Json::array());
  if (!result) return;
  const base::Json opened = (*result)["decrypted"].at(0);
  CHECK(opened["text"].as_string() == "{}");
  CHECK(opened["header"]["x-ecloud-wallet"].as_string() == "generated");
  CHECK(opened["header"]["x-ecloud-wallet-words"].as_string() == words);
}

TEST_CASE("jose decrypts our JWE of every length", "[interop]") {
  const TestKey key;
  SystemRandom random;
  base::Json compacts = base::Json::array();
  const std::size_t sizes[] = {0, 1, 15, 16, 17, 255, 100000};
  for (const std::size_t size : sizes) {
    compacts.push(jwe_encrypt(key.public_pem, base::as_bytes(std::string(size, 'x')), {}, random));
  }
  const auto result = run_jose(key, compacts, base::Json::array());
  if (!result) return;
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    CHECK((*result)["decrypted"].at(i)["text"].as_string() == std::string(sizes[i], 'x'));
  }
}

TEST_CASE("a JWE made by jose is decrypted, with its header", "[interop]") {
  const TestKey key;
  base::Json texts = base::Json::array();
  for (const std::string& text : {std::string(), kText, std::string(5000, 'y')}) {
    texts.push(base::Json::object(
        {{"text", text}, {"header", base::Json::object({{"x-eigenx-app-id", "0xAbC"}})}}));
  }
  const auto result = run_jose(key, base::Json::array(), texts);
  if (!result) return;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const JweContent content = jwe_decrypt(base::Secret(std::string(key.private_pem)),
                                           (*result)["encrypted"].at(i).as_string());
    CHECK(content.plaintext.reveal_text() == texts.at(i)["text"].as_string());
    CHECK(base::Json::parse(content.protected_header, "header")["x-eigenx-app-id"].as_string() ==
          "0xAbC");
  }
}

}  // namespace
}  // namespace ecloud::crypto
