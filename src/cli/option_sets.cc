#include "cli/command.h"

namespace ecloud::cli {
namespace {

constexpr char kGlobal[] = "GLOBAL OPTIONS";
constexpr char kEnvironment[] = "ENVIRONMENT OPTIONS";

std::vector<Option> make_output_options() {
  return {
      Option{.name = "json",
             .kind = Kind::kFlag,
             .help = "Print the result as one JSON document, and errors as JSON",
             .heading = kGlobal},
      Option{.name = "fields",
             .value_name = "A,B",
             .help = "Print these fields only: in the JSON document, or without --json as "
                     "tab-separated values",
             .heading = kGlobal},
      Option{.name = "color",
             .kind = Kind::kChoice,
             .value_name = "WHEN",
             .help = "Colours in what is printed",
             .choices = {"auto", "always", "never"},
             .default_text = "auto",
             .heading = kGlobal},
      Option{.name = "verbose",
             .short_name = "v",
             .kind = Kind::kFlag,
             .help = "Tell on stderr what is asked from whom, and where each value comes from",
             .heading = kGlobal},
  };
}

Option make_yes_option() {
  return {.name = "yes",
          .short_name = "y",
          .kind = Kind::kFlag,
          .help = "Answer every confirmation with yes",
          .variables = {"ECLOUD_FORCE"},
          .heading = kGlobal};
}

std::vector<Option> make_global_options() {
  std::vector<Option> options = make_output_options();
  options.push_back({.name = "non-interactive",
                     .kind = Kind::kFlag,
                     .help = "Never ask; a missing value is an error",
                     .variables = {"ECLOUD_NON_INTERACTIVE"},
                     .deprecated = {"no-input"},
                     .heading = kGlobal});
  options.push_back(make_yes_option());
  options.push_back({.name = "disable-telemetry",
                     .kind = Kind::kFlag,
                     .help = "Taken and without effect: there is no telemetry",
                     .hidden = true,
                     .heading = kGlobal});
  options.push_back({.name = "config",
                     .kind = Kind::kFile,
                     .value_name = "FILE",
                     .help = "The project's configuration",
                     .default_note = "ecloud.yaml in the working directory, if there is one",
                     .variables = {"ECLOUD_CONFIG"},
                     .heading = kGlobal});
  options.push_back({.name = "help",
                     .short_name = "h",
                     .kind = Kind::kFlag,
                     .help = "Show this help",
                     .heading = kGlobal});
  options.push_back(
      {.name = "version", .kind = Kind::kFlag, .help = "Show the version", .heading = kGlobal});
  return options;
}

std::vector<Option> make_environment_options() {
  return {
      Option{.name = "environment",
             .value_name = "NAME",
             .help = "Where to work: sepolia, mainnet-alpha, devnet, or one of your own",
             .default_text = "sepolia",
             .variables = {"ECLOUD_ENV", "EIGENCOMPUTE_ENVIRONMENT"},
             .project_key = "environment",
             .user_key = "defaultEnvironment",
             .heading = kEnvironment,
             .completer = Completer::kEnvironment},
      Option{.name = "rpc-url",
             .kind = Kind::kRepeated,
             .value_name = "URL",
             .help = "The Ethereum node to ask; give it again for others to try when it fails",
             .default_note = "those of the environment",
             .variables = {"ECLOUD_RPC_URL", "EIGENCOMPUTE_RPC_URL"},
             .keyed_url = true,
             .heading = kEnvironment},
      Option{.name = "userapi-url",
             .value_name = "URL",
             .help = "The platform's API for this client; apps are told the environment's own",
             .default_note = "that of the environment",
             .variables = {"ECLOUD_USERAPI_URL", "ECLOUD_USER_API_URL", "ECLOUD_API_URL"},
             .keyed_url = true,
             .heading = kEnvironment},
      Option{.name = "billing-url",
             .value_name = "URL",
             .help = "The billing API",
             .default_note = "that of the environment",
             .variables = {"ECLOUD_BILLING_URL", "ECLOUD_API_URL", "ECLOUD_BILLING_API_URL"},
             .keyed_url = true,
             .heading = kEnvironment},
      Option{.name = "allow-http",
             .kind = Kind::kFlag,
             .help = "Accept http:// URLs of other machines, where everybody on the way can read "
                     "and change what is sent",
             .variables = {"ECLOUD_ALLOW_HTTP"},
             .heading = kEnvironment},
  };
}

std::vector<Option> make_key_options() {
  return {
      Option{.name = "private-key-file",
             .kind = Kind::kFile,
             .value_name = "FILE",
             .help = "A file with the private key of the account that deploys; - is stdin",
             .heading = "KEY OPTIONS"},
      Option{.name = "private-key",
             .value_name = "KEY",
             .help = "The private key itself, 64 hex digits; other users of this machine can see "
                     "it, so better use its variable or --private-key-file",
             .variables = {"ECLOUD_PRIVATE_KEY", "EIGENCOMPUTE_PRIVATE_KEY", "EIGENX_PRIVATE_KEY"},
             .secret = true,
             .heading = "KEY OPTIONS"},
      Option{.name = "keystore",
             .kind = Kind::kFile,
             .value_name = "FILE",
             .help = "A key file of version 3 (of geth, cast, ethers) with the private key under a "
                     "password",
             .default_note = "what `ecloud auth login` stored",
             .variables = {"ECLOUD_KEYSTORE"},
             .heading = "KEY OPTIONS"},
      Option{.name = "password-file",
             .kind = Kind::kFile,
             .value_name = "FILE",
             .help = "A file with the password of the key file; - is stdin. Or set "
                     "ECLOUD_KEYSTORE_PASSWORD",
             .heading = "KEY OPTIONS"},
  };
}

}  // namespace

Option yes_option_with_force() {
  Option option = make_yes_option();
  option.deprecated = {"force"};
  return option;
}

const std::vector<Option>& global_options() {
  static const std::vector<Option> options = make_global_options();
  return options;
}

const std::vector<Option>& environment_options() {
  static const std::vector<Option> options = make_environment_options();
  return options;
}

const std::vector<Option>& key_options() {
  static const std::vector<Option> options = make_key_options();
  return options;
}

const std::vector<Option>& mutating_options() {
  static const std::vector<Option> options = {
      Option{.name = "dry-run",
             .kind = Kind::kFlag,
             .help = "Read all that is needed, print the plan, and sign and send nothing",
             .heading = ""},
  };
  return options;
}

}  // namespace ecloud::cli
