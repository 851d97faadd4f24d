#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/commands/app/release_image.h"
#include "cli/commands/app/release_options.h"
#include "cli/commands/app/verifiable.h"
#include "cli/context.h"
#include "cli/plan_file.h"
#include "cli/values.h"
#include "cli/workflow.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::cli {

/// What was read of flags and files before the network was asked.
struct UpgradeInput {
  std::optional<oci::Reference> image;    ///< nothing: as it is now
  std::optional<ImageInput> image_input;  ///< of `image`, without --verifiable
  LeakPolicy leaks;
  std::optional<std::string> instance_type;
  std::optional<deploy::LogVisibility> log_visibility;
  std::optional<deploy::WalletSource> wallet;
  EnvFile env;
};

/// One app to upgrade. Neither copied nor moved once its image is being made, which refers to it.
struct UpgradeJob {
  Values values;
  UpgradeInput input;
  std::optional<Verifiable> verifiable;
  std::optional<VerifiableImage> built;  ///< of `verifiable`, once it has been asked for
  std::unique_ptr<ReleaseImage> image;   ///< without `verifiable`
  eth::Address app;

  /// Nothing is signed, made or kept.
  bool only_plans() const {
    return values.flag("dry-run") || (values.command().name == "plan" && !saves_plan(values));
  }
};

/// Reads flags and files; throws Error{kUsage} for what is malformed or does not go together.
UpgradeJob read_upgrade_job(Context& context, const Values& values);

/// Asks where the wallet comes from, if that is unknown and the user can be asked; once.
deploy::WalletChoice choose_upgrade_wallet(Context& context, Workflow& workflow,
                                           const eth::Address& app, UpgradeInput& input,
                                           const deploy::CurrentApp& current);

}  // namespace ecloud::cli
