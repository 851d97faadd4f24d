#pragma once

#include <optional>

#include "cli/values.h"
#include "cli/workflow.h"
#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/upgrade_app.h"

namespace ecloud::cli {

/// A layered image fixes in its labels what the platform does with log and measurements: warns
/// where they do not agree with what was asked for, and of an image without the layer.
/// Refuses one whose labels choose a VM image that is not served any more, unless
/// --allow-old-runtime: Error{kUsage, "image.old_runtime"}. `visibility` is nothing when nobody
/// asked for one; so may --resource-usage-monitoring be.
void compare_labels(Workflow& workflow, const Values& values, const oci::Reference& reference,
                    const std::optional<deploy::LogVisibility>& visibility,
                    const oci::ResolvedImage& image);

/// Warns of ports and TLS of an image that the platform has built, before it is released. Throws as
/// deploy::built_image_warnings().
void check_built_image(Workflow& workflow, const platform::AppEnvironment& variables,
                       const oci::ResolvedImage& image);

/// What the labels of a layered image allow the platform.
struct LaunchPolicy {
  bool keep_log = true;
  bool measure_memory = true;
};
/// Of the image that an app runs, read from its registry; that of a new app, with a warning, when
/// it cannot be read.
LaunchPolicy policy_of_running(Workflow& workflow, const deploy::CurrentApp& current);

}  // namespace ecloud::cli
