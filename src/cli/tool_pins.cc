#include "cli/tool_pins.h"

#include <algorithm>

#include "cli/user_settings.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/layer_image.h"

namespace ecloud::cli {
namespace {

std::string digest_of(const std::string& reference) {
  const std::size_t at = reference.find('@');
  return at == std::string::npos ? reference : reference.substr(at + 1);
}

/// Whether the environment's tools go into the image.
bool uses_pinned_tools(Workflow& workflow, const ImageInput& input) {
  if (input.allow_old_runtime || !input.tools.empty()) return false;
  if (input.kind != ImageInput::Kind::kRegistry) return true;
  try {
    return !deploy::resolve_release_image(workflow.services(), *input.reference).is_layered();
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    // Reported when the image is opened.
    return false;
  }
}

}  // namespace

std::vector<ToolPin> compare_pins(const platform::Environment& environment,
                                  const deploy::FoundTools& found) {
  std::vector<ToolPin> out;
  const std::string prefix = "environments." + environment.name + ".";
  const auto add = [&](const char* program, const std::string& pinned, const char* key) {
    if (const deploy::FoundTool* tool = found.find(program)) {
      out.push_back({tool->program, tool->image.to_string(), pinned, prefix + key});
    }
  };
  add("kms-client", environment.kms_client_image, "kmsClientImage");
  add("tls-client", environment.tls_client_image, "tlsClientImage");
  return out;
}

std::string pins_text(const Terminal& terminal, Stream stream,
                      const platform::Environment& environment, const deploy::FoundTools& found,
                      const std::vector<ToolPin>& pins) {
  Pairs pairs;
  for (const ToolPin& pin : pins) {
    const bool is_client = pin.program == "kms-client";
    pairs.emplace_back(pin.program, pin.found);
    pairs.emplace_back(
        is_client ? "Runtime" : "",
        std::string(to_string(found.runtime)) +
            (found.runtime == platform::kServedGeneration ? "" : ", no longer served"));
    if (!is_client) pairs.pop_back();
    pairs.emplace_back("Pinned " + pin.program, pin.is_current()     ? "the same"
                                                : pin.pinned.empty() ? "none"
                                                                     : digest_of(pin.pinned));
  }
  const bool known = environment.runtime_origin != platform::RuntimeOrigin::kClient;
  pairs.emplace_back("Pinned runtime",
                     known ? std::string(to_string(environment.runtime)) : "as the KMS client's");
  pairs.emplace_back("Read from", "the provenance of " + found.build.digest.to_string());
  pairs.emplace_back("Found by", found.found_by);
  pairs.emplace_back("Built from", base::printable_line(found.build.build.repo, 200) + " at " +
                                       found.build.build.commit);
  return format_pairs(pairs, terminal, stream);
}

deploy::FoundTools search_tools(Context& context, Workflow& workflow, const std::string& from) {
  deploy::ToolSearch search{.from = from, .account = std::nullopt};
  if (from.empty()) search.account = context.deployer_address();
  platform::BuildApi builds = workflow.build_api(true);
  platform::UserApi user_api = workflow.user_api(base::Bytes32{}, true);
  deploy::FoundTools out = deploy::find_tools(workflow.services(), builds, user_api, search);
  workflow.finish_progress();
  return out;
}

void save_pins(Context& context, const std::vector<ToolPin>& pins,
               platform::RuntimeGeneration runtime) {
  const std::string prefix = "environments." + context.environment().name + ".";
  std::string kms, tls;
  // The client first: with a new client and the old generation nothing is layered.
  for (const ToolPin& pin : pins) {
    save_setting(context, pin.key, {pin.found});
    note_stronger_source(context, pin.key);
    (pin.program == "kms-client" ? kms : tls) = pin.found;
  }
  if (kms.empty()) return;
  save_setting(context, prefix + "runtimeGeneration", {std::string(to_string(runtime))});
  note_stronger_source(context, prefix + "runtimeGeneration");
  context.use_tools(kms, tls, runtime);
}

void settle_runtime(Context& context, Workflow& workflow, const ImageInput& input) {
  const platform::Environment& environment = workflow.services().environment;
  if (environment.runtime_origin == platform::RuntimeOrigin::kClient) return;
  if (environment.runtime == platform::kServedGeneration) return;
  if (!uses_pinned_tools(workflow, input)) return;
  workflow.finish_progress();
  const std::string subject = "the KMS client that environment " + environment.name + " pins";
  if (!context.terminal().can_prompt()) {
    return deploy::require_served(environment.runtime, subject, environment);
  }
  context.terminal().warning(subject + " is of the runtime generation " +
                             std::string(to_string(environment.runtime)) +
                             ", which the platform no longer serves: an app with it never starts");
  if (context.terminal().select("Find the tools that the platform uses now, and pin them?",
                                {"find them", "stop"}) != 0) {
    return deploy::require_served(environment.runtime, subject, environment);
  }
  const deploy::FoundTools found = search_tools(context, workflow, "");
  const std::vector<ToolPin> pins = compare_pins(environment, found);
  context.terminal().write_error(
      pins_text(context.terminal(), Stream::kError, environment, found, pins));
  // --yes is an answer to the deployment, not to this.
  if (context.terminal().select("Pin these tools for " + environment.name + " in " +
                                    context.user_config_path().string() + "?",
                                {"pin them", "stop"}) != 0) {
    return deploy::require_served(environment.runtime, subject, environment);
  }
  save_pins(context, pins, found.runtime);
  deploy::require_served(environment.runtime, subject, environment);
}

}  // namespace ecloud::cli
