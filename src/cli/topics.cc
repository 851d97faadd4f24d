#include "cli/topics.h"

#include <map>

#include "cli/config_keys.h"
#include "cli/guide.h"
#include "cli/help.h"
#include "cli/migration.h"
#include "cli/page.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

std::string environment_text(const Command& root, const Terminal& terminal) {
  Page page(terminal);
  page.paragraphs(
      "Environment variables stand for options, and are weaker than them and stronger than the "
      "configuration files. An empty variable counts as not set. `ecloud config show --origin` "
      "says what each value comes to and where it comes from.");
  page.heading("VARIABLES FOR OPTIONS");
  std::vector<Entry> entries;
  for (const Variable& variable : option_variables(root)) {
    entries.push_back({variable.name, variable.meaning});
  }
  page.entries(entries);
  page.heading("OTHER VARIABLES");
  entries.clear();
  for (const Variable& variable : other_variables()) {
    entries.push_back({variable.name, variable.meaning});
  }
  page.entries(entries);
  return page.take();
}

std::string exit_codes_text(const Command&, const Terminal& terminal) {
  Page page(terminal);
  page.paragraphs(
      "What the exit code of every command means. `ecloud explain CODE` lists the errors that end "
      "with one; that of `ecloud doctor` is the code of the first check that failed. A reader of "
      "the output that goes away (a closed pipe) makes it 141.");
  page.heading("EXIT CODES");
  std::vector<Entry> entries;
  for (const int code : all_exit_codes()) {
    entries.push_back({std::to_string(code), std::string(exit_code_meaning(code))});
  }
  page.entries(entries);
  return page.take();
}

std::string json_text(const Command& root, const Terminal& terminal) {
  Page page(terminal);
  page.paragraphs(
      "With --json a command that succeeds prints one JSON document on stdout. One that fails "
      "prints one line on stderr: {\"error\":{\"code\",\"message\",\"hint\",\"exitCode\"}}. Codes "
      "and field names stay as they are from version to version; messages and hints may change. "
      "`ecloud explain CODE` tells what an error code means. Some commands print a document and "
      "end "
      "with an error all the same: `ecloud doctor`, and a list whose states are unknown.\n"
      "\n"
      "--fields A,B keeps these fields only. Without --json it prints their values, separated by "
      "tabs, one line a record: ADDRESS=$(ecloud auth whoami --fields address).");
  for_each_command(root, [&](const CommandPath& path) {
    const Command& command = *path.command;
    if (command.json_fields.empty()) return;
    page.heading(path.text() +
                 (command.json_list.empty() ? "" : " (" + command.json_list_shape() + ")"));
    std::vector<Entry> entries;
    for (const auto* fields : {&command.json_fields, &command.json_list_notes}) {
      for (const JsonField& field : *fields) entries.push_back({field.name, field.meaning});
    }
    page.entries(entries);
  });
  return page.take();
}

std::string configuration_text(const Command&, const Terminal& terminal) {
  Page page(terminal);
  page.paragraphs(
      "ecloud.yaml in the working directory (or the file that --config names) belongs to a "
      "project, config.yaml to you: `ecloud config path` says where it is. A value comes from the "
      "option, else the environment variable, else ecloud.yaml, else config.yaml, else the "
      "default; `ecloud config show --origin` says which it was, and `ecloud config set` writes "
      "config.yaml. Unknown keys are errors in ecloud.yaml and warnings in config.yaml, which the "
      "TypeScript CLI writes as well: its default_environment counts unless defaultEnvironment is "
      "set. Merge keys (<<) work, and top-level keys that begin with x- hold what they merge.\n"
      "\n"
      "What is marked with * may also stand under environments.NAME, for a release to that "
      "environment, and under apps.NAME, for one of several apps (deployed by name or with --all), "
      "there again under environments.NAME. Looked for first is "
      "apps.NAME.environments.NAME, then apps.NAME, then environments.NAME, then the top of the "
      "file. Editors check ecloud.yaml with the schema that `ecloud config schema` prints.");
  for (const auto which : {ConfigFile::Which::kProject, ConfigFile::Which::kUser}) {
    const bool project = which == ConfigFile::Which::kProject;
    page.heading(project ? "ECLOUD.YAML" : "CONFIG.YAML");
    std::vector<Entry> entries;
    for (const ConfigKey& key : config_keys()) {
      if (project ? !key.in_project : !key.in_user) continue;
      entries.push_back(
          {shown_config_key(key) + (project && key.release ? " *" : ""), config_key_help(key)});
    }
    page.entries(entries);
  }
  return page.take();
}

void visit_below(const CommandPath& path, const std::function<void(const CommandPath&)>& visit) {
  visit(path);
  for (const Command& command : path.command->subcommands) {
    if (command.hidden) continue;
    CommandPath below{&command, path.names};
    below.names.push_back(command.name);
    visit_below(below, visit);
  }
}

}  // namespace

void for_each_command(const Command& root, const std::function<void(const CommandPath&)>& visit) {
  visit_below({&root, {root.name}}, visit);
}

const std::vector<Topic>& topics() {
  static const std::vector<Topic> all = {
      {"configuration", "ecloud.yaml and config.yaml, key by key", configuration_text},
      {"environment", "Environment variables", environment_text},
      {"exit-codes", "What the exit codes mean", exit_codes_text},
      {"migrate", "From the TypeScript CLI to this one: commands, options, variables",
       migration_text},
      {"recovery", "What is left of an app when the machine that deployed it is lost",
       [](const Command&, const Terminal& terminal) {
         return guide_text(recovery_guide(), terminal);
       }},
      {"trust", "Who is trusted with what, and which command checks it",
       [](const Command&, const Terminal& terminal) {
         return guide_text(trust_guide(), terminal);
       }},
      {"json", "--json and --fields, and the fields of every command", json_text},
  };
  return all;
}

std::vector<Variable> option_variables(const Command& root) {
  std::map<std::string, std::string> found;
  for_each_command(root, [&](const CommandPath& path) {
    for (const Option* option : all_options(*path.command)) {
      const std::string meaning = option->takes_value()
                                      ? "--" + option->name + ": " + option->help
                                      : "--" + option->name + " when it is true: " + option->help;
      for (const std::string& variable : option->variables) found.emplace(variable, meaning);
    }
  });
  std::vector<Variable> out;
  for (const auto& [name, meaning] : found) out.push_back({name, meaning});
  return out;
}

const std::vector<Variable>& other_variables() {
  static const std::vector<Variable> variables = {
      {"CI", "When set nothing is ever asked, as with --non-interactive"},
      {"CLICOLOR_FORCE", "When set and not 0: colours also where no terminal is"},
      {"DBUS_SESSION_BUS_ADDRESS, DISPLAY, XDG_RUNTIME_DIR",
       "One of them leads to the D-Bus session, and to the keyring, on Linux"},
      {"DOCKER_AUTH_CONFIG", "Logins of registries, as the JSON text of Docker's config.json"},
      {"DOCKER_CONFIG", "The directory of Docker's config.json, for logins of registries"},
      {"ECLOUD_DEBUG", "Topics to tell about on stderr: http, rpc, config, deploy; by commas"},
      {"ECLOUD_DEVNET_BINARY", "The program ecloud-devnet, when it is not beside ecloud"},
      {"ECLOUD_DEVNET_INFO", "The description of the devnet to work with, when it is elsewhere"},
      {"ECLOUD_KEYSTORE_PASSWORD",
       "The password of the key file, else --password-file or a prompt"},
      {"HOME", "Where configuration and state are, below .config and .local/state"},
      {"HTTPS_PROXY, ALL_PROXY, NO_PROXY", "A proxy, and the hosts to reach without it"},
      {"NO_COLOR", "When set: no colours"},
      {"PATH", "Where docker, credential helpers and the keyring's program are looked for"},
      {"REGISTRY_AUTH_FILE", "Podman's file of logins, instead of Docker's and its usual places"},
      {"SSL_CERT_DIR", "A directory of certificates to trust, named by c_rehash"},
      {"SSL_CERT_FILE", "Certificates to trust, in PEM, instead of the system's; also for proxies"},
      {"TERM", "dumb: no colours"},
      {"XDG_CONFIG_HOME", "Where ecloud/config.yaml is; else ~/.config"},
      {"XDG_CACHE_HOME",
       "Where ecloud/ with fetched programs and files under way is; else ~/.cache"},
      {"XDG_STATE_HOME", "Where ecloud/ with wallets and journals is; else ~/.local/state"},
  };
  return variables;
}

}  // namespace ecloud::cli
