// What `ecloud doctor` looks at on this machine: files, programs, the key.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands/app/release_options.h"
#include "cli/doctor.h"
#include "ecloud/base/files.h"
#include "ecloud/base/subprocess.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/build_image.h"
#include "ecloud/deploy/journal.h"
#include "ecloud/deploy/top_up.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/platform/app_environment.h"
#include "ecloud/platform/credits.h"
#include "ecloud/platform/dockerfile.h"
#include "ecloud/platform/dotenv.h"

namespace ecloud::cli {
namespace {

namespace fs = std::filesystem;

/// No builder is waited for longer.
constexpr base::Milliseconds kPatience{5'000};

#ifdef __APPLE__
constexpr char kKeyringProgram[] = "security";
#else
constexpr char kKeyringProgram[] = "secret-tool";
#endif

bool others_may(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return false;
  return (status.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Finding check_project_file(Context& context) {
  const ConfigFile& file = context.project_config();
  if (!file.exists()) return skip("project", "there is no ecloud.yaml in this folder");
  return ok("project", file.name() + " is understood");
}

Finding check_user_file(Context& context) {
  if (!context.user_config().exists()) return skip("config", "there is no config.yaml of yours");
  return ok("config", context.user_config_path().string() + " is understood");
}

/// The directory itself, or the nearest one above it that exists.
fs::path nearest_existing(fs::path path) {
  while (!is_there(path) && path.has_relative_path()) path = path.parent_path();
  return path;
}

Finding check_state(Context& context) {
  const fs::path state = context.paths().state;
  const fs::path existing = nearest_existing(state);
  if (::access(existing.c_str(), W_OK | X_OK) != 0) {
    return fail("state", Category::kFailure,
                existing.string() + " cannot be written; wallets and journals are kept in " +
                    state.string(),
                "take it over with chown, or set XDG_STATE_HOME to another directory");
  }
  if (existing != state) return ok("state", state.string() + " is made with the first deployment");
  if (others_may(state)) {
    return warn("state", "other users of this machine may look into " + state.string(),
                "chmod 700 " + state.string());
  }
  return ok("state", state.string() + " is private and can be written");
}

/// "an upgrade of hello (0x…)".
std::string words_for(const deploy::JournalEntry& entry) {
  if (entry.purchase) {
    return "a purchase of credits: " + platform::format_usdc(entry.purchase->amount) + " for " +
           entry.purchase->account.to_string();
  }
  if (entry.operation == deploy::Operation::kUndelegate) {
    return "an undelegate of " + entry.deployer.to_string();
  }
  const std::string verb(deploy::to_string(entry.operation));
  const std::string app = entry.app.to_string();
  return (verb.front() == 'u' || verb.front() == 'a' ? "an " : "a ") + verb + " of " +
         (entry.name.empty() ? app : entry.name + " (" + app + ")");
}

Finding check_journal(Context& context, const platform::Environment& environment) {
  std::vector<deploy::JournalEntry> open;
  std::vector<std::string> journals = deploy::credits_journals(environment);
  journals.push_back(environment.name);
  for (const std::string& name : journals) {
    for (auto& entry : deploy::Journal(context.paths().state, name).all_unfinished()) {
      open.push_back(std::move(entry));
    }
  }
  if (open.empty()) return ok("unfinished", "nothing was cut off");
  const deploy::JournalEntry& last = *std::max_element(
      open.begin(), open.end(),
      [](const auto& left, const auto& right) { return left.created_at < right.created_at; });
  const std::string many = std::to_string(open.size()) + " operations were cut off, the last one ";
  return warn("unfinished", (open.size() == 1 ? "cut off: " : many) + words_for(last),
              "go on with it: ecloud resume; or run the same command again" +
                  (last.folder.empty() ? "" : ", in " + last.folder));
}

Finding check_wallets(Context& context, const platform::Environment& environment) {
  const deploy::WalletStore store(context.paths().state, environment.name);
  const fs::path directory = store.file_of({}).parent_path();
  std::size_t count = 0;
  std::size_t open = 0;
  std::error_code missing;
  for (const auto& file : fs::directory_iterator(directory, missing)) {
    if (file.path().extension() != ".json") continue;
    ++count;
    if (others_may(file.path())) ++open;
  }
  if (count == 0) return skip("wallets", "no wallet is kept for " + environment.name);
  const std::string held = std::to_string(count) + (count == 1 ? " wallet" : " wallets");
  if (open > 0) {
    return warn("wallets",
                held + "; other users may read " + std::to_string(open) + " of the files",
                "chmod 600 " + directory.string() + "/*.json");
  }
  return ok("wallets", held + " in " + directory.string() + "; keep a backup of it");
}

/// Keeps what is told of builders that do not work.
class KeepNotes final : public deploy::Observer {
 public:
  void phase(std::string_view) override {}
  void detail(std::string_view) override {}
  void note(std::string_view text) override { notes.emplace_back(text); }
  void warning(std::string_view text) override { notes.emplace_back(text); }

  std::vector<std::string> notes;
};

Finding check_builder(Context& context, const Values& values, bool builds) {
  if (!builds) return skip("builder", "there is no Dockerfile, so nothing is built here");
  KeepNotes observer;
  try {
    const deploy::FoundBuilder found =
        deploy::find_builder(deploy::parse_builder(values.required("builder")), context.env(),
                             &context.cancel(), observer, kPatience);
    std::string text = found.program.string() + " works";
    for (const std::string& note : observer.notes) text += "; " + note;
    return ok("builder", text);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return warn("builder", error.message(), error.hint());
  }
}

std::vector<Finding> check_text(const std::string& file, std::string_view text,
                                const std::vector<std::string>& wanted) {
  std::vector<Finding> out;
  const platform::Dotenv dotenv = platform::parse_dotenv(text, file);
  for (const platform::DotenvWarning& warning : dotenv.warnings) {
    out.push_back(
        warn("env-file", file + ":" + std::to_string(warning.line) + ": " + warning.message));
  }
  const auto variables = platform::split_environment(dotenv, file, nullptr);
  for (const auto& unsafe : platform::shell_unsafe_variables(variables)) {
    out.push_back(warn("env-file",
                       file + ": the value of " + unsafe.name + " " + unsafe.reason +
                           "; the platform passes it through a shell, which changes it",
                       "write it in double quotes with a backslash before each \" $ ` and \\"));
  }
  const std::vector<std::string> missing = missing_variables(wanted, variables);
  if (!missing.empty()) {
    out.push_back(
        fail("env-file", Category::kUsage,
             file + " does not set what ecloud.yaml lists under env: " + base::join(missing, ", "),
             "add them to the file"));
  }
  if (out.empty()) {
    out.push_back(ok("env-file", file + ": " + std::to_string(variables.private_variables.size()) +
                                     " private and " +
                                     std::to_string(variables.public_variables.size()) +
                                     " public variables"));
  }
  return out;
}

Finding no_env_file(const std::vector<std::string>& wanted) {
  const std::vector<std::string> missing = missing_variables(wanted, {});
  if (missing.empty()) return skip("env-file", "there is no env file, and none is needed");
  return fail("env-file", Category::kUsage,
              "ecloud.yaml lists variables under env, and there is no env file: " +
                  base::join(missing, ", "),
              "write them into .env, or name the file with --env-file");
}

}  // namespace

std::vector<Finding> check_machine(Context& context, const platform::Environment* environment) {
  std::vector<Finding> out;
  const auto add = [&](const char* name, const std::function<Finding()>& check) {
    for (Finding& finding : guarded(name, [&] { return std::vector<Finding>{check()}; })) {
      out.push_back(std::move(finding));
    }
  };
  add("project", [&] { return check_project_file(context); });
  add("config", [&] { return check_user_file(context); });
  add("state", [&] { return check_state(context); });
  if (environment == nullptr) return out;
  add("unfinished", [&] { return check_journal(context, *environment); });
  add("wallets", [&] { return check_wallets(context, *environment); });
  return out;
}

std::vector<Finding> check_tools(Context& context, const Values* values, bool builds) {
  std::vector<Finding> out;
  if (values != nullptr) out.push_back(check_builder(context, *values, builds));
  const auto keyring = base::find_program(kKeyringProgram, context.env());
  out.push_back(keyring ? ok("keyring", keyring->string())
                        : skip("keyring", std::string(kKeyringProgram) +
                                              " is not here; keys can be kept in files"));
  return out;
}

std::vector<Finding> check_key(Context& context, DoctorKey& key) {
  const FoundKey* found = context.found_key();
  if (found == nullptr) return {fail("key", no_key_error())};
  if (found->has_password && context.keystore_password() == nullptr) {
    key.account = found->address;
    if (found->address) {
      return {ok("key", found->address->to_string() + " (" + found->source +
                            ", which is opened with a password)")};
    }
    return {warn("key", found->source + " does not tell its account without its password",
                 "set ECLOUD_KEYSTORE_PASSWORD, or give --password-file FILE")};
  }
  const Deployer& deployer = context.deployer();
  key = {deployer.address, &deployer.key};
  return {ok("key", deployer.address.to_string() + " (" + deployer.source + ")")};
}

std::vector<Finding> check_env_file(Context& context, const Values& values) {
  const ConfigValue* listed = values.project_value("env");
  const auto wanted = listed == nullptr ? std::vector<std::string>() : listed->values;
  const std::string file = values.text("env-file").value_or(".env");
  if (file == "-") return {skip("env-file", "standard input is not read")};
  const fs::path path = context.absolute(file);
  if (!values.given("env-file") && !is_there(path)) return {no_env_file(wanted)};
  const base::Secret text(
      values.given("env-file")
          ? base::read_file(path, platform::kMaxDotenvBytes)
          : base::read_file_if_exists(path, platform::kMaxDotenvBytes).value_or(""));
  std::vector<Finding> out = check_text(file, text.reveal_text(), wanted);
  if (others_may(path)) {
    out.push_back(
        warn("env-file", "other users of this machine may read " + file, "chmod 600 " + file));
  }
  return out;
}

std::string dockerfile_path(Context& context, const Values& values) {
  const std::string file = values.text("dockerfile").value_or("Dockerfile");
  return values.given("dockerfile") || is_there(context.absolute(file)) ? file : std::string();
}

std::vector<Finding> check_dockerfile_text(Context& context, const std::string& path) {
  if (path.empty()) return {skip("dockerfile", "there is no Dockerfile in this folder")};
  const std::string text =
      base::read_file_if_exists(context.absolute(path), platform::kMaxDockerfileBytes).value_or("");
  const auto ignored =
      base::read_file_if_exists(context.absolute(".dockerignore"), platform::kMaxDockerfileBytes);
  std::vector<Finding> out;
  for (const auto& finding : platform::check_dockerfile(text, ignored)) {
    // The start script takes care of it.
    if (finding.code == "dockerfile.user") continue;
    const std::string message = path + ":" + std::to_string(finding.line) + ": " + finding.message;
    out.push_back(finding.fatal ? fail("dockerfile", Category::kUsage, message, finding.hint)
                                : warn("dockerfile", message, finding.hint));
  }
  if (out.empty()) out.push_back(ok("dockerfile", path + " fits the platform"));
  return out;
}

}  // namespace ecloud::cli
