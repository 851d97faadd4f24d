#include <sys/stat.h>

#include <filesystem>

#include "support/catch.h"
#include "unit/cli/cli_run.h"

using ecloud::testing::CliRun;

namespace {

// Addresses of the keys 1 and 2, as ethers and every other wallet compute them.
constexpr char kKeyOne[] = "0000000000000000000000000000000000000000000000000000000000000001";
constexpr char kAddressOne[] = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";
constexpr char kKeyTwo[] = "0000000000000000000000000000000000000000000000000000000000000002";
constexpr char kAddressTwo[] = "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string address(CliRun& run, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.begin(), {"auth", "whoami", "--fields", "address"});
  CHECK(run(arguments) == 0);
  return run.out();
}

}  // namespace

TEST_CASE("whoami shows the address and where the key came from", "[cli]") {
  CliRun run;
  run.env.set("ECLOUD_PRIVATE_KEY", kKeyOne);
  CHECK(run({"auth", "whoami"}) == 0);
  CHECK(run.out() == std::string("Address: ") + kAddressOne + "\nSource: ECLOUD_PRIVATE_KEY\n");
  CHECK(run.err().empty());
  CHECK(run({"auth", "whoami", "--json"}) == 0);
  CHECK(run.out() ==
        std::string("{\"address\":\"") + kAddressOne + "\",\"source\":\"ECLOUD_PRIVATE_KEY\"}\n");
  run.at_terminal();
  run.env.set("NO_COLOR", "1");
  CHECK(run({"auth", "whoami"}) == 0);
  CHECK(run.out() ==
        std::string("Address:  ") + kAddressOne + "\nSource:   ECLOUD_PRIVATE_KEY\n");
}

TEST_CASE("a key is taken with and without 0x, and with blanks around it", "[cli]") {
  CliRun run;
  for (const std::string& text :
       {std::string(kKeyTwo), std::string("0x") + kKeyTwo, std::string(" \t") + kKeyTwo + "\r\n"}) {
    run.env.set("ECLOUD_PRIVATE_KEY", text);
    CHECK(address(run) == std::string(kAddressTwo) + "\n");
  }
}

TEST_CASE("the variables of other deployers are read too, ours first", "[cli]") {
  CliRun run;
  run.env.set("EIGENX_PRIVATE_KEY", kKeyOne);
  CHECK(address(run) == std::string(kAddressOne) + "\n");
  run.env.set("EIGENCOMPUTE_PRIVATE_KEY", kKeyTwo);
  CHECK(address(run) == std::string(kAddressTwo) + "\n");
  run.env.set("ECLOUD_PRIVATE_KEY", kKeyOne);
  CHECK(address(run) == std::string(kAddressOne) + "\n");
}

TEST_CASE("a key file wins over the variables, and - is stdin", "[cli]") {
  CliRun run;
  run.env.set("ECLOUD_PRIVATE_KEY", kKeyOne);
  const auto file = run.directory.write("key", std::string(kKeyTwo) + "\n");
  ::chmod(file.c_str(), 0600);
  CHECK(address(run, {"--private-key-file", "key"}) == std::string(kAddressTwo) + "\n");
  CHECK(run.err().empty());
  run.console.input = std::string("0x") + kKeyTwo + "\n";
  CHECK(address(run, {"--private-key-file", "-"}) == std::string(kAddressTwo) + "\n");
  CHECK(run({"auth", "whoami", "--private-key-file", "missing"}) == 2);
  CHECK(contains(run.err(), (run.directory / "missing").string()));
}

TEST_CASE("a key file that others may read is used, with a warning", "[cli]") {
  CliRun run;
  const auto file = run.directory.write("key", kKeyTwo);
  ::chmod(file.c_str(), 0644);
  CHECK(address(run, {"--private-key-file", "key"}) == std::string(kAddressTwo) + "\n");
  CHECK(run.err() == "warning: other users of this machine may read " + file.string() +
                         "; `chmod 600 " + file.string() + "` changes that\n");
}

TEST_CASE("a key on the command line works and warns", "[cli]") {
  CliRun run;
  run.env.set("ECLOUD_PRIVATE_KEY", kKeyOne);
  CHECK(address(run, {"--private-key", kKeyTwo}) == std::string(kAddressTwo) + "\n");
  CHECK(run.err() ==
        "warning: --private-key shows the key to other users of this machine, in the process list; "
        "use --private-key-file or ECLOUD_PRIVATE_KEY\n");
  CHECK(run({"auth", "whoami", "--private-key", kKeyTwo, "--private-key-file", "-"}) == 2);
  CHECK(contains(run.err(), "--private-key and --private-key-file exclude each other"));
}

TEST_CASE("what is no key is refused in words that do not repeat it", "[cli]") {
  CliRun run;
  struct Case {
    std::string key, problem;
  };
  const std::string order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
  const Case cases[] = {
      {"0xabc123", "has 6 hex digits, not 64"},
      {std::string(kKeyOne) + "0", "has 65 hex digits, not 64"},
      {std::string(63, '1') + "x", "holds characters that are no hex digits"},
      {"correct horse battery staple", "holds characters that are no hex digits"},
      {std::string(64, '0'), "is not below the order of secp256k1, or zero"},
      {order, "is not below the order of secp256k1, or zero"},  // SEC 2 section 2.4.1: n
  };
  for (const Case& one : cases) {
    run.env.set("ECLOUD_PRIVATE_KEY", one.key);
    CHECK(run({"auth", "whoami", "--verbose"}) == 2);
    INFO(run.err());
    CHECK(contains(run.err(), "error: ECLOUD_PRIVATE_KEY: the private key " + one.problem +
                                  " [auth.malformed_key]\n"));
    CHECK_FALSE(contains(run.err(), one.key));
    CHECK(run.out().empty());
  }
}

TEST_CASE("nowhere does --verbose show a key", "[cli]") {
  CliRun run;
  run.env.set("ECLOUD_PRIVATE_KEY", std::string(62, 'a') + "77");
  run.env.set("ECLOUD_DEBUG", "http,rpc,config,deploy");
  CHECK(run({"auth", "whoami", "--verbose"}) == 0);
  CHECK(contains(run.err(), "config: private-key = (hidden) (ECLOUD_PRIVATE_KEY)\n"));
  CHECK_FALSE(contains(run.out() + run.err(), "aaaaaaaa"));
}

TEST_CASE("generate shows a new key with its address", "[cli]") {
  CliRun run;
  CHECK(run({"auth", "generate", "--json"}) == 0);
  // The test's random octets are 1 to 32; the address is that of @scure and ethers for this key.
  CHECK(run.out() ==
        "{\"address\":\"0x6370eF2f4Db3611D657b90667De398a2Cc2a370C\",\"file\":null,"
        "\"store\":null,\"privateKey\":"
        "\"0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\"}\n");
  for (const std::string alias : {"gen", "new"}) {
    CliRun other;
    CHECK(other({"auth", alias}) == 0);
    CHECK(other.out() ==
          "Address: 0x6370eF2f4Db3611D657b90667De398a2Cc2a370C\nPrivate key: "
          "0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n");
    CHECK(other.err() ==
          "note: whoever has the private key has the account; it is stored nowhere\n");
  }
}

TEST_CASE("generate --out writes a private file once and shows no key", "[cli]") {
  CliRun run;
  CHECK(run({"auth", "generate", "--out", "new.key"}) == 0);
  const auto file = run.directory / "new.key";
  CHECK(run.out() == "Address: 0x6370eF2f4Db3611D657b90667De398a2Cc2a370C\nPrivate key in: " +
                         file.string() + "\n");
  CHECK(ecloud::testing::slurp(file) ==
        "0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n");
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);

  CHECK(run({"auth", "generate", "--out", "new.key"}) == 2);
  CHECK(run.out().empty());
  CHECK(contains(run.err(), file.string()));
  CHECK(ecloud::testing::slurp(file) ==
        "0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\n");
  CHECK(address(run, {"--private-key-file", "new.key"}) ==
        "0x6370eF2f4Db3611D657b90667De398a2Cc2a370C\n");
}
