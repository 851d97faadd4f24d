#include "ecloud/platform/kms.h"

#include "ecloud/base/base64.h"
#include "ecloud/crypto/pem_keys.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using testing::error_of;
using testing::sample_app;

const std::string kEvm =
    R"([{"address":"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266","derivationPath":"m/44'/60'/0'/0/0"}])";
const std::string kSolana =
    R"([{"address":"oeYf6KAJkLYhBuR8CiGc6L4D4Xtfepr85fuDgA9kq96","derivationPath":"m/44'/501'/0'/0'"}])";
const std::string kApp = "0x1111222233334444555566667777888899990000";
const std::string kOld = R"({"evmAddresses":)" + kEvm + R"(,"solanaAddresses":)" + kSolana + "}";
const std::string kNew = R"({"appId":")" + kApp + R"(","evmAddresses":)" + kEvm +
                         R"(,"solanaAddresses":)" + kSolana + "}";

const std::string kForged = "9 kms.signature: the addresses of app " + kApp +
                            " are not signed by the KMS | do not send anything to these addresses; "
                            "check --environment and the UserAPI URL";

std::string signing_key() {
  return testing::test_data("crypto/test_key_p256.pub.pem");
}

/// What the KMS signs, put together here as the platform documents it.
std::string message_of(const std::string& data) {
  return "COMPUTE_APP_KMS_SIGNATURE_V1" + std::string(1, '\0') + data;
}

std::string sign(const std::string& message) {
  const base::Secret key(testing::test_data("crypto/test_key_p256.pem"));
  return base::to_base64(crypto::p256_sign(key, base::as_bytes(message)));
}

base::Json answer(const std::string& data, const std::string& signature) {
  return base::Json::parse(R"({"data":)" + data + R"(,"signature":")" + signature + R"("})",
                           "userapi");
}

AppAddresses verify(const base::Json& json) {
  return verify_addresses(json, sample_app(), signing_key());
}

std::string refusal(const base::Json& json) {
  return error_of([&] { verify(json); });
}

TEST_CASE("addresses signed by the KMS for this app are believed", "[platform]") {
  const AppAddresses found = verify(answer(kNew, sign(message_of(kNew))));
  CHECK(found.names_app);
  REQUIRE(found.evm.size() == 1);
  CHECK(found.evm[0].address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  CHECK(found.evm[0].derivation_path == "m/44'/60'/0'/0/0");
  REQUIRE(found.solana.size() == 1);
  CHECK(found.solana[0].address == "oeYf6KAJkLYhBuR8CiGc6L4D4Xtfepr85fuDgA9kq96");
  CHECK(found.solana[0].derivation_path == "m/44'/501'/0'/0'");
}

TEST_CASE("a signature that openssl made is believed", "[platform]") {
  // printf 'COMPUTE_APP_KMS_SIGNATURE_V1\0%s' "$DATA" |
  //   openssl dgst -sha256 -sign test_key_p256.pem | base64 -w0
  CHECK(verify(answer(kNew,
                      "MEUCIQDtZUgE0a13RyN/kyoqxy8jbHMl/s4qsJpZOe9yiWJYWAIgSbs1"
                      "Q3KwTzSaG33uQJ99yWYOgzj3J8JsM0m+ByKplbk="))
            .names_app);
}

TEST_CASE("older servers do not name the app in what they sign", "[platform]") {
  const AppAddresses found = verify(answer(kOld, sign(message_of(kOld))));
  CHECK_FALSE(found.names_app);
  CHECK(found.evm.size() == 1);
  CHECK(found.solana.size() == 1);
}

TEST_CASE("the order of the members in the answer does not matter", "[platform]") {
  const std::string shuffled =
      R"({ "solanaAddresses": [{"derivationPath":"m/44'/501'/0'/0'",)"
      R"("address":"oeYf6KAJkLYhBuR8CiGc6L4D4Xtfepr85fuDgA9kq96"}],"evmAddresses":)" +
      kEvm + R"(,"appId":")" + kApp + R"("})";
  CHECK(verify(answer(shuffled, sign(message_of(kNew)))).names_app);
  CHECK(kms_signed_text(base::Json::parse(shuffled, "x")) == message_of(kNew));
}

TEST_CASE("the id of the app is compared whatever its case", "[platform]") {
  const eth::Address app = testing::other_app();
  for (const std::string id :
       {"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa",
        "0xAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    const std::string data = R"({"appId":")" + id + R"(","evmAddresses":[],"solanaAddresses":[]})";
    CHECK(verify_addresses(answer(data, sign(message_of(data))), app, signing_key()).names_app);
  }
}

TEST_CASE("addresses signed for another app are refused", "[platform]") {
  const auto of = [](const std::string& id) {
    const std::string data = R"({"appId":")" + id + R"(","evmAddresses":[],"solanaAddresses":[]})";
    return refusal(answer(data, sign(message_of(data))));
  };
  CHECK(of("0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") ==
        "9 kms.wrong_app: the server gave the addresses of app "
        "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa instead of " +
            kApp + " | do not send anything to these addresses; check the UserAPI URL");
  CHECK(of("").starts_with("9 kms.wrong_app: "));
}

TEST_CASE("anything changed after signing is noticed", "[platform]") {
  const std::string signature = sign(message_of(kNew));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string data = kNew;
    data.replace(data.find(from), from.size(), to);
    return refusal(answer(data, signature));
  };
  CHECK(changed("0xf39F", "0xf39E") == kForged);
  CHECK(changed("oeYf", "oeYg") == kForged);
  CHECK(changed("m/44'/60'/0'/0/0", "m/44'/60'/0'/0/1") == kForged);
  CHECK(changed("0x1111", "0x1112") == kForged);
  CHECK(changed(kEvm, "[]") == kForged);
  // Leaving out the app's id does not make an older answer of a newer one.
  CHECK(changed(R"("appId":")" + kApp + R"(",)", "") == kForged);
  CHECK(refusal(answer(kNew, sign(message_of(kOld)))) == kForged);
}

TEST_CASE("a signature over something else than the domain is refused", "[platform]") {
  CHECK(refusal(answer(kNew, sign(kNew))) == kForged);
  CHECK(refusal(answer(kNew, sign("COMPUTE_APP_KMS_SIGNATURE_V1" + kNew))) == kForged);
  CHECK(refusal(answer(kNew, sign("COMPUTE_APP_KMS_SIGNATURE_V2" + std::string(1, '\0') + kNew))) ==
        kForged);
}

TEST_CASE("a signature by another key is refused", "[platform]") {
  const crypto::PemKeyPair other = crypto::generate_p256();
  const std::string signature =
      base::to_base64(crypto::p256_sign(other.private_key, base::as_bytes(message_of(kNew))));
  CHECK(refusal(answer(kNew, signature)) == kForged);
}

TEST_CASE("what is no signature is refused", "[platform]") {
  CHECK(refusal(answer(kNew, "")) == kForged);
  CHECK(refusal(answer(kNew, "not base64")) == kForged);
  CHECK(refusal(answer(kNew, "AAAA")) == kForged);
  CHECK(refusal(answer(kNew, sign(message_of(kNew)) + "AAAA")) == kForged);
}

TEST_CASE("signed addresses of another shape are refused with the place", "[platform]") {
  const auto of = [](const std::string& text) {
    return refusal(base::Json::parse(text, "userapi"));
  };
  CHECK(of("{}") == "7 json.shape: userapi: $.signature: expected a string, found nothing");
  CHECK(of(R"({"data":)" + kNew + "}") ==
        "7 json.shape: userapi: $.signature: expected a string, found nothing");
  CHECK(of(R"({"data":null,"signature":""})") ==
        "7 json.shape: userapi: $.data.evmAddresses: expected an array, found nothing");
  CHECK(of(R"({"data":{"appId":7},"signature":""})") ==
        "7 json.shape: userapi: $.data.appId: expected a string, found number");
  CHECK(of(R"({"data":{"evmAddresses":[{"address":"0x"}]},"signature":""})") ==
        "7 json.shape: userapi: $.data.evmAddresses[0].derivationPath: expected a string, found "
        "nothing");
}

}  // namespace
}  // namespace ecloud::platform
