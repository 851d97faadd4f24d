#pragma once

#include <optional>

#include "cli/values.h"
#include "cli/workflow.h"
#include "ecloud/deploy/deploy_app.h"

namespace ecloud::cli {

/// A layered image fixes in its labels what the platform does with log and measurements: warns
/// where they do not agree with what was asked for, and of an image without the layer.
/// `visibility` is nothing when nobody asked for one; so may --resource-usage-monitoring be.
void compare_labels(Workflow& workflow, const Values& values, const oci::Reference& reference,
                    const std::optional<deploy::LogVisibility>& visibility,
                    const oci::ResolvedImage& image);

}  // namespace ecloud::cli
