// What the help promises of every command: that its examples run, that --json prints the fields
// that it names, that --dry-run changes nothing, and that nothing is destroyed unasked.

#include <fstream>
#include <functional>
#include <set>

#include "cli/command_tree.h"
#include "cli/topics.h"
#include "e2e/session.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/keystore.h"
#include "support/catch.h"
#include "support/docker_archive.h"
#include "support/fake_keyring.h"

using namespace ecloud;
using cli::Command;
using cli::CommandPath;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

/// The first ecloud command of a line as a shell would cut it, without variables before it, and
/// what is redirected into it.
struct Typed {
  Words words;
  std::string input_file;
};

/// Cuts at blanks; quotes keep them.
Words shell_words(const std::string& line) {
  Words out;
  std::string word;
  bool any = false;
  char quote = 0;
  for (const char c : line + " ") {
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      any = true;
    } else if (c != ' ') {
      word += c;
    } else if (!word.empty() || any) {
      out.push_back(std::exchange(word, {}));
      any = false;
    }
  }
  return out;
}

Typed typed(const std::string& line) {
  Typed out;
  const std::size_t start = line.find("ecloud ");
  REQUIRE(start != std::string::npos);
  // A substitution such as <(ecloud …) ends at its parenthesis.
  const bool substituted = start > 0 && line[start - 1] == '(';
  const Words all = shell_words(substituted ? line.substr(start, line.find(')', start) - start)
                                            : line.substr(start));
  for (auto word = all.begin() + 1; word != all.end(); ++word) {
    if (*word == "|" || *word == "&&" || *word == ";" || *word == ">") break;
    if (*word == "<") {
      out.input_file = *++word;
      continue;
    }
    out.words.push_back(*word);
  }
  return out;
}

/// A user's folder as the examples suppose it, with the app "my-app" deployed.
struct Scene {
  Scene() {
    world.user.write(".env", "API_TOKEN=abc\n");
    const std::string key = world.user.env().at("ECLOUD_PRIVATE_KEY");
    world.user.write("deployer.key", key + "\n");
    world.user.write("my-app.tar", testing::docker_archive());
    world.user.write("logo.png", "\x89PNG\r\n\x1a\n");
  }

  void deploy(const std::string& name = "my-app", const std::string& image = "sample/layered:1.0") {
    const RunResult run = world.user.run({"compute", "app", "deploy", "--name", name, "--image-ref",
                                          world.devnet.image(image), "--json"});
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = run.json()["appId"].as_string();
  }

  World world;
  std::string app;
};

bool names_image(const std::string& word) {
  return word.find('/') != std::string::npos && word.find(":1") != std::string::npos &&
         word.find("://") == std::string::npos;
}

/// An example's words with what only the real world has replaced by the devnet's.
Typed on_devnet(const std::string& line, const Scene& scene) {
  Typed out = typed(line);
  // What is layered or pushed is not layered yet.
  const bool makes = !out.words.empty() && out.words.front() == "image";
  for (std::string& word : out.words) {
    if (names_image(word))
      word = scene.world.devnet.image(makes ? "sample/hello:1.0" : "sample/layered:1.0");
    // The id of an app of somebody else's; other addresses are those of the devnet's accounts.
    if (word == "0x6C03dd1F282D0AF11292BE8Eb7F209D94f56D381") word = scene.app;
    // The KMS client that the platform uses.
    if (word == "sha256:c192a771ee8c72d95168ca4b524956a4b730c3f7b6a73b5533e4b8a43ad72fe4") {
      const std::string client = scene.world.devnet.info()["kmsClientImage"].as_string();
      word = client.substr(client.find('@') + 1);
    }
    if (word == "sepolia" || word == "mainnet-alpha") word = "devnet";
  }
  return out;
}

/// The build that the examples speak of.
void submit_build(Scene& scene) {
  const RunResult run =
      scene.world.user.run({"compute", "build", "submit", "--repo", "https://github.com/me/app",
                            "--commit", "0123456789abcdef0123456789abcdef01234567"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
}

/// A keyring, with a key of the old CLI in it; a key file; and a password.
void prepare_stores(Scene& scene) {
  const auto home = scene.world.user.folder().parent_path();
  const auto tool = home / "bin/secret-tool";
  base::write_file_atomic(tool, std::string("#!/bin/sh\n") + testing::kFakeKeyring, 0700);
  scene.world.user.set("PATH", tool.parent_path().string());
  scene.world.user.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
  scene.world.user.set("ECLOUD_KEYSTORE_PASSWORD", "pass");
  const std::string key = scene.world.user.env().at("ECLOUD_PRIVATE_KEY");
  base::write_file_atomic(home / "keyring/eigenx-cli-eigenx-mainnet", key, base::kPrivateFile);
  crypto::SystemRandom random;
  const std::string file = crypto::seal_keystore(
      *crypto::PrivateKey::from_hex(key), base::Secret(std::string("pass")), random, {2, 8, 1});
  scene.world.user.write("UTC--2026.json", file);
  scene.world.user.write("password.txt", "pass\n");
}

/// A transaction that no node has any more.
void leave_unfinished(Scene& scene) {
  scene.world.devnet.pause_mining();
  scene.world.interrupt_at_first_wait();
  REQUIRE(scene.world.user.run({"compute", "app", "stop", "my-app"}).code == 130);
  scene.world.clock.on_sleep({});
  scene.world.devnet.drop_pending();
  scene.world.devnet.resume_mining();
}

/// A second release, with other variables.
void upgrade_it(Scene& scene) {
  scene.world.user.write(".env", "API_TOKEN=def\n");
  const RunResult run = scene.world.user.run({"compute", "app", "upgrade", "my-app"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
}

const std::string kColleague = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

void grant_upgrade(Scene& scene) {
  const RunResult run = scene.world.user.run(
      {"compute", "app", "permissions", "grant", "my-app", kColleague, "--allow", "upgrade"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
}

/// The key of a colleague, who is proposed as an admin.
void be_proposed(Scene& scene) {
  REQUIRE(scene.world.user
              .run({"compute", "app", "permissions", "grant", "my-app", kColleague, "--admin"})
              .code == 0);
  scene.world.user.set(
      "ECLOUD_PRIVATE_KEY",
      base::to_hex_prefixed(devnet::Devnet::accounts().at(1).private_key.reveal()));
}

/// Keys in both stores.
void log_in(Scene& scene) {
  for (const char* store : {"keyring", "file"}) {
    REQUIRE(scene.world.user.run({"auth", "login", "--store", store}).code == 0);
  }
}

/// An app that stands up to it, and its evidence for the example that reads some.
void prepare_verify(Scene& scene, const std::string& line) {
  scene.deploy("my-app", "sample/hello:1.0");
  if (line.find("--offline evidence.json") == std::string::npos) return;
  const RunResult run =
      scene.world.user.run({"compute", "app", "verify", "my-app", "--bundle", "evidence.json"});
  INFO(run.describe());
  REQUIRE(run.code == 0);
}

/// What has to be there before the examples of a command; by default a deployed app.
void prepare(const CommandPath& path, const std::string& line, Scene& scene) {
  static const std::set<std::string> fresh = {"ecloud compute app deploy"};
  static const std::map<std::string, std::function<void(Scene&)>> special = {
      {"ecloud auth logout", log_in},
      {"ecloud compute build info", submit_build},
      {"ecloud image tools", submit_build},
      {"ecloud compute build logs", submit_build},
      {"ecloud compute build status", submit_build},
      {"ecloud compute build verify", submit_build},
      {"ecloud compute app permissions accept", be_proposed},
      {"ecloud compute app permissions revoke", grant_upgrade},
      {"ecloud compute app rollback", upgrade_it},
      {"ecloud resume", leave_unfinished},
      {"ecloud billing top-up",
       [](Scene& s) { s.world.devnet.add_card(s.world.account(), "visa", "4242"); }},
      {"ecloud billing redeem",
       [](Scene& s) {
         s.world.devnet.add_coupon("WELCOME-25", 2'500);
         s.world.user.write("coupon.txt", "WELCOME-25\n");
       }},
      {"ecloud billing subscribe",
       [](Scene& s) { s.world.devnet.set_subscription(s.world.account(), "active"); }},
  };
  // Words that are to be imported were exported before.
  if (line.find("my-app.words") != std::string::npos && path.text().ends_with("wallet import")) {
    scene.deploy();
    scene.world.user.run({"compute", "app", "wallet", "export", "my-app", "--out", "my-app.words"});
    return;
  }
  if (path.text() == "ecloud compute app verify") return prepare_verify(scene, line);
  // A new key is never written over an old one.
  if (line.find("--out deployer.key") != std::string::npos) {
    std::filesystem::remove(scene.world.user.folder() / "deployer.key");
  }
  if (line.find(" deploy --all") != std::string::npos ||
      line.find(" upgrade --all") != std::string::npos) {
    const std::string image = scene.world.devnet.image("sample/layered:1.0");
    scene.world.user.write("ecloud.yaml", "image: " + image + "\napps:\n  web:\n  worker:\n");
  }
  if (line.find(" upgrade --all") != std::string::npos) {
    REQUIRE(scene.world.user.run({"compute", "app", "deploy", "--all"}).code == 0);
    return;
  }
  if (path.text() == "ecloud compute app drift") {
    const std::string image = scene.world.devnet.image("sample/layered:1.0");
    scene.world.user.write("ecloud.yaml", "name: my-app\nimage: " + image + "\n");
  }
  if (!fresh.contains(path.text())) scene.deploy();
  if (path.text() == "ecloud compute app apply") {
    REQUIRE(scene.world.user.run({"compute", "app", "plan", "my-app", "--plan-out", "upgrade.plan"})
                .code == 0);
  }
  if (path.names.size() > 1 && path.names[1] == "auth") prepare_stores(scene);
  if (const auto found = special.find(path.text()); found != special.end()) found->second(scene);
}

/// Those that start or end processes; tests/e2e/process_test.cc runs them. And the one that makes
/// the generated files.
bool runs_elsewhere(const CommandPath& path) {
  return path.names.size() > 1 && (path.names[1] == "devnet" || path.names[1] == "__generate");
}

bool has(const Typed& example, const std::string& flag) {
  return std::find(example.words.begin(), example.words.end(), flag) != example.words.end();
}

/// Those that go on until Ctrl-C: logs_test.cc and show_apps_test.cc press it.
bool is_endless(const Typed& example) {
  const Words& words = example.words;
  const bool app = words.size() > 1 && words[0] == "compute" && words[1] == "app";
  return app && (has(example, "--watch") || has(example, "--follow") || has(example, "-f"));
}

RunResult run_example(Scene& scene, const Typed& example, const Words& more) {
  Words words = example.words;
  words.insert(words.end(), more.begin(), more.end());
  const std::string input = example.input_file.empty()
                                ? std::string()
                                : testing::slurp(scene.world.user.folder() / example.input_file);
  return scene.world.user.run_with_input(words, input);
}

void for_each_example(const std::function<void(const CommandPath&, const std::string&)>& visit) {
  const Command root = cli::make_command_tree();
  cli::for_each_command(root, [&](const CommandPath& path) {
    if (path.command->is_group() || path.command->hidden || runs_elsewhere(path)) return;
    for (const cli::Example& example : path.command->examples) visit(path, example.command);
  });
}

/// Whether the example belongs to this command: some show another one on the way.
bool is_about(const CommandPath& path, const Typed& example) {
  const Words& words = example.words;
  return words.size() + 1 >= path.names.size() &&
         std::equal(path.names.begin() + 1, path.names.end(), words.begin());
}

/// Requests that change something anywhere.
Words writes(const devnet::Devnet& devnet) {
  Words out;
  for (const auto& request : devnet.requests()) {
    for (const std::string& kind : request.kinds) {
      if (kind == "rpc:eth_sendRawTransaction") out.push_back(kind);
    }
    const bool rpc = request.path.rfind("/rpc", 0) == 0;
    if (!rpc && request.method != "GET" && request.method != "HEAD") {
      out.push_back(request.method + " " + request.path);
    }
  }
  return out;
}

/// Every file that the user has, with its content; locks, the cache and what completions remember
/// aside.
std::map<std::string, std::string> files_of(const World& world) {
  std::map<std::string, std::string> out;
  const auto home = world.user.folder().parent_path();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home)) {
    const std::string path = entry.path().string();
    const bool passing = path.ends_with(".lock") || path.find("/.cache/") != std::string::npos ||
                         path.find("/locks/") != std::string::npos ||
                         path.find("/completion/") != std::string::npos;
    if (entry.is_regular_file() && !passing) out[path] = testing::slurp(entry.path());
  }
  return out;
}

std::set<std::string> documented(const Command& command) {
  std::set<std::string> out;
  for (const auto& field : command.json_fields) {
    out.insert(field.name.substr(0, field.name.find('.')));
  }
  return out;
}

void check_fields(const Command& command, const base::Json& document) {
  const std::set<std::string> fields = documented(command);
  const auto check_one = [&](const base::Json& record) {
    REQUIRE(record.is_object());
    for (const auto& [name, value] : record.members()) {
      INFO("field " << name);
      CHECK(fields.contains(name));
    }
  };
  if (command.json_list.empty()) return check_one(document);
  if (command.json_is_array) {
    for (const base::Json& record : document.elements()) check_one(record);
    return;
  }
  REQUIRE(document.members().size() == 1 + command.json_list_notes.size());
  for (const cli::JsonField& note : command.json_list_notes) {
    INFO("member " << note.name);
    CHECK(document[note.name].exists());
  }
  for (const base::Json& record : document[command.json_list].elements()) check_one(record);
}

}  // namespace

TEST_CASE("Every example runs against the devnet", "[e2e][examples]") {
  std::set<std::string> shown;
  for_each_example([&](const CommandPath& path, const std::string& line) {
    Scene scene;
    prepare(path, line, scene);
    const Typed example = on_devnet(line, scene);
    if (is_endless(example)) return;
    if (is_about(path, example)) shown.insert(path.text());
    const RunResult run = run_example(scene, example, {"--yes"});
    INFO(line << "\n" << run.describe());
    CHECK(run.code == 0);
  });
  // And every command has one that is about itself.
  const Command root = cli::make_command_tree();
  cli::for_each_command(root, [&](const CommandPath& path) {
    if (path.command->is_group() || path.command->hidden || runs_elsewhere(path)) return;
    INFO(path.text());
    CHECK(shown.contains(path.text()));
  });
}

TEST_CASE("Every example prints with --json the fields that its help names", "[e2e][examples]") {
  for_each_example([&](const CommandPath& path, const std::string& line) {
    Scene scene;
    prepare(path, line, scene);
    const Typed example = on_devnet(line, scene);
    if (path.command->json_fields.empty() || !is_about(path, example)) return;
    if (has(example, "--fields") || is_endless(example)) return;
    const RunResult run = run_example(scene, example, {"--yes", "--json"});
    INFO(line << "\n" << run.describe());
    REQUIRE(run.code == 0);
    check_fields(*path.command, run.json());
  });
}

TEST_CASE("Every mutating command changes nothing with --dry-run", "[e2e][examples]") {
  std::size_t tried = 0;
  for_each_example([&](const CommandPath& path, const std::string& line) {
    if (!path.command->mutating) return;
    Scene scene;
    prepare(path, line, scene);
    const Typed example = on_devnet(line, scene);
    if (!is_about(path, example)) return;
    const auto before = files_of(scene.world);
    scene.world.devnet.clear_requests();
    const RunResult run = run_example(scene, example, {"--dry-run", "--json"});
    INFO(line << "\n" << run.describe());
    CHECK(run.code == 0);
    CHECK(writes(scene.world.devnet) == Words{});
    CHECK(files_of(scene.world) == before);
    check_fields(*path.command, run.json());
    ++tried;
  });
  CHECK(tried > 0);
}

TEST_CASE("Every command that destroys refuses without a terminal and without --yes",
          "[e2e][examples]") {
  for_each_example([&](const CommandPath& path, const std::string& line) {
    if (!path.command->destructive) return;
    Scene scene;
    prepare(path, line, scene);
    Typed example = on_devnet(line, scene);
    if (!is_about(path, example) || has(example, "--dry-run")) return;
    std::erase_if(example.words, [](const std::string& word) {
      return word == "--yes" || word == "-y" || word == "--force";
    });
    const auto before = files_of(scene.world);
    scene.world.devnet.clear_requests();
    const RunResult run = run_example(scene, example, {});
    INFO(line << "\n" << run.describe());
    CHECK(run.code == 2);
    CHECK(run.out.empty());
    CHECK(run.err.find("--yes") != std::string::npos);
    CHECK(writes(scene.world.devnet) == Words{});
    CHECK(files_of(scene.world) == before);
  });
}
