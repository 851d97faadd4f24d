#include <fmt/format.h>

#include "cli/commands/image/commands.h"
#include "cli/image_maker.h"
#include "cli/json_values.h"
#include "cli/push_progress.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/launch_policy.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::cli {
namespace {

deploy::SourceImage open_image(Context& context, Workflow& workflow, const Values& values) {
  const auto image = values.argument("IMAGE");
  const auto archive = values.text("image-archive");
  if (image.has_value() == archive.has_value()) {
    throw Error(Category::kUsage, image ? "cli.conflict" : "cli.missing_value",
                image ? "an image and --image-archive are both given"
                      : "nothing says which image to inspect",
                "name an image, or a file with --image-archive FILE");
  }
  ImageInput input;
  if (archive) {
    input.kind = ImageInput::Kind::kArchive;
    input.archive = *archive;
  } else {
    input.reference = oci::Reference::parse(*image);
  }
  return open_source(context, workflow, input);
}

base::Json layers_document(const oci::Image& image) {
  base::Json out = base::Json::array();
  for (const oci::Descriptor& layer : image.layers) {
    out.push(base::Json::object({{"digest", layer.digest.to_string()},
                                 {"size", layer.size_bytes},
                                 {"mediaType", layer.media_type}}));
  }
  return out;
}

/// What keeps the launcher from starting the image, or anybody from reaching it.
std::vector<std::string> problems_of(const oci::Image& image) {
  std::vector<std::string> out;
  for (const std::string& port : image.details.exposed_ports) {
    const std::string problem = platform::exposed_port_problem(port);
    if (problem.empty()) continue;
    out.push_back("exposed port \"" + base::printable_line(port, 60) + "\" " + problem +
                  ": the launcher does not start the app");
  }
  const bool runs_nothing = image.details.entrypoint.empty() && image.details.command.empty();
  if (runs_nothing) out.push_back("neither ENTRYPOINT nor CMD: there is nothing to run");
  // Layering replaces the labels of others.
  if (image.is_layered()) {
    for (std::string& problem : platform::launch_label_problems(image.details.labels)) {
      out.push_back(std::move(problem) + ": the launcher does not start the app");
    }
  }
  if (image.details.exposed_ports.empty()) {
    out.push_back("no EXPOSE: the firewall opens no port, and nobody can reach the app");
  }
  return out;
}

/// Who layered it, or that nobody did.
std::string layered_words(const oci::Image& image) {
  if (!image.is_layered() && oci::starts_in_tee(image.details.entrypoint)) {
    return "no; it starts with the platform's start script, but has no KMS client";
  }
  if (!image.is_layered()) return "no";
  const auto& labels = image.details.labels;
  if (labels.contains(platform::kVersionLabel)) return "yes, the TEE can start it";
  return oci::has_platform_label(labels)
             ? "yes, by the platform's builder; the TEE can start it"
             : "yes, by its entrypoint and KMS client, without the platform's labels";
}

base::Json document_of(const oci::Image& image) {
  base::Json labels = base::Json::object();
  for (const auto& [name, value] : image.details.labels) labels.set(name, value);
  return base::Json::object({{"name", image.name},
                             {"digest", image.digest.to_string()},
                             {"mediaType", image.manifest_type},
                             {"platform", "linux/amd64"},
                             {"layered", image.is_layered()},
                             {"exposedPorts", base::Json::strings(image.details.exposed_ports)},
                             {"problems", base::Json::strings(problems_of(image))},
                             {"size", image.compressed_size_bytes()},
                             {"entrypoint", base::Json::strings(image.details.entrypoint)},
                             {"command", base::Json::strings(image.details.command)},
                             {"user", text_or_null(image.details.user)},
                             {"workingDirectory", text_or_null(image.details.working_directory)},
                             {"environment", base::Json::strings(image.details.environment)},
                             {"labels", labels},
                             {"layers", layers_document(image)}});
}

/// As a Dockerfile has it.
std::string exec_form(const std::vector<std::string>& words) {
  return words.empty() ? std::string() : base::Json::strings(words).dump();
}

Pairs pairs_of(const oci::Image& image) {
  Pairs out = {
      {"Image", image.name},
      {"Digest", image.digest.to_string()},
      {"Layered", layered_words(image)},
      {"Size", fmt::format("{} in {} {}", show_size(image.compressed_size_bytes()),
                           image.layers.size(), image.layers.size() == 1 ? "layer" : "layers")},
      {"Entrypoint", exec_form(image.details.entrypoint)},
      {"Command", exec_form(image.details.command)},
      {"User", image.details.user},
      {"Working directory", image.details.working_directory},
      {"Exposed ports", base::join(image.details.exposed_ports, ", ")}};
  for (const std::string& problem : problems_of(image)) out.emplace_back("Problem", problem);
  for (const std::string& line : image.details.environment) {
    out.emplace_back("Environment", base::printable_line(line));
  }
  for (const auto& [name, value] : image.details.labels) {
    out.emplace_back("Label", base::printable_line(name + "=" + value));
  }
  for (const oci::Descriptor& layer : image.layers) {
    out.emplace_back("Layer", layer.digest.to_string() + "  " + show_size(layer.size_bytes));
  }
  return out;
}

void run_inspect(Context& context, const Values& values) {
  Workflow workflow(context);
  const deploy::SourceImage source = open_image(context, workflow, values);
  workflow.finish_progress();
  context.output().result(document_of(source.image),
                          [&] { context.output().pairs(pairs_of(source.image)); });
}

}  // namespace

Command make_image_inspect_command() {
  Command command;
  command.name = "inspect";
  command.summary = "Show what an image is and runs";
  command.description =
      "Reads manifest and configuration of the image's linux/amd64 form, from its registry or from "
      "a file, checks their digests, and shows what it runs, as whom, and whether it is layered: "
      "whether the TEE can start it as it is; an image that the platform built counts as layered. "
      "Problems that the launcher would have with it are listed. A layer is fetched only when "
      "entrypoint and labels do not tell who layered the image.";
  command.positionals = {{.name = "IMAGE", .help = "The image in its registry"}};
  for (Option& option : local_image_options()) {
    if (option.name != "image-archive") continue;
    option.help = "Inspect the image in a tar file or folder; - reads standard input";
    command.options.push_back(std::move(option));
  }
  command.examples = {
      {"Of a registry", "ecloud image inspect docker.io/me/my-app:1.0"},
      {"Of a file that docker save wrote", "ecloud image inspect --image-archive my-app.tar"}};
  command.json_fields = {
      {"name", "as it was given"},
      {"digest", "of the linux/amd64 manifest"},
      {"mediaType", "of the manifest"},
      {"platform", "always linux/amd64"},
      {"layered", "whether the TEE can start it as it is"},
      {"exposedPorts", "ports that the firewall opens, a list"},
      {"problems", "what keeps the app from starting or from being reached, a list"},
      {"size", "of layers and configuration as stored, in bytes"},
      {"entrypoint", "ENTRYPOINT, a list"},
      {"command", "CMD, a list"},
      {"user", "USER, or null for root"},
      {"workingDirectory", "WORKDIR, or null"},
      {"environment", "NAME=VALUE, a list"},
      {"labels", "by name"},
      {"layers", "the lowest first: digest, size in bytes, mediaType"}};
  command.exit_codes = {Category::kImage, Category::kCredentials, Category::kNotFound,
                        Category::kNetwork};
  command.run = run_inspect;
  return command;
}

}  // namespace ecloud::cli
