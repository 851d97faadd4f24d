#include "ecloud/oci/layering.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "layer_file.h"
#include "manifest.h"

namespace ecloud::oci {
namespace {

using base::Json;

/// A place in a document as a document of its own, which can be changed.
Json editable(const Json& place) {
  return place.is_object() ? Json::object(place.members()) : Json::object();
}

Json changed_environment(const Json& before, const std::vector<std::string>& additions) {
  const auto name_of = [](const std::string& line) { return line.substr(0, line.find('=')); };
  std::set<std::string> replaced;
  for (const std::string& line : additions) replaced.insert(name_of(line));
  Json out = Json::array();
  if (before.is_array()) {
    for (const Json& line : before.elements()) {
      if (!replaced.contains(name_of(line.as_string()))) out.push(line.as_string());
    }
  }
  for (const std::string& line : additions) out.push(line);
  return out;
}

/// What a container runs, below "config" (OCI image specification, "Image Configuration").
Json changed_run_config(const Json& before, const Addition& addition) {
  Json out = editable(before);
  out.set("Entrypoint", Json::strings(addition.entrypoint));
  out.set("Cmd", Json::strings(addition.command));
  out.set("User", addition.user);
  if (!addition.environment.empty()) {
    out.set("Env", changed_environment(before["Env"], addition.environment));
  }
  if (!addition.exposed_ports.empty()) {
    Json ports = editable(before["ExposedPorts"]);
    for (const std::string& port : addition.exposed_ports) ports.set(port, Json::object());
    out.set("ExposedPorts", ports);
  }
  Json labels = Json::object();
  for (const auto& [name, value] : editable(before["Labels"]).members()) {
    const auto& removed = addition.removed_labels;
    if (std::find(removed.begin(), removed.end(), name) == removed.end()) labels.set(name, value);
  }
  for (const auto& [name, value] : addition.labels) labels.set(name, value);
  out.set("Labels", labels);
  return out;
}

Json with_element(const Json& list, const Json& element) {
  Json out = Json::array(list.elements());
  out.push(element);
  return out;
}

/// A history that does not tell the layers cannot be continued.
bool tells_layers(const Image& base) {
  const auto made = std::count_if(base.details.history.begin(), base.details.history.end(),
                                  [](const HistoryEntry& entry) { return !entry.empty_layer; });
  return static_cast<std::size_t>(made) == base.layers.size();
}

std::string changed_config(const Image& base, const Addition& addition, const Digest& diff_id) {
  const Json before = Json::parse(base.config, base.name, Category::kImage);
  Json out = editable(before);
  out.set("config", changed_run_config(before["config"], addition));
  Json root = editable(before["rootfs"]);
  root.set("diff_ids", with_element(before["rootfs"]["diff_ids"], diff_id.to_string()));
  out.set("rootfs", root);
  if (before["history"].is_array() && tells_layers(base)) {
    Json entry = Json::object();
    if (before["created"].is_string()) entry.set("created", before["created"].as_string());
    entry.set("created_by", addition.created_by);
    out.set("history", with_element(before["history"], entry));
  }
  return out.dump();
}

Json descriptor_json(const Descriptor& descriptor) {
  return Json::object({{"mediaType", descriptor.media_type},
                       {"size", descriptor.size_bytes},
                       {"digest", descriptor.digest.to_string()}});
}

std::string changed_manifest(const Image& base, const Descriptor& config, const Descriptor& layer) {
  const Json before = Json::parse(base.manifest, base.name, Category::kImage);
  Json out = Json::object();
  for (const auto& [name, value] : before.members()) {
    // It says what the old manifest refers to.
    if (name != "subject") out.set(name, value);
  }
  // An OCI manifest need not name its type; then only a header would.
  out.set("mediaType", base.manifest_type);
  out.set("config", descriptor_json(config));
  out.set("layers", with_element(before["layers"], descriptor_json(layer)));
  return out.dump();
}

void check_layers(const Image& base) {
  if (base.details.diff_ids.size() != base.layers.size()) {
    throw Error(Category::kImage, "image.not_an_image",
                fmt::format("{} has {} layers and a configuration for {}", base.name,
                            base.layers.size(), base.details.diff_ids.size()),
                "the image is broken: build and push it again");
  }
  if (base.layers.size() >= kMaxImageLayers) {
    throw Error(Category::kImage, "image.too_many_layers",
                fmt::format("{} has {} layers, and no runtime takes more than {} with ours",
                            base.name, base.layers.size(), kMaxImageLayers),
                "build it with fewer layers: join RUN lines, or squash it");
  }
}

}  // namespace

ExtendedImage add_layer(const Image& base, const Addition& addition,
                        const std::filesystem::path& scratch) {
  check_layers(base);
  const bool is_docker = base.manifest_type == kDockerManifestType;
  const LayerFile layer = write_layer(addition.files, scratch);
  const Descriptor layer_descriptor{std::string(is_docker ? kDockerLayerType : kOciLayerType),
                                    layer.digest, layer.content->size_bytes()};
  std::string config = changed_config(base, addition, layer.diff_id);
  const Descriptor config_descriptor{base.config_descriptor.media_type,
                                     Digest::of(base::as_bytes(config)), config.size()};
  std::string manifest = changed_manifest(base, config_descriptor, layer_descriptor);
  return {read_image(base.name, base.manifest_type, std::move(manifest), std::move(config)),
          layer.content};
}

}  // namespace ecloud::oci
