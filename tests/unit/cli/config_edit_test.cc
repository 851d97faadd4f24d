#include "cli/config_edit.h"

#include "ecloud/base/error.h"
#include "support/catch.h"

using ecloud::Error;
using ecloud::cli::set_config_value;
using ecloud::cli::unset_config_value;

namespace {

std::string set(const std::string& text, const std::string& key,
                const std::vector<std::string>& values) {
  return set_config_value(text, "config.yaml", key, values);
}

std::string unset(const std::string& text, const std::string& key) {
  return unset_config_value(text, "config.yaml", key);
}

template <typename Action>
std::string code_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return "no error";
}

constexpr char kFile[] =
    "# mine\n"
    "defaultEnvironment: sepolia   # until it works\n"
    "\n"
    "environments:\n"
    "    # the office\n"
    "    office:\n"
    "        chainId: 5\n"
    "        kmsSigningKey: |\n"
    "            -----BEGIN PUBLIC KEY-----\n"
    "            userApiUrl: not a key\n"
    "            -----END PUBLIC KEY-----\n"
    "        rpcUrl:\n"
    "        - https://one.example.com\n"
    "        # the slow one\n"
    "        - https://two.example.com\n"
    "\n"
    "# the end\n";

}  // namespace

TEST_CASE("setting a value keeps comments and everything else", "[cli][config]") {
  std::string expected = kFile;
  expected.replace(expected.find("sepolia"), 7, "devnet");
  CHECK(set(kFile, "defaultEnvironment", {"devnet"}) == expected);

  expected = kFile;
  expected.replace(expected.find("chainId: 5"), 10, "chainId: 17");
  CHECK(set(kFile, "environments.office.chainId", {"17"}) == expected);
}

TEST_CASE("a list and a text of several lines are replaced whole", "[cli][config]") {
  const std::string text = kFile;
  const std::size_t list = text.find("        rpcUrl:");
  const std::size_t end = text.find("\n# the end");
  CHECK(set(text, "environments.office.rpcUrl", {"https://three.example.com"}) ==
        text.substr(0, list) + "        rpcUrl: https://three.example.com\n" + text.substr(end));
  CHECK(set(text, "environments.office.rpcUrl", {"https://a", "https://b"}) ==
        text.substr(0, list) + "        rpcUrl:\n          - https://a\n          - https://b\n" +
            text.substr(end));
  const std::size_t key = text.find("        kmsSigningKey");
  CHECK(set(text, "environments.office.kmsSigningKey", {"a\nb: c\n"}) ==
        text.substr(0, key) + "        kmsSigningKey: \"a\\nb: c\\n\"\n" + text.substr(list));
}

TEST_CASE("a new key goes into its section, as deep as the others there", "[cli][config]") {
  const std::string text = kFile;
  const std::size_t end = text.find("\n# the end");
  CHECK(set(text, "environments.office.delegator", {"0x11"}) ==
        text.substr(0, end) + "        delegator: 0x11\n" + text.substr(end));
  CHECK(set(text, "environments.home.chainId", {"1"}) ==
        text.substr(0, end) + "    home:\n      chainId: 1\n" + text.substr(end));
  CHECK(set(text, "wallet", {"kms"}) == text + "wallet: kms\n");
  CHECK(set("", "environments.home.rpcUrl", {"https://a"}) ==
        "environments:\n  home:\n    rpcUrl: https://a\n");
  CHECK(set("# no line break at the end", "wallet", {"kms"}) ==
        "# no line break at the end\nwallet: kms\n");
}

TEST_CASE("what YAML would take for something else is quoted", "[cli][config]") {
  for (const std::string value : {"null", "~", "a: b", "x #y", "- x", "[x]", "", " x", "x:", "\"",
                                  "it's", "ä", "&a", "*a", "!x", "a\tb", "%x", "@x", "`x"}) {
    const std::string text = set("", "instanceType", {value});
    INFO(text);
    const auto file =
        ecloud::cli::ConfigFile::parse(text, "c", ecloud::cli::ConfigFile::Which::kUser);
    CHECK(file.text("instanceType") == value);
    CHECK(set(text, "instanceType", {"x"}) == "instanceType: x\n");
  }
}

TEST_CASE("removing a value removes the sections that it leaves empty", "[cli][config]") {
  const std::string text = kFile;
  CHECK(unset(text, "defaultEnvironment") ==
        text.substr(0, 7) + text.substr(text.find("\n\n") + 1));
  CHECK(unset(text, "wallet") == text);
  CHECK(unset("environments:\n  home:\n    chainId: 5\nwallet: kms\n",
              "environments.home.chainId") == "wallet: kms\n");
  CHECK(unset("environments:\n  home:\n    chainId: 5\n    delegator: x\n",
              "environments.home.chainId") == "environments:\n  home:\n    delegator: x\n");
}

TEST_CASE("a wrong value and a file that is wrong already are refused", "[cli][config]") {
  CHECK(code_of([] { set("", "environments.a.chainId", {"five"}); }) == "config.type");
  CHECK(code_of([] { set("", "wallet", {"mine"}); }) == "config.bad_value");
  CHECK(code_of([] { set("wallet: [\n", "wallet", {"kms"}); }) == "config.syntax");
}

TEST_CASE("the keys of other programs stay as they are", "[cli][config]") {
  const std::string theirs = "first_run: false\nprofile_cache:\n  sepolia: {a: [1, 2]}\n";
  CHECK(set(theirs, "wallet", {"kms"}) == theirs + "wallet: kms\n");
  CHECK(set("default_environment: sepolia # theirs\n", "defaultEnvironment", {"devnet"}) ==
        "default_environment: sepolia # theirs\ndefaultEnvironment: devnet\n");
  CHECK(unset_config_value("default_environment: a\ndefaultEnvironment: b\n", "config.yaml",
                           "defaultEnvironment") == "default_environment: a\n");
  CHECK(set("nonsense: 1\n", "wallet", {"kms"}) == "nonsense: 1\nwallet: kms\n");
}

TEST_CASE("what is written in braces is left to an editor", "[cli][config]") {
  const std::string text = "environments: {home: {chainId: 5}}\n";
  CHECK(code_of([&] { set(text, "environments.home.chainId", {"6"}); }) == "config.cannot_edit");
  CHECK(code_of([&] { set(text, "environments.home.delegator", {"x"}); }) == "config.cannot_edit");
  CHECK(set(text, "wallet", {"kms"}) == text + "wallet: kms\n");
}
