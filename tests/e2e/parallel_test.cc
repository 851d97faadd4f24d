// Several processes of one user at the same time, as users start them.

#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <set>

#include "e2e/session.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/name_cache.h"
#include "support/catch.h"
#include "support/child_process.h"

using namespace ecloud;
using testing::ChildProcess;
using testing::ProcessOptions;
using testing::ProcessResult;
using testing::Session;
using testing::World;

namespace {

namespace fs = std::filesystem;

constexpr auto kPatience = std::chrono::seconds(120);

ProcessOptions process(const Session& user, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), ECLOUD_BINARY);
  ProcessOptions options;
  options.argv = std::move(arguments);
  options.env = user.env();
  options.directory = user.folder();
  return options;
}

ProcessOptions deploying(const World& world, const Session& user, const std::string& name) {
  return process(user, {"compute", "app", "deploy", "--name", name, "--image-ref",
                        world.devnet.image("sample/layered:1.0"), "--no-wait", "--json"});
}

/// Starts all of them before it waits for any.
std::vector<ProcessResult> run_together(const std::vector<ProcessOptions>& all) {
  std::vector<std::unique_ptr<ChildProcess>> running;
  for (const ProcessOptions& options : all) {
    running.push_back(std::make_unique<ChildProcess>(options));
  }
  std::vector<ProcessResult> out;
  for (const auto& child : running) out.push_back(child->wait(kPatience));
  return out;
}

std::string app_of(const ProcessResult& result) {
  INFO(result.describe());
  REQUIRE(result.exit_code == 0);
  return base::Json::parse(result.out, "stdout")["appId"].as_string();
}

/// Every file of the state can be read, and nothing temporary is left.
void check_state(const Session& user) {
  for (const auto& entry : fs::recursive_directory_iterator(user.state())) {
    CHECK_FALSE(entry.path().filename().string().starts_with(".ecloud-tmp-"));
    if (entry.path().extension() != ".json") continue;
    INFO(entry.path());
    CHECK_NOTHROW(base::Json::parse(testing::slurp(entry.path()), "state"));
  }
}

}  // namespace

TEST_CASE("Different apps deployed at once with one key from two folders are all there",
          "[e2e][parallel]") {
  World world;
  Session& user = world.user;
  const fs::path other_folder = user.folder().parent_path() / "other";
  fs::create_directories(other_folder);
  std::vector<ProcessOptions> all;
  for (const char* name : {"first", "second", "third", "fourth"}) {
    all.push_back(deploying(world, user, name));
    if (all.size() % 2 == 0) all.back().directory = other_folder;
  }
  std::set<std::string> apps;
  for (const ProcessResult& result : run_together(all)) apps.insert(app_of(result));
  CHECK(apps.size() == 4);
  CHECK(world.devnet.apps().size() == 4);
  check_state(user);

  const deploy::AppRecords records(user.state(), "devnet");
  std::set<std::string> folders;
  for (const auto& record : records.all()) folders.insert(record.folder);
  CHECK(records.all().size() == 4);
  CHECK(folders.size() == 2);
  // Each has its own wallet.
  for (const std::string& app : apps) {
    CHECK(user.run({"compute", "app", "wallet", "export", app, "--yes"}).code == 0);
  }
}

TEST_CASE("Two processes that run the very same command make one app", "[e2e][parallel]") {
  World world;
  const auto results =
      run_together({deploying(world, world.user, "hello"), deploying(world, world.user, "hello")});
  INFO(results[0].describe());
  INFO(results[1].describe());
  CHECK(world.devnet.apps().size() == 1);
  // The other one is told that the name is taken, or has gone on with the same app.
  for (const ProcessResult& result : results) {
    if (result.exit_code == 0) continue;
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("name_taken") != std::string::npos);
  }
  CHECK((results[0].exit_code == 0 || results[1].exit_code == 0));
  check_state(world.user);
}

TEST_CASE("A process that was killed while it held the account does not block the next",
          "[e2e][parallel]") {
  World world;
  world.devnet.pause_mining();
  ChildProcess holder(process(world.user, world.deploy()));
  REQUIRE(holder.wait_for_output("waiting for transaction 0x"));
  holder.send_signal(SIGKILL);
  REQUIRE(holder.wait(std::chrono::seconds(20)).signal == SIGKILL);
  world.devnet.resume_mining();
  const auto begun = std::chrono::steady_clock::now();
  const ProcessResult other = testing::run_process(deploying(world, world.user, "another"));
  INFO(other.describe());
  CHECK(other.exit_code == 0);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(60));
  CHECK(world.devnet.apps().size() == 2);
}

TEST_CASE("Settings that are written at once are all kept", "[e2e][parallel]") {
  World world;
  const std::vector<std::pair<std::string, std::string>> settings = {
      {"defaultEnvironment", "sepolia"},
      {"environments.sepolia.rpcUrl", "https://one.example"},
      {"environments.mainnet-alpha.rpcUrl", "https://two.example"},
      {"environments.mine.userApiUrl", "https://three.example"},
      {"environments.mine.rpcUrl", "https://four.example"},
      {"environments.other.rpcUrl", "https://five.example"}};
  std::vector<ProcessOptions> all;
  for (const auto& [key, value] : settings) {
    all.push_back(process(world.user, {"config", "set", key, value}));
  }
  for (const ProcessResult& result : run_together(all)) {
    INFO(result.describe());
    CHECK(result.exit_code == 0);
  }
  const std::string text =
      testing::slurp(world.user.folder().parent_path() / "config/ecloud/config.yaml");
  INFO(text);
  for (const auto& [key, value] : settings) CHECK(text.find(value) != std::string::npos);
}

TEST_CASE("Keys that are stored at once are all kept", "[e2e][parallel]") {
  World world;
  std::vector<ProcessOptions> all;
  std::set<std::string> accounts;
  for (std::size_t i = 0; i < 3; ++i) {
    all.push_back(process(world.user, {"auth", "generate", "--store", "file", "--yes", "--json"}));
    all.back().env["ECLOUD_KEYSTORE_PASSWORD"] = "correct horse";
  }
  for (const ProcessResult& result : run_together(all)) {
    INFO(result.describe());
    REQUIRE(result.exit_code == 0);
    accounts.insert(base::to_lower(base::Json::parse(result.out, "out")["address"].as_string()));
  }
  std::set<std::string> found;
  for (const auto& file :
       fs::directory_iterator(world.user.folder().parent_path() / "config/ecloud")) {
    const std::string name = file.path().filename().string();
    if (!name.starts_with("keystore")) continue;
    const auto document = base::Json::parse(testing::slurp(file.path()), name);
    found.insert("0x" + base::to_lower(document["address"].as_string()));
  }
  CHECK(accounts.size() == 3);
  CHECK(found == accounts);
}

TEST_CASE("Changes of one record by several processes are all kept", "[e2e][parallel]") {
  World world;
  deploy::AppRecord record;
  record.app = *eth::Address::parse("0x1111111111111111111111111111111111111111");
  record.deployer = world.account();
  deploy::AppRecords(world.user.state(), "devnet").save(record);
  constexpr int kProcesses = 4;
  constexpr int kChanges = 25;
  for (int process = 0; process < kProcesses; ++process) {
    if (::fork() != 0) continue;
    try {
      deploy::AppRecords records(world.user.state(), "devnet");
      deploy::NameCache names(world.user.state(), "devnet");
      for (int i = 0; i < kChanges; ++i) {
        records.change(record.app, [](std::optional<deploy::AppRecord> known) {
          ++known->created_at;
          return known;
        });
        base::FixedBytes<20> octets{};
        octets[0] = static_cast<std::uint8_t>(process + 1);
        octets[1] = static_cast<std::uint8_t>(i);
        names.learn(world.account(), {eth::Address(octets), "n" + std::to_string(i)});
      }
    } catch (const Error&) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  for (int process = 0; process < kProcesses; ++process) {
    int status = 0;
    REQUIRE(::wait(&status) > 0);
    CHECK(status == 0);
  }
  CHECK(deploy::AppRecords(world.user.state(), "devnet").find(record.app)->created_at ==
        kProcesses * kChanges);
  CHECK(deploy::NameCache(world.user.state(), "devnet").all().size() ==
        std::size_t{kProcesses} * kChanges);
}

TEST_CASE("A laptop and a CI machine that deploy with one key at once both get their app",
          "[e2e][parallel]") {
  World world;
  Session laptop(world.devnet, world.clock);
  for (int round = 0; round < 3; ++round) {
    const std::string number = std::to_string(round);
    const auto results = run_together({deploying(world, world.user, "ci-" + number),
                                       deploying(world, laptop, "laptop-" + number)});
    CHECK(app_of(results[0]) != app_of(results[1]));
  }
  CHECK(world.devnet.apps().size() == 6);
  check_state(world.user);
  check_state(laptop);
}
