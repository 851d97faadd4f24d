#include "devnet/kms.h"

#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/jwe.h"
#include "ecloud/crypto/pem_keys.h"
#include "support/temp_dir.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::devnet {
namespace {

using testing::TempDir;
using testing::vectors;

Kms test_kms() {
  return Kms(testing::test_data_path("devnet"));
}

eth::Address vector_app() {
  return *eth::Address::parse(vectors()["appId"].as_string());
}

std::string text(const TeeEnvironment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "(none)" : std::string(found->second.reveal_text());
}

TeeEnvironment open(const Kms& kms, const std::string& vector_name,
                    std::string_view public_env = "{}") {
  return kms.environment(vector_app(), base::as_bytes(vectors()[vector_name].as_string()),
                         base::as_bytes(public_env));
}

std::string refusal(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.category() == Category::kVerification);
    CHECK(error.code() == "devnet.environment");
    return error.message();
  }
  return "none";
}

TEST_CASE("what jose encrypts arrives, public over private over the KMS's own", "[devnet]") {
  const Kms kms = test_kms();
  const TeeEnvironment seen = open(kms, "jwe", R"({"GREETING_PUBLIC":"hello","PORT_PUBLIC":"80"})");
  CHECK(text(seen, "API_TOKEN") == "from jose");
  CHECK(text(seen, "GREETING_PUBLIC") == "hello");
  CHECK(text(seen, "PORT_PUBLIC") == "80");
  CHECK(crypto::mnemonic_problem(text(seen, "MNEMONIC")).empty());
  CHECK(base::split(text(seen, "MNEMONIC"), ' ').size() == 24);
  CHECK(text(open(kms, "jwe", R"({"MNEMONIC":"public words"})"), "MNEMONIC") == "public words");
}

TEST_CASE("the app id in the header counts in any case", "[devnet]") {
  CHECK(text(open(test_kms(), "jweUpperCase"), "API_TOKEN") == "from jose");
}

/// A JWE for the KMS with that protected header, whatever it says, around {"A":"b"}.
std::string with_header(const Kms& kms, const std::string& header) {
  crypto::SystemRandom random;
  const std::string made =
      crypto::jwe_encrypt(kms.encryption_key(), base::as_bytes(R"({"A":"b"})"), {}, random);
  const auto parts = base::split(made, '.');
  // The content key is not known here: a header that was exchanged afterwards must not open.
  return base::join(
      {base::to_base64url(base::as_bytes(header)), parts[1], parts[2], parts[3], parts[4]}, ".");
}

TEST_CASE("the KMS ignores members of the header that it does not know", "[devnet]") {
  const TeeEnvironment seen = open(test_kms(), "jweMoreMembers");
  CHECK(text(seen, "API_TOKEN") == "from jose");
  CHECK(seen.size() == 3);
}

TEST_CASE("the KMS refuses a header that was changed or that it must understand", "[devnet]") {
  const Kms kms = test_kms();
  const std::string app = vector_app().to_string();
  const auto refused = [&](const std::string& header) {
    return refusal([&] {
      kms.environment(vector_app(), base::as_bytes(with_header(kms, header)), base::as_bytes("{}"));
    });
  };
  const std::string begin = R"({"alg":"RSA-OAEP-256","enc":"A256GCM","x-eigenx-app-id":")" + app;
  CHECK(refused(begin + R"("})").find("its tag does not fit its header") != std::string::npos);
  CHECK(refused(begin + R"(","crit":["x-ecloud-wallet"],"x-ecloud-wallet":"kms"})")
            .find("its header has crit") != std::string::npos);
  CHECK(refused(R"({"alg":"RSA-OAEP","enc":"A256GCM"})").find("its alg is not") !=
        std::string::npos);
}

TEST_CASE("the KMS refuses an app ID that is not a text", "[devnet]") {
  const Kms kms = test_kms();
  CHECK(refusal([&] { open(kms, "jweNumberAsApp"); }) ==
        "the private environment names no app in x-eigenx-app-id");
}

TEST_CASE("the KMS refuses what was not meant for the app", "[devnet]") {
  const Kms kms = test_kms();
  CHECK(refusal([&] { open(kms, "jweOtherApp"); }) ==
        "the private environment was encrypted for another app, "
        "0x00000000000000000000000000000000000000aa");
  CHECK(refusal([&] { open(kms, "jweNoApp"); }) ==
        "the private environment names no app in x-eigenx-app-id");
  const auto raw = [&](std::string jwe, std::string_view public_env = "{}") {
    return refusal(
        [&] { kms.environment(vector_app(), base::as_bytes(jwe), base::as_bytes(public_env)); });
  };
  std::string changed = vectors()["jwe"].as_string();
  changed[changed.size() - 30] = changed[changed.size() - 30] == 'A' ? 'B' : 'A';
  CHECK(raw(changed).starts_with("the private environment does not decrypt: "));
  CHECK(raw("").starts_with("the private environment does not decrypt: "));
  CHECK(raw(vectors()["jwe"].as_string(), "[]") == "the public environment is no JSON object");
  CHECK(raw(vectors()["jwe"].as_string(), R"({"A":1})") ==
        "the public environment has a value that is no string: A");
}

TEST_CASE("each app has words of its own, the same every time", "[devnet]") {
  const Kms kms = test_kms(), again = test_kms();
  const eth::Address other = *eth::Address::parse("0x00000000000000000000000000000000000000aa");
  CHECK(kms.mnemonic(vector_app()).reveal_text() == again.mnemonic(vector_app()).reveal_text());
  CHECK(kms.mnemonic(vector_app()).reveal_text() != kms.mnemonic(other).reveal_text());
}

TEST_CASE("addresses are signed as the platform's KMS signs them", "[devnet]") {
  Kms kms = test_kms();
  const base::Json signed_addresses = kms.signed_addresses(vector_app());
  const base::Json data = signed_addresses["data"];
  CHECK(data["appId"].as_string() == vector_app().to_lower_hex());
  REQUIRE(data["evmAddresses"].size() == 5);
  REQUIRE(data["solanaAddresses"].size() == 5);
  CHECK(data["evmAddresses"].at(4)["derivationPath"].as_string() == "m/44'/60'/0'/0/4");
  CHECK(data["solanaAddresses"].at(1)["derivationPath"].as_string() == "m/44'/501'/1'/0'");
  // Members keep their order, so the document itself is the text that the KMS signs.
  const std::string message = std::string("COMPUTE_APP_KMS_SIGNATURE_V1") + '\0' + data.dump();
  const auto signature = base::from_base64(signed_addresses["signature"].as_string());
  REQUIRE(signature);
  CHECK(crypto::p256_verify(kms.signing_key(), base::as_bytes(message), *signature));
  CHECK(kms.signed_addresses(vector_app()).dump() == signed_addresses.dump());
}

TEST_CASE("half of a key pair is not made up", "[devnet]") {
  const TempDir directory;
  for (const char* name : {"kms-encryption.pem", "kms-encryption-private.pem", "kms-signing.pem"}) {
    directory.write(name, testing::test_data("devnet/" + std::string(name)));
  }
  try {
    const Kms kms(directory.path());
    FAIL("took half of a pair");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kUsage);
    CHECK(error.message() == "only one of " + (directory / "kms-signing.pem").string() + " and " +
                                 (directory / "kms-signing-private.pem").string() + " is there");
  }
}

// The keys were computed with Python's hashlib and hmac.
TEST_CASE("the key of the disk follows from the phrase", "[devnet][disk]") {
  const auto key = [](std::string words) {
    TeeEnvironment environment;
    environment.insert_or_assign("MNEMONIC", base::Secret(std::move(words)));
    return disk_key(environment);
  };
  CHECK(key("test test test test test test test test test test test junk") ==
        "94b56a38039d4aeddb1e90f899ce0820b1429cec815509bca3cda08d0751c861");
  CHECK(
      key("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
          "about") == "336d8ebede32d5ebea916c9ea112fecffb6156ffc12a8ac0f497130d5655ce5f");
  CHECK(key("test test test").empty());
  CHECK(disk_key({}).empty());
}

TEST_CASE("the client writes its lines sorted and escapes nothing", "[devnet]") {
  TeeEnvironment environment;
  environment.insert_or_assign("Z", base::Secret(std::string("a \"b\" $C `d` \\")));
  environment.insert_or_assign("A", base::Secret(std::string("two\nlines")));
  CHECK(export_lines(environment).reveal_text() ==
        "export A=\"two\nlines\"\nexport Z=\"a \"b\" $C `d` \\\"\n");
}

TEST_CASE("the KMS compares the hardware of the instance type", "[devnet]") {
  const Kms kms = test_kms();
  const auto with = [&](const std::string& public_env) {
    return refusal([&] { open(kms, "jwe", public_env); });
  };
  for (const char* type : {"g1-standard-4t", "g1-standard-2s", "g1-micro-1v", ""}) {
    INFO(type);
    CHECK(with(R"({"EIGEN_MACHINE_TYPE_PUBLIC":")" + std::string(type) + "\"}") == "none");
  }
  CHECK(with(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4x"})") ==
        "Platform validation failed: the instance type ends in none of t, s and v");
  CHECK(with(R"({"EIGEN_PLATFORM_PUBLIC":"INTEL_TDX"})") == "none");
  CHECK(with(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"a-2s","EIGEN_PLATFORM_PUBLIC":"AMD_SEV_SNP"})") ==
        "none");
  CHECK(with(R"({"EIGEN_MACHINE_TYPE_PUBLIC":"a-2s","EIGEN_PLATFORM_PUBLIC":"INTEL_TDX"})") ==
        "Platform validation failed: EIGEN_PLATFORM_PUBLIC is not AMD_SEV_SNP");
}

TEST_CASE("missing keys are made, and kept", "[devnet]") {
  const TempDir directory;
  // The RSA pair is given: making one of 4096 bits takes seconds.
  for (const char* name : {"kms-encryption.pem", "kms-encryption-private.pem"}) {
    directory.write(name, testing::test_data("devnet/" + std::string(name)));
  }
  const Kms first(directory.path());
  CHECK(first.signing_key() != testing::test_data("devnet/kms-signing.pem"));
  CHECK((std::filesystem::status(directory / "kms-signing-private.pem").permissions() &
         std::filesystem::perms(077)) == std::filesystem::perms::none);
  const Kms second(directory.path());
  CHECK(first.signing_key() == second.signing_key());
}

}  // namespace
}  // namespace ecloud::devnet
