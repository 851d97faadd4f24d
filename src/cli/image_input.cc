#include "cli/image_input.h"

#include <algorithm>

#include "cli/tls_files.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/deploy/layer_image.h"

namespace ecloud::cli {
namespace {

constexpr char kHeading[] = "IMAGE OPTIONS";
constexpr std::size_t kMaxCaddyfileBytes = std::size_t{256} << 10;

bool is_stronger(const Values& values, const char* option, bool image_given_by_hand) {
  if (!values.given(option)) return false;
  // ecloud.yaml describes how the image is made; who names one on the command line means that one.
  return values.origin(option).source < Source::kProjectFile || !image_given_by_hand;
}

bool named_by_hand(const Values& values, const std::optional<std::string>& image) {
  if (!image) return false;
  const auto argument = values.argument("IMAGE");
  if (argument && *argument != values.app()) return true;
  return values.origin("image-ref").source < Source::kProjectFile;
}

void read_dockerfile(Context& context, const Values& values,
                     const std::optional<FolderImage>& folder, ImageInput& input) {
  input.kind = ImageInput::Kind::kDockerfile;
  input.dockerfile = folder ? folder->dockerfile : context.absolute(*values.text("dockerfile"));
  const bool has_context = !folder || values.given("context");
  input.context = has_context ? context.absolute(values.required("context")) : folder->context;
  input.builder = values.required("builder");
  input.build_arguments = values.repeated("build-arg");
  for (const std::string& argument : input.build_arguments) {
    if (argument.find('=') != std::string::npos && argument.front() != '=') continue;
    throw Error(Category::kUsage, "cli.bad_value",
                "--build-arg takes NAME=VALUE, not \"" + argument + "\"",
                "write it as --build-arg NAME=VALUE");
  }
}

void refuse_builder_options(const Values& values) {
  for (const char* option : {"context", "builder", "build-arg"}) {
    if (!values.given(option) || values.origin(option).source != Source::kFlag) continue;
    throw Error(Category::kUsage, "cli.conflict",
                "--" + std::string(option) + " is for images that are built, and nothing is built",
                "add --dockerfile FILE, or leave out --" + std::string(option));
  }
}

}  // namespace

oci::Reference ImageInput::result() const {
  return target ? *target : deploy::layered_reference(*reference);
}

std::vector<Option> local_image_options() {
  return {
      {.name = "dockerfile",
       .kind = Kind::kFile,
       .value_name = "FILE",
       .help = "Build the image from this Dockerfile; --image-ref then says where to push it",
       .variables = {"ECLOUD_DOCKERFILE_PATH"},
       .project_key = "dockerfile",
       .deprecated = {"f"},
       .heading = kHeading},
      {.name = "context",
       .kind = Kind::kDirectory,
       .value_name = "DIR",
       .help = "The directory that the Dockerfile copies from",
       .default_text = ".",
       .heading = kHeading},
      {.name = "builder",
       .kind = Kind::kChoice,
       .value_name = "PROGRAM",
       .help = "What builds it; auto: the first of docker, podman and buildah that works",
       .choices = {"auto", "docker", "podman", "buildah"},
       .default_text = "auto",
       .variables = {"ECLOUD_BUILDER"},
       .heading = kHeading},
      {.name = "build-arg",
       .kind = Kind::kRepeated,
       .value_name = "NAME=VALUE",
       .help =
           "Sets an ARG of the Dockerfile; stays in the image's history, so no place for secrets",
       .heading = kHeading},
      {.name = "image-archive",
       .kind = Kind::kFile,
       .value_name = "FILE",
       .help = "Take the image from a tar file (docker save, OCI layout, Nix, Bazel), a folder in "
               "the OCI layout, or - for standard input; --image-ref then says where to push it",
       .variables = {"ECLOUD_IMAGE_ARCHIVE"},
       .heading = kHeading},
  };
}

Option allow_old_runtime_option() {
  return {.name = "allow-old-runtime",
          .kind = Kind::kFlag,
          .help =
              "Accept a KMS client or image of a runtime generation that the platform no longer "
              "serves; the app does not start",
          .heading = kHeading};
}

std::vector<Option> layer_options() {
  return {
      {.name = "target-ref",
       .kind = Kind::kText,
       .value_name = "REF",
       .help = "Where the layered image is pushed to",
       .default_note = "the image's own name with -layered after its tag",
       .variables = {"ECLOUD_TARGET_REF"},
       .project_key = "targetRef",
       .heading = kHeading},
      {.name = "tools-ref",
       .kind = Kind::kRepeated,
       .value_name = "REF",
       .help = "An image that has kms-client (with TLS also tls-client and caddy), instead of the "
               "environment's",
       .default_note = "what the platform publishes",
       .variables = {"ECLOUD_TOOLS_REF"},
       .heading = kHeading},
      allow_old_runtime_option(),
      {.name = "tls",
       .kind = Kind::kFlag,
       .help = "Add the TLS programs also without DOMAIN: HTTPS under the platform's name for the "
               "app, with Caddy on ports 80 and 443",
       .project_key = "tls.withoutDomain",
       .heading = kHeading},
      {.name = "caddyfile",
       .kind = Kind::kFile,
       .value_name = "FILE",
       .help = "Serve TLS through Caddy with this file",
       .default_note = "with DOMAIN or --tls: Caddyfile, or one that passes requests to APP_PORT",
       .variables = {"ECLOUD_CADDYFILE"},
       .heading = kHeading},
      {.name = "keep-label",
       .kind = Kind::kRepeated,
       .value_name = "NAME",
       .help = "Keep this launch policy label (tee.launch_policy.*, eigenx_*) of the base image; "
               "the others are dropped",
       .heading = kHeading},
  };
}

ImageInput read_image_input(Context& context, const Values& values,
                            const std::optional<std::string>& image,
                            const std::function<std::string()>& ask,
                            const std::optional<FolderImage>& folder) {
  const bool by_hand = named_by_hand(values, image);
  const bool builds = folder || is_stronger(values, "dockerfile", by_hand);
  ImageInput input;
  if (values.given("image-archive")) {
    if (builds && values.origin("dockerfile").source < Source::kProjectFile) {
      throw Error(Category::kUsage, "cli.conflict",
                  "--dockerfile and --image-archive both say where the image comes from",
                  "give one of them");
    }
    input.kind = ImageInput::Kind::kArchive;
    input.archive = *values.text("image-archive");
  } else if (builds) {
    read_dockerfile(context, values, folder, input);
  }
  if (input.kind != ImageInput::Kind::kDockerfile) refuse_builder_options(values);
  if (const auto target = values.text("target-ref")) input.target = oci::Reference::parse(*target);
  for (const std::string& tools : values.repeated("tools-ref")) {
    input.tools.push_back(oci::Reference::parse(tools));
  }
  input.allow_old_runtime = values.flag("allow-old-runtime");
  input.keep_labels = values.repeated("keep-label");
  if (input.kind == ImageInput::Kind::kRegistry) {
    input.reference = oci::Reference::parse(image ? *image : ask());
  } else if (!input.target) {
    input.target = oci::Reference::parse(image ? *image : ask());
  }
  if (input.target && input.target->digest) {
    throw Error(Category::kUsage, "image.invalid_reference",
                "cannot push to " + input.target->to_string() + ": a digest comes from the content",
                "name a tag: " + input.target->name() + ":TAG");
  }
  return input;
}

void read_caddyfile(Context& context, const Values& values, bool has_domain, ImageInput& input) {
  input.has_domain = has_domain;
  const auto given = values.text("caddyfile");
  if (!given && !has_domain && !values.flag("tls")) return;
  const std::string path = given ? *given : std::string(kCaddyfile);
  std::error_code ignored;
  input.own_caddyfile = given || std::filesystem::exists(context.absolute(path), ignored);
  if (!input.own_caddyfile) {
    input.caddyfile = make_caddyfile(kDefaultAppPort);
    return;
  }
  input.caddyfile = given ? context.read_user_file(path, kMaxCaddyfileBytes)
                          : base::read_file_if_exists(context.absolute(path), kMaxCaddyfileBytes);
  const std::string problem = caddyfile_problem(path, input.caddyfile.value_or(""));
  if (problem.empty()) return;
  throw Error(Category::kUsage, "tls.bad_caddyfile", problem,
              "fix the file; Caddy itself checks it with: caddy validate --adapter caddyfile "
              "--config " +
                  path);
}

}  // namespace ecloud::cli
