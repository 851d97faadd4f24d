// `ecloud auth`: the stores and the questions, at a console of the tests' own.

#include <sys/stat.h>

#include <filesystem>

#include "ecloud/base/json.h"
#include "support/catch.h"
#include "support/fake_keyring.h"
#include "unit/cli/cli_run.h"

using ecloud::testing::CliRun;
using ecloud::testing::slurp;

namespace {

// The keys 1 and 2 and their addresses, as ethers and every other wallet compute them.
constexpr char kKeyOne[] = "0x0000000000000000000000000000000000000000000000000000000000000001";
constexpr char kKeyTwo[] = "0x0000000000000000000000000000000000000000000000000000000000000002";
const std::string kOne = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";
const std::string kTwo = "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF";

struct Desk : CliRun {
  Desk() { env.set("NO_COLOR", "1"); }

  void with_keyring() {
    helper("secret-tool", ecloud::testing::kFakeKeyring);
    env.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
  }
  std::filesystem::path keystore() const { return directory / "home/.config/ecloud/keystore.json"; }
  std::filesystem::path entry(const std::string& name) const {
    return directory / ("keyring/" + name);
  }
  void type(std::deque<std::string> lines) {
    at_terminal();
    console.lines = std::move(lines);
    console.echoes.clear();
  }
  bool told(const std::string& text) const { return err().find(text) != std::string::npos; }
  bool shows_key() const {
    return (out() + err()).find("00000000000000000000000000") != std::string::npos;
  }
  /// Logs in to the file, from a variable and without questions.
  void login_to_file(const char* key = kKeyOne) {
    env.set("ECLOUD_PRIVATE_KEY", key);
    env.set("ECLOUD_KEYSTORE_PASSWORD", "pass");
    const int code = (*this)({"auth", "login", "--store", "file", "--yes"});
    INFO(err());
    REQUIRE(code == 0);
    env.unset("ECLOUD_PRIVATE_KEY");
    env.unset("ECLOUD_KEYSTORE_PASSWORD");
  }
};

}  // namespace

TEST_CASE("login asks for key and password without showing them", "[cli][auth]") {
  Desk desk;
  desk.type({kKeyOne, "pass", "pass"});
  CHECK(desk({"auth", "login", "--store", "file"}) == 0);
  INFO(desk.err());
  CHECK(desk.out() == "Address:    " + kOne + "\nStored in:  " + desk.keystore().string() + "\n");
  CHECK(desk.err() == "Private key (not shown): \nNew password for " + desk.keystore().string() +
                          ": \nThe same password again: \n");
  CHECK(desk.console.echoes == std::vector<bool>{false, false, false});
  CHECK_FALSE(desk.shows_key());
  struct stat status {};
  REQUIRE(::stat(desk.keystore().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto file = ecloud::base::Json::parse(slurp(desk.keystore()), "file");
  CHECK(file["version"].as_u64() == 3);
  CHECK(file["address"].as_string() == "7e5f4552091a69125d5dfcb7b8c2659029395bdf");
}

TEST_CASE("two different passwords store nothing", "[cli][auth]") {
  Desk desk;
  desk.type({kKeyOne, "pass", "other"});
  CHECK(desk({"auth", "login", "--store", "file"}) == 2);
  CHECK(desk.told("the two passwords differ"));
  desk.type({kKeyOne, "", ""});
  CHECK(desk({"auth", "login", "--store", "file"}) == 2);
  CHECK(desk.told("an empty password"));
  CHECK_FALSE(std::filesystem::exists(desk.keystore()));
}

TEST_CASE("login takes the key from stdin and the password from a file", "[cli][auth]") {
  Desk desk;
  desk.console.input = std::string(kKeyTwo) + "\n";
  desk.directory.write("password", "pass\r\n");
  CHECK(desk({"auth", "login", "-", "--store", "file", "--password-file", "password", "--json"}) ==
        0);
  CHECK(desk.out() == "{\"address\":\"" + kTwo + "\",\"store\":\"file\",\"place\":\"" +
                          desk.keystore().string() + "\",\"replaced\":null,\"stored\":true}\n");
  desk.env.set("ECLOUD_KEYSTORE_PASSWORD", "pass");
  CHECK(desk({"auth", "login", "--keystore", desk.keystore().string(), "--store", "file"}) == 0);
}

TEST_CASE("login without a key and without a person names the ways", "[cli][auth]") {
  Desk desk;
  CHECK(desk({"auth", "login", "--store", "file"}) == 2);
  CHECK(desk.err() ==
        "error: no private key was given to store\n"
        "hint: give a file with it (`-` is stdin), or set ECLOUD_PRIVATE_KEY\n"
        "usage: ecloud auth login [FILE] [options]\n");
  desk.env.set("ECLOUD_PRIVATE_KEY", kKeyOne);
  CHECK(desk({"auth", "login", "--store", "file"}) == 5);
  CHECK(desk.told("set ECLOUD_KEYSTORE_PASSWORD, or give --password-file FILE"));
}

TEST_CASE("without a keyring login says so before it asks for the key", "[cli][auth]") {
  Desk desk;
  desk.type({kKeyOne});
  CHECK(desk({"auth", "login"}) == 5);
  CHECK(desk.told("secret-tool is not installed"));
  CHECK(desk.told("ecloud auth login --store file"));
  CHECK(desk.console.echoes.empty());
}

TEST_CASE("a key file is used by commands, its address without a password", "[cli][auth]") {
  Desk desk;
  desk.login_to_file();
  CHECK(desk({"auth", "whoami"}) == 0);
  CHECK(desk.out() ==
        "Address: " + kOne + "\nSource: the key file " + desk.keystore().string() + "\n");
  CHECK(desk({"auth", "list"}) == 0);
  CHECK(desk.out() == kOne + "\tthe key file " + desk.keystore().string() + "\tyes\n");
  // Another file of that format, by option and by variable; the option is stronger than keys in
  // variables.
  std::filesystem::copy_file(desk.keystore(), desk.directory / "other.json");
  desk.env.set("ECLOUD_PRIVATE_KEY", kKeyTwo);
  CHECK(desk({"auth", "whoami", "--fields", "address", "--keystore", "other.json"}) == 0);
  CHECK(desk.out() == kOne + "\n");
  desk.env.set("ECLOUD_KEYSTORE", "other.json");
  CHECK(desk({"auth", "whoami", "--fields", "address"}) == 0);
  CHECK(desk.out() == kTwo + "\n");
  CHECK(desk({"auth", "whoami", "--keystore", "other.json", "--private-key-file", "-"}) == 2);
  CHECK(desk.told("--private-key-file and --keystore exclude each other"));
}

TEST_CASE("a password is asked for three times at most", "[cli][auth]") {
  Desk desk;
  desk.login_to_file();
  // Without an address only the opened key tells it.
  std::string text = slurp(desk.keystore());
  text.replace(text.find("\"address\""), 9, "\"x\"");
  desk.directory.write("nameless.json", text);
  desk.type({"wrong", "pass"});
  CHECK(desk({"auth", "whoami", "--fields", "address", "--keystore", "nameless.json"}) == 0);
  CHECK(desk.out() == kOne + "\n");
  CHECK(desk.told("The password is wrong."));
  desk.type({"a", "b", "c", "pass"});
  CHECK(desk({"auth", "whoami", "--keystore", "nameless.json"}) == 5);
  CHECK(desk.console.lines.size() == 1);
  desk.type({});
  CHECK(desk({"auth", "whoami", "--keystore", "nameless.json"}) == 130);
  desk.console.input_terminal = false;
  CHECK(desk({"auth", "whoami", "--keystore", "nameless.json"}) == 5);
  CHECK(desk.told("needs its password, and nobody is there to ask"));
}

TEST_CASE("another key is stored after a question, and the old file is kept", "[cli][auth]") {
  Desk desk;
  desk.login_to_file();
  desk.env.set("ECLOUD_KEYSTORE_PASSWORD", "pass");
  desk.env.set("ECLOUD_PRIVATE_KEY", kKeyTwo);
  CHECK(desk({"auth", "login", "--store", "file"}) == 2);
  CHECK(desk.told("give --yes to agree"));
  desk.type({"n"});
  CHECK(desk({"auth", "login"}) == 130);
  CHECK(slurp(desk.keystore()).find("7e5f4552") != std::string::npos);
  desk.type({"y"});
  CHECK(desk({"auth", "login"}) == 0);
  CHECK(slurp(desk.keystore()).find("2b5ad5c4") != std::string::npos);
  const auto kept = desk.keystore().parent_path() / ("keystore-" + kOne + ".json");
  CHECK(slurp(kept).find("7e5f4552") != std::string::npos);
  CHECK(desk.told("note: the key file from before is now " + kept.string()));
  CHECK(desk.told("note: ECLOUD_PRIVATE_KEY is set, and comes before the key that is stored"));
}

TEST_CASE("login with --dry-run stores nothing", "[cli][auth]") {
  Desk desk;
  desk.env.set("ECLOUD_PRIVATE_KEY", kKeyOne);
  CHECK(desk({"auth", "login", "--store", "file", "--dry-run", "--fields", "stored"}) == 0);
  CHECK(desk.out() == "false\n");
  CHECK_FALSE(std::filesystem::exists(desk.keystore()));
}

#ifdef __linux__
TEST_CASE("login keeps the key in the keyring and commands find it there", "[cli][auth]") {
  Desk desk;
  desk.with_keyring();
  desk.type({kKeyOne});
  CHECK(desk({"auth", "login"}) == 0);
  CHECK(desk.out() == "Address:    " + kOne + "\nStored in:  the keyring\n");
  CHECK(slurp(desk.entry("ecloud-key")) == kKeyOne);
  CHECK_FALSE(desk.shows_key());
  CHECK(desk({"auth", "whoami", "--fields", "address,source"}) == 0);
  CHECK(desk.out() == kOne + "\tthe keyring\n");
  // The file is stronger, and the keyring is not asked then.
  desk.login_to_file(kKeyTwo);
  desk.helper("secret-tool", "echo locked >&2; exit 1\n");
  CHECK(desk({"auth", "whoami", "--fields", "address"}) == 0);
  CHECK(desk.out() == kTwo + "\n");
  desk.console.output_terminal = false;
  CHECK(desk({"auth", "list"}) == 0);
  CHECK(desk.out().find(kTwo + "\t") == 0);
  CHECK(desk.out().find("secret-tool failed with status 1: locked") != std::string::npos);
}

TEST_CASE("a keyring in trouble is an error where the key is needed", "[cli][auth]") {
  Desk desk;
  desk.with_keyring();
  desk.helper("secret-tool", "echo locked >&2; exit 1\n");
  CHECK(desk({"auth", "whoami"}) == 5);
  CHECK(desk.told("the keyring cannot be used: secret-tool failed with status 1: locked"));
  // Commands that need no key do not ask.
  CHECK(desk({"version"}) == 0);
  CHECK(desk({"config", "path"}) == 0);
}

TEST_CASE("logout removes what is stored, after a question", "[cli][auth]") {
  Desk desk;
  desk.with_keyring();
  desk.env.set("ECLOUD_PRIVATE_KEY", kKeyTwo);
  CHECK(desk({"auth", "login", "--store", "keyring"}) == 0);
  desk.login_to_file();
  CHECK(desk({"auth", "logout"}) == 2);
  CHECK(desk({"auth", "logout", "--dry-run"}) == 0);
  desk.type({"n"});
  CHECK(desk({"auth", "logout"}) == 130);
  CHECK(std::filesystem::exists(desk.keystore()));
  CHECK(desk({"auth", "logout", "--store", "file", "--force"}) == 0);
  CHECK_FALSE(std::filesystem::exists(desk.keystore()));
  CHECK(std::filesystem::exists(desk.entry("ecloud-key")));
  CHECK(desk({"auth", "logout", "--json", "--yes"}) == 0);
  CHECK_FALSE(std::filesystem::exists(desk.entry("ecloud-key")));
  const auto document = ecloud::base::Json::parse(desk.out(), "stdout");
  CHECK(document["keys"].at(0)["address"].as_string() == kTwo);
  CHECK(document["keys"].at(0)["removed"].as_bool());
  CHECK(desk({"auth", "logout"}) == 0);
  CHECK(desk.told("note: no key is stored"));
}

TEST_CASE("logout names both keys of a keyring that has two entries", "[cli][auth]") {
  Desk desk;
  desk.with_keyring();
  // The entry under its newer name, and one under the older with another key.
  desk.helper("secret-tool", std::string("case \"$*\" in") +
                                 " 'lookup service ecloud username key') echo " + kKeyOne +
                                 ";;"
                                 " 'lookup service ecloud account key') echo " +
                                 kKeyTwo +
                                 ";;"
                                 " clear*) echo \"$*\" >>${0%/*}/../cleared;; esac\n");
  desk.type({"n"});
  CHECK(desk({"auth", "logout"}) == 130);
  CHECK(desk.told("Remove the key of " + kOne + " and that of " + kTwo + " from the keyring?"));
  CHECK(slurp(desk.directory / "cleared").empty());
  CHECK(desk({"auth", "logout", "--yes", "--json"}) == 0);
  const auto document = ecloud::base::Json::parse(desk.out(), "stdout");
  REQUIRE(document["keys"].elements().size() == 2);
  CHECK(document["keys"].at(0)["address"].as_string() == kOne);
  CHECK(document["keys"].at(1)["address"].as_string() == kTwo);
  CHECK(slurp(desk.directory / "cleared").find("account") != std::string::npos);
}

TEST_CASE("moving from the file to the keyring puts the file aside", "[cli][auth]") {
  Desk desk;
  desk.with_keyring();
  desk.login_to_file();
  desk.env.set("ECLOUD_KEYSTORE_PASSWORD", "pass");
  CHECK(desk({"auth", "login", "--keystore", desk.keystore().string(), "--store", "keyring"}) == 0);
  CHECK(slurp(desk.entry("ecloud-key")) == kKeyOne);
  CHECK_FALSE(std::filesystem::exists(desk.keystore()));
  CHECK(std::filesystem::exists(desk.keystore().parent_path() / ("keystore-" + kOne + ".json")));
}

TEST_CASE("generate --store keeps the key and shows it nowhere", "[cli][auth]") {
  for (const std::vector<std::string>& spelled :
       {std::vector<std::string>{"--store"}, std::vector<std::string>{"--store", "keyring"},
        std::vector<std::string>{"--store=keyring"},
        std::vector<std::string>{"--store", "--yes"}}) {
    Desk desk;
    desk.with_keyring();
    std::vector<std::string> arguments = {"auth", "generate"};
    arguments.insert(arguments.end(), spelled.begin(), spelled.end());
    CHECK(desk(arguments) == 0);
    // The test's random octets are 1 to 32; the address is that of @scure and ethers for this key.
    CHECK(desk.out() ==
          "Address: 0x6370eF2f4Db3611D657b90667De398a2Cc2a370C\nStored in: the keyring\n");
    CHECK(slurp(desk.entry("ecloud-key")).find("0x0102030405") == 0);
    CHECK((desk.out() + desk.err()).find("0102030405") == std::string::npos);
  }
}

TEST_CASE("generate that cannot store shows nothing of the key", "[cli][auth]") {
  Desk desk;
  CHECK(desk({"auth", "generate", "--store"}) == 5);
  CHECK(desk.out().empty());
  CHECK(desk.told("ecloud auth generate --store file"));
  desk.env.set("ECLOUD_KEYSTORE_PASSWORD", "pass");
  CHECK(desk({"auth", "generate", "--store", "file"}) == 0);
  CHECK(std::filesystem::exists(desk.keystore()));
  CHECK(desk({"auth", "generate", "--store", "--out", "x"}) == 2);
  CHECK(desk.told("--out and --store exclude each other"));
}

TEST_CASE("migrate takes over a key of the old CLI", "[cli][auth]") {
  Desk desk;
  desk.with_keyring();
  CHECK(desk({"auth", "migrate"}) == 6);
  desk.directory.write("keyring/eigenx-cli-eigenx-sepolia", kKeyOne + 2);
  CHECK(desk({"auth", "migrate", "--dry-run"}) == 0);
  CHECK_FALSE(std::filesystem::exists(desk.entry("ecloud-key")));
  CHECK(desk({"auth", "migrate"}) == 0);
  CHECK(desk.out() == "Address: " + kOne + "\nStored in: the keyring\nOld entry: still there\n");
  CHECK(slurp(desk.entry("ecloud-key")) == kKeyOne);
  CHECK(std::filesystem::exists(desk.entry("eigenx-cli-eigenx-sepolia")));
}

TEST_CASE("migrate chooses among several keys and decodes those of macOS", "[cli][auth]") {
  Desk desk;
  desk.with_keyring();
  desk.directory.write("keyring/eigenx-cli-eigenx-sepolia", kKeyOne);
  // `printf 0x…02 | base64 -w0` (GNU coreutils).
  desk.directory.write("keyring/eigenx-cli-eigenx-mainnet-alpha",
                       "go-keyring-base64:MHgwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw"
                       "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAy");
  desk.directory.write("keyring/eigenx-cli-eigenx-mainnet", "go-keyring-encoded:zz");
  CHECK(desk({"auth", "migrate"}) == 2);
  CHECK(desk.told("choose one with --from ENVIRONMENT"));
  CHECK(desk.told("warning: the old entry for mainnet holds no private key"));
  CHECK(desk({"auth", "migrate", "--from", "goerli"}) == 6);
  desk.type({"2"});
  CHECK(desk({"auth", "migrate", "--delete-old"}) == 0);
  CHECK(slurp(desk.entry("ecloud-key")) == kKeyTwo);
  CHECK_FALSE(std::filesystem::exists(desk.entry("eigenx-cli-eigenx-mainnet-alpha")));
  CHECK(std::filesystem::exists(desk.entry("eigenx-cli-eigenx-sepolia")));
  CHECK(desk({"auth", "migrate", "--from", "sepolia"}) == 130);
  CHECK(desk({"auth", "migrate", "--from", "sepolia", "--yes"}) == 0);
  CHECK(slurp(desk.entry("ecloud-key")) == kKeyOne);
}
#endif
