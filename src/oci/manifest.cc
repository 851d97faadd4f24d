#include "manifest.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

using base::Json;

constexpr std::string_view kSchema1Prefix = "application/vnd.docker.distribution.manifest.v1+";
constexpr std::uint64_t kSchemaVersion = 2;
// More entries than any registry accepts would only slow us down.
constexpr std::size_t kMaxEntries = 10'000;
// Docker stops at 127, the kernel's overlay file system at 500.
constexpr std::size_t kMaxLayers = 1'000;
constexpr std::size_t kMaxPlatformsShown = 12;
// Artifacts that an index does not mark, and the image after them.
constexpr std::size_t kMaxCandidates = 4;

Error not_an_image(std::string_view name, const std::string& reason, std::string hint = {}) {
  return {Category::kImage, "image.not_an_image", std::string(name) + " " + reason,
          std::move(hint)};
}

std::string in_quotes(std::string_view text) {
  return '"' + base::printable_line(text, 200) + '"';
}

std::string text_or_empty(const Json& value) {
  return value.opt_string().value_or("");
}

/// Runs `read` on the document and turns complaints about its shape into ours.
template <typename Read>
auto read_document(std::string_view name, std::string_view body, Read read) {
  try {
    return read(Json::parse(body, name, Category::kImage));
  } catch (const Error& error) {
    if (!error.code().starts_with("json.")) throw;
    throw Error(Category::kImage, "image.not_an_image", error.message(),
                "the registry holds a broken image: push it again");
  }
}

Descriptor read_descriptor(const Json& value) {
  const std::string digest = value["digest"].as_string();
  const auto parsed = Digest::parse(digest);
  if (!parsed) throw value["digest"].error(in_quotes(digest) + " is not a sha256 digest");
  return {text_or_empty(value["mediaType"]), *parsed, value["size"].as_u64()};
}

std::vector<Json> bounded_elements(const Json& list, std::size_t at_most) {
  if (list.size() > at_most) {
    throw list.error("more than " + std::to_string(at_most) + " elements");
  }
  return list.elements();
}

std::vector<Descriptor> read_layers(const Json& list) {
  std::vector<Descriptor> out;
  if (list.is_null()) return out;
  std::uint64_t total = 0;
  for (const Json& layer : bounded_elements(list, kMaxLayers)) {
    out.push_back(read_descriptor(layer));
    if (out.back().size_bytes > INT64_MAX - total) throw layer["size"].error("is out of range");
    total += out.back().size_bytes;
  }
  return out;
}

enum class Kind { kUnknown, kIndex, kManifest };

Kind kind_of_type(std::string_view media_type) {
  if (media_type == kOciIndexType || media_type == kDockerListType) return Kind::kIndex;
  if (media_type == kOciManifestType || media_type == kDockerManifestType) return Kind::kManifest;
  return Kind::kUnknown;
}

bool is_config_type(std::string_view media_type) {
  return media_type == kOciConfigType || media_type == kDockerConfigType;
}

/// SBOMs, attestations and signatures that share an index with an image. BuildKit marks its own
/// with an annotation and the platform unknown/unknown (docs.docker.com, "Image attestation
/// storage"); others have an artifactType or a media type that is not an image's (OCI image
/// specification 1.1, "Guidelines for Artifact Usage").
bool is_artifact(const Json& entry, const IndexEntry& read) {
  if (entry["annotations"]["vnd.docker.reference.type"].is_string()) return true;
  const std::string artifact = text_or_empty(entry["artifactType"]);
  if (!artifact.empty() && !is_config_type(artifact)) return true;
  const std::string& type = read.descriptor.media_type;
  if (!type.empty() && kind_of_type(type) == Kind::kUnknown) return true;
  return read.platform.os == "unknown";
}

PlatformName read_platform(const Json& place) {
  return normalized_platform(text_or_empty(place["os"]), text_or_empty(place["architecture"]),
                             text_or_empty(place["variant"]));
}

IndexEntry read_entry(const Json& entry) {
  const Json platform = entry["platform"];
  IndexEntry out{read_descriptor(entry), read_platform(platform), false};
  out.is_artifact = is_artifact(entry, out);
  return out;
}

/// What the members make of it, whatever it is called.
Kind kind_of_members(const Json& document) {
  const bool lists_manifests = document["manifests"].exists();
  const bool has_image = document["config"].exists() || document["layers"].exists();
  if (lists_manifests == has_image) return Kind::kUnknown;
  return lists_manifests ? Kind::kIndex : Kind::kManifest;
}

void refuse_schema_1(std::string_view name, const Json& document, std::string_view media_type) {
  const Json version = document["schemaVersion"];
  const bool is_version_1 = version.is_number() && version.as_double() == 1;
  if (!is_version_1 && !media_type.starts_with(kSchema1Prefix)) return;
  throw not_an_image(name, "is stored in Docker's manifest format of before 2016 (schema 1)",
                     "pull and push it again with a current docker");
}

/// Checks that the three places that tell the kind of a document agree.
Kind checked_kind(std::string_view name, const Json& document, std::string_view media_type,
                  std::string_view content_type) {
  const Kind kind = kind_of_members(document);
  if (document["schemaVersion"].opt_u64() != kSchemaVersion || kind == Kind::kUnknown) {
    throw not_an_image(name, "is not an image: its manifest is of type " + in_quotes(media_type),
                       "push a container image, for example with docker push");
  }
  for (const std::string_view told : {media_type, content_type}) {
    const Kind told_kind = kind_of_type(told);
    if (told_kind != Kind::kUnknown && told_kind != kind) {
      throw not_an_image(name,
                         "calls itself " + in_quotes(told) + " and has the members of another",
                         "the registry holds a broken image: push it again");
    }
  }
  return kind;
}

void check_config_type(std::string_view name, const Json& document, const Descriptor& config) {
  if (is_config_type(config.media_type)) return;
  // Docker 1.10 wrote this type.
  const bool is_docker = text_or_empty(document["mediaType"]) == kDockerManifestType;
  if (is_docker && config.media_type == "application/octet-stream") return;
  const std::string artifact = text_or_empty(document["artifactType"]);
  throw not_an_image(name,
                     "is an artifact of type " +
                         in_quotes(artifact.empty() ? config.media_type : artifact) +
                         " and not a container image",
                     "push a container image, for example with docker push");
}

/// ocicrypt's suffix: "application/vnd.oci.image.layer.v1.tar+gzip+encrypted".
void check_layer_types(std::string_view name, const std::vector<Descriptor>& layers) {
  for (const Descriptor& layer : layers) {
    if (!layer.media_type.ends_with("+encrypted")) continue;
    throw not_an_image(name, "has an encrypted layer, for which the platform has no key",
                       "push the image without encryption");
  }
}

Manifest read_manifest(std::string_view name, std::string_view content_type, const Json& document) {
  Manifest out;
  out.media_type = text_or_empty(document["mediaType"]);
  if (out.media_type.empty()) out.media_type = std::string(content_type);
  refuse_schema_1(name, document, out.media_type);
  const Kind kind = checked_kind(name, document, out.media_type, content_type);
  if (kind == Kind::kIndex) {
    for (const Json& entry : bounded_elements(document["manifests"], kMaxEntries)) {
      out.entries.push_back(read_entry(entry));
    }
  } else {
    out.config = read_descriptor(document["config"]);
    check_config_type(name, document, *out.config);
    out.layers = read_layers(document["layers"]);
    check_layer_types(name, out.layers);
  }
  // An untyped OCI document is known by its members alone.
  if (kind_of_type(out.media_type) == Kind::kUnknown) {
    out.media_type = kind == Kind::kIndex ? kOciIndexType : kOciManifestType;
  }
  return out;
}

/// An absent list is null in configurations that Docker writes.
std::vector<std::string> texts_of(const Json& list) {
  std::vector<std::string> out;
  if (!list.exists() || list.is_null()) return out;
  for (const Json& element : list.elements()) out.push_back(element.as_string());
  return out;
}

std::vector<Digest> read_diff_ids(const Json& list) {
  std::vector<Digest> out;
  if (!list.exists() || list.is_null()) return out;
  for (const Json& element : bounded_elements(list, kMaxLayers)) {
    const auto digest = Digest::parse(element.as_string());
    if (!digest) throw element.error(in_quotes(element.as_string()) + " is not a sha256 digest");
    out.push_back(*digest);
  }
  return out;
}

ImageConfig read_config(const Json& document) {
  const Json config = document["config"];
  ImageConfig out;
  out.entrypoint = texts_of(config["Entrypoint"]);
  out.command = texts_of(config["Cmd"]);
  out.environment = texts_of(config["Env"]);
  out.user = text_or_empty(config["User"]);
  out.working_directory = text_or_empty(config["WorkingDir"]);
  const Json labels = config["Labels"];
  if (labels.exists() && !labels.is_null()) {
    for (const auto& member : labels.members())
      out.labels[member.first] = member.second.as_string();
  }
  const Json ports = config["ExposedPorts"];
  if (ports.exists() && !ports.is_null()) {
    for (const auto& member : ports.members()) out.exposed_ports.push_back(member.first);
  }
  const Json history = document["history"];
  if (history.exists() && !history.is_null()) {
    for (const Json& entry : bounded_elements(history, kMaxEntries)) {
      const Json empty = entry["empty_layer"];
      out.history.push_back(
          {text_or_empty(entry["created_by"]), empty.is_bool() && empty.as_bool()});
    }
  }
  out.diff_ids = read_diff_ids(document["rootfs"]["diff_ids"]);
  return out;
}

Error wrong_platform(std::string_view name, const std::string& reason) {
  return {Category::kImage, "image.platform", std::string(name) + " " + reason,
          "build it for the platform: docker buildx build --platform linux/amd64 --push -t " +
              std::string(name) + " ."};
}

}  // namespace

std::string platforms_of(const Manifest& index) {
  std::vector<std::string> words;
  for (const IndexEntry& entry : index.entries) {
    if (entry.is_artifact) continue;
    std::string word = entry.platform.text();
    if (std::find(words.begin(), words.end(), word) == words.end()) {
      words.push_back(std::move(word));
    }
  }
  if (words.size() > kMaxPlatformsShown) {
    const std::size_t hidden = words.size() - kMaxPlatformsShown;
    words.resize(kMaxPlatformsShown);
    words.push_back("and " + std::to_string(hidden) + " more");
  }
  return words.empty() ? "nothing that can run" : base::join(words, ", ");
}

Manifest parse_manifest(std::string_view name, std::string_view content_type,
                        std::string_view body) {
  const std::string type =
      base::to_lower(base::trim(content_type.substr(0, content_type.find(';'))));
  return read_document(name, body,
                       [&](const Json& document) { return read_manifest(name, type, document); });
}

std::vector<IndexEntry> amd64_entries(std::string_view name, const Manifest& index) {
  std::vector<IndexEntry> out;
  const IndexEntry* untold = nullptr;
  std::size_t candidates = 0;
  for (const IndexEntry& entry : index.entries) {
    if (entry.is_artifact) continue;
    ++candidates;
    const PlatformName& platform = entry.platform;
    if (platform.is_linux_amd64()) out.push_back(entry);
    if (platform.os.empty() && platform.architecture.empty()) untold = &entry;
  }
  std::stable_sort(out.begin(), out.end(), [](const IndexEntry& a, const IndexEntry& b) {
    return a.platform.variant < b.platform.variant;
  });
  // Its configuration will tell the platform.
  if (out.empty() && untold != nullptr && candidates == 1) out.push_back(*untold);
  if (out.size() > kMaxCandidates) {
    out.erase(out.begin() + kMaxCandidates, out.end());
  }
  if (!out.empty()) return out;
  throw wrong_platform(name, "has no image for linux/amd64; it has " + platforms_of(index));
}

IndexEntry choose_amd64(std::string_view name, const Manifest& index) {
  return amd64_entries(name, index).front();
}

ImageConfig parse_image_config(std::string_view name, std::string_view body) {
  return read_document(name, body, [&](const Json& document) {
    const PlatformName platform = read_platform(document);
    if (!platform.is_linux_amd64()) {
      throw wrong_platform(
          name, "is for " + platform.text() + ", and the platform runs linux/amd64 alone");
    }
    return read_config(document);
  });
}

}  // namespace ecloud::oci
