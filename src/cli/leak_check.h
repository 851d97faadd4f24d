#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/values.h"
#include "cli/workflow.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/platform/app_environment.h"

namespace ecloud::cli {

/// --leak-check and --allow-leak.
std::vector<Option> leak_options();

/// How far private values are looked for in an image.
enum class LeakCheck {
  /// Configuration and history; all layers of an image on this machine; of one in a registry up to
  /// 64 MiB of them, the newest first, and none when it is layered already.
  kAuto,
  kFull,
  kOff,
};

struct LeakPolicy {
  LeakCheck check = LeakCheck::kAuto;
  std::vector<std::string> allowed;  ///< names of variables; "all" for all
};
LeakPolicy read_leak_policy(const Values& values);

/// Looks for the values of private variables in what is, or will be, public: the image, and the
/// variables that go on chain in clear. Throws Error{kImage, "image.leak"} that names variables and
/// places. Tells on stderr what was not looked at. DOMAIN is no secret.
void check_leaks(Context& context, Workflow& workflow, const deploy::SourceImage& source,
                 const LeakPolicy& policy, const platform::AppEnvironment& all);

}  // namespace ecloud::cli
