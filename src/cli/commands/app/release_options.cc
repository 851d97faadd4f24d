#include "cli/commands/app/release_options.h"

#include <algorithm>

#include "cli/app_selection.h"
#include "cli/commands/app/isolated_billing.h"
#include "cli/commands/app/verifiable.h"
#include "cli/config_keys.h"
#include "cli/deployer_key_check.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/platform/dotenv.h"

namespace ecloud::cli {
namespace {

constexpr std::string_view kBackupOnChain = "on-chain";

void read_variables(Context& context, const Values& values, deploy::DeployRequest& request) {
  EnvFile env = read_env_file(context, values);
  request.variables = std::move(env.variables);
  if (request.wallet == deploy::WalletSource::kEnvironment) {
    request.mnemonic = checked_mnemonic(env);
  } else if (env.mnemonic.found) {
    context.terminal().note(
        "MNEMONIC in " + shown_file(env.file) + " is left out; the app's wallet is " +
        (request.wallet == deploy::WalletSource::kKms ? "the KMS's" : "a new one") +
        " (--wallet env would use yours)");
  }
}

std::optional<base::Bytes32> read_salt(const Values& values) {
  const auto text = values.text("salt");
  if (!text) return std::nullopt;
  const auto salt = base::fixed_from_hex<32>(*text);
  if (salt) return salt;
  throw Error(Category::kUsage, "deploy.bad_salt", "--salt is not 32 bytes in hex (64 digits)",
              "make one with: openssl rand -hex 32");
}

void check_app_name(const std::string& name) {
  const std::string problem = platform::profile_name_problem(name);
  if (problem.empty()) return;
  throw Error(Category::kUsage, "deploy.bad_name",
              "the name \"" + base::printable_line(name, 60) + "\" " + problem,
              "choose a name of at most 50 characters without blanks: --name my-app");
}

std::string read_name(const Values& values, const std::string& path, Context& context) {
  std::string name = values.text("name").value_or("");
  if (name.empty() && !values.flag("skip-profile")) {
    const std::size_t slash = path.rfind('/');
    const std::string suggested = slash == std::string::npos ? path : path.substr(slash + 1);
    if (context.terminal().can_prompt()) {
      name = context.terminal().ask("Name of the app", suggested);
    } else if (platform::profile_name_problem(suggested).empty()) {
      name = suggested;
      context.terminal().note("the app is called " + name + ", as its image; --name gives another");
    } else {
      throw values.missing("name");
    }
  }
  if (!name.empty()) check_app_name(name);
  return name;
}

std::optional<platform::AppProfile> read_profile(const Values& values, const std::string& name) {
  if (values.flag("skip-profile") || name.empty()) return std::nullopt;
  platform::AppProfile profile;
  // The name on the command line is stronger than the profile's in the file.
  const bool from_file = values.origin("name").source == Source::kProjectFile;
  const ConfigValue* of_profile = from_file ? values.project_value("profile.name") : nullptr;
  profile.name = of_profile == nullptr ? name : of_profile->values.front();
  check_app_name(profile.name);
  profile.website = values.text("website").value_or("");
  profile.description = values.text("description").value_or("");
  profile.x_url = values.text("x-url").value_or("");
  if (profile.description.size() > 1000) {
    throw Error(Category::kUsage, "deploy.bad_description",
                "the description has " + std::to_string(profile.description.size()) +
                    " bytes; the platform takes 1000",
                "shorten --description");
  }
  return profile;
}

/// What the app is called on the command line or in ecloud.yaml; empty where that is an id or
/// nothing.
std::string app_name_for_image(const Values& values) {
  const bool is_upgrade = values.command().name != "deploy";
  const std::string name =
      is_upgrade ? values.argument("APP").value_or(values.app()) : values.text("name").value_or("");
  return eth::Address::parse(name) ? "" : name;
}

}  // namespace

std::optional<std::string> given_image(const Values& values) {
  auto argument = values.argument("IMAGE");
  if (argument && *argument == values.app()) argument.reset();
  const bool twice = argument && values.origin("image-ref").source == Source::kFlag;
  if (twice && *values.text("image-ref") != *argument) {
    throw Error(
        Category::kUsage, "cli.conflict",
        "the image is given twice: " + *argument + " and " + values.origin("image-ref").where,
        "give it once");
  }
  return argument ? argument : values.text("image-ref");
}

void note_keys_without_effect(Context& context, const Values& values, bool builds) {
  const ConfigFile& file = context.project_config();
  for (const ConfigKey& key : config_keys()) {
    const bool unused = !builds && key.key.starts_with("build.");
    const ConfigValue* value = unused ? values.project_value(key.key) : nullptr;
    if (value == nullptr) continue;
    context.terminal().note(file.where(*value) + ": " + key.key +
                            " has no effect on this deployment");
  }
}

void complete_release_command(Command& command) {
  for (JsonField& field : several_json_fields()) command.json_fields.push_back(std::move(field));
  command.exit_codes = {Category::kFailure,     Category::kImage,       Category::kTransaction,
                        Category::kCredentials, Category::kNotFound,    Category::kNetwork,
                        Category::kPending,     Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
}

std::vector<Option> release_options() {
  return {
      {.name = "image-ref",
       .kind = Kind::kText,
       .value_name = "REF",
       .help = "The image: NAME, NAME:TAG, HOST/NAME:TAG or …@sha256:DIGEST; linux/amd64, public",
       .variables = {"ECLOUD_IMAGE_REF", "AGENT_IMAGE_REF"},
       .project_key = "image",
       .deprecated = {"image_ref"},
       .question = "Image reference"},
      {.name = "env",
       .kind = Kind::kRepeated,
       .value_name = "NAME=VALUE",
       .help = "A variable of the app, besides the env file and stronger than it; may be given "
               "again. For what is no secret: other users of this machine can see it",
       .secret = true},
      {.name = "env-file",
       .kind = Kind::kFile,
       .value_name = "FILE",
       .help = "The app's variables, NAME=VALUE a line; - reads standard input. Names that end in "
               "_PUBLIC go on chain in clear, all others encrypted",
       .default_note = ".env when there is one",
       .variables = {"ECLOUD_ENVFILE_PATH"},
       .project_key = "envFile"},
      {.name = "instance-type",
       .kind = Kind::kText,
       .value_name = "TYPE",
       .help = "Instance type: names that end in t have Intel TDX, in s AMD SEV-SNP, in v no TEE; "
               "see ecloud compute instance-types",
       .default_text = "g1-standard-4t",
       .variables = {"ECLOUD_INSTANCE_TYPE"},
       .project_key = "instanceType"},
      {.name = "log-visibility",
       .kind = Kind::kChoice,
       .value_name = "WHO",
       .help = "Who may read the app's log: anyone, you alone, or nobody",
       .choices = {"public", "private", "off"},
       .default_text = "private",
       .variables = {"ECLOUD_LOG_VISIBILITY"},
       .project_key = "logVisibility"},
      {.name = "resource-usage-monitoring",
       .kind = Kind::kChoice,
       .value_name = "STATE",
       .help =
           "Whether the platform may measure memory and CPU; a layered image says so in a label, "
           "which is compared",
       .choices = {"enable", "disable"},
       .default_text = "enable",
       .variables = {"ECLOUD_RESOURCE_USAGE_MONITORING"},
       .project_key = "resourceUsageMonitoring"},
      {.name = "wallet",
       .kind = Kind::kChoice,
       .value_name = "SOURCE",
       .help =
           "generated: 24 words made here, known to you, stored under your key. kms: made by the "
           "platform's KMS, known to nobody outside the TEE. env: MNEMONIC of the env file, "
           "known to whoever has the file",
       .choices = {"generated", "kms", "env"},
       .default_text = "generated",
       .variables = {"ECLOUD_WALLET"},
       .project_key = "wallet"},
      {.name = "wallet-backup",
       .kind = Kind::kChoice,
       .value_name = "WHERE",
       .help = "Where a generated wallet's recovery phrase is kept besides this machine. on-chain: "
               "in the release, encrypted with the deployer key, which recovers it on any machine. "
               "none: nowhere",
       .choices = {"on-chain", "none"},
       .default_text = "on-chain",
       .variables = {"ECLOUD_WALLET_BACKUP"},
       .project_key = "walletBackup"},
  };
}

std::vector<Option> upgrade_options() {
  std::vector<Option> options = release_options();
  for (Option& option : options) {
    if (option.name == "env-file") continue;
    option.default_text.clear();
    option.default_note =
        option.name == "resource-usage-monitoring" ? "what the image says" : "as it is now";
    if (option.name == "wallet") {
      option.help =
          "Whose the wallet is, for apps that this machine did not deploy; or the one that the app "
          "shall have from now on. generated: the words stored here. kms: one of the platform's "
          "KMS. env: MNEMONIC of the env file";
      option.default_note = "the app keeps its wallet";
    }
  }
  return options;
}

std::vector<Option> profile_options() {
  constexpr char kHeading[] = "PROFILE OPTIONS";
  return {
      {.name = "skip-profile",
       .kind = Kind::kFlag,
       .help = "Set no profile; the name is remembered on this machine only",
       .heading = kHeading},
      {.name = "website",
       .kind = Kind::kText,
       .value_name = "URL",
       .help = "Website shown on the dashboard",
       .project_key = "profile.website",
       .heading = kHeading},
      {.name = "description",
       .kind = Kind::kText,
       .value_name = "TEXT",
       .help = "Description shown on the dashboard, at most 1000 bytes",
       .project_key = "profile.description",
       .heading = kHeading},
      {.name = "x-url",
       .kind = Kind::kText,
       .value_name = "URL",
       .help = "X account shown on the dashboard",
       .project_key = "profile.xUrl",
       .heading = kHeading},
      {.name = "image",
       .kind = Kind::kFile,
       .value_name = "FILE",
       .help = "Picture shown on the dashboard: PNG or JPEG, at most 4 MiB",
       .project_key = "profile.image",
       .heading = kHeading},
  };
}

std::vector<Option> wait_options() {
  return {
      {.name = "no-wait",
       .kind = Kind::kFlag,
       .help = "Return as soon as the transaction is mined",
       .heading = "WAITING OPTIONS"},
      {.name = "timeout",
       .kind = Kind::kDuration,
       .value_name = "TIME",
       .help = "How long to wait until the app runs: 90s, 10m, or seconds",
       .default_text = "10m",
       .variables = {"ECLOUD_WATCH_TIMEOUT_SECONDS"},
       .tolerates_bad_variable = true,
       .deprecated = {"watch-timeout"},
       .heading = "WAITING OPTIONS"},
  };
}

platform::ProfileImage read_profile_image_file(Context& context, const std::string& file) {
  platform::ProfileImage image;
  image.content = context.read_user_file(file, platform::kMaxProfileImageBytes);
  image.file_name = std::filesystem::path(file).filename().string();
  const auto type = platform::image_content_type(image.content);
  if (!type) {
    throw Error(Category::kUsage, "profile.bad_image",
                file + " is neither a PNG nor a JPEG picture", "give another file with --image");
  }
  image.content_type = *type;
  return image;
}

std::optional<platform::ProfileImage> read_profile_image(Context& context, const Values& values) {
  const auto file = values.text("image");
  if (!file) return std::nullopt;
  return read_profile_image_file(context, *file);
}

void read_tls(Context& context, const Values& values, const platform::AppEnvironment& variables,
              ImageInput& image) {
  read_caddyfile(context, values, platform::wants_tls(variables), image);
}

ImageInput read_release_image(Context& context, const Values& values,
                              const std::optional<Verifiable>& verifiable,
                              const std::optional<FolderImage>& folder) {
  const auto ask = [&] { return values.required("image-ref"); };
  if (!verifiable) {
    auto image = given_image(values);
    if (!folder) return read_image_input(context, values, image, ask);
    if (image && names_folder(*image)) image = values.text("image-ref");
    const auto target = [&] {
      return ask_for_target(context, values, *folder, app_name_for_image(values));
    };
    return read_image_input(context, values, image, target, folder);
  }
  ImageInput out;
  const auto image = given_image(values);
  out.reference =
      verifiable->source ? image_to_be_built() : oci::Reference::parse(image ? *image : ask());
  return out;
}

std::optional<bool> read_wallet_backup(const Values& values) {
  const auto word = values.text("wallet-backup");
  return word ? std::optional(*word == kBackupOnChain) : std::nullopt;
}

std::string project_lock_file(Context& context) {
  const std::filesystem::path file = context.project_config_path();
  std::error_code unknown;
  if (!std::filesystem::is_regular_file(file, unknown)) return {};
  return (file.parent_path() / "ecloud.lock").string();
}

deploy::DeployRequest read_deploy_request(Context& context, const Values& values,
                                          ImageInput& image) {
  deploy::DeployRequest request{.image = image.reference ? *image.reference : image.result()};
  request.instance_type = values.required("instance-type");
  request.log_visibility = *deploy::log_visibility_of(values.required("log-visibility"));
  request.wallet = *deploy::wallet_source_of(values.required("wallet"));
  request.wallet_backup = read_wallet_backup(values).value_or(true);
  request.salt = read_salt(values);
  request.pays_for_itself = read_bill_to_app(values);
  const auto verifiable = read_verifiable(values);
  const bool builds = verifiable && verifiable->source;
  request.name = read_name(
      values,
      builds ? platform::repository_key(verifiable->source->repo) : request.image.repository,
      context);
  request.profile = read_profile(values, request.name);
  // Standard input is gone when a later run goes on.
  const auto picture = values.text("image");
  if (request.profile && picture && *picture != "-") request.picture = *picture;
  note_keys_without_effect(context, values, builds);
  read_variables(context, values, request);
  read_tls(context, values, request.variables, image);
  request.folder = context.working_directory().string();
  request.lock_file = project_lock_file(context);
  return request;
}

}  // namespace ecloud::cli
