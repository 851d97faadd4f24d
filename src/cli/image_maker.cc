#include "cli/image_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "cli/push_progress.h"
#include "ecloud/base/error.h"
#include "ecloud/base/temporary.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/build_image.h"
#include "ecloud/oci/archive.h"
#include "ecloud/platform/launch_policy.h"

namespace ecloud::cli {
namespace {

/// What standard input may bring; a file may be of any size.
constexpr std::size_t kMaxPipedArchiveBytes = std::size_t{64} << 30;

Error unwritable(const std::filesystem::path& directory) {
  return {Category::kFailure, "file.unwritable", "cannot write in " + directory.string(),
          "check permissions and space of the disk, or set XDG_CACHE_HOME to another one"};
}

deploy::SourceImage open_archive(Context& context, const std::filesystem::path& path,
                                 const std::string& image_name) {
  const std::shared_ptr<oci::ImageArchive> archive =
      oci::open_archive(path, deploy::scratch_directory(context.paths()),
                        {.image_name = image_name, .cancel = &context.cancel()});
  return {.image = archive->image(), .blobs = archive, .content = [archive](const auto& digest) {
            return archive->content(digest);
          }};
}

deploy::SourceImage open_piped(Context& context) {
  const base::TemporaryDirectory directory(deploy::scratch_directory(context.paths()));
  const std::filesystem::path file = directory.path() / "standard-input";
  std::ofstream out(file, std::ios::binary);
  context.terminal().read_input_pieces(kMaxPipedArchiveBytes, [&](std::string_view piece) {
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (!out) throw unwritable(file.parent_path());
  });
  out.close();
  if (!out) throw unwritable(file.parent_path());
  // It is open from here on, so that its name may go.
  return open_archive(context, file, "");
}

deploy::SourceImage build(Context& context, Workflow& workflow, const ImageInput& input) {
  const base::TemporaryDirectory directory(deploy::scratch_directory(context.paths()));
  deploy::ImageBuild request;
  request.dockerfile = input.dockerfile;
  request.context = input.context;
  request.archive = directory.path() / "built";
  request.builder = deploy::parse_builder(input.builder);
  request.build_args = input.build_arguments;
  if (!context.output().json()) {
    request.on_line = [&](std::string_view line) {
      context.terminal().write_error(std::string(line) + "\n");
    };
  }
  workflow.phase("reading " + input.dockerfile.string());
  deploy::build_image(request, context.env(), &context.cancel(), workflow);
  workflow.finish_progress();
  deploy::SourceImage out = open_archive(context, request.archive, "");
  out.image.name = "the image of " + input.dockerfile.filename().string();
  return out;
}

/// Who may push need not be able to pull.
bool is_there_already(Workflow& workflow, const oci::Reference& target, const oci::Digest& digest) {
  try {
    return workflow.services().registry.resolve(target).digest == digest;
  } catch (const Error& error) {
    // A host that does not answer is not worth a second round of attempts.
    if (error.category() == Category::kInterrupted || error.code().starts_with("net.")) throw;
    return false;
  }
}

constexpr char kNoDomain[] =
    "DOMAIN is not set: ports 80 and 443 serve only the platform's name for the app, not a name of "
    "yours";

/// Of an image that is layered already: its ports show whether it has the TLS files.
void tell_of_layered(Workflow& workflow, const ImageInput& input, const oci::Image& image) {
  platform::check_ports(image);
  const std::string warning = deploy::port_warning(image);
  if (!warning.empty()) workflow.warning(warning);
  const auto& ports = image.details.exposed_ports;
  const bool has_tls = std::find(ports.begin(), ports.end(), "443/tcp") != ports.end();
  if (has_tls && !input.has_domain) workflow.warning(kNoDomain);
  if (!has_tls && input.caddyfile) {
    workflow.warning(std::string(input.has_domain ? "DOMAIN is set" : "TLS is requested") +
                     ", but " + image.name +
                     " is layered already, without TLS: it does not expose 443/tcp");
  }
  if (!input.keep_labels.empty()) {
    workflow.warning("--keep-label has no effect: " + image.name + " is layered already");
  }
}

/// What the TLS files of the layer will serve.
void tell_of_tls(Workflow& workflow, const ImageInput& input) {
  if (!input.caddyfile) return;
  if (!input.own_caddyfile) {
    workflow.note(
        "there is no Caddyfile in this folder: Caddy gets the default one, which passes requests "
        "to the app on APP_PORT (3000 if not set); `ecloud compute app configure tls` writes it "
        "for changes");
  }
  if (!input.has_domain) workflow.warning(kNoDomain);
}

/// Of an image that was made here and is layered already.
void refuse_layered(const ImageInput& input, const oci::Image& image) {
  try {
    platform::check_layerable(image);
  } catch (const Error& error) {
    if (error.code() != "image.layered" || input.kind == ImageInput::Kind::kRegistry) throw;
    throw error.with_hint(
        input.kind == ImageInput::Kind::kDockerfile
            ? "name the image that it was made from in FROM"
            : "push it with `ecloud image push` and deploy it from there, or name the image that "
              "it was made from");
  }
}

deploy::SourceImage find_source(Context& context, Workflow& workflow, const ImageInput& input) {
  switch (input.kind) {
    case ImageInput::Kind::kRegistry:
      return deploy::open_registry_image(workflow.services(), *input.reference);
    case ImageInput::Kind::kDockerfile:
      return build(context, workflow, input);
    case ImageInput::Kind::kArchive:
      break;
  }
  workflow.phase("reading " + (input.archive == "-" ? "standard input" : input.archive));
  if (input.archive == "-") return open_piped(context);
  const oci::ArchiveName name = oci::parse_archive_name(context.absolute(input.archive).string());
  return open_archive(context, name.path, name.image_name);
}

/// The labels of an image that is layered already go to the launcher as they are.
void refuse_bad_labels(const oci::Image& image) {
  const std::vector<std::string> problems = platform::launch_label_problems(image.details.labels);
  if (problems.empty()) return;
  throw Error(Category::kUsage, "image.bad_label",
              image.name + ": " + problems.front() + ": the launcher does not start the app",
              "layer the original image again: ecloud image layer IMAGE");
}

}  // namespace

deploy::SourceImage open_source(Context& context, Workflow& workflow, const ImageInput& input) {
  deploy::SourceImage out = find_source(context, workflow, input);
  deploy::find_platform_client(out);
  return out;
}

MadeImage make_image(Workflow& workflow, const ImageInput& input, const deploy::SourceImage& source,
                     const LayerSettings& settings) {
  const bool is_there = input.kind == ImageInput::Kind::kRegistry;
  if (is_there && source.image.is_layered()) {
    tell_of_layered(workflow, input, source.image);
    const std::string note = deploy::check_layered_runtime(source, workflow.services().environment,
                                                           input.allow_old_runtime);
    if (!note.empty()) workflow.note(note);
    refuse_bad_labels(source.image);
    return {oci::FetchedImage{source.image, source.index_digest, source.with_credentials}.resolved(
                *input.reference),
            std::nullopt};
  }
  refuse_layered(input, source.image);
  tell_of_tls(workflow, input);
  workflow.phase("layering " + source.image.name);
  deploy::LayeredImage layered =
      deploy::layer_image(workflow.services(), source,
                          {.target = input.result(),
                           .options = settings(),
                           .tools = input.tools,
                           .allow_old_runtime = input.allow_old_runtime});
  for (const std::string& note : layered.notes) workflow.note(note);
  for (const std::string& warning : layered.warnings) workflow.warning(warning);
  oci::ResolvedImage resolved = deploy::resolved_image(layered);
  return {std::move(resolved), std::move(layered)};
}

oci::PushReport push_image(Workflow& workflow, const ImageInput& input,
                           const oci::PushRequest& request) {
  const oci::Digest digest = oci::Digest::of(base::as_bytes(request.manifest));
  if (is_there_already(workflow, request.target, digest)) {
    return {.digest = digest, .present = static_cast<unsigned>(request.blobs.size())};
  }
  workflow.phase("pushing " + request.target.to_string());
  PushProgress progress(workflow);
  try {
    return workflow.services().registry.push(request, progress);
  } catch (const Error& error) {
    if (error.code() != "image.unauthorized" || input.target) throw;
    throw error.with_hint(error.hint() +
                          "; for another account's image name a repository of "
                          "yours: --target-ref REF");
  }
}

namespace {

std::string_view fate_word(platform::LabelFate fate) {
  switch (fate) {
    case platform::LabelFate::kKept:
      return "kept";
    case platform::LabelFate::kReplaced:
      return "replaced";
    case platform::LabelFate::kDropped:
      break;
  }
  return "dropped";
}

}  // namespace

base::Json layered_document(const deploy::LayeredImage& layered) {
  const oci::Descriptor& layer = layered.image.layers.back();
  base::Json labels = base::Json::array();
  for (const platform::InheritedLabel& label : layered.base_labels) {
    labels.push(base::Json::object({{"name", label.name},
                                    {"value", label.value},
                                    {"fate", std::string(fate_word(label.fate))}}));
  }
  return base::Json::object({{"reference", layered.reference.to_string()},
                             {"digest", layered.image.digest.to_string()},
                             {"baseDigest", layered.base_digest.to_string()},
                             {"size", layered.image.compressed_size_bytes()},
                             {"layerDigest", layer.digest.to_string()},
                             {"layerSize", layer.size_bytes},
                             {"command", base::Json::strings(layered.image.details.command)},
                             {"baseLabels", labels}});
}

std::vector<JsonField> layered_json_fields() {
  return {{"reference", "where it is pushed to, with the digest"},
          {"digest", "of the manifest: what a deployment puts on chain"},
          {"baseDigest", "of the image that was layered"},
          {"size", "of layers and configuration, in bytes"},
          {"layerDigest", "of the layer that was added"},
          {"layerSize", "in bytes"},
          {"command", "what the start script runs, a list"},
          {"baseLabels",
           "launch policy labels of the base image: name, value, and fate: dropped, replaced, "
           "kept"}};
}

Pairs layered_pairs(const deploy::LayeredImage& layered) {
  const oci::Descriptor& layer = layered.image.layers.back();
  Pairs out = {{"Image", layered.reference.to_string()},
               {"Made from", layered.base_digest.to_string()},
               {"Added layer", layer.digest.to_string() + "  " + show_size(layer.size_bytes)},
               {"Command", base::Json::strings(layered.image.details.command).dump()}};
  for (const platform::InheritedLabel& label : layered.base_labels) {
    out.emplace_back("Label of base", label_words(label));
  }
  return out;
}

std::string tls_words(const ImageInput& input) {
  if (!input.caddyfile) return "off (--tls: HTTPS under the platform's name for the app)";
  return input.has_domain ? "on, for DOMAIN and the platform's name"
                          : "on, for the platform's name only";
}

std::string label_words(const platform::InheritedLabel& label) {
  return base::printable_line(label.name + "=" + label.value, 120) + ": " +
         std::string(fate_word(label.fate));
}

base::Json push_document(const oci::PushReport& report) {
  return base::Json::object({{"present", std::uint64_t{report.present}},
                             {"mounted", std::uint64_t{report.mounted}},
                             {"sent", std::uint64_t{report.sent}},
                             {"sentBytes", report.sent_bytes},
                             {"fetchedBytes", report.fetched_bytes}});
}

JsonField push_json_field() {
  return {"push",
          "blobs that were present, mounted and sent; sentBytes and fetchedBytes, of blobs"};
}

}  // namespace ecloud::cli
