// No output repeats a secret that was given in the wrong place: every option and argument of every
// command, every variable and every key of the configuration files is given a private key, a
// recovery phrase and URLs with a key in turn.

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>

#include "cli/command_tree.h"
#include "cli/config_keys.h"
#include "e2e/session.h"
#include "ecloud/base/text.h"
#include "support/catch.h"

using namespace ecloud;
using testing::RunResult;
using testing::World;

namespace {

using Words = std::vector<std::string>;

struct Planted {
  std::string value;
  Words traces;  ///< what must not be seen
};

const std::vector<Planted>& planted() {
  static const std::vector<Planted> all = {
      {"0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
       {"4c0883a69102937d", "ae468d01a3f362318"}},
      {"legal winner thank year wave sausage worth useful legal winner thank yellow",
       {"legal winner", "wave sausage", "thank yellow"}},
      {"https://rpc.sepolia.example/v2/kQ7xLp2mV9sTz4RbN8wYc3Hd", {"kQ7xLp2mV9", "N8wYc3Hd"}},
      {"rpc.sepolia.example/v3/kQ7xLp2mV9sTz4RbN8wYc3Hd", {"kQ7xLp2mV9", "N8wYc3Hd"}},
      {"htps://user:Hunter2Secret@rpc.sepolia.example", {"Hunter2Secret"}},
  };
  return all;
}

void check_silent(const RunResult& run, const Planted& secret, const std::string& where) {
  for (const std::string& trace : secret.traces) {
    if (run.out.find(trace) == std::string::npos && run.err.find(trace) == std::string::npos) {
      continue;
    }
    FAIL_CHECK(where << " repeats " << trace << "\n" << run.describe());
  }
}

bool declares(const cli::Command& command, const std::string& option) {
  for (const cli::Option* one : cli::all_options(command)) {
    if (one->name == option) return true;
  }
  return false;
}

/// A command line that comes as far as it can: without its own names it would stop at once.
Words base_line(const World& world, const cli::CommandPath& path) {
  Words words(path.names.begin() + 1, path.names.end());
  if (path.text() == "ecloud compute app deploy") words = world.deploy();
  for (const char* flag : {"dry-run", "yes", "non-interactive"}) {
    const std::string word = std::string("--") + flag;
    const bool is_there = std::find(words.begin(), words.end(), word) != words.end();
    if (!is_there && declares(*path.command, flag)) words.push_back(word);
  }
  return words;
}

bool starts_processes(const std::string& command) {
  return command.starts_with("ecloud devnet ");
}

void for_each_leaf(const cli::CommandPath& at,
                   const std::function<void(const cli::CommandPath&)>& visit) {
  for (const cli::Command& command : at.command->subcommands) {
    if (command.hidden) continue;
    cli::CommandPath path{&command, at.names};
    path.names.push_back(command.name);
    if (command.is_group()) {
      for_each_leaf(path, visit);
    } else if (!starts_processes(path.text())) {
      visit(path);
    }
  }
}

/// The first place of a name is given everything, the others one secret in turn.
class Turns {
 public:
  std::vector<const Planted*> next(const std::string& name) {
    std::vector<const Planted*> out;
    if (seen_.insert(name).second) {
      for (const Planted& secret : planted()) out.push_back(&secret);
    } else {
      out.push_back(&planted()[count_++ % planted().size()]);
    }
    return out;
  }

 private:
  std::set<std::string> seen_;
  std::size_t count_ = 0;
};

World& deployed_world() {
  static World world;
  static const bool once = [] {
    REQUIRE(world.user.run(world.deploy({"--no-wait"})).code == 0);
    return true;
  }();
  (void)once;
  return world;
}

}  // namespace

TEST_CASE("No option of any command is repeated when it holds a secret", "[e2e][echo]") {
  World& world = deployed_world();
  const cli::Command root = cli::make_command_tree();
  Turns turns;
  for_each_leaf({&root, {root.name}}, [&](const cli::CommandPath& path) {
    for (const cli::Option* option : cli::all_options(*path.command)) {
      if (!option->takes_value()) continue;
      for (const Planted* secret : turns.next(option->name)) {
        // Nothing tells a key from a salt or from the hash of a transaction.
        if (option->hash && secret == &planted().front()) continue;
        Words words = base_line(world, path);
        words.push_back("--" + option->name);
        words.push_back(secret->value);
        check_silent(world.user.run(words), *secret, path.text() + " --" + option->name);
      }
    }
  });
}

TEST_CASE("No argument of any command is repeated when it holds a secret", "[e2e][echo]") {
  World& world = deployed_world();
  const cli::Command root = cli::make_command_tree();
  for_each_leaf({&root, {root.name}}, [&](const cli::CommandPath& path) {
    const std::size_t places = path.command->positionals.size() + 1;
    for (const Planted& secret : planted()) {
      for (std::size_t place = 0; place < places; ++place) {
        Words words = base_line(world, path);
        for (std::size_t i = 0; i < place; ++i) words.push_back("echo");
        words.push_back(secret.value);
        check_silent(world.user.run(words), secret,
                     path.text() + " argument " + std::to_string(place + 1));
      }
    }
  });
  for (const Planted& secret : planted()) {
    for (const Words& words :
         std::vector<Words>{{secret.value},
                            {"compute", secret.value},
                            {"compute", "app", secret.value, "--json"},
                            {"--" + secret.value},
                            {"compute", "app", "list", "--nonsense=" + secret.value}}) {
      check_silent(world.user.run(words), secret, words.front());
    }
  }
}

TEST_CASE("No variable is repeated when it holds a secret", "[e2e][echo]") {
  World& world = deployed_world();
  const cli::Command root = cli::make_command_tree();
  std::set<std::string> variables = {"https_proxy",        "http_proxy",
                                     "all_proxy",          "HTTPS_PROXY",
                                     "ALL_PROXY",          "NO_PROXY",
                                     "SSL_CERT_FILE",      "ECLOUD_CONFIG",
                                     "ECLOUD_DEBUG",       "ECLOUD_KEYSTORE_PASSWORD",
                                     "ECLOUD_DEVNET_INFO", "DOCKER_CONFIG",
                                     "DOCKER_HOST",        "ECLOUD_PRIVATE_KEY",
                                     "EIGENX_PRIVATE_KEY", "ECLOUD_KEYSTORE",
                                     "XDG_CONFIG_HOME",    "XDG_CACHE_HOME",
                                     "XDG_STATE_HOME"};
  for_each_leaf({&root, {root.name}}, [&](const cli::CommandPath& path) {
    for (const cli::Option* option : cli::all_options(*path.command)) {
      variables.insert(option->variables.begin(), option->variables.end());
    }
  });
  for (const std::string& variable : variables) {
    const bool hash = variable == "ECLOUD_SALT";
    const auto before = world.user.env().find(variable);
    const auto kept = before == world.user.env().end() ? std::optional<std::string>()
                                                       : std::optional(before->second);
    for (const Planted& secret : planted()) {
      if (hash && &secret == &planted().front()) continue;
      world.user.set(variable, secret.value);
      for (const Words& words : std::vector<Words>{{"compute", "app", "list"},
                                                   {"compute", "app", "list", "--json"},
                                                   {"doctor"},
                                                   {"config", "show"},
                                                   {"compute", "environment", "show"},
                                                   world.deploy({"--dry-run", "--verbose"})}) {
        check_silent(world.user.run(words), secret, variable + " in " + words.front());
      }
    }
    if (kept) {
      world.user.set(variable, *kept);
    } else {
      world.user.unset(variable);
    }
  }
}

TEST_CASE("No key of a configuration file is repeated when it holds a secret", "[e2e][echo]") {
  World& world = deployed_world();
  for (const cli::ConfigKey& key : cli::config_keys()) {
    if (!key.in_project) continue;
    for (const Planted& secret : planted()) {
      std::string text, indent;
      Words parts = base::split(key.key, '.');
      for (std::string& part : parts) {
        if (part == "*") part = "devnet";
        const bool last = &part == &parts.back();
        const bool list = key.type == cli::ConfigType::kList;
        text += indent + part + ":" + (last ? (list ? "\n" + indent + "  - " : " ") : "\n");
        indent += "  ";
      }
      world.user.write("ecloud.yaml", text + secret.value + "\n");
      for (const Words& words : std::vector<Words>{{"config", "show"},
                                                   {"compute", "app", "list"},
                                                   {"doctor", "--json"},
                                                   {"compute", "environment", "show"},
                                                   world.deploy({"--dry-run"})}) {
        const RunResult run = world.user.run(words);
        // What a project says about itself is shown by the command that shows it.
        const bool shown = words.front() == "config";
        check_silent({run.code, shown ? std::string() : run.out, run.err}, secret,
                     key.key + " in " + words.back());
      }
    }
  }
  for (const Planted& secret : planted()) {
    for (const std::string& text :
         {secret.value + ": x\n", "nam: " + secret.value + "\n",
          "env:\n  - A=" + secret.value + "\n",
          "apps:\n  web:\n    env:\n      - DATABASE_URL=" + secret.value + "\n",
          "name: [" + secret.value + "\n", "- " + secret.value + "\n"}) {
      world.user.write("ecloud.yaml", text);
      for (const Words& words : {world.deploy({"--dry-run"}), Words{"doctor"}}) {
        check_silent(world.user.run(words), secret, text);
      }
    }
  }
  std::filesystem::remove(world.user.folder() / "ecloud.yaml");
}
