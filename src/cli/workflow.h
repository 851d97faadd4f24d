#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cli/context.h"
#include "cli/progress.h"
#include "ecloud/deploy/account_transaction.h"
#include "ecloud/deploy/services.h"
#include "ecloud/oci/credentials.h"
#include "ecloud/oci/registry.h"
#include "ecloud/platform/build_api.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {

/// The services of the deploy module out of a command's context, and its observer: phases become
/// progress on stderr.
class Workflow final : public deploy::Observer {
 public:
  /// `context` outlives the object.
  explicit Workflow(Context& context);

  const deploy::Services& services() { return services_; }

  /// The signer of the command's key; throws as Context::deployer().
  const deploy::Signer& signer();
  /// Null when no key was given.
  const deploy::Signer* find_signer();

  /// The UserAPI, asked as the signer when there is one. Reads the controller's version for the
  /// signatures.
  platform::UserApi user_api(bool with_key);
  /// What signatures to the UserAPI are bound to; reads the controller's version once.
  const base::Bytes32& domain_separator();
  /// For callers that know the domain separator; asked as the signer when there is one. Without
  /// retries when `patient` is false.
  platform::UserApi user_api(const base::Bytes32& domain_separator, bool patient);

  /// The Build API, asked as the signer when there is one. Without retries when `patient` is false:
  /// for what asks again and again.
  platform::BuildApi build_api(bool patient);

  /// The app that the command's positional APP names; else that of Values::for_app(); else, told on
  /// stderr, the last one deployed from this folder. Throws as deploy::find_app, and Error{kUsage,
  /// "app.none_given"}.
  eth::Address app(const Values& values);
  /// The app of that id or name, with what the reference CLI's records on this machine call it.
  eth::Address find_app(std::string_view id_or_name);
  /// The last one deployed from this folder, told on stderr. `usage` is the hint when there is
  /// none.
  eth::Address last_app(const std::string& usage);

  /// " --environment NAME" when a hint has to say it, because it is not the default.
  std::string environment_flag() const;

  /// Closes an operation whose result has been printed. A failure is a warning, because the work is
  /// done: what stays open is found by the next run, and by `ecloud resume`.
  void close_told(const deploy::Services& services, const deploy::TransactionOutcome& outcome);

  /// Ends the progress line before the result is printed.
  void finish_progress();

  Progress& progress();

  void phase(std::string_view text) override;
  void detail(std::string_view text) override;
  void note(std::string_view text) override;
  void warning(std::string_view text) override;

 private:
  /// Null before the first phase.
  Progress* begun_progress();

  Context& context_;
  oci::DockerConfigCredentials credentials_;
  oci::RegistryClient registry_;
  deploy::Services services_;
  std::optional<deploy::Signer> signer_;
  std::optional<base::Bytes32> domain_separator_;
  std::mutex
      progress_mutex_;  // a plan is made on several threads, and one of them may be the first
  std::optional<Progress> progress_;
};

/// --confirmations, for the commands that send transactions.
Option confirmations_option();

/// The positional APP of the commands that work on one.
Positional app_positional();

}  // namespace ecloud::cli
