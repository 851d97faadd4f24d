#include "ecloud/deploy/layer_image.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "deploy/tee_tools.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"
#include "ecloud/oci/credentials.h"
#include "ecloud/oci/registry.h"
#include "ecloud/oci/root_files.h"

namespace ecloud::deploy {
namespace {

/// How much of an image is read to find its shell: the lowest layers, where it is in nearly all.
/// Below 1 % of an image of a GiB.
constexpr std::uint64_t kShellBudgetBytes = std::uint64_t{8} << 20;
/// How much is read to find the KMS client, from the top. Its layer has Caddy too, 20 MiB of it.
constexpr std::uint64_t kClientBudgetBytes = std::uint64_t{64} << 20;
constexpr std::size_t kShortDigestDigits = 12;
/// OCI distribution specification 1.1, "Pulling manifests".
constexpr std::size_t kMaxTagBytes = 128;

void check_shell(const SourceImage& source, std::vector<std::string>& notes) {
  switch (oci::find_shell(source.image, *source.blobs, kShellBudgetBytes)) {
    case oci::ShellAnswer::kFound:
      return;
    case oci::ShellAnswer::kUnknown:
      notes.push_back(fmt::format(
          "no /bin/sh was seen in the first {} MiB of {}, and the rest was not read; the app does "
          "not start without one",
          kShellBudgetBytes >> 20, source.image.name));
      return;
    case oci::ShellAnswer::kNone:
      throw Error(Category::kImage, "image.no_shell",
                  source.image.name +
                      " has no /bin/sh, and the script that starts the app in the TEE needs one",
                  "build it on a base with a shell, such as debian:bookworm-slim or alpine");
  }
}

/// dash and busybox pass on no variable whose name they cannot set.
void check_names(const oci::Image& image, std::vector<std::string>& notes) {
  for (const std::string& line : image.details.environment) {
    const std::string name = line.substr(0, line.find('='));
    const bool sound =
        !name.empty() &&
        name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") ==
            std::string::npos &&
        (name[0] < '0' || name[0] > '9');
    if (!sound) {
      notes.push_back("the image's variable " + base::printable_line(name, 60) +
                      " has a name that shells drop: the app may not see it");
    }
  }
}

std::string label_note(const platform::InheritedLabel& label) {
  const std::string text =
      "label " + base::printable_line(label.name + "=" + label.value, 120) + " of the base image ";
  switch (label.fate) {
    case platform::LabelFate::kKept:
      return text + "is kept (--keep-label)";
    case platform::LabelFate::kReplaced:
      return text + "is replaced by the platform layer's own value";
    case platform::LabelFate::kDropped:
      break;
  }
  return text + "is dropped; to keep it, pass --keep-label " + base::printable_line(label.name, 80);
}

/// What the target has to hold: the layers of the source, and what is new.
oci::PushRequest push_of(const Services& services, const SourceImage& source,
                         const oci::Image& image, const oci::Reference& target) {
  oci::PushRequest out;
  out.target = target;
  for (const oci::Descriptor& layer : source.image.layers) {
    out.blobs.push_back({layer, source.content ? source.content(layer.digest) : nullptr,
                         source.content ? std::nullopt : source.repository});
  }
  out.manifest = image.manifest;
  out.manifest_type = image.manifest_type;
  out.spool_directory = scratch_directory(services.paths);
  return out;
}

oci::BlobToPush config_of(const oci::Image& image) {
  return {image.config_descriptor, oci::content_of(image.config), std::nullopt};
}

}  // namespace

SourceImage open_registry_image(const Services& services, const oci::Reference& reference) {
  oci::FetchedImage fetched = services.registry.fetch(reference);
  SourceImage out = {.image = std::move(fetched.image),
                     .blobs = services.registry.blobs_of(reference),
                     .repository = reference,
                     .content = nullptr,
                     .index_digest = fetched.index_digest,
                     .with_credentials = fetched.with_credentials};
  find_platform_client(out);
  return out;
}

oci::ResolvedImage resolve_release_image(const Services& services,
                                         const oci::Reference& reference) {
  oci::ResolvedImage out = services.registry.resolve(reference);
  if (!oci::starts_in_tee(out.entrypoint) || out.is_layered()) return out;
  oci::Reference exact = reference;
  exact.digest = out.digest;
  try {
    out.has_platform_client = open_registry_image(services, exact).image.has_platform_client;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    out.has_platform_client = true;
  }
  return out;
}

std::vector<std::string> built_image_warnings(const oci::ResolvedImage& resolved, bool has_domain) {
  const oci::Image image = {.name = resolved.reference.to_string(),
                            .digest = resolved.digest,
                            .config_descriptor = {.media_type = {}, .digest = resolved.digest},
                            .details = {.exposed_ports = resolved.exposed_ports}};
  platform::check_ports(image);
  const auto& ports = image.details.exposed_ports;
  const auto serves_tls = [](const std::string& port) {
    return port == "80/tcp" || port == "443/tcp";
  };
  const bool has_tls = std::find(ports.begin(), ports.end(), "443/tcp") != ports.end();
  std::vector<std::string> out;
  if (ports.empty()) out.push_back(port_warning(image));
  if (has_domain && !has_tls) {
    out.push_back("DOMAIN is set, but " + image.name + " has no TLS: it does not expose 443/tcp");
  }
  if (has_domain || !has_tls) return out;
  const bool has_own_port = !std::all_of(ports.begin(), ports.end(), serves_tls);
  out.push_back(
      "DOMAIN is not set: images that the platform builds start Caddy only for DOMAIN, so ports 80 "
      "and 443 serve nothing unless the app itself listens there" +
      std::string(has_own_port ? ""
                               : ", and " + image.name +
                                     " exposes no other port; add a line such as EXPOSE 8080 to "
                                     "its Dockerfile, unless the app is a worker that serves "
                                     "nothing"));
  return out;
}

std::string port_warning(const oci::Image& image) {
  if (!image.details.exposed_ports.empty()) return {};
  return image.name +
         " exposes no port: the firewall opens none, so nobody can reach the app; add a line such "
         "as EXPOSE 8080 to its Dockerfile, unless the app is a worker that serves nothing";
}

void find_platform_client(SourceImage& source) {
  oci::Image& image = source.image;
  if (!oci::starts_in_tee(image.details.entrypoint) || image.is_layered()) return;
  image.has_platform_client = oci::find_added_file(image, *source.blobs, "usr/local/bin/kms-client",
                                                   kClientBudgetBytes) != oci::FileAnswer::kNone;
}

std::filesystem::path scratch_directory(const base::Paths& paths) {
  if (!paths.cache.empty()) {
    std::filesystem::path out = paths.cache / "scratch";
    try {
      base::make_private_directories(out);
    } catch (const Error&) {
    }
    if (::access(out.c_str(), W_OK | X_OK) == 0) return out;
  }
  std::error_code missing;
  const std::filesystem::path temporary = std::filesystem::temp_directory_path(missing);
  // One for each user: nobody can write in that of another.
  return (missing ? "/tmp" : temporary) / ("ecloud-" + std::to_string(::geteuid())) / "scratch";
}

oci::Reference layered_reference(const oci::Reference& source) {
  oci::Reference out = source;
  out.digest.reset();
  if (out.tag.empty()) {
    const std::string digest = source.digest.value().to_string();
    out.tag = digest.substr(digest.find(':') + 1, kShortDigestDigits);
  }
  out.tag += "-layered";
  if (out.tag.size() <= kMaxTagBytes) return out;
  throw Error(Category::kUsage, "image.invalid_reference",
              "the tag of " + source.to_string() + " is too long for -layered after it",
              "name another place for the layered image: --target-ref REF");
}

LayeredImage layer_image(const Services& services, const SourceImage& source,
                         const LayerRequest& request) {
  // Refused before anything is fetched for it.
  platform::check_layerable(source.image);
  const bool with_tls = request.options.caddyfile.has_value();
  const FetchedTools fetched = fetch_tools(services, request.tools, with_tls);
  if (!request.allow_old_runtime) {
    require_served(fetched.runtime, "the KMS client in " + fetched.kms_client_image,
                   services.environment);
  }
  // The label must fit the client, wherever that comes from.
  platform::Environment environment = services.environment;
  environment.runtime = fetched.runtime;
  std::vector<std::string> notes;
  check_shell(source, notes);
  check_names(source.image, notes);
  std::vector<std::string> warnings;
  if (!with_tls) warnings.push_back(port_warning(source.image));
  std::erase(warnings, "");
  std::vector<platform::InheritedLabel> labels =
      platform::inherited_labels(environment, source.image, request.options);
  for (const platform::InheritedLabel& label : labels) notes.push_back(label_note(label));
  oci::ExtendedImage extended = oci::add_layer(
      source.image, platform::tee_layer(environment, source.image, fetched.tools, request.options),
      scratch_directory(services.paths));
  oci::PushRequest push = push_of(services, source, extended.image, request.target);
  push.blobs.push_back({extended.image.layers.back(), extended.layer, std::nullopt});
  push.blobs.push_back(config_of(extended.image));
  oci::Reference reference = request.target;
  reference.digest = extended.image.digest;
  extended.image.name = reference.to_string();
  return {.reference = std::move(reference),
          .image = std::move(extended.image),
          .base_digest = source.image.digest,
          .push = std::move(push),
          .notes = std::move(notes),
          .warnings = std::move(warnings),
          .base_labels = std::move(labels)};
}

oci::PushRequest push_unchanged(const Services& services, const SourceImage& source,
                                const oci::Reference& target) {
  oci::PushRequest out = push_of(services, source, source.image, target);
  out.blobs.push_back(config_of(source.image));
  return out;
}

void require_public(const Services& services, const oci::Reference& image) {
  oci::NoCredentials nobody;
  try {
    oci::RegistryClient(services.transport, nobody, {.clock = &services.clock}).resolve(image);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    if (error.code() != "image.unauthorized" && error.code() != "image.not_found") return;
    throw Error(Category::kCredentials, "image.unauthorized",
                image.name() + " is private: " + image.to_string() +
                    " is there, and nobody can pull it without a login, nor can the platform",
                "make the repository public, then run the same command again; nothing is pushed "
                "twice");
  }
}

oci::ResolvedImage resolved_image(const LayeredImage& layered) {
  return {.reference = layered.reference,
          .digest = layered.image.digest,
          .manifest_media_type = layered.image.manifest_type,
          .index_digest = std::nullopt,
          .entrypoint = layered.image.details.entrypoint,
          .command = layered.image.details.command,
          .labels = layered.image.details.labels,
          .exposed_ports = layered.image.details.exposed_ports,
          .compressed_size_bytes = layered.image.compressed_size_bytes(),
          .with_credentials = false};
}

}  // namespace ecloud::deploy
