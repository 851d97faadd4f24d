#include "ecloud/platform/app_environment.h"

#include "ecloud/crypto/jwe.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using Names = std::vector<std::string>;

AppEnvironment split(std::string_view text, FoundMnemonic* mnemonic = nullptr) {
  return split_environment(parse_dotenv(text, ".env"), "dir/.env", mnemonic);
}

TEST_CASE("names that end in _PUBLIC are public, and only these", "[platform]") {
  CHECK(is_public_name("A_PUBLIC"));
  CHECK(is_public_name("_PUBLIC"));
  for (const std::string_view name :
       {"PUBLIC", "A_PUBLIC_", "A_public", "PUBLIC_KEY", "A_PUBLICX", "APUBLIC", ""}) {
    INFO(name);
    CHECK_FALSE(is_public_name(name));
  }
}

TEST_CASE("variables are cut into public and private ones", "[platform]") {
  const AppEnvironment environment = split("Z=1\nURL_PUBLIC=http://x\nDB=secret\nA_PUBLIC=");
  CHECK(environment.public_names() == Names{"A_PUBLIC", "URL_PUBLIC"});
  CHECK(environment.private_names() == Names{"DB", "Z"});
  CHECK(environment.public_variables.at("URL_PUBLIC") == "http://x");
  CHECK(environment.public_variables.at("A_PUBLIC").empty());
  CHECK(environment.private_variables.at("DB").reveal_text() == "secret");
  CHECK(split("").public_names().empty());
}

TEST_CASE("an app serves TLS when it has a domain of its own", "[platform]") {
  CHECK(wants_tls(split("DOMAIN=app.example.com")));
  for (const char* text : {"", "DOMAIN=", "DOMAIN=localhost", "DOMAIN=' LocalHost '",
                           "DOMAIN_PUBLIC=app.example.com", "MY_DOMAIN=app.example.com"}) {
    INFO(text);
    CHECK_FALSE(wants_tls(split(text)));
  }
}

TEST_CASE("the machine type is not for the user to set", "[platform]") {
  CHECK(testing::error_of([] { split("A=1\nEIGEN_MACHINE_TYPE_PUBLIC=marker"); }) ==
        "2 dotenv.reserved: dir/.env:2: EIGEN_MACHINE_TYPE_PUBLIC is set by the platform | remove "
        "the line, and choose the machine with --instance-type");
  CHECK(testing::error_of([] { split("\n\nEIGEN_PLATFORM_PUBLIC=INTEL_TDX"); }) ==
        "2 dotenv.reserved: dir/.env:3: EIGEN_PLATFORM_PUBLIC is set by the platform | remove the "
        "line: the KMS refuses the app when the value is not that of its machine");
  CHECK(split("EIGEN_PLATFORM=1\neigen_platform_public=2").private_names().size() == 2);
  CHECK(split("MY_EIGEN_MACHINE_TYPE_PUBLIC=1").public_names().size() == 1);
}

TEST_CASE("names that the platform sets as well are told", "[platform]") {
  std::string told;
  for (const SharedVariable& one :
       shared_variables(split("HOSTNAME=a\nKMS_PUBLIC_KEY=b\nKMS_SERVER_URL=c\nA=d\n"
                              "USER_PERSISTENT_DATA_PATH=/data"))) {
    told += one.name + " " + one.effect + "\n";
  }
  CHECK(told ==
        "HOSTNAME replaces the platform's value, whose end is the app's ID\n"
        "KMS_PUBLIC_KEY is overwritten in the TEE with the KMS's signing key\n"
        "KMS_SERVER_URL is overwritten in the TEE with the URL of the KMS\n"
        "USER_PERSISTENT_DATA_PATH replaces the platform's value, the directory "
        "/mnt/disks/userdata\n");
  CHECK(shared_variables(split("hostname=a\nKMS_URL=b")).empty());
}

TEST_CASE("a mnemonic in the file is taken out, in whatever case it is written", "[platform]") {
  for (const std::string name : {"MNEMONIC", "mnemonic", "Mnemonic", "mNeMoNiC"}) {
    INFO(name);
    FoundMnemonic found;
    const AppEnvironment environment = split("A=1\n" + name + "=\"test junk\"\nB_PUBLIC=2", &found);
    CHECK(environment.private_names() == Names{"A"});
    CHECK(environment.public_names() == Names{"B_PUBLIC"});
    CHECK(found.found);
    CHECK(found.line == 2);
    CHECK(found.value.reveal_text() == "test junk");
  }
}

TEST_CASE("of several mnemonics the last one counts", "[platform]") {
  FoundMnemonic found;
  CHECK(split("MNEMONIC=first\nmnemonic=second", &found).private_names().empty());
  CHECK(found.line == 2);
  CHECK(found.value.reveal_text() == "second");
}

TEST_CASE("a mnemonic is taken out when nobody asks for it, too", "[platform]") {
  CHECK(split("MNEMONIC=words\nMNEMONIC_2=x").private_names() == Names{"MNEMONIC_2"});
}

TEST_CASE("without a mnemonic none is found", "[platform]") {
  FoundMnemonic found;
  split("A=MNEMONIC", &found);
  CHECK_FALSE(found.found);
  CHECK(found.value.empty());
  CHECK(found.line == 0);
}

TEST_CASE("values that were escaped for the shell are safe", "[platform]") {
  const auto unsafe = [](std::string_view text) {
    std::string out;
    for (const auto& variable : shell_unsafe_variables(split(text))) out += variable.name + " ";
    return out;
  };
  CHECK(unsafe("A=\"say \\\"hi\\\" for 5\\$ in C:\\\\dir \\`now\\`\"\nB_PUBLIC=\"\\$\"\n") == "");
  CHECK(unsafe("A='\\$'\nB=\\$\nC='a\\b'\nD='a\\\\b'\nE=a\\\nF=\"\\$ and $\"\n") == "A B D E F ");
  // A copy knows it as well.
  const AppEnvironment copy = split("A=\"\\$\"").clone();
  CHECK(shell_unsafe_variables(copy).empty());
}

TEST_CASE("values that a shell would change are named with the reason", "[platform]") {
  AppEnvironment environment = split(
      "Q='a\"marker'\nD_PUBLIC='a$marker'\nB='a`marker`'\nS='a\\\\marker'\nN=\"a\nb\"\n"
      "SAFE=\"it's {safe}; (really) & <truly> * ~ ! | % #\"\nEMPTY=");
  environment.private_variables["R"] = base::Secret(std::string("a\rb"));
  std::string found;
  for (const UnsafeVariable& variable : shell_unsafe_variables(environment)) {
    found += variable.name + " " + variable.reason + "\n";
  }
  CHECK(found ==
        "B holds a backquote\n"
        "D_PUBLIC holds a dollar sign\n"
        "N holds a line break\n"
        "Q holds a double quote\n"
        "R holds a line break\n"
        "S holds a backslash\n");
  CHECK(shell_unsafe_variables({}).empty());
}

TEST_CASE("the public environment is a JSON object with the machine type in it", "[platform]") {
  const auto text = [](std::string_view dotenv) {
    return std::string(base::as_chars(encode_public_environment(split(dotenv), "g1-standard-4t")));
  };
  CHECK(text("") == R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"})");
  CHECK(text("PRIVATE=marker") == R"({"EIGEN_MACHINE_TYPE_PUBLIC":"g1-standard-4t"})");
  CHECK(text("Z_PUBLIC=z\nA_PUBLIC='a\"\\b'\nU_PUBLIC=\"\xc3\xa4\n\xe2\x82\xac\"") ==
        "{\"A_PUBLIC\":\"a\\\"\\\\b\",\"EIGEN_MACHINE_TYPE_PUBLIC\":\"g1-standard-4t\","
        "\"U_PUBLIC\":\"\xc3\xa4\\n\xe2\x82\xac\",\"Z_PUBLIC\":\"z\"}");
}

crypto::JweContent decrypt(const base::Bytes& jwe) {
  const base::Secret key(testing::test_data("crypto/test_key_rsa_2048.pem"));
  return crypto::jwe_decrypt(key, base::as_chars(jwe));
}

base::Bytes encrypt(std::string_view dotenv) {
  crypto::SystemRandom random;
  return encrypt_private_environment(split(dotenv), testing::other_app(),
                                     testing::test_data("crypto/test_key_rsa_2048.pub.pem"),
                                     random);
}

TEST_CASE("the private environment is encrypted for one app", "[platform]") {
  const crypto::JweContent content =
      decrypt(encrypt("Z=\"line\\n\\\"quoted\\\" \xc3\xa4\"\nP_PUBLIC=public\nA=1\nMNEMONIC=no"));
  CHECK(content.protected_header == R"({"alg":"RSA-OAEP-256","enc":"A256GCM","x-eigenx-app-id":)"
                                    R"("0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa"})");
  CHECK(content.plaintext.reveal_text() ==
        "{\"A\":\"1\",\"Z\":\"line\\n\\\\\\\"quoted\\\\\\\" \xc3\xa4\"}");
}

TEST_CASE("without private variables an empty object is encrypted", "[platform]") {
  CHECK(decrypt(encrypt("P_PUBLIC=1")).plaintext.reveal_text() == "{}");
}

TEST_CASE("every encryption is another one", "[platform]") {
  CHECK(encrypt("A=1") != encrypt("A=1"));
}

TEST_CASE("a key of the KMS that is none is refused", "[platform]") {
  crypto::SystemRandom random;
  CHECK(testing::error_of([&] {
          encrypt_private_environment(split("A=marker"), testing::other_app(), "no key", random);
        }).starts_with("2 crypto.invalid_public_key: "));
}

}  // namespace
}  // namespace ecloud::platform
