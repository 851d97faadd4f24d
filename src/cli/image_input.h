#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "cli/folder_image.h"
#include "cli/values.h"
#include "ecloud/oci/reference.h"

namespace ecloud::cli {

/// --dockerfile, --context, --builder, --build-arg and --image-archive: an image that is made here.
std::vector<Option> local_image_options();
/// --target-ref, --tools-ref, --tls, --caddyfile and --keep-label: how it becomes one that the TEE
/// can start.
std::vector<Option> layer_options();
/// --allow-old-runtime, which layer_options() includes.
Option allow_old_runtime_option();

/// Where an image comes from and what it becomes, as options, variables and ecloud.yaml say it.
struct ImageInput {
  enum class Kind { kRegistry, kDockerfile, kArchive };
  Kind kind = Kind::kRegistry;
  std::optional<oci::Reference> reference;  ///< kRegistry: the image
  std::filesystem::path dockerfile, context;
  std::string builder;
  std::vector<std::string> build_arguments;  ///< "NAME=VALUE"
  std::string archive;                       ///< kArchive: a file or a folder; "-": stdin
  /// Where the image is pushed to. Of an image in a registry nothing: beside it.
  std::optional<oci::Reference> target;
  std::vector<oci::Reference> tools;
  bool allow_old_runtime = false;
  std::vector<std::string> keep_labels;  ///< of the base image
  bool has_domain = false;               ///< the app's variables set DOMAIN
  bool own_caddyfile = false;            ///< of the project, not the default one
  std::optional<std::string> caddyfile;  ///< its content; only with TLS

  /// Under which name the result will be found.
  oci::Reference result() const;
};

/// What of an image is made on this machine, after --dockerfile and --image-archive and, when no
/// image is named by an option, the key `dockerfile` of ecloud.yaml. `image` names an image in a
/// registry, or the place to push to; when it is needed and absent, `ask` gives it or throws.
/// `folder`, when given, is built instead of all that. Throws Error{kUsage, "cli.conflict"} for two
/// sources.
ImageInput read_image_input(Context& context, const Values& values,
                            const std::optional<std::string>& image,
                            const std::function<std::string()>& ask,
                            const std::optional<FolderImage>& folder = std::nullopt);

/// Puts the Caddyfile into the input when there is to be TLS: for a DOMAIN, --tls or --caddyfile.
/// It is that of --caddyfile, else the folder's, else the default one. Throws Error{kUsage,
/// "tls.bad_caddyfile"} for one that Caddy would not take.
void read_caddyfile(Context& context, const Values& values, bool has_domain, ImageInput& input);

}  // namespace ecloud::cli
