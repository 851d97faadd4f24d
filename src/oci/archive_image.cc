#include "archive_image.h"

#include <algorithm>
#include <set>

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/oci/tar.h"
#include "manifest.h"

namespace ecloud::oci {
namespace {

using base::Json;

// OCI image specification 1.1, "Pre-Defined Annotation Keys", and what containerd and BuildKit add.
constexpr const char* kRefName = "org.opencontainers.image.ref.name";
constexpr const char* kContainerdName = "io.containerd.image.name";
constexpr std::size_t kMaxImages = 10'000;
constexpr std::size_t kMaxNamesShown = 10;
constexpr int kMaxNesting = 5;

/// Runs `read` and turns what it says about JSON into an error of the archive.
template <typename Read>
auto read_json(std::string_view text, const std::string& name, const char* file, Read read) {
  try {
    return read(Json::parse(text, name + ": " + file, Category::kImage));
  } catch (const Error& error) {
    if (!error.code().starts_with("json.")) throw;
    throw Error(Category::kImage, "image.bad_archive", error.message(), "make the archive anew");
  }
}

/// "alice/app:1" is the same as "docker.io/alice/app:1" and as "1".
bool is_named(std::string_view name, std::string_view wanted) {
  if (name.empty()) return false;
  const auto ends_after = [](std::string_view whole, std::string_view end, char separator) {
    return whole.size() > end.size() && whole.ends_with(end) &&
           whole[whole.size() - end.size() - 1] == separator;
  };
  return name == wanted || ends_after(name, wanted, ':') || ends_after(name, wanted, '/') ||
         ends_after(wanted, name, ':') || ends_after(wanted, name, '/');
}

std::string list_of(const std::set<std::string>& names) {
  std::vector<std::string> words;
  for (const std::string& name : names) {
    if (words.size() == kMaxNamesShown) break;
    words.push_back(name.empty() ? "one without a name" : base::printable_line(name, 100));
  }
  std::string out = base::join(words, ", ");
  if (names.size() > words.size()) {
    out += " and " + std::to_string(names.size() - words.size()) + " more";
  }
  return out.empty() ? "none with a name" : out;
}

Error several(const std::string& name, const std::set<std::string>& names) {
  std::string example;
  for (const std::string& each : names) {
    if (example.empty()) example = each.substr(each.rfind(':') + 1);
  }
  return bad_archive(Category::kUsage, name, "holds several images: " + list_of(names),
                     "say which one behind the file's name: " + name + "#" + example);
}

Error not_there(const std::string& name, const std::string& wanted,
                const std::set<std::string>& names) {
  return bad_archive(
      Category::kUsage, name,
      "holds no image \"" + base::printable_line(wanted, 100) + "\"; it holds: " + list_of(names),
      "correct what stands behind the # of the file's name");
}

/// An entry of index.json.
struct NamedEntry {
  Json json;
  std::string digest;
  std::vector<std::string> names;
};

std::string annotation(const Json& entry, const char* key) {
  const Json value = entry["annotations"][key];
  return value.is_string() ? value.as_string() : std::string();
}

std::vector<NamedEntry> read_entries(const Json& index) {
  const Json list = index["manifests"];
  if (list.size() > kMaxImages) throw list.error("more than 10000 elements");
  std::vector<NamedEntry> out;
  for (const Json& entry : list.elements()) {
    NamedEntry named{entry, entry["digest"].as_string(), {}};
    for (const char* key : {kContainerdName, kRefName}) {
      std::string text = annotation(entry, key);
      if (!text.empty()) named.names.push_back(std::move(text));
    }
    out.push_back(std::move(named));
  }
  return out;
}

/// The entries that `wanted` means, as the text of an index.
std::string choose_entries(const Json& index, const std::string& name, const std::string& wanted) {
  Json chosen = Json::array();
  std::set<std::string> all;
  std::set<std::string> different;
  std::set<std::string> digests;
  for (const NamedEntry& entry : read_entries(index)) {
    const std::string first = entry.names.empty() ? std::string() : entry.names.front();
    if (!first.empty()) all.insert(first);
    const bool matches = std::any_of(entry.names.begin(), entry.names.end(),
                                     [&](const auto& each) { return is_named(each, wanted); });
    if (!wanted.empty() && entry.digest != wanted && !matches) continue;
    different.insert(first);
    // One image with two tags has two entries.
    if (digests.insert(entry.digest).second) chosen.push(entry.json);
  }
  if (chosen.size() == 0 && !wanted.empty()) throw not_there(name, wanted, all);
  if (chosen.size() == 0) {
    throw bad_archive(Category::kImage, name, "holds no image: its index.json is empty");
  }
  if (different.size() > 1 && digests.size() > 1) throw several(name, different);
  Json out = Json::object();
  out.set("schemaVersion", 2).set("manifests", std::move(chosen));
  return out.dump();
}

/// The only entry without a look at its platform, which often is not told there.
std::vector<IndexEntry> choose_candidates(const std::string& name, const Manifest& index) {
  const auto is_image = [](const IndexEntry& entry) { return !entry.is_artifact; };
  if (std::count_if(index.entries.begin(), index.entries.end(), is_image) == 1) {
    const auto only = std::find_if(index.entries.begin(), index.entries.end(), is_image);
    if (only->platform.os.empty()) return {*only};
  }
  return amd64_entries(name, index);
}

/// `docker save` with the containerd store writes the whole index of an image, and of its platforms
/// only what was pulled or built.
Error lacks_platform(const std::string& name, const Manifest& index, const ArchiveFiles& files,
                     const std::string& missing) {
  Manifest stored;
  for (const IndexEntry& entry : index.entries) {
    const std::string path = blob_path(entry.descriptor.digest);
    if (path != missing && files.find(path)) stored.entries.push_back(entry);
  }
  return bad_archive(
      Category::kImage, name,
      "lists an image for linux/amd64 and lacks its content, " + missing + "; it holds " +
          platforms_of(stored),
      "pull or build it for the platform, then save that one: docker pull --platform "
      "linux/amd64 IMAGE; docker save --platform linux/amd64 -o FILE IMAGE");
}

/// The first part of an image that the archive does not have; empty when it has all.
std::string missing_part(const ArchiveFiles& files, const StoredImage& image) {
  for (const StoredLayer& layer : image.layers) {
    if (!files.find(layer.path)) return layer.path;
  }
  return "";
}

/// Finds the image in an index, in indexes in it, or the manifest itself.
class OciChooser {
 public:
  OciChooser(const ArchiveFiles& files, const std::string& name) : files_(files), name_(name) {}

  StoredImage choose(std::string document, const std::string& type, int depth) const {
    const Manifest manifest = parse_manifest(name_, type, document);
    if (!manifest.is_index()) return read_image_of(manifest, std::move(document));
    if (depth == kMaxNesting) {
      throw bad_archive(Category::kImage, name_, "nests its indexes too deep");
    }
    std::optional<Error> artifact;
    for (const IndexEntry& entry : choose_candidates(name_, manifest)) {
      try {
        return choose_entry(manifest, entry.descriptor, depth);
      } catch (const Error& error) {
        // The index does not say of every artifact that it is one.
        if (error.code() != "image.not_an_image") throw;
        if (!artifact) artifact = error;
      }
    }
    throw *artifact;
  }

 private:
  StoredImage choose_entry(const Manifest& index, const Descriptor& entry, int depth) const {
    const bool several = index.entries.size() > 1;
    const std::string path = blob_path(entry.digest);
    if (several && !files_.find(path)) throw lacks_platform(name_, index, files_, path);
    StoredImage out = choose(read_document_blob(files_, entry, name_), entry.media_type, depth + 1);
    const std::string missing = missing_part(files_, out);
    if (several && !missing.empty()) throw lacks_platform(name_, index, files_, missing);
    return out;
  }

  StoredImage read_image_of(const Manifest& manifest, std::string document) const {
    StoredImage out;
    out.config = read_document_blob(files_, *manifest.config, name_);
    for (const Descriptor& layer : manifest.layers) {
      out.layers.push_back({blob_path(layer.digest), layer});
    }
    out.manifest = std::move(document);
    out.manifest_type = manifest.media_type;
    return out;
  }

  const ArchiveFiles& files_;
  const std::string& name_;
};

/// A path of manifest.json as archives have it.
std::string path_in(const Json& value, const std::string& name) {
  return normal_tar_path(value.as_string(), name);
}

bool is_hex_64(std::string_view text) {
  return Digest::parse("sha256:" + std::string(text)).has_value();
}

/// Docker, Podman and Nix name the configuration after its digest.
void check_config_name(std::string_view path, const std::string& config, const std::string& name) {
  std::string_view stem = path.substr(path.rfind('/') + 1);
  if (stem.ends_with(".json")) stem.remove_suffix(5);
  if (stem.starts_with("sha256:")) stem.remove_prefix(7);
  if (!is_hex_64(stem)) return;
  const std::string found = Digest::of(base::as_bytes(config)).to_string();
  if (found.substr(7) == stem) return;
  throw Error(Category::kImage, "image.digest_mismatch",
              "the configuration in " + name + " hashes to " + found +
                  ", and not to sha256:" + std::string(stem),
              "do not deploy it: something changed the archive");
}

std::vector<std::string> tags_of(const Json& entry) {
  const Json tags = entry["RepoTags"];
  std::vector<std::string> out;
  if (!tags.is_array()) return out;
  for (const Json& tag : tags.elements()) out.push_back(tag.as_string());
  return out;
}

Json choose_docker_entry(const Json& list, const std::string& name, const std::string& wanted) {
  if (list.size() > kMaxImages) throw list.error("more than 10000 elements");
  std::optional<Json> chosen;
  std::set<std::string> all;
  std::size_t matching = 0;
  for (const Json& entry : list.elements()) {
    const std::vector<std::string> tags = tags_of(entry);
    const bool matches = std::any_of(tags.begin(), tags.end(),
                                     [&](const auto& tag) { return is_named(tag, wanted); });
    all.insert(tags.empty() ? std::string() : tags.front());
    if (!wanted.empty() && !matches) continue;
    ++matching;
    chosen = entry;
  }
  if (matching > 1) throw several(name, all);
  if (chosen) return *chosen;
  if (!wanted.empty()) throw not_there(name, wanted, all);
  throw bad_archive(Category::kImage, name, "holds no image: its manifest.json is empty");
}

}  // namespace

std::string blob_path(const Digest& digest) {
  return "blobs/sha256/" + digest.to_string().substr(7);
}

std::string read_document_blob(const ArchiveFiles& files, const Descriptor& blob,
                               std::string_view name) {
  const std::string path = blob_path(blob.digest);
  const ContentPtr content = files.find(path);
  if (!content) throw bad_archive(Category::kImage, name, "lacks " + path);
  std::string out = read_small(*content, kMaxDocumentBytes, name, path);
  const Digest found = Digest::of(base::as_bytes(out));
  if (found == blob.digest && out.size() == blob.size_bytes) return out;
  throw Error(Category::kImage, "image.digest_mismatch",
              path + " in " + std::string(name) + " hashes to " + found.to_string() + " and has " +
                  std::to_string(out.size()) + " octets, and should have " +
                  std::to_string(blob.size_bytes),
              "do not deploy it: something changed the archive");
}

StoredImage choose_oci_image(const ArchiveFiles& files, std::string_view index,
                             const std::string& name, const std::string& wanted) {
  const std::string document = read_json(index, name, "index.json", [&](const Json& json) {
    return choose_entries(json, name, wanted);
  });
  return OciChooser(files, name).choose(document, std::string(kOciIndexType), 0);
}

StoredImage choose_docker_image(const ArchiveFiles& files, std::string_view manifest,
                                const std::string& name, const std::string& wanted) {
  return read_json(manifest, name, "manifest.json", [&](const Json& list) {
    const Json entry = choose_docker_entry(list, name, wanted);
    StoredImage out;
    const std::string config_path = path_in(entry["Config"], name);
    const ContentPtr config = files.find(config_path);
    if (!config) throw bad_archive(Category::kImage, name, "lacks " + config_path);
    out.config = read_small(*config, kMaxDocumentBytes, name, config_path);
    check_config_name(config_path, out.config, name);
    for (const Json& layer : entry["Layers"].elements()) {
      out.layers.push_back({path_in(layer, name), std::nullopt});
    }
    return out;
  });
}

}  // namespace ecloud::oci
