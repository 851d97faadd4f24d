#include "deploy/release_checks.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/instance_type.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::deploy {

const platform::Sku& find_instance_type(const std::string& type,
                                        const std::vector<platform::Sku>& skus) {
  std::vector<std::string> names;
  for (const platform::Sku& sku : skus) {
    if (sku.name == type) return sku;
    names.push_back(sku.name);
  }
  const auto near = base::closest(type, names);
  throw Error(Category::kUsage, "deploy.unknown_instance_type",
              "there is no instance type " + type +
                  (names.empty() ? std::string("; the platform offers none now")
                                 : "; there are " + base::join(names, ", ")),
              near ? "did you mean --instance-type " + *near
                   : "choose one with --instance-type; see: ecloud compute instance-types");
}

std::optional<platform::Sku> check_instance_type(const Services& services, const std::string& type,
                                                 std::vector<std::string>& warnings) {
  std::vector<platform::Sku> skus;
  std::string problem;
  try {
    platform::UserApi api(services.transport, services.clock, services.environment, nullptr, {});
    skus = api.skus();
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    problem = error.message();
  }
  std::optional<platform::Sku> offer;
  if (problem.empty()) {
    offer = find_instance_type(type, skus);
  } else {
    warnings.push_back("the instance type could not be checked: " + problem);
  }
  const std::string warning = platform::hardware_warning(type);
  if (!warning.empty()) warnings.push_back(warning);
  return offer;
}

void warn_of_pending(const std::optional<std::uint64_t>& pending_release_block,
                     std::vector<std::string>& warnings) {
  if (!pending_release_block) return;
  warnings.push_back("the upgrade of block " + std::to_string(*pending_release_block) +
                     " waits for the platform; this one takes its place");
}

LogVisibility log_visibility_on(bool logs_are_public, const oci::ResolvedImage& image) {
  if (logs_are_public) return LogVisibility::kPublic;
  const auto label = image.labels.find(platform::kLogLabel);
  const bool keeps_log = label != image.labels.end() && label->second == "always";
  return keeps_log || !image.is_layered() ? LogVisibility::kPrivate : LogVisibility::kOff;
}

std::uint32_t upgrade_deadline(const Services& services, std::uint64_t block_timestamp,
                               std::uint32_t lifetime_seconds) {
  const auto now = static_cast<std::uint64_t>(services.clock.unix_seconds());
  return static_cast<std::uint32_t>(std::max(now, block_timestamp) + lifetime_seconds);
}

}  // namespace ecloud::deploy
