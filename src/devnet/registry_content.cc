#include "devnet/registry_content.h"

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/oci/digest.h"

namespace ecloud::devnet {
namespace {

constexpr std::size_t kMaxKeptBytes = std::size_t{8} << 30;

std::string digest_of_octets(const std::string& octets) {
  return oci::Digest::of(base::as_bytes(octets)).to_string();
}

/// "linux/amd64" of a configuration; empty when it tells none.
std::string platform_of(const std::string& config) {
  const auto json = base::Json::try_parse(config);
  if (!json || !(*json)["os"].is_string() || !(*json)["architecture"].is_string()) return "";
  return (*json)["os"].as_string() + "/" + (*json)["architecture"].as_string();
}

[[noreturn]] void damaged(const std::filesystem::path& file) {
  throw Error(Category::kUsage, "devnet.state", file.string() + " is damaged",
              "ecloud devnet reset, or choose another --state directory");
}

}  // namespace

const RegistryContent::Repository* RegistryContent::find(const std::string& name) const {
  const auto found = repositories_.find(name);
  return found == repositories_.end() ? nullptr : &found->second;
}

std::string RegistryContent::add_blob(const std::string& repository, std::string octets) {
  std::string digest = digest_of_octets(octets);
  at(repository).blobs[digest] = std::make_shared<const std::string>(std::move(octets));
  return digest;
}

std::string RegistryContent::add_manifest(const std::string& repository,
                                          std::string_view media_type, std::string body) {
  const std::string digest = digest_of_octets(body);
  Repository& place = at(repository);
  const auto json = base::Json::try_parse(body);
  const auto config = json && (*json)["config"]["digest"].is_string()
                          ? place.blobs.find((*json)["config"]["digest"].as_string())
                          : place.blobs.end();
  if (config != place.blobs.end()) {
    const std::string platform = platform_of(*config->second);
    if (!platform.empty()) place.architectures[digest] = platform;
  }
  place.manifests[digest] = {std::string(media_type),
                             std::make_shared<const std::string>(std::move(body))};
  return digest;
}

std::optional<std::string> RegistryContent::resolve(const Repository& repository,
                                                    const std::string& reference) {
  const auto tag = repository.tags.find(reference);
  const std::string& digest = tag != repository.tags.end() ? tag->second : reference;
  if (!repository.manifests.contains(digest)) return std::nullopt;
  return digest;
}

void RegistryContent::keep_octets(const std::string& digest, const std::string& octets) const {
  const auto file = *directory_ / "blobs" / digest.substr(digest.find(':') + 1);
  if (!std::filesystem::exists(file)) {
    base::write_file_atomic(file, octets, base::kPrivateFile);
  }
}

void RegistryContent::keep(const std::string& repository) const {
  if (!directory_) return;
  const Repository& place = repositories_.at(repository);
  base::Json blobs = base::Json::array();
  base::Json manifests = base::Json::object();
  base::Json tags = base::Json::object();
  for (const auto& [digest, octets] : place.blobs) {
    keep_octets(digest, *octets);
    blobs.push(digest);
  }
  for (const auto& [digest, manifest] : place.manifests) {
    keep_octets(digest, *manifest.body);
    manifests.set(digest, manifest.media_type);
  }
  for (const auto& [tag, digest] : place.tags) tags.set(tag, digest);
  const base::Json document = base::Json::object(
      {{"repository", repository}, {"blobs", blobs}, {"manifests", manifests}, {"tags", tags}});
  // A name holds slashes, and its digest none.
  const std::string name = digest_of_octets(repository).substr(7, 16) + ".json";
  base::write_file_atomic(*directory_ / "repositories" / name, document.dump() + "\n",
                          base::kPrivateFile);
}

RegistryContent::Octets RegistryContent::read_octets(const std::string& digest) const {
  if (!oci::Digest::parse(digest)) damaged(*directory_ / "repositories");
  const auto file = *directory_ / "blobs" / digest.substr(digest.find(':') + 1);
  auto octets = base::read_file_if_exists(file, kMaxKeptBytes);
  if (!octets || digest_of_octets(*octets) != digest) damaged(file);
  return std::make_shared<const std::string>(std::move(*octets));
}

void RegistryContent::read_kept() {
  if (!directory_ || !std::filesystem::exists(*directory_ / "repositories")) return;
  for (const auto& entry : std::filesystem::directory_iterator(*directory_ / "repositories")) {
    if (entry.path().extension() != ".json") continue;
    const auto json = base::Json::try_parse(base::read_file(entry.path(), kMaxKeptBytes));
    if (!json || !(*json)["repository"].is_string()) damaged(entry.path());
    const std::string name = (*json)["repository"].as_string();
    for (const base::Json& digest : (*json)["blobs"].elements()) {
      at(name).blobs[digest.as_string()] = read_octets(digest.as_string());
    }
    for (const auto& [digest, type] : (*json)["manifests"].members()) {
      add_manifest(name, type.as_string(), *read_octets(digest));
    }
    for (const auto& [tag, digest] : (*json)["tags"].members()) {
      at(name).tags[tag] = digest.as_string();
    }
  }
}

}  // namespace ecloud::devnet
