#include <sys/stat.h>

#include "ecloud/base/json.h"
#include "support/catch.h"
#include "unit/cli/cli_run.h"

namespace fs = std::filesystem;
using ecloud::base::Json;
using ecloud::testing::CliRun;
using ecloud::testing::slurp;

namespace {

constexpr char kKey[] = "0x1111111111111111111111111111111111111111111111111111111111111111";

fs::path user_file(const CliRun& run) {
  return run.directory / "home/.config/ecloud/config.yaml";
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

constexpr char kProject[] =
    "name: shop\n"
    "image: me/shop:1\n"
    "env: [A, B]\n"
    "environments:\n"
    "  mainnet-alpha:\n"
    "    instanceType: large\n"
    "apps:\n"
    "  web:\n"
    "    image: me/web:1\n"
    "    environments:\n"
    "      mainnet-alpha:\n"
    "        image: me/web:0\n"
    "  worker:\n";

}  // namespace

TEST_CASE("config show says what each value is and with --origin where it comes from",
          "[cli][config]") {
  CliRun run;
  run.directory.write("ecloud.yaml", kProject);
  run.directory.write("home/.config/ecloud/config.yaml", "# mine\ninstanceType: small\n");
  run.env.set("ECLOUD_LOG_VISIBILITY", "public");
  REQUIRE(run({"config", "show"}) == 0);
  CHECK(has_line(run.out(), "name\tshop"));
  CHECK(has_line(run.out(), "env\tA, B"));
  CHECK(run.out().find("targetRef") == std::string::npos);
  REQUIRE(run({"config", "show", "--origin"}) == 0);
  CHECK(has_line(run.out(), "image\tme/shop:1\tecloud.yaml line 2"));
  CHECK(has_line(run.out(), "instanceType\tsmall\t" + user_file(run).string() + " line 2"));
  CHECK(has_line(run.out(), "logVisibility\tpublic\tECLOUD_LOG_VISIBILITY"));
  CHECK(has_line(run.out(), "wallet\tgenerated\tdefault"));
  CHECK(has_line(run.out(), "environment\tsepolia\tdefault"));
  CHECK(has_line(run.out(), "private-key\tnot set\t"));
  CHECK(run.err().empty());
}

TEST_CASE("config show takes environment and app into account", "[cli][config]") {
  CliRun run;
  run.directory.write("ecloud.yaml", kProject);
  REQUIRE(run({"config", "show", "--origin", "--environment", "mainnet-alpha"}) == 0);
  CHECK(has_line(run.out(), "instanceType\tlarge\tecloud.yaml line 6"));
  CHECK(has_line(run.out(), "image\tme/shop:1\tecloud.yaml line 2"));
  CHECK(has_line(run.out(), "environment\tmainnet-alpha\t--environment"));
  run.env.set("ECLOUD_NAME", "other");
  REQUIRE(run({"config", "show", "--origin", "--app", "web"}) == 0);
  CHECK(has_line(run.out(), "name\tweb\tecloud.yaml line 8"));
  CHECK(has_line(run.out(), "image\tme/web:1\tecloud.yaml line 9"));
  REQUIRE(run({"config", "show", "--origin", "--app=web", "--environment=mainnet-alpha"}) == 0);
  CHECK(has_line(run.out(), "image\tme/web:0\tecloud.yaml line 12"));
  CHECK(has_line(run.out(), "instanceType\tlarge\tecloud.yaml line 6"));
  REQUIRE(run({"config", "show", "--app", "worker"}) == 0);
  CHECK(has_line(run.out(), "image\tme/shop:1"));
  CHECK(run({"config", "show", "--app", "wrb"}) == 2);
  CHECK(run.err() ==
        "error: there is no app wrb in ecloud.yaml\nhint: did you mean web?\n"
        "hint: its apps are web, worker\n");
}

TEST_CASE("config show and --verbose keep secrets to themselves", "[cli][config]") {
  CliRun run;
  run.env.set("ECLOUD_PRIVATE_KEY", kKey);
  run.env.set("ECLOUD_RPC_URL", "https://user:pass@rpc.example.com/v2/hidden-api-key");
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"config", "show", "--origin"},
        {"config", "show", "--json"},
        {"config", "show", "--verbose"},
        {"compute", "environment", "show", "--verbose"}}) {
    REQUIRE(run(words) == 0);
    for (const std::string secret : {"1111111111", "hidden-api-key", "user:pass"}) {
      CHECK(run.out().find(secret) == std::string::npos);
      CHECK(run.err().find(secret) == std::string::npos);
    }
  }
  REQUIRE(run({"config", "show", "--origin"}) == 0);
  CHECK(has_line(run.out(), "private-key\tset\tECLOUD_PRIVATE_KEY"));
  CHECK(has_line(run.out(), "rpc-url\thttps://rpc.example.com\tECLOUD_RPC_URL"));
  CHECK(run({"config", "get", "private-key"}) == 2);
  CHECK(run.out().empty());
}

TEST_CASE("config get prints one value or says that there is none", "[cli][config]") {
  CliRun run;
  run.directory.write("ecloud.yaml", kProject);
  REQUIRE(run({"config", "get", "image"}) == 0);
  CHECK(run.out() == "me/shop:1\n");
  REQUIRE(run({"config", "get", "env"}) == 0);
  CHECK(run.out() == "A, B\n");
  REQUIRE(run({"config", "get", "apps.web.image", "--json"}) == 0);
  const Json document = Json::parse(run.out(), "stdout");
  CHECK(document["value"].as_string() == "me/web:1");
  CHECK(document["origin"].as_string() == "ecloud.yaml line 9");
  CHECK(document["source"].as_string() == "ecloud.yaml");
  CHECK(run({"config", "get", "targetRef"}) == 6);
  CHECK(run.err() == "error: targetRef is not set\n");
  CHECK(run({"config", "get", "instancetype"}) == 2);
  CHECK(run.err() == "error: unknown key instancetype\nhint: did you mean instanceType?\n");
}

TEST_CASE("config set writes the user's file and nothing else", "[cli][config]") {
  CliRun run;
  REQUIRE(run({"config", "set", "instanceType", "large"}) == 0);
  CHECK(run.out() ==
        "File: " + user_file(run).string() + "\nKey: instanceType\nBefore: not set\nNow: large\n");
  CHECK(slurp(user_file(run)) == "instanceType: large\n");
  struct stat status {};
  REQUIRE(::stat(user_file(run).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  REQUIRE(run({"config", "get", "instanceType"}) == 0);
  CHECK(run.out() == "large\n");
  REQUIRE(run({"config", "set", "environments.mine.rpcUrl", "https://a.example",
               "https://b.example", "--json"}) == 0);
  CHECK(Json::parse(run.out(), "stdout")["after"].as_string() ==
        "https://a.example, https://b.example");
  REQUIRE(run({"config", "set", "instanceType", "--unset"}) == 0);
  REQUIRE(run({"config", "unset", "environments.mine.rpcUrl"}) == 0);
  CHECK(slurp(user_file(run)).empty());
}

TEST_CASE("config set keeps comments mode and a symbolic link", "[cli][config]") {
  CliRun run;
  const fs::path real =
      run.directory.write("dotfiles/config.yaml", "# mine\nwallet: kms  # safer\n");
  fs::permissions(real, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  fs::create_directories(user_file(run).parent_path());
  fs::create_symlink(real, user_file(run));
  REQUIRE(run({"config", "set", "wallet", "generated"}) == 0);
  CHECK(fs::is_symlink(user_file(run)));
  CHECK(slurp(real) == "# mine\nwallet: generated  # safer\n");
  CHECK(fs::status(real).permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
}

TEST_CASE("config set with --dry-run writes nothing", "[cli][config]") {
  CliRun run;
  REQUIRE(run({"config", "set", "wallet", "kms", "--dry-run"}) == 0);
  CHECK(run.out().find("Would change: ") == 0);
  CHECK_FALSE(fs::exists(user_file(run)));
  CHECK_FALSE(fs::exists(run.directory / "home/.local"));
}

TEST_CASE("config set refuses wrong keys and wrong values", "[cli][config]") {
  CliRun run;
  const auto refused = [&](std::vector<std::string> words, const std::string& message) {
    words.insert(words.begin(), {"config", "set"});
    CHECK(run(words) == 2);
    CHECK(run.out().empty());
    CHECK(run.err() == "error: " + message + "\n");
    CHECK_FALSE(fs::exists(user_file(run)));
  };
  const std::string file = user_file(run).string();
  refused({"walet", "kms"}, "unknown key walet\nhint: did you mean wallet?");
  refused({"enviroments.mine.chainId", "5"},
          "unknown key enviroments\nhint: did you mean environments?");
  refused({"environments.mine.chainID", "5"},
          "unknown key environments.mine.chainID\nhint: did you mean chainId?");
  refused({"image", "me/x"},
          "image belongs to a project: config.yaml has no such key\nhint: write it into the "
          "project's ecloud.yaml");
  refused({"environments", "x"},
          "environments holds keys of its own\nhint: the keys are on the page: ecloud help "
          "configuration");
  refused({"wallet", "mine"}, file + " line 1: wallet \"mine\" is none of generated, kms, env");
  refused({"environments.mine.chainId", "five"},
          file + " line 3: environments.mine.chainId is a whole number, not \"five\"");
  refused({"wallet", "kms", "env"},
          "wallet is a single value\nhint: put a value with blanks into quotes");
  refused({"defaultEnvironment", "sepola"},
          "unknown environment \"sepola\"\nhint: did you mean sepolia?\nhint: the environments are "
          "sepolia, mainnet-alpha, devnet");
  refused({"wallet"},
          "VALUE is missing\nhint: set it with `ecloud config set wallet VALUE`, or remove it with "
          "`ecloud config unset wallet`");
}

TEST_CASE("config set says when something stronger hides the value", "[cli][config]") {
  CliRun run;
  run.env.set("ECLOUD_WALLET", "env");
  REQUIRE(run({"config", "set", "wallet", "kms"}) == 0);
  CHECK(run.err() == "note: ECLOUD_WALLET is stronger here: wallet stays env\n");
}

TEST_CASE("environment set saves the default environment", "[cli][config]") {
  CliRun run;
  REQUIRE(run({"compute", "environment", "set", "devnet"}) == 0);
  CHECK(run.out() == "Default environment: devnet\nFile: " + user_file(run).string() + "\n");
  CHECK(slurp(user_file(run)) == "defaultEnvironment: devnet\n");
  REQUIRE(run({"config", "get", "environment", "--json"}) == 0);
  CHECK(Json::parse(run.out(), "stdout")["source"].as_string() == "config.yaml");
  REQUIRE(run({"compute", "env", "set", "sepolia", "--json"}) == 0);
  CHECK(Json::parse(run.out(), "stdout")["before"].as_string() == "devnet");
  run.env.set("ECLOUD_ENV", "sepolia");
  REQUIRE(run({"compute", "environment", "set", "devnet"}) == 0);
  CHECK(run.err() == "note: ECLOUD_ENV is stronger here: environment stays sepolia\n");
}

TEST_CASE("environment set refuses names that nobody knows", "[cli][config]") {
  CliRun run;
  CHECK(run({"compute", "environment", "set", "mainet-alpha"}) == 2);
  CHECK(run.err() ==
        "error: unknown environment \"mainet-alpha\"\nhint: did you mean mainnet-alpha?\n"
        "hint: the environments are sepolia, mainnet-alpha, devnet\n");
  CHECK(run({"compute", "environment", "set"}) == 2);
  CHECK(run.err().find("ENV is missing") != std::string::npos);
  // What only releases differently somewhere makes no environment.
  run.directory.write("ecloud.yaml", "environments:\n  office:\n    image: me/x\n");
  CHECK(run({"compute", "environment", "set", "office"}) == 2);
  CHECK_FALSE(fs::exists(user_file(run)));
}

TEST_CASE("environment set asks before mainnet and offers a choice", "[cli][config]") {
  CliRun run;
  CHECK(run({"compute", "environment", "set", "mainnet-alpha"}) == 2);
  CHECK(run.err().find("--yes") != std::string::npos);
  CHECK_FALSE(fs::exists(user_file(run)));
  run.at_terminal();
  run.env.set("NO_COLOR", "1");
  run.console.lines = {"2", "n"};
  CHECK(run({"compute", "environment", "set"}) == 130);
  CHECK(run.err().find("  2) mainnet-alpha\n") != std::string::npos);
  CHECK_FALSE(fs::exists(user_file(run)));
  run.console.lines = {"mainnet-alpha", "y"};
  CHECK(run({"compute", "environment", "set"}) == 0);
  CHECK(slurp(user_file(run)) == "defaultEnvironment: mainnet-alpha\n");
  CHECK(run({"compute", "environment", "set", "sepolia"}) == 0);
  CHECK(run({"compute", "environment", "set", "mainnet-alpha", "--yes"}) == 0);
}
