// The commands of the TypeScript CLI as of February 2026, and what was spelled otherwise before and
// elsewhere.

#include "cli/migration.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr std::string_view kImages =
    "With --dockerfile, --image-ref says where to push, as before; the Dockerfile copies from the "
    "working directory, or --context DIR.";

std::vector<MigratedOption> release_flags() {
  return {{"--image-ref"},        {"--dockerfile"},     {"--env-file"},
          {"--instance-type"},    {"--log-visibility"}, {"--resource-usage-monitoring"},
          {"--verifiable"},       {"--repo"},           {"--commit"},
          {"--build-dockerfile"}, {"--build-context"},  {"--build-dependencies"},
          {"--build-caddyfile"}};
}

std::vector<MigratedOption> deploy_flags() {
  std::vector<MigratedOption> flags = release_flags();
  for (const std::string_view flag :
       {"--name", "--skip-profile", "--website", "--description", "--x-url", "--image"}) {
    flags.push_back({flag});
  }
  return flags;
}

std::vector<MigratedCommand> account_commands() {
  return {
      {"auth generate",
       "auth generate",
       {{"--store"}},
       "Without --store the key can go to a new "
       "file with --out."},
      {"auth login", "auth login", {}, "Headless machines keep the key in an encrypted file."},
      {"auth logout", "auth logout", {{"--force", "--yes"}}},
      {"auth migrate", "auth migrate", {}},
      {"auth whoami", "auth whoami", {{"--private-key"}}},
      {"billing subscribe", "billing subscribe", {{"--product"}}},
      {"billing status", "billing status", {{"--product"}}},
      {"billing cancel", "billing cancel", {{"--product"}, {"--force", "--yes"}, {"-f", "-y"}}},
      {"billing top-up",
       "billing top-up",
       {{"--amount"}, {"--account"}, {"--method"}, {"--chain"}, {"--creator"}, {"--app"}},
       "--chain base is base-sepolia; --method x402 is not supported."},
      {"billing list-cards", "billing cards"},
      {"billing redeem-coupon", "billing redeem", {{"--code"}}},
  };
}

std::vector<MigratedCommand> app_commands() {
  return {
      {"compute app create",
       "compute app create",
       {{"--name"}, {"--language"}},
       "The templates are in the program; --template-repo and --template-version are not taken."},
      {"compute app deploy", "compute app deploy", deploy_flags(), kImages},
      {"compute app upgrade", "compute app upgrade", release_flags(), kImages},
      {"compute app info", "compute app info", {{"--watch"}, {"-w"}, {"--address-count"}}},
      {"compute app list", "compute app list", {{"--all"}, {"-a"}, {"--address-count"}}},
      {"compute app logs", "compute app logs", {{"--watch", "--follow"}, {"-w", "-f"}}},
      {"compute app status", "compute app status", {{"--wait"}, {"--json"}}},
      {"compute app releases", "compute app releases", {{"--json"}, {"--full"}}},
      {"compute app start", "compute app start", {}},
      {"compute app stop", "compute app stop", {}},
      {"compute app terminate", "compute app terminate", {{"--force", "--yes"}}},
      {"compute app profile set",
       "compute app profile set",
       {{"--name"}, {"--description"}, {"--website"}, {"--x-url"}, {"--image"}}},
      {"compute app configure tls", "compute app configure tls", {}},
  };
}

std::vector<MigratedCommand> other_commands() {
  return {
      {"compute build submit",
       "compute build submit",
       {{"--repo"},
        {"--commit"},
        {"--dockerfile"},
        {"--context"},
        {"--dependencies"},
        {"--build-caddyfile"},
        {"--no-follow"},
        {"--json"}}},
      {"compute build status", "compute build status", {{"--json"}}},
      {"compute build info", "compute build info", {{"--json"}}},
      {"compute build list", "compute build list", {{"--limit"}, {"--offset"}, {"--json"}}},
      {"compute build logs", "compute build logs", {{"--follow"}, {"-f"}, {"--tail"}}},
      {"compute build verify", "compute build verify", {{"--json"}}},
      {"compute environment list", "compute environment list", {}},
      {"compute environment show", "compute environment show", {}},
      {"compute environment set", "compute environment set", {{"--yes"}}},
      {"compute undelegate", "compute undelegate", {}},
      {"telemetry enable", "telemetry enable", {}, "Does nothing: there is no telemetry."},
      {"telemetry disable", "telemetry disable", {}, "Does nothing: there is no telemetry."},
      {"telemetry status", "telemetry status", {}, "Says that there is no telemetry."},
      {"version", "version", {}},
      {"upgrade", "", {}, "Install the new version as you installed this one."},
      {"help", "help", {}},
  };
}

/// A word that people type where it is none.
struct OldWord {
  std::string_view at;      ///< "compute app"; empty for the root
  std::string_view word;    ///< "delete"
  std::string_view target;  ///< the command that is meant, without "ecloud"
  std::string_view text;    ///< what to say instead of "did you mean"; may be empty
};

constexpr std::string_view kUpdate =
    "ecloud does not update itself: install the new version as you installed this one "
    "(`ecloud version` shows what you have)";

constexpr std::string_view kVariables =
    "variables are changed by a new release: ecloud compute app upgrade APP --env-file FILE";

constexpr OldWord kOldWords[] = {
    {"", "upgrade", "version", kUpdate},
    {"", "update", "version", kUpdate},
    {"", "self-update", "version", kUpdate},
    {"compute app", "delete", "compute app terminate", {}},
    {"compute app", "destroy", "compute app terminate", {}},
    {"compute app", "remove", "compute app terminate", {}},
    {"compute app", "rm", "compute app terminate", {}},
    {"compute app", "ps", "compute app list", {}},
    {"compute app", "show", "compute app info", {}},
    {"compute app", "describe", "compute app info", {}},
    {"compute app", "init", "compute app create", {}},
    {"compute app", "new", "compute app create", {}},
    {"compute app", "update", "compute app upgrade", {}},
    {"compute app", "redeploy", "compute app upgrade", {}},
    {"compute app", "env", "compute app upgrade", kVariables},
    {"compute app", "set-env", "compute app upgrade", kVariables},
    {"compute app", "env-set", "compute app upgrade", kVariables},
    {"compute app", "set-var", "compute app upgrade", kVariables},
    {"compute app", "secrets", "compute app upgrade", kVariables},
    {"compute environment", "set-var", "compute app upgrade", kVariables},
    {"compute environment", "set-env", "compute app upgrade", kVariables},
    {"", "init", "compute app create", {}},
    {"", "keys", "auth whoami", {}},
    {"", "balance", "doctor", {}},
    {"", "check", "doctor", {}},
};

/// An option that people give where there is none of that name.
struct OldOption {
  std::string_view at;    ///< the beginning of the command's words; empty: any command
  std::string_view word;  ///< "--app-id"
  std::string_view text;  ///< what to write instead
};

constexpr std::string_view kAppIsAnArgument =
    "the app is an argument, its name or id: APP behind the command";
constexpr std::string_view kJson = "--json prints a document, --fields A,B single values";

constexpr OldOption kOldOptions[] = {
    {"compute app upgrade", "--name",
     "another name is given with: ecloud compute app profile set APP --name NAME"},
    {"compute app", "--app-id", kAppIsAnArgument},
    {"compute app", "--app", kAppIsAnArgument},
    {"compute app", "--id", kAppIsAnArgument},
    {"compute app", "--name", kAppIsAnArgument},
    {"", "--output", kJson},
    {"", "--format", kJson},
    {"", "-o", kJson},
};

}  // namespace

const std::vector<MigratedCommand>& migrated_commands() {
  static const std::vector<MigratedCommand> all = [] {
    std::vector<MigratedCommand> out;
    for (const auto part : {account_commands, app_commands, other_commands}) {
      for (MigratedCommand& command : part()) out.push_back(std::move(command));
    }
    return out;
  }();
  return all;
}

const std::vector<std::string_view>& migrated_variables() {
  static const std::vector<std::string_view> names = {"ECLOUD_ENV",
                                                      "ECLOUD_PRIVATE_KEY",
                                                      "ECLOUD_RPC_URL",
                                                      "ECLOUD_NAME",
                                                      "ECLOUD_IMAGE_REF",
                                                      "ECLOUD_DOCKERFILE_PATH",
                                                      "ECLOUD_ENVFILE_PATH",
                                                      "ECLOUD_INSTANCE_TYPE",
                                                      "ECLOUD_LOG_VISIBILITY",
                                                      "ECLOUD_RESOURCE_USAGE_MONITORING",
                                                      "ECLOUD_BUILD_REPO",
                                                      "ECLOUD_BUILD_COMMIT",
                                                      "ECLOUD_BUILD_DOCKERFILE",
                                                      "ECLOUD_BUILD_CONTEXT",
                                                      "ECLOUD_BUILD_CADDYFILE",
                                                      "ECLOUD_PRODUCT_ID",
                                                      "ECLOUD_WATCH_TIMEOUT_SECONDS",
                                                      "ECLOUD_API_URL",
                                                      "ECLOUD_USER_API_URL",
                                                      "ECLOUD_BILLING_API_URL",
                                                      "ECLOUD_FORCE"};
  return names;
}

std::string hint_for_old_option(std::string_view at, std::string_view word) {
  for (const OldOption& old : kOldOptions) {
    if (word == old.word && at.starts_with(old.at)) return std::string(old.text);
  }
  return {};
}

std::string hint_for_old_word(const Command& root, std::string_view at, std::string_view word) {
  for (const OldWord& old : kOldWords) {
    if (old.at != at || old.word != word || !is_in_tree(root, old.target)) continue;
    if (!old.text.empty()) return std::string(old.text);
    return "did you mean `ecloud " + std::string(old.target) + "`?";
  }
  return {};
}

}  // namespace ecloud::cli
