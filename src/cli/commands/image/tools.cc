#include <algorithm>

#include "cli/commands/image/commands.h"
#include "cli/json_values.h"
#include "cli/tool_pins.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/oci/digest.h"

namespace ecloud::cli {
namespace {

/// The digests that the user wants to pin; all that is found when there are none.
std::vector<oci::Digest> read_digests(const Values& values) {
  std::vector<oci::Digest> out;
  for (const std::string& text : values.arguments("DIGEST")) {
    const auto digest = oci::Digest::parse(text);
    if (!digest) {
      throw Error(Category::kUsage, "cli.bad_value",
                  "DIGEST must be sha256: and 64 hex digits; got \"" + text + "\"",
                  "copy it from the output of `ecloud image tools`");
    }
    out.push_back(*digest);
  }
  if (!out.empty() && !values.flag("pin")) {
    throw Error(Category::kUsage, "cli.unexpected_argument", "DIGEST is only for --pin",
                "ecloud image tools --pin " + out[0].to_string());
  }
  return out;
}

/// What nobody looks at must have been looked at before.
void require_reviewed_digests(Context& context, const std::vector<oci::Digest>& digests) {
  if (!digests.empty()) return;
  if (context.terminal().can_prompt() && !context.terminal().options().yes) return;
  throw Error(Category::kUsage, "image.pin_without_digest",
              "pinning without a prompt takes the digests on the command line",
              "compare what `ecloud image tools` shows with a source that you trust, then: ecloud "
              "image tools --pin sha256:… --yes");
}

bool has_digest(const ToolPin& pin, const oci::Digest& digest) {
  return pin.found.ends_with("@" + digest.to_string());
}

/// Those that the user has named; the KMS client must be one of them.
std::vector<ToolPin> chosen(const std::vector<ToolPin>& pins,
                            const std::vector<oci::Digest>& digests) {
  if (digests.empty()) return pins;
  std::vector<ToolPin> out;
  for (const oci::Digest& digest : digests) {
    const auto pin = std::find_if(pins.begin(), pins.end(), [&](const ToolPin& candidate) {
      return has_digest(candidate, digest);
    });
    if (pin == pins.end()) {
      throw Error(Category::kVerification, "image.other_tools",
                  digest.to_string() + " is not the digest of a tool that was found",
                  "see what was found: ecloud image tools");
    }
    out.push_back(*pin);
  }
  const bool has_client = std::any_of(
      out.begin(), out.end(), [](const ToolPin& pin) { return pin.program == "kms-client"; });
  if (has_client) return out;
  throw Error(Category::kUsage, "image.pin_without_digest",
              "the digests do not include that of kms-client",
              "give it too: ecloud image tools --pin " +
                  pins.front().found.substr(pins.front().found.find('@') + 1));
}

bool is_pinned(const platform::Environment& environment, const deploy::FoundTools& found,
               const std::vector<ToolPin>& pins) {
  return environment.runtime_origin != platform::RuntimeOrigin::kClient &&
         environment.runtime == found.runtime &&
         std::all_of(pins.begin(), pins.end(), [](const ToolPin& pin) { return pin.is_current(); });
}

base::Json document_of(const platform::Environment& environment, const deploy::FoundTools& found,
                       const std::vector<ToolPin>& pins) {
  base::Json tools = base::Json::array();
  for (const ToolPin& pin : pins) {
    tools.push(base::Json::object({{"program", pin.program},
                                   {"image", pin.found},
                                   {"digest", pin.found.substr(pin.found.find('@') + 1)},
                                   {"pinnedImage", text_or_null(pin.pinned)},
                                   {"current", pin.is_current()}}));
  }
  const bool known = environment.runtime_origin != platform::RuntimeOrigin::kClient;
  return base::Json::object(
      {{"environment", environment.name},
       {"tools", tools},
       {"runtime", to_string(found.runtime)},
       {"served", found.runtime == platform::kServedGeneration},
       {"pinnedRuntime", known ? base::Json(to_string(environment.runtime)) : base::Json()},
       {"foundBy", found.found_by},
       {"buildDigest", found.build.digest.to_string()},
       {"repo", found.build.build.repo},
       {"commit", found.build.build.commit}});
}

void run_tools(Context& context, const Values& values) {
  const std::vector<oci::Digest> digests = read_digests(values);
  const bool pins_them = values.flag("pin");
  const bool dry_run = values.flag("dry-run");
  if (pins_them && !dry_run) require_reviewed_digests(context, digests);
  Workflow workflow(context);
  const platform::Environment& environment = context.environment();
  const deploy::FoundTools found =
      search_tools(context, workflow, values.text("from").value_or(""));
  const std::vector<ToolPin> pins = compare_pins(environment, found);
  base::Json document = document_of(environment, found, pins);
  const auto text = [&](Stream stream) {
    return pins_text(context.terminal(), stream, environment, found, pins);
  };
  const std::string shown = text(Stream::kOutput);
  bool saved = false;
  const std::vector<ToolPin> wanted = pins_them ? chosen(pins, digests) : std::vector<ToolPin>();
  if (pins_them && !is_pinned(environment, found, wanted) && !dry_run) {
    deploy::require_served(found.runtime, "the KMS client of that build", environment);
    if (!context.output().json()) context.terminal().write_error(text(Stream::kError));
    context.terminal().confirm(
        "Pin " + std::string(wanted.size() > 1 ? "these tools" : "kms-client") + " for " +
        environment.name + " in " + context.user_config_path().string() + "?");
    save_pins(context, wanted, found.runtime);
    saved = true;
  }
  document.set("saved", saved);
  document.set("dryRun", dry_run);
  context.output().result(document, [&] {
    if (!saved) context.terminal().write(shown);
    if (!pins_them) return;
    context.terminal().status(saved     ? "Pinned in " + context.user_config_path().string()
                              : dry_run ? "Nothing was changed (--dry-run)"
                                        : "Already pinned; nothing changed");
  });
  if (!pins_them && !is_pinned(environment, found, pins)) {
    context.terminal().note("to layer images with these tools: ecloud image tools --pin" +
                            workflow.environment_flag());
  }
}

}  // namespace

Command make_image_tools_command() {
  Command command;
  command.name = "tools";
  command.summary = "Find and pin the platform's current tools";
  command.description =
      "Layering adds programs of the platform to an image. Which versions are current is not "
      "published, but the platform signs it into the provenance of every verifiable build. This "
      "command finds a build of the environment, reads the tool images out of its provenance, and "
      "shows them beside the ones that are pinned. It needs no key.\n\n"
      "Without --from it takes the builds of your account, when one is known, and otherwise looks "
      "through recent releases on chain for an image that the platform has built. A provenance "
      "counts only when its start script names the environment's KMS, its signing key and the "
      "UserAPI.\n\n"
      "Anyone can put an image into the repository of the tools through a build, and the key that "
      "signs provenance is not published. So nothing that is found is used until you pin it: --pin "
      "writes the digests and the runtime generation to your config.yaml, after it has shown them "
      "and asked. Without a prompt it pins only digests that are on the command line. The runtime "
      "generation is read from the bytes of the KMS client.";
  command.positionals = {{.name = "DIGEST",
                          .help = "With --pin, the digests to pin; kms-client's must be one",
                          .repeated = true}};
  command.options = {
      {.name = "from",
       .kind = Kind::kText,
       .value_name = "REF",
       .help = "Read the tools from this build: the ID of a build or app, an image or its digest",
       .default_note = "your builds, then recent releases on chain"},
      {.name = "pin",
       .kind = Kind::kFlag,
       .help = "Write the tools to your config.yaml, after asking"}};
  command.examples = {
      {"What the platform uses now", "ecloud image tools"},
      {"In CI, with digests that were checked before",
       "ecloud image tools --pin "
       "sha256:c192a771ee8c72d95168ca4b524956a4b730c3f7b6a73b5533e4b8a43ad72fe4 --yes"}};
  command.json_fields = {
      {"environment", "the environment of the tools"},
      {"tools",
       "kms-client first: program, image, digest, pinnedImage or null, current: is pinned"},
      {"runtime", "intel-token or bound-evidence: the generation of the KMS client that was found"},
      {"served", "whether the platform serves that generation"},
      {"pinnedRuntime", "the generation that is pinned, or null when it is the client's"},
      {"foundBy", "where the build was found"},
      {"buildDigest", "of the image whose provenance names the tools"},
      {"repo", "that it was built from"},
      {"commit", "that it was built from"},
      {"saved", "whether config.yaml was changed"},
      {"dryRun", "true: nothing was written"}};
  command.exit_codes = {Category::kFailure,  Category::kImage,   Category::kCredentials,
                        Category::kNotFound, Category::kNetwork, Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.mutating = true;
  command.run = run_tools;
  return command;
}

}  // namespace ecloud::cli
