// The env file of an app, and what is given in addition to it.

#include "cli/commands/app/release_options.h"
#include "cli/config_keys.h"
#include "cli/deployer_key_check.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/platform/dotenv.h"

namespace ecloud::cli {
namespace {

constexpr char kDefaultEnvFile[] = ".env";

std::optional<std::string> env_file(Context& context, const Values& values) {
  if (values.given("env-file")) return values.text("env-file");
  // Without --env-file a .env is used when there is one, and none is needed.
  std::error_code ignored;
  const auto path = context.absolute(kDefaultEnvFile);
  return std::filesystem::exists(path, ignored) ? std::optional<std::string>(kDefaultEnvFile)
                                                : std::nullopt;
}

/// The names that ecloud.yaml wants to be present.
void check_wanted_names(Context& context, const Values& values,
                        const platform::AppEnvironment& variables, const std::string& file) {
  const ConfigValue* wanted = values.project_value("env");
  if (wanted == nullptr) return;
  for (const std::string& name : wanted->values) {
    if (!platform::is_reserved_name(name)) continue;
    throw Error(Category::kUsage, "dotenv.reserved",
                context.project_config().where(*wanted) + " lists " + name +
                    " under env, which is set by the platform",
                "remove it");
  }
  const std::vector<std::string> missing = missing_variables(wanted->values, variables);
  if (missing.empty()) return;
  throw Error(Category::kUsage, "dotenv.missing_names",
              context.project_config().where(*wanted) + " lists variables under env that " +
                  (file.empty() ? "no env file sets" : shown_file(file) + " does not set") + ": " +
                  base::join(missing, ", "),
              "add them to the env file (--env-file FILE)");
}

void warn_of_values(Context& context, const platform::AppEnvironment& variables) {
  for (const platform::UnsafeVariable& variable : platform::shell_unsafe_variables(variables)) {
    context.terminal().warning("the value of " + variable.name + " " + variable.reason +
                               ": the platform passes it through a shell, which changes it or runs "
                               "a part of it; in double quotes, \\\" \\$ \\` and \\\\ reach the "
                               "app as \" $ ` and \\");
  }
  for (const platform::SharedVariable& variable : platform::shared_variables(variables)) {
    context.terminal().warning(variable.name + " of the env file " + variable.effect);
  }
}

/// NAME=VALUE words of --env, as a file of their own. None is shown in an error: a word without "="
/// may be a secret.
platform::Dotenv given_variables(const std::vector<std::string>& words) {
  platform::Dotenv out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    const std::string name = words[i].substr(0, equals);
    if (equals == std::string::npos || !platform::is_variable_name(name)) {
      throw Error(Category::kUsage, "cli.bad_value",
                  "--env number " + std::to_string(i + 1) +
                      " is not NAME=VALUE with a name of letters, digits and _",
                  "write --env GREETING=hello, or put the variable into the env file");
    }
    std::erase_if(out.entries, [&](const auto& entry) { return entry.name == name; });
    out.entries.push_back({name, base::Secret(words[i].substr(equals + 1)), i + 1});
  }
  return out;
}

/// What --env gives is stronger than the file.
void add_given_variables(Context& context, const Values& values, EnvFile& env) {
  const platform::Dotenv given = given_variables(values.repeated("env"));
  if (given.entries.empty()) return;
  platform::FoundMnemonic mnemonic;
  platform::AppEnvironment added = platform::split_environment(given, "--env", &mnemonic);
  if (mnemonic.found) env.mnemonic = std::move(mnemonic);
  const std::vector<std::string> secret = added.private_names();
  if (!secret.empty()) {
    context.terminal().warning("other users of this machine can see what --env gives " +
                               base::join(secret, ", ") +
                               "; the env file is the place for secrets");
  }
  for (auto& [name, value] : added.private_variables) {
    env.variables.private_variables[name] = std::move(value);
  }
  for (auto& [name, value] : added.public_variables) {
    env.variables.public_variables[name] = std::move(value);
  }
}

/// The domain that ecloud.yaml names is the variable DOMAIN, which turns TLS on.
void set_domain(Context& context, const Values& values, EnvFile& env) {
  const ConfigValue* domain = values.project_value("tls.domain");
  if (domain == nullptr) return;
  auto& variables = env.variables.private_variables;
  const std::string& wanted = domain->values.front();
  const auto there = variables.find("DOMAIN");
  if (there == variables.end()) {
    variables["DOMAIN"] = base::Secret(std::string(wanted));
  } else if (there->second.reveal_text() != wanted) {
    throw Error(Category::kUsage, "cli.conflict",
                context.project_config().where(*domain) + ": tls.domain is " +
                    base::printable_line(wanted, 100) + ", and DOMAIN in " + shown_file(env.file) +
                    " is another one",
                "let both name the same domain, or leave one out");
  }
}

}  // namespace

std::string shown_file(const std::string& file) {
  return file == "-" ? "standard input" : file;
}

base::Secret checked_mnemonic(const EnvFile& env) {
  if (!env.mnemonic.found) {
    throw Error(
        Category::kUsage, "wallet.no_mnemonic",
        "--wallet env takes MNEMONIC from the env file, and " +
            (env.file.empty() ? "there is no env file" : shown_file(env.file) + " has none"),
        "add MNEMONIC=\"…\" to the file, or leave out --wallet env");
  }
  const std::string problem = crypto::mnemonic_problem(env.mnemonic.value.reveal_text());
  if (!problem.empty()) {
    throw Error(
        Category::kUsage, "wallet.bad_mnemonic",
        shown_file(env.file) + ":" + std::to_string(env.mnemonic.line) + ": MNEMONIC " + problem,
        "correct it, or leave out --wallet env");
  }
  return env.mnemonic.value.clone();
}

EnvFile read_env_file(Context& context, const Values& values) {
  EnvFile out;
  out.file = env_file(context, values).value_or("");
  if (!out.file.empty()) {
    const base::Secret text(
        values.given("env-file")
            ? context.read_user_file(out.file, platform::kMaxDotenvBytes)
            : base::read_file_if_exists(context.absolute(out.file), platform::kMaxDotenvBytes)
                  .value_or(""));
    const platform::Dotenv dotenv =
        platform::parse_dotenv(text.reveal_text(), shown_file(out.file));
    for (const platform::DotenvWarning& warning : dotenv.warnings) {
      context.terminal().warning(shown_file(out.file) + ":" + std::to_string(warning.line) + ": " +
                                 warning.message);
    }
    out.variables = platform::split_environment(dotenv, shown_file(out.file), &out.mnemonic);
  }
  add_given_variables(context, values, out);
  set_domain(context, values, out);
  check_wanted_names(context, values, out.variables, out.file);
  warn_of_values(context, out.variables);
  const bool has_any =
      !out.variables.private_variables.empty() || !out.variables.public_variables.empty();
  if (has_any) {
    check_deployer_key(context, out.variables, out.file.empty() ? "--env" : shown_file(out.file),
                       values.repeated("allow-leak"));
  }
  return out;
}

std::vector<std::string> missing_variables(const std::vector<std::string>& wanted,
                                           const platform::AppEnvironment& variables) {
  std::vector<std::string> missing;
  for (const std::string& name : wanted) {
    const bool there = variables.private_variables.contains(name) ||
                       variables.public_variables.contains(name) ||
                       base::equal_ignoring_case(name, platform::kMnemonicVariable);
    if (!there) missing.push_back(name);
  }
  return missing;
}

}  // namespace ecloud::cli
