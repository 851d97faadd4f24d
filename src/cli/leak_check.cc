#include "cli/leak_check.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/oci/leaks.h"

namespace ecloud::cli {
namespace {

constexpr char kHeading[] = "IMAGE OPTIONS";
constexpr std::uint64_t kAutoBudgetBytes = std::uint64_t{64} << 20;
/// As oci::LeakOptions has it.
constexpr std::size_t kShortestValueBytes = 8;
constexpr std::size_t kMaxPlacesShown = 6;

std::uint64_t budget_for(const deploy::SourceImage& source, LeakCheck check) {
  const bool is_here = source.content != nullptr;
  if (check == LeakCheck::kFull || is_here) return UINT64_MAX;
  return source.image.is_layered() ? 0 : kAutoBudgetBytes;
}

bool is_allowed(const LeakPolicy& policy, const std::string& variable) {
  return std::any_of(policy.allowed.begin(), policy.allowed.end(),
                     [&](const std::string& name) { return name == variable || name == "all"; });
}

/// "API_TOKEN in app/.env of layer 2 (COPY . /app)".
std::string place_of(const oci::Leak& leak) {
  std::string out = leak.variable + " in " + (leak.path.empty() ? leak.where : leak.path);
  if (leak.layer) out += " of layer " + std::to_string(*leak.layer + 1);
  if (!leak.instruction.empty()) out += " (" + base::printable_line(leak.instruction, 80) + ")";
  return out;
}

std::vector<oci::Leak> leaks_on_chain(const platform::AppEnvironment& variables) {
  std::vector<oci::Leak> out;
  for (const auto& [name, secret] : variables.private_variables) {
    const std::string_view value = secret.reveal_text();
    if (value.size() < kShortestValueBytes) continue;
    for (const auto& [public_name, text] : variables.public_variables) {
      if (text.find(value) == std::string::npos) continue;
      out.push_back({.variable = name, .where = public_name + ", which goes on chain in clear"});
    }
  }
  return out;
}

void tell_unread(Workflow& workflow, const deploy::SourceImage& source, const LeakPolicy& policy,
                 const oci::LeakReport& report) {
  if (report.unread.empty() || (policy.check == LeakCheck::kAuto && source.image.is_layered())) {
    return;
  }
  workflow.note(std::to_string(report.unread.size()) + " of " +
                std::to_string(source.image.layers.size()) + " layers of " + source.image.name +
                " were not searched for private values, or not to their end; --leak-check full "
                "reads all");
}

void refuse(const deploy::SourceImage& source, const LeakPolicy& policy,
            std::vector<oci::Leak> leaks) {
  std::erase_if(leaks, [&](const oci::Leak& leak) { return is_allowed(policy, leak.variable); });
  if (leaks.empty()) return;
  std::vector<std::string> places, flags;
  for (const oci::Leak& leak : leaks) {
    if (places.size() < kMaxPlacesShown) places.push_back(place_of(leak));
    const std::string flag = "--allow-leak " + leak.variable;
    if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.push_back(flag);
  }
  if (leaks.size() > places.size()) {
    places.push_back("and " + std::to_string(leaks.size() - places.size()) + " more places");
  }
  throw Error(Category::kImage, "image.leak",
              "everybody could read private values of the env file with " + source.image.name +
                  ": " + base::join(places, "; "),
              "keep them out of the image (.dockerignore) and change them where they are used, or "
              "go on with " +
                  base::join(flags, " "));
}

}  // namespace

std::vector<Option> leak_options() {
  return {
      {.name = "leak-check",
       .kind = Kind::kChoice,
       .value_name = "HOW",
       .help = "Look for the values of private variables in the image. auto: in its configuration "
               "and history, in all layers of one that is made here, and in up to 64 MiB of the "
               "newest layers of one that is in a registry and not layered. full: in all layers",
       .choices = {"auto", "full", "off"},
       .default_text = "auto",
       .variables = {"ECLOUD_LEAK_CHECK"},
       .heading = kHeading},
      {.name = "allow-leak",
       .kind = Kind::kRepeated,
       .value_name = "NAME",
       .help = "Deploy even though this variable's value was found in the image, or contains the "
               "deployer's key (all: any variable)",
       .heading = kHeading},
  };
}

LeakPolicy read_leak_policy(const Values& values) {
  const std::string how = values.required("leak-check");
  LeakPolicy out;
  out.check = how == "full" ? LeakCheck::kFull : how == "off" ? LeakCheck::kOff : LeakCheck::kAuto;
  out.allowed = values.repeated("allow-leak");
  return out;
}

void check_leaks(Context& context, Workflow& workflow, const deploy::SourceImage& source,
                 const LeakPolicy& policy, const platform::AppEnvironment& all) {
  platform::AppEnvironment variables = all.clone();
  // It travels as a private variable, and is known to everybody who uses the app.
  variables.private_variables.erase("DOMAIN");
  if (policy.check == LeakCheck::kOff || variables.private_variables.empty()) return;
  oci::LeakReport report = oci::find_leaks(source.image, *source.blobs, variables.private_variables,
                                           {.budget_bytes = budget_for(source, policy.check),
                                            .minimum_value_bytes = kShortestValueBytes,
                                            .cancel = &context.cancel()});
  for (oci::Leak& leak : leaks_on_chain(variables)) report.leaks.push_back(std::move(leak));
  tell_unread(workflow, source, policy, report);
  refuse(source, policy, std::move(report.leaks));
}

}  // namespace ecloud::cli
