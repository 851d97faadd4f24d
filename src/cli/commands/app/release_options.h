#pragma once

#include <optional>
#include <vector>

#include "cli/command.h"
#include "cli/commands/app/verifiable.h"
#include "cli/context.h"
#include "cli/image_input.h"
#include "cli/values.h"
#include "ecloud/deploy/deploy_app.h"

namespace ecloud::cli {

/// What every command that sends a release has besides its own: fields for several apps, exit
/// codes, key and environment.
void complete_release_command(Command& command);

/// What describes a release on the command line: image, variables, instance, logs, wallet.
std::vector<Option> release_options();
/// Name, website, description, X account and picture.
std::vector<Option> profile_options();
/// --no-wait and --timeout.
std::vector<Option> wait_options();

/// As release_options(), where nothing given means that it stays as it is.
std::vector<Option> upgrade_options();

/// The env file, read and checked; warns on stderr, by line and by name.
struct EnvFile {
  std::string file;                    ///< as the user gave it; empty: there is none
  platform::AppEnvironment variables;  ///< without MNEMONIC
  platform::FoundMnemonic mnemonic;
};
EnvFile read_env_file(Context& context, const Values& values);
/// The MNEMONIC of the env file, checked. Throws Error{kUsage, "wallet.no_mnemonic"} and
/// "wallet.bad_mnemonic".
base::Secret checked_mnemonic(const EnvFile& env);
/// "standard input" for "-".
std::string shown_file(const std::string& file);

/// The image as argument or option; nothing when neither is given. Throws Error{kUsage,
/// "cli.conflict"} when they differ.
std::optional<std::string> given_image(const Values& values);

/// Names the keys of ecloud.yaml that describe the platform's builds: a release of an image does
/// not use them.
void note_keys_without_effect(Context& context, const Values& values, bool builds);

/// Those of `wanted`, the names that ecloud.yaml lists under env, that `variables` lack. MNEMONIC
/// is never missing: the wallet's source decides about it.
std::vector<std::string> missing_variables(const std::vector<std::string>& wanted,
                                           const platform::AppEnvironment& variables);

/// Puts the Caddyfile into `image`, when there is one to be used. Throws Error{kUsage,
/// "cli.conflict"} for one that an app without a domain would not start with.
void read_tls(Context& context, const Values& values, const platform::AppEnvironment& variables,
              ImageInput& image);

/// --wallet-backup: whether the recovery phrase goes on chain; nothing when it was not given.
std::optional<bool> read_wallet_backup(const Values& values);

/// ecloud.lock beside the project's ecloud.yaml; empty without one.
std::string project_lock_file(Context& context);

/// A picture for the dashboard, read and checked: Error{kUsage, "profile.bad_image"}.
platform::ProfileImage read_profile_image_file(Context& context, const std::string& file);
/// That of --image; nothing without.
std::optional<platform::ProfileImage> read_profile_image(Context& context, const Values& values);

/// Everything that a deployment needs of flags, files and the terminal, read and checked before
/// anything is asked of the network. Warns on stderr, by line and by name. Puts the Caddyfile into
/// `image`, when there is one to be used.
deploy::DeployRequest read_deploy_request(Context& context, const Values& values,
                                          ImageInput& image);

/// The image of a release as options and ecloud.yaml describe it; with --verifiable the one that
/// was built before, or image_to_be_built() of verifiable.h.
ImageInput read_release_image(Context& context, const Values& values,
                              const std::optional<Verifiable>& verifiable,
                              const std::optional<FolderImage>& folder);

}  // namespace ecloud::cli
