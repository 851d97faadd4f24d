// What scripts that were written for other programs type, and what they search in the output.

#include <regex>

#include "e2e/session.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// All lines that begin with `label`, without it.
Words lines_after(const std::string& text, const std::string& label) {
  Words out;
  for (const std::string& line : base::split(text, '\n')) {
    if (line.starts_with(label)) out.push_back(line.substr(label.size()));
  }
  return out;
}

/// Every 0x with 40 hex digits, also within something longer.
Words addresses_in(const std::string& text) {
  static const std::regex pattern("0x[0-9a-fA-F]{40}");
  Words out;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    out.push_back(at->str());
  }
  return out;
}

std::string deployed_app(World& world, const std::string& name) {
  const RunResult run = world.user.run({"compute", "app", "deploy", "--name", name, "--image-ref",
                                        world.devnet.image("sample/layered:1.0"), "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  return run.json()["appId"].as_string();
}

std::string status_of(World& world, const std::string& app) {
  return world.user.run({"compute", "app", "status", app}).out;
}

}  // namespace

TEST_CASE("The app's id is the first and the last address that deploy prints", "[e2e][scripts]") {
  World world;
  for (const std::string more : {"", "--verbose"}) {
    Words words = {"compute",
                   "app",
                   "deploy",
                   "--name",
                   "n" + std::to_string(more.size()),
                   "--image-ref",
                   world.devnet.image("sample/layered:1.0")};
    if (!more.empty()) words.push_back(more);
    const RunResult run = world.user.run(words);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    const Words id = lines_after(run.out, "App ID: ");
    REQUIRE(id.size() == 1);
    CHECK(addresses_in(run.err + run.out).front() == id.front());
    CHECK(addresses_in(run.out).back() == id.front());
    CHECK(lines_after(run.out, "App:\t") == id);
    CHECK(addresses_in(lines_after(run.out, "EVM Address: ").at(0)).size() == 1);
    CHECK(lines_after(run.out, "Solana Address: ").size() == 1);
    CHECK(lines_after(run.out, "IP: ").at(0).starts_with("203.0.113."));
  }
}

TEST_CASE("Other commands have the labels that scripts search", "[e2e][scripts]") {
  World world;
  const std::string app = deployed_app(world, "hello");
  const RunResult info = world.user.run({"compute", "app", "info", app});
  const std::string ip = world.user.run({"compute", "app", "info", app, "--fields", "ip"}).out;
  CHECK(lines_after(info.out, "  IP: ").at(0) + "\n" == ip);
  CHECK(lines_after(info.out, "  Status: ") == Words{"Running"});
  CHECK(lines_after(world.user.run({"auth", "whoami"}).out, "Source: ") ==
        Words{"ECLOUD_PRIVATE_KEY"});
  CHECK(lines_after(world.user.run({"compute", "environment", "show"}).out,
                    "Active deployment environment: ") == Words{"devnet"});
  CHECK(lines_after(world.user.run({"billing", "status"}).out, "Status: ") == Words{"✓ Active"});
  const RunResult status = world.user.run({"compute", "app", "status", app, "--json"});
  CHECK(status.json()["ip"].as_string() + "\n" == ip);
}

TEST_CASE("An error begins with error: wherever it comes from", "[e2e][scripts]") {
  World world;
  const std::string missing = world.devnet.image("sample/none:1");
  for (const Words& words :
       std::vector<Words>{{"compute", "app", "deploy", "--name", "a", "--image-ref", missing},
                          {"compute", "app", "info", "nobody"},
                          {"compute", "app", "deploy", "--no-such-option"},
                          {"compute", "nothing"}}) {
    const RunResult run = world.user.run(words);
    INFO(run.describe());
    CHECK(run.code != 0);
    CHECK(run.out.empty());
    CHECK(lines_after(run.err, "error: ").size() == 1);
  }
}

TEST_CASE("releases --json is sorted and named as in the TypeScript CLI", "[e2e][scripts]") {
  World world;
  const std::string app = deployed_app(world, "hello");
  for (const char* value : {"1", "2"}) {
    world.user.write(".env", "ROUND_PUBLIC=" + std::string(value) + "\n");
    REQUIRE(world.user.run({"compute", "app", "upgrade", app}).code == 0);
  }
  const base::Json document = world.user.run({"compute", "app", "releases", app, "--json"}).json();
  CHECK(document.members().front().first == "appID");
  CHECK(document["appID"].as_string() == app);
  const base::Json list = document["releases"];
  REQUIRE(list.size() == 3);
  CHECK(list.at(2)["publicVariables"]["ROUND_PUBLIC"].as_string() == "2");
  CHECK(list.at(2)["state"].as_string() == "current");
  CHECK_FALSE(list.at(0)["publicVariables"]["ROUND_PUBLIC"].exists());
  Words names;
  for (const auto& [name, value] : list.at(1).members()) names.push_back(name);
  names.resize(6);
  CHECK(names == Words{"rmsReleaseId", "imageDigest", "registryUrl", "createdAt", "createdAtBlock",
                       "build"});
  for (std::size_t i = 0; i < 3; ++i) {
    const base::Json one = list.at(i);
    CHECK(one["createdAtBlock"].as_u64() == one["block"].as_u64());
    CHECK(base::parse_rfc3339(one["createdAtTime"].as_string()) == one["createdAt"].as_i64());
    if (i > 0) CHECK(list.at(i - 1)["createdAt"].as_i64() <= one["createdAt"].as_i64());
  }
}

TEST_CASE("build list prints an array with both sets of names", "[e2e][scripts]") {
  World world;
  const std::string commit(40, 'a');
  REQUIRE(world.user
              .run({"compute", "build", "submit", "--repo", "https://github.com/me/app", "--commit",
                    commit, "--json"})
              .code == 0);
  const RunResult run = world.user.run({"compute", "build", "list", "--json"});
  INFO(run.describe());
  REQUIRE(run.json().is_array());
  const base::Json build = run.json().at(0);
  CHECK(build["repoUrl"].as_string() == "https://github.com/me/app");
  CHECK(build["gitRef"].as_string() == commit);
  CHECK(build["commit"].as_string() == commit);
  CHECK(build["errorMessage"].is_null());
  const RunResult chosen =
      world.user.run({"compute", "build", "list", "--json", "--fields", "gitRef"});
  CHECK(chosen.out == "[{\"gitRef\":\"" + commit + "\"}]\n");
}

TEST_CASE("The flag --force agrees and --env adds variables", "[e2e][scripts]") {
  World world;
  world.user.write(".env", "BASE=file\nKEPT=yes\n");
  const RunResult run = world.user.run(
      {"compute", "app", "deploy", "--name", "hello", "--image-ref",
       world.devnet.image("sample/layered:1.0"), "--force", "--disable-telemetry", "--env",
       "BASE=a=b c", "--env", "SHA_PUBLIC=0123", "--watch-timeout", "60", "--json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  const auto app = *eth::Address::parse(run.json()["appId"].as_string());
  std::map<std::string, std::string> seen;
  for (const auto& [name, value] : world.devnet.tee_environment(app)) {
    seen[name] = std::string(value.reveal_text());
  }
  CHECK(seen["BASE"] == "a=b c");
  CHECK(seen["KEPT"] == "yes");
  CHECK(seen["SHA_PUBLIC"] == "0123");
  CHECK(run.err.find("other users of this machine can see what --env gives BASE;") !=
        std::string::npos);
  CHECK(run.err.find("a=b c") == std::string::npos);

  // The account's own key is no more welcome there than in the file.
  std::filesystem::remove(world.user.folder() / ".env");
  const std::string key = base::to_hex(devnet::Devnet::accounts().front().private_key.reveal());
  const RunResult leak =
      world.user.run({"compute", "app", "upgrade", app.to_string(), "--env", "X=" + key});
  CHECK(leak.code == 2);
  CHECK(leak.err.find(" X ") != std::string::npos);
  CHECK(leak.err.find(key) == std::string::npos);

  const RunResult bad = world.user.run(
      {"compute", "app", "upgrade", app.to_string(), "--env", "OK=1", "--env", "hunter2"});
  CHECK(bad.code == 2);
  CHECK(bad.err ==
        "error: --env number 2 is not NAME=VALUE with a name of letters, digits and _\n"
        "hint: write --env GREETING=hello, or put the variable into the env file\n");
}

TEST_CASE("An answer that is piped in counts where nobody can be asked", "[e2e][scripts]") {
  World world;
  const std::string app = deployed_app(world, "hello");
  const Words terminate = {"compute", "app", "terminate", "hello"};
  for (const char* no : {"n\n", "NO\n"}) {
    const RunResult run = world.user.run_with_input(terminate, no);
    CHECK(run.code == 130);
    CHECK(run.err.find("note: standard input declines: Terminate app ") != std::string::npos);
  }
  for (const char* nothing : {"", "\n", "maybe\n", "goodbye\ny\n"}) {
    const RunResult run = world.user.run_with_input(terminate, nothing);
    CHECK(run.code == 2);
    CHECK(run.err.find("hint: give --yes to agree without being asked\n") != std::string::npos);
  }
  CHECK(world.user
            .run_with_input({"compute", "app", "terminate", "hello", "--non-interactive"}, "y\n")
            .code == 2);
  CHECK(status_of(world, app) == "Running\n");
  const RunResult run = world.user.run_with_input(terminate, "y\n");
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(run.err.find("note: standard input agrees: Terminate app ") != std::string::npos);
  CHECK(status_of(world, app) == "Terminated\n");
}

TEST_CASE("terminate wants a name where nobody is asked", "[e2e][scripts]") {
  World world;
  const std::string app = deployed_app(world, "hello");
  for (const Words& more : std::vector<Words>{{}, {"--yes"}, {"--force"}}) {
    Words words = {"compute", "app", "terminate"};
    words.insert(words.end(), more.begin(), more.end());
    const RunResult run = world.user.run_with_input(words, "y\n");
    INFO(run.describe());
    CHECK(run.code == 2);
    CHECK(run.err.find("hint: name it: ecloud compute app terminate APP --yes\n") !=
          std::string::npos);
  }
  CHECK(status_of(world, app) == "Running\n");
}

TEST_CASE("An interrupted upgrade is followed by the one that is asked for", "[e2e][scripts]") {
  World world;
  const std::string app = deployed_app(world, "hello");
  const auto id = *eth::Address::parse(app);
  const auto sent = [&](const char* name) {
    for (const auto& [key, value] : world.devnet.tee_environment(id)) {
      if (key == name) return std::string(value.reveal_text());
    }
    return std::string("(none)");
  };
  const auto releases = [&] {
    return world.user.run({"compute", "app", "releases", app, "--json"}).json()["releases"].size();
  };
  const auto interrupted = [&](const std::string& env) {
    world.user.write(".env", env);
    world.devnet.pause_mining();
    world.interrupt_at_first_wait();
    CHECK(world.user.run({"compute", "app", "upgrade", app}).code == 130);
    world.clock.on_sleep({});
    world.devnet.resume_mining();
  };
  struct Change {
    const char* began;
    const char* asked;
    const char* name;
    const char* value;
    bool again;
  };
  for (const Change& change :
       {Change{"MODEL=wrong\n", "MODEL=right\n", "MODEL", "right", true},
        Change{"SIZE_PUBLIC=1\n", "SIZE_PUBLIC=2\n", "SIZE_PUBLIC", "2", true},
        Change{"A=1\nB=2\n", "A=1\n", "B", "(none)", true},
        Change{"A=1\n", "A=1\n", "A", "1", false}}) {
    INFO(change.began << " then " << change.asked);
    const std::size_t before = releases();
    interrupted(change.began);
    world.user.write(".env", change.asked);
    const RunResult run = world.user.run({"compute", "app", "upgrade", app});
    INFO(run.describe());
    CHECK(run.code == 0);
    CHECK(sent(change.name) == change.value);
    const bool said =
        run.err.find("note: it put other variables; what is asked for now follows\n") !=
        std::string::npos;
    CHECK(said == change.again);
    CHECK(releases() - before == (change.again ? 2 : 1));
  }
}

TEST_CASE("A folder with a Dockerfile is never upgraded to the old image in silence",
          "[e2e][scripts]") {
  World world;
  const std::string app = deployed_app(world, "hello");
  const std::string before = world.devnet.app(*eth::Address::parse(app))->image;
  world.user.write("Dockerfile", "FROM scratch\nCMD [\"/new\"]\n");
  const RunResult run = world.user.run({"compute", "app", "upgrade", "hello"});
  INFO(run.describe());
  CHECK(run.code == 2);
  CHECK(run.err.find("error: no image is named; the Dockerfile here can be built, but there is no "
                     "login at Docker Hub that says where to push the image\n") !=
        std::string::npos);
  for (const char* way :
       {"--dockerfile", "--image-ref", "--image-archive", "--verifiable", "--no-build"}) {
    CHECK(run.err.find(way) != std::string::npos);
  }
  CHECK(world.devnet.app(*eth::Address::parse(app))->image == before);
  world.user.write(".env", "NEW_PUBLIC=1\n");
  CHECK(world.user.run({"compute", "app", "upgrade", "hello", "--no-build"}).code == 0);
  CHECK(world.devnet.app(*eth::Address::parse(app))->image == before);

  const RunResult deploy = world.user.run({"compute", "app", "deploy", "--name", "second"});
  CHECK(deploy.code == 2);
  CHECK(deploy.err.find("--dockerfile") != std::string::npos);
  const RunResult none = world.user.run({"compute", "app", "deploy", "./nothing"});
  CHECK(none.code == 2);
  CHECK(none.err.find("error: ./nothing is a folder without a Dockerfile, and no image\n") == 0);
  CHECK(world.devnet.apps().size() == 1);
}

TEST_CASE("The name of an app is taken from its image where nobody is asked", "[e2e][scripts]") {
  World world;
  const RunResult run =
      world.user.run({"compute", "app", "deploy", world.devnet.image("sample/layered:1.0")});
  INFO(run.describe());
  CHECK(run.code == 0);
  CHECK(lines_after(run.out, "Name: ") == Words{"layered"});
  CHECK(run.err.find("note: the app is called layered, as its image; --name gives another\n") !=
        std::string::npos);
}
