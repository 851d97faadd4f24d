#include "support/catch.h"
#include "unit/cli/cli_run.h"

using ecloud::testing::CliRun;

namespace {

constexpr char kMine[] =
    "environments:\n"
    "  mine:\n"
    "    chainId: 31338\n"
    "    rpcUrl: [http://127.0.0.1:8545/, \"http://localhost:8546\"]\n"
    "    appController: \"0x1111111111111111111111111111111111111111\"\n"
    "    permissionController: \"0x2222222222222222222222222222222222222222\"\n"
    "    delegator: \"0x3333333333333333333333333333333333333333\"\n"
    "    userApiUrl: https://api.example.com/\n"
    "    kmsEncryptionKey: encryption.pem\n"
    "    kmsSigningKey: |\n"
    "      -----BEGIN PUBLIC KEY-----\n"
    "      text\n"
    "      -----END PUBLIC KEY-----\n";

/// The fields of `compute environment show` with these arguments.
std::string show(CliRun& run, const std::string& fields, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.begin(), {"compute", "environment", "show", "--fields", fields});
  const int code = run(arguments);
  return code == 0 ? run.out() : std::to_string(code) + ": " + run.err();
}

}  // namespace

TEST_CASE("the environment comes from option, variables, files, default", "[cli]") {
  CliRun run;
  CHECK(show(run, "name") == "sepolia\n");
  run.directory.write("home/.config/ecloud/config.yaml", "defaultEnvironment: mainnet-alpha\n");
  CHECK(show(run, "name") == "mainnet-alpha\n");
  run.directory.write("ecloud.yaml", "environment: sepolia\n");
  CHECK(show(run, "name") == "sepolia\n");
  run.env.set("EIGENCOMPUTE_ENVIRONMENT", "mainnet-alpha");
  CHECK(show(run, "name") == "mainnet-alpha\n");
  run.env.set("ECLOUD_ENV", "sepolia");
  CHECK(show(run, "name") == "sepolia\n");
  CHECK(show(run, "name", {"--environment", "mainnet-alpha"}) == "mainnet-alpha\n");
  CHECK(show(run, "name,chainId", {"mainnet-alpha"}) == "mainnet-alpha\t1\n");
}

TEST_CASE("an unknown environment is refused with a suggestion and the list", "[cli]") {
  CliRun run;
  CHECK(run({"compute", "env", "show", "--environment", "sepolai"}) == 2);
  CHECK(run.err() ==
        "error: unknown environment \"sepolai\"\n"
        "hint: did you mean sepolia?\n"
        "hint: the environments are sepolia, mainnet-alpha, devnet\n");
  run.directory.write("ecloud.yaml", kMine);
  run.directory.write("encryption.pem", "PEM\n");
  CHECK(run({"compute", "env", "show", "mnie"}) == 2);
  CHECK(run.err() ==
        "error: unknown environment \"mnie\"\n"
        "hint: did you mean mine?\n"
        "hint: the environments are sepolia, mainnet-alpha, devnet, mine\n");
}

TEST_CASE("a devnet that does not run says how to start it", "[cli]") {
  CliRun run;
  CHECK(run({"compute", "env", "show", "--environment", "devnet"}) == 2);
  CHECK(run.err() == "error: no devnet is running (there is no " +
                         (run.directory / "home/.local/state/ecloud/devnet/devnet.json").string() +
                         ")\nhint: start one with `ecloud devnet up --detach`\n");
  run.env.set("ECLOUD_DEVNET_INFO", "here.json");
  CHECK(run({"compute", "env", "show", "--environment", "devnet"}) == 2);
  CHECK(run.err().find((run.directory / "here.json").string()) != std::string::npos);
}

TEST_CASE("an environment of one's own", "[cli]") {
  CliRun run;
  run.directory.write("ecloud.yaml", kMine);
  run.directory.write("encryption.pem", "PEM\n");
  CHECK(show(run, "chainId,rpcUrls,userApiUrl,delegator", {"--environment", "mine"}) ==
        "31338\t[\"http://127.0.0.1:8545\",\"http://localhost:8546\"]\thttps://api.example.com\t"
        "0x3333333333333333333333333333333333333333\n");
  CHECK(show(run, "kmsEncryptionKey", {"--environment", "mine"}) == "PEM \n");
  CHECK(show(run, "billingUrl", {"--environment", "mine"}) == "\n");
}

TEST_CASE("what an environment of one's own lacks is named", "[cli]") {
  CliRun run;
  run.directory.write("ecloud.yaml",
                      "environments:\n  half:\n    chainId: 5\n    rpcUrl: https://x.y\n");
  CHECK(show(run, "name", {"--environment", "half"}) ==
        "2: warning: ecloud.yaml line 2 alone says what the environment half is: transactions, "
        "signatures and encrypted variables go where this file sends them\n"
        "error: the environment half lacks appController, permissionController, delegator, "
        "userApiUrl, kmsEncryptionKey, kmsSigningKey\n"
        "hint: add what is missing under environments.half\n");
}

TEST_CASE("a built-in environment can be changed in part", "[cli]") {
  CliRun run;
  run.directory.write("home/.config/ecloud/config.yaml",
                      "environments:\n  sepolia:\n    rpcUrl: https://user.example.com/KEY\n"
                      "    dashboardUrl: https://d.example.com\n");
  CHECK(show(run, "rpcUrls,dashboardUrl,chainId") ==
        "[\"https://user.example.com\"]\thttps://d.example.com\t11155111\n");
  run.directory.write("ecloud.yaml",
                      "environments:\n  sepolia:\n    rpcUrl: https://project.example.com\n");
  CHECK(show(run, "rpcUrls,dashboardUrl") ==
        "[\"https://project.example.com\"]\thttps://d.example.com\n");
}

TEST_CASE("URLs are overridden by options and variables", "[cli]") {
  CliRun run;
  run.env.set("EIGENCOMPUTE_RPC_URL", "https://old.example.com");
  run.env.set("ECLOUD_USERAPI_URL", "http://127.0.0.1:9000/");
  run.env.set("ECLOUD_BILLING_URL", "https://billing.example.com/v1/");
  CHECK(show(run, "rpcUrls,userApiUrl,billingUrl") ==
        "[\"https://old.example.com\"]\thttp://127.0.0.1:9000\thttps://billing.example.com/v1\n");
  run.env.set("ECLOUD_RPC_URL", "https://a.example.com,https://b.example.com");
  CHECK(show(run, "rpcUrls") == "[\"https://a.example.com\",\"https://b.example.com\"]\n");
  CHECK(show(run, "rpcUrls", {"--rpc-url", "https://c.d", "--rpc-url", "http://[::1]:8545"}) ==
        "[\"https://c.d\",\"http://[::1]:8545\"]\n");
}

TEST_CASE("the reference CLI's variables of URLs have its precedence", "[cli]") {
  struct Case {
    std::map<std::string, std::string> variables;
    const char* user_api;
    const char* billing;
  };

  const Case kCases[] = {
      {{{"ECLOUD_API_URL", "https://all.example.com"}},
       "https://all.example.com",
       "https://all.example.com"},
      // For the UserAPI the narrower one wins, for billing the wider one.
      {{{"ECLOUD_API_URL", "https://all.example.com"},
        {"ECLOUD_USER_API_URL", "https://user.example.com"},
        {"ECLOUD_BILLING_API_URL", "https://billing.example.com"}},
       "https://user.example.com",
       "https://all.example.com"},
      {{{"ECLOUD_USER_API_URL", "https://user.example.com"},
        {"ECLOUD_BILLING_API_URL", "https://billing.example.com"}},
       "https://user.example.com",
       "https://billing.example.com"},
      // Trimmed, without slashes at the end; blank is unset.
      {{{"ECLOUD_API_URL", "  https://all.example.com/base//  "}},
       "https://all.example.com/base",
       "https://all.example.com/base"},
      {{{"ECLOUD_API_URL", "https://all.example.com"}, {"ECLOUD_USER_API_URL", " \t "}},
       "https://all.example.com",
       "https://all.example.com"},
      {{{"ECLOUD_API_URL", "   "}, {"ECLOUD_BILLING_API_URL", "https://billing.example.com/"}},
       "https://userapi-compute-sepolia-prod.eigencloud.xyz",
       "https://billing.example.com"},
      // Our own names are the strongest.
      {{{"ECLOUD_API_URL", "https://all.example.com"},
        {"ECLOUD_USERAPI_URL", "https://ours.example.com"},
        {"ECLOUD_BILLING_URL", "https://bills.example.com"}},
       "https://ours.example.com",
       "https://bills.example.com"},
      {{{"ECLOUD_API_URL", "http://127.0.0.1:9000"}},
       "http://127.0.0.1:9000",
       "http://127.0.0.1:9000"},
  };
  for (const Case& one : kCases) {
    CliRun run;
    for (const auto& [name, value] : one.variables) run.env.set(name, value);
    CHECK(show(run, "userApiUrl,billingUrl") ==
          std::string(one.user_api) + "\t" + one.billing + "\n");
  }
  for (const char* name : {"ECLOUD_API_URL", "ECLOUD_USER_API_URL", "ECLOUD_BILLING_API_URL"}) {
    CliRun run;
    run.env.set(name, "http://api.example.com");
    CHECK(show(run, "name").find(std::string(name) + " is plain http to another machine") !=
          std::string::npos);
    run.env.set(name, "api.example.com");
    CHECK(show(run, "name").find(std::string(name) + " is no URL") != std::string::npos);
  }
}

TEST_CASE("a URL that a variable redirects is visible", "[cli]") {
  CliRun run;
  run.env.set("ECLOUD_API_URL", "https://other.example.com/path");
  CHECK(run({"compute", "environment", "show", "--fields", "name", "--verbose"}) == 0);
  CHECK(run.err().find("userapi-url = https://other.example.com (ECLOUD_API_URL)") !=
        std::string::npos);
  CHECK(run.err().find("billing-url = https://other.example.com (ECLOUD_API_URL)") !=
        std::string::npos);
  CliRun origin;
  origin.env.set("ECLOUD_API_URL", "https://other.example.com/path");
  CHECK(origin({"config", "show", "--origin"}) == 0);
  CHECK(origin.out().find("ECLOUD_API_URL") != std::string::npos);
}

TEST_CASE("plain http is for this machine alone, unless asked", "[cli]") {
  CliRun run;
  CHECK(show(run, "name", {"--rpc-url", "http://node.example.com:8545/v3/SECRET"}) ==
        "2: error: --rpc-url is plain http to another machine: http://node.example.com:8545\n"
        "hint: use https://, or give --allow-http when the network in between is yours\n");
  CHECK(show(run, "rpcUrls", {"--rpc-url", "http://node.example.com:8545", "--allow-http"}) ==
        "[\"http://node.example.com:8545\"]\n");
  // Loopback in the user information or as the start of a name is not loopback.
  for (const std::string url : {"http://localhost@evil.example", "http://127.0.0.1.evil.example",
                                "http://localhost.evil.example/"}) {
    INFO(url);
    CHECK(show(run, "name", {"--rpc-url", url}).find("plain http") != std::string::npos);
  }
  for (const std::string url : {"node.example.com", "ftp://x", "https://", ""}) {
    INFO(url);
    CHECK(show(run, "name", {"--rpc-url", url}).find("is no URL") != std::string::npos);
  }
}

TEST_CASE("a wrong address in a file is told with its line", "[cli]") {
  CliRun run;
  run.directory.write("ecloud.yaml", "environments:\n  sepolia:\n    appController: \"0x1234\"\n");
  const std::string text = show(run, "name");
  CHECK(text.rfind("2: error: ecloud.yaml line 3: appController ", 0) == 0);
}

TEST_CASE("the list shows all environments and the selected one", "[cli]") {
  CliRun run;
  run.directory.write("ecloud.yaml", kMine);
  run.directory.write("encryption.pem", "PEM\n");
  run.env.set("ECLOUD_ENV", "mine");
  CHECK(run({"compute", "environment", "list"}) == 0);
  CHECK(run.out() ==
        "sepolia\tSepolia\tbuilt in\t\n"
        "mainnet-alpha\tEthereum mainnet\tbuilt in\t\n"
        "devnet\t\tbuilt in\tnot running\n"
        "mine\tchain 31338\tecloud.yaml\tselected\n");
  CHECK(run({"compute", "env", "list", "--fields", "name"}) == 0);
  CHECK(run.out() == "sepolia\nmainnet-alpha\ndevnet\nmine\n");
  CHECK(run({"compute", "env", "list", "--json", "--fields", "name,selected"}) == 0);
  CHECK(run.out() ==
        "{\"environments\":[{\"name\":\"sepolia\",\"selected\":false},"
        "{\"name\":\"mainnet-alpha\",\"selected\":false},{\"name\":\"devnet\",\"selected\":false},"
        "{\"name\":\"mine\",\"selected\":true}]}\n");
  run.at_terminal();
  run.env.set("NO_COLOR", "1");
  run.console.columns = 100;
  CHECK(run({"compute", "env", "list"}) == 0);
  CHECK(run.out() ==
        "NAME           CHAIN             DEFINED      STATE\n"
        "sepolia        Sepolia           built in\n"
        "mainnet-alpha  Ethereum mainnet  built in\n"
        "devnet                           built in     not running\n"
        "mine           chain 31338       ecloud.yaml  selected\n");
}

TEST_CASE("the option --verbose tells where a value came from", "[cli]") {
  CliRun run;
  run.env.set("ECLOUD_ENV", "sepolia");
  CHECK(run({"compute", "env", "show", "--fields", "name", "--verbose"}) == 0);
  CHECK(run.out() == "sepolia\n");
  CHECK(run.err().find("config: environment = sepolia (ECLOUD_ENV)\n") != std::string::npos);
}

TEST_CASE("without a home the built-in environments still work", "[cli]") {
  CliRun run;
  run.env.unset("HOME");
  CHECK(show(run, "name") == "sepolia\n");
}

TEST_CASE("where credits are sold is part of an environment", "[cli]") {
  CliRun run;
  CHECK(show(run, "usdcCredits,creditsChainId,creditsRpcUrls", {"sepolia"}) ==
        "0xed9c88640ca9149Bd9f7ee6620074af10F2E145d\t1\t[\"https://ethereum-rpc.publicnode.com\"]"
        "\n");
  CHECK(show(run, "usdcToken", {"mainnet-alpha"}) ==
        "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48\n");
  run.directory.write("encryption.pem", "PEM\n");
  run.directory.write("ecloud.yaml", kMine);
  CHECK(show(run, "usdcCredits,usdcToken,creditsChainId,creditsRpcUrls", {"mine"}) == "\t\t\t[]\n");
  run.directory.write(
      "ecloud.yaml", std::string(kMine) +
                         "    usdcCredits: \"0x4444444444444444444444444444444444444444\"\n"
                         "    usdcToken: \"0x5555555555555555555555555555555555555555\"\n"
                         "    creditsChainId: 17\n"
                         "    creditsRpcUrl: [https://a.example.com/key, https://b.example.com]\n");
  CHECK(show(run, "usdcCredits,usdcToken,creditsChainId,creditsRpcUrls", {"mine"}) ==
        "0x4444444444444444444444444444444444444444\t0x5555555555555555555555555555555555555555\t"
        "17\t[\"https://a.example.com\",\"https://b.example.com\"]\n");
}

TEST_CASE("a node given for mainnet serves for credits too and one for Sepolia does not", "[cli]") {
  CliRun run;
  const std::vector<std::string> node = {"--rpc-url", "https://node.example.com"};
  run.env.set("ECLOUD_ENV", "mainnet-alpha");
  CHECK(show(run, "creditsRpcUrls", node) == "[\"https://node.example.com\"]\n");
  run.env.set("ECLOUD_ENV", "sepolia");
  CHECK(show(run, "creditsRpcUrls", node) == "[\"https://ethereum-rpc.publicnode.com\"]\n");
}

TEST_CASE("plain http to the node that credits are bought through is refused", "[cli]") {
  CliRun run;
  run.directory.write("ecloud.yaml",
                      "environments:\n  sepolia:\n    creditsRpcUrl: http://node.example.com\n");
  CHECK(run({"compute", "env", "show"}) == 2);
  CHECK(run.err().find("creditsRpcUrl of the environment sepolia is plain http") !=
        std::string::npos);
}
