#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"
#include "cli/values.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {

/// The outcome of one check of `ecloud doctor`.
enum class Health { kOk, kWarning, kFailed, kSkipped };
std::string_view to_string(Health health);  ///< "ok", "warning", "failed", "skipped"

struct Finding {
  std::string check;  ///< "rpc", "balance"
  Health health = Health::kOk;
  std::string message;  ///< what is so, or why it is not known
  std::string hint;     ///< the next thing to type; may be empty
  /// What a failed one makes the exit code of the command.
  Category category = Category::kFailure;
};

/// Findings under one heading.
struct FindingGroup {
  std::string title;  ///< "NETWORK"
  std::vector<Finding> findings;
};

Finding ok(std::string check, std::string message);
Finding warn(std::string check, std::string message, std::string hint = {});
Finding fail(std::string check, Category category, std::string message, std::string hint = {});
Finding skip(std::string check, std::string reason);
/// An error as a finding: its message, its first hint, its category.
Finding fail(std::string check, const Error& error);

/// What `check` finds; an error that it throws becomes a finding, but for kInterrupted.
std::vector<Finding> guarded(const std::string& name,
                             const std::function<std::vector<Finding>()>& check);

// The checks. None asks anybody, none changes anything but what a read of a file does.

/// config.yaml, ecloud.yaml, the state directory, what was cut off, wallets.
/// `environment` is null where it cannot be selected.
std::vector<Finding> check_machine(Context& context, const platform::Environment* environment);
/// Whether the tools that the environment pins are of the generation that the platform serves.
Finding check_runtime(const platform::Environment& environment);
/// The program for the keyring and, unless `values` is null because the files cannot be read, what
/// builds images; whether it works is found by asking it.
std::vector<Finding> check_tools(Context& context, const Values* values, bool builds);
/// The deployer's account, as far as it is known without asking for a password.
struct DoctorKey {
  std::optional<eth::Address> account;
  const crypto::PrivateKey* key = nullptr;  ///< null while it is not open
};
std::vector<Finding> check_key(Context& context, DoctorKey& key);
/// The env file and the names that ecloud.yaml wants in it.
std::vector<Finding> check_env_file(Context& context, const Values& values);
/// The Dockerfile; empty text when there is none.
std::string dockerfile_path(Context& context, const Values& values);
std::vector<Finding> check_dockerfile_text(Context& context, const std::string& path);

/// What the checks of services work with; all outlive them.
struct DoctorServices {
  net::Transport& transport;  ///< with short time limits, without retries
  base::Clock& clock;
  const base::Log& log;
  const base::Env& env;
  const platform::Environment& environment;
  DoctorKey deployer;
  std::string image;    ///< reference, or empty
  bool builds = false;  ///< there is a Dockerfile: images will be pushed
};

/// The services of the environment, asked at the same time; two groups: network and account.
/// With an image a third.
std::vector<FindingGroup> check_services(const DoctorServices& services);

/// An image: whether everybody can read it, and whether it runs on the platform.
std::vector<Finding> check_image(const DoctorServices& services);

}  // namespace ecloud::cli
