#include "cli/commands/image/commands.h"
#include "cli/image_maker.h"
#include "cli/push_progress.h"
#include "cli/tool_pins.h"
#include "ecloud/base/error.h"
#include "ecloud/base/version.h"

namespace ecloud::cli {
namespace {

std::vector<Option> options() {
  std::vector<Option> out;
  for (Option& option : layer_options()) out.push_back(std::move(option));
  out.push_back({.name = "print-digest",
                 .kind = Kind::kFlag,
                 .help = "Print the digest of the layered image, and push nothing"});
  out.push_back({.name = "log-visibility",
                 .kind = Kind::kChoice,
                 .value_name = "WHO",
                 .help = "With off the platform keeps no log of the app; a label says so",
                 .choices = {"public", "private", "off"},
                 .default_text = "private",
                 .variables = {"ECLOUD_LOG_VISIBILITY"},
                 .project_key = "logVisibility"});
  out.push_back({.name = "resource-usage-monitoring",
                 .kind = Kind::kChoice,
                 .value_name = "STATE",
                 .help = "Whether the platform may measure the app's memory; a label says so",
                 .choices = {"enable", "disable"},
                 .default_text = "enable",
                 .variables = {"ECLOUD_RESOURCE_USAGE_MONITORING"},
                 .project_key = "resourceUsageMonitoring"});
  for (Option& option : local_image_options()) out.push_back(std::move(option));
  for (Option& option : out) {
    // There is no --image-ref and no env file here.
    if (option.name == "dockerfile") {
      option.help = "Build the image from this Dockerfile; IMAGE then says where to push it";
    } else if (option.name == "image-archive") {
      option.help =
          "Take the image from a tar file (docker save, OCI layout, Nix, Bazel), a folder in the "
          "OCI layout, or - for standard input; IMAGE then says where to push it";
    } else if (option.name == "caddyfile") {
      option.default_note = "with --tls: Caddyfile, or one that passes requests to APP_PORT";
    } else if (option.name == "tls") {
      option.help =
          "Add the TLS programs, as deploy does when DOMAIN is set: HTTPS with Caddy on ports 80 "
          "and 443";
    }
  }
  return out;
}

ImageInput read_input(Context& context, const Values& values) {
  ImageInput input =
      read_image_input(context, values, values.argument("IMAGE"), [&]() -> std::string {
        throw Error(Category::kUsage, "cli.missing_value", "nothing says which image to layer",
                    "name it: " + values.path().text() +
                        " IMAGE; for one from a file or a Dockerfile it is where to push to");
      });
  read_caddyfile(context, values, false, input);
  // Whether DOMAIN is set shows at the deployment.
  input.has_domain = true;
  return input;
}

platform::TeeLayerOptions layer_settings(const Values& values, const ImageInput& input) {
  return {.keep_log = values.required("log-visibility") != "off",
          .measure_memory = values.required("resource-usage-monitoring") == "enable",
          .caddyfile = input.caddyfile,
          .client_version = kVersion,
          .keep_labels = input.keep_labels};
}

void run_layer(Context& context, const Values& values) {
  const ImageInput input = read_input(context, values);
  Workflow workflow(context);
  settle_runtime(context, workflow, input);
  const deploy::SourceImage source = open_source(context, workflow, input);
  if (input.kind == ImageInput::Kind::kRegistry) platform::check_layerable(source.image);
  const MadeImage made =
      make_image(workflow, input, source, [&] { return layer_settings(values, input); });
  const deploy::LayeredImage& layered = *made.layered;
  const bool pushes = !values.flag("dry-run") && !values.flag("print-digest");
  base::Json document = layered_document(layered);
  document.set("dryRun", !pushes);
  oci::PushReport report{.digest = layered.image.digest};
  if (pushes) report = push_image(workflow, input, layered.push);
  document.set("push", push_document(report));
  workflow.finish_progress();
  context.output().result(document, [&] {
    if (values.flag("dry-run")) {
      context.output().pairs(layered_pairs(layered));
    } else {
      context.output().line(pushes ? layered.reference.to_string()
                                   : layered.image.digest.to_string());
    }
  });
}

}  // namespace

Command make_image_layer_command() {
  Command command;
  command.name = "layer";
  command.summary = "Turn an image into one that the TEE can start";
  command.description =
      "Adds one layer with the start script, the KMS client, the KMS's key and CA certificates, "
      "and changes the configuration: the start script becomes the entrypoint, the command is "
      "ENTRYPOINT followed by CMD as before, and the user is kept. With --tls or --caddyfile the "
      "layer also has Caddy and what gets certificates. The image's own layers stay where they "
      "are; in the same registry they are not moved at all. Prints the reference of the result "
      "with its digest.\n\n"
      "Labels of the base image that the platform's launcher reads (tee.launch_policy.*, eigenx_*) "
      "are dropped, and named; --keep-label NAME keeps one. An image without EXPOSE cannot be "
      "reached, because the firewall opens only exposed ports: a warning says so.\n\n"
      "The same image, environment and options give the same digest on every machine, with the "
      "same "
      "version of ecloud: --print-digest computes it and pushes nothing, so that anybody can check "
      "what was made of an image. `ecloud compute app deploy` does all this by itself.";
  command.positionals = {
      {.name = "IMAGE",
       .help = "The image in its registry; with --dockerfile or --image-archive where to push to"}};
  command.options = options();
  command.examples = {
      {"Next to the image, with -layered after its tag",
       "ecloud image layer docker.io/me/my-app:1.0"},
      {"With HTTPS under the platform's name", "ecloud image layer docker.io/me/my-app:1.0 --tls"},
      {"Check what a layered image was made from",
       "ecloud image layer docker.io/me/my-app:1.0 --print-digest"}};
  command.json_fields = layered_json_fields();
  command.json_fields.push_back({"dryRun", "true: nothing was pushed"});
  command.json_fields.push_back(push_json_field());
  command.exit_codes = {Category::kFailure, Category::kImage, Category::kCredentials,
                        Category::kNotFound, Category::kNetwork};
  command.uses_environment = true;
  command.mutating = true;
  command.run = run_layer;
  return command;
}

}  // namespace ecloud::cli
