#include "devnet/registry_service.h"

#include "devnet/launcher.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::devnet {
namespace {

constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view kHubPrefix = "/hub/v2/repositories/";
constexpr std::string_view kUploads = "/blobs/uploads";
constexpr char kTools[] = "eigenlayer/eigencloud-containers";
constexpr char kCaddy[] = "library/caddy";

struct RegistryPath {
  std::string repository;
  std::string what;       // "manifests", "blobs", "tags", "uploads"
  std::string reference;  // tag, digest, "list", the upload's id or nothing
};

// /v2/NAME/manifests/REF, /v2/NAME/blobs/DIGEST, /v2/NAME/blobs/uploads/ID, /v2/NAME/tags/list;
// NAME may hold slashes.
std::optional<RegistryPath> parse_path(const std::string& path) {
  const std::size_t uploads = path.rfind(kUploads);
  if (uploads != std::string::npos && uploads > 4) {
    std::string id = path.substr(uploads + kUploads.size());
    if (id.starts_with('/')) id.erase(0, 1);
    return RegistryPath{path.substr(4, uploads - 4), "uploads", id};
  }
  const std::size_t last = path.rfind('/');
  if (last == std::string::npos || last < 4) return std::nullopt;
  const std::size_t middle = path.rfind('/', last - 1);
  if (middle == std::string::npos || middle < 4) return std::nullopt;
  RegistryPath out{path.substr(4, middle - 4), path.substr(middle + 1, last - middle - 1),
                   path.substr(last + 1)};
  if (out.what != "manifests" && out.what != "blobs" && out.what != "tags") return std::nullopt;
  return out;
}

std::string text_of(const base::Bytes& bytes) {
  return std::string(base::as_chars(bytes));
}

}  // namespace

RegistryService::RegistryService(std::optional<std::filesystem::path> directory)
    : content_(std::move(directory)), push_(content_) {
  const std::string hello = add_image("sample/hello", hello_recipe());
  content_.at("sample/hello").tags = {{"1.0", hello}, {"latest", hello}};
  content_.at("sample/layered").tags["1.0"] = add_image("sample/layered", layered_recipe());
  ImageRecipe arm = hello_recipe();
  arm.architecture = "arm64";
  content_.at("sample/arm64").tags["1.0"] = add_image("sample/arm64", arm);
  add_image("sample/multi", hello_recipe());
  add_image("sample/multi", arm);
  add_index("sample/multi", "1.0");
  add_tools();
  content_.read_kept();
}

void RegistryService::add_tools() {
  using platform::RuntimeGeneration;
  const auto add = [&](const char* repository, const char* tag, const ImageRecipe& recipe) {
    content_.at(repository).tags[tag] = add_image(repository, recipe);
  };
  add(kTools, "kms-client", kms_client_recipe(RuntimeGeneration::kBoundEvidence));
  add(kTools, "tls-client", tls_client_recipe("tls-client"));
  add(kTools, "kms-client-intel-token", kms_client_recipe(RuntimeGeneration::kIntelToken));
  add(kTools, "tls-keygen", tls_client_recipe("tls-keygen"));
  add(kCaddy, "2.10.2-alpine", caddy_recipe());
}

std::string RegistryService::add_image(const std::string& repository, const ImageRecipe& recipe) {
  const BuiltImage image = build_image(recipe);
  content_.add_blob(repository, text_of(image.layer));
  content_.add_blob(repository, text_of(image.config));
  return content_.add_manifest(repository, kManifestType, text_of(image.manifest));
}

void RegistryService::add_index(const std::string& repository, const std::string& tag) {
  Repository& place = content_.at(repository);
  base::Json manifests = base::Json::array();
  for (const auto& [digest, content] : place.manifests) {
    const std::string& platform = place.architectures.at(digest);
    manifests.push(
        base::Json::object({{"mediaType", content.media_type},
                            {"digest", digest},
                            {"size", std::uint64_t{content.body->size()}},
                            {"platform", base::Json::object({{"architecture", platform.substr(6)},
                                                             {"os", platform.substr(0, 5)}})}}));
  }
  const std::string body =
      base::Json::object(
          {{"schemaVersion", 2}, {"mediaType", kIndexType}, {"manifests", manifests}})
          .dump();
  place.tags[tag] = content_.add_manifest(repository, kIndexType, body);
}

std::vector<std::string> RegistryService::kinds(const HttpRequest& request) const {
  if (request.path.starts_with("/hub/")) return {"hub:/tags"};
  const auto parsed = parse_path(request.path);
  if (!parsed) return {"registry:/ping"};
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && parsed->what != "uploads") return {"registry:/" + parsed->what};
  return {"registry:/" + parsed->what + "/" + base::to_lower(request.method)};
}

HttpResponse RegistryService::manifest(const Repository& repository,
                                       const std::string& reference) const {
  const auto digest = RegistryContent::resolve(repository, reference);
  if (!digest) return registry_failure(404, "MANIFEST_UNKNOWN", "manifest unknown");
  const RegistryContent::Manifest& found = repository.manifests.at(*digest);
  HttpResponse response;
  response.content_type = found.media_type;
  response.body = *found.body;
  response.headers.emplace_back("Docker-Content-Digest", *digest);
  return response;
}

HttpResponse RegistryService::list_tags(const std::string& name,
                                        const Repository& repository) const {
  base::Json tags = base::Json::array();
  for (const auto& [tag, digest] : repository.tags) tags.push(tag);
  return json_response(base::Json::object({{"name", name}, {"tags", tags}}));
}

HttpResponse RegistryService::handle(const HttpRequest& request,
                                     const std::vector<std::optional<FaultRule>>&) {
  const std::lock_guard lock(mutex_);
  if (request.path.starts_with("/hub/")) return hub(request);
  HttpResponse response = route(request);
  response.headers.emplace_back("Docker-Distribution-API-Version", "registry/2.0");
  return response;
}

HttpResponse RegistryService::route(const HttpRequest& request) {
  const auto parsed = parse_path(request.path);
  if (parsed && parsed->what == "uploads") {
    return push_.uploads(request, parsed->repository, parsed->reference);
  }
  if (parsed && parsed->what == "manifests" && request.method == "PUT") {
    return push_.put_manifest(request, parsed->repository, parsed->reference);
  }
  if (request.method != "GET" && request.method != "HEAD") {
    return registry_failure(405, "UNSUPPORTED", "the operation is unsupported");
  }
  if (request.path == "/v2" || request.path == "/v2/") return json_response(base::Json::object());
  if (!parsed) return registry_failure(404, "UNSUPPORTED", "no such endpoint");
  return read(parsed->repository, parsed->what, parsed->reference);
}

HttpResponse RegistryService::read(const std::string& name, const std::string& what,
                                   const std::string& reference) const {
  const Repository* repository = content_.find(name);
  if (repository == nullptr) {
    return registry_failure(404, "NAME_UNKNOWN", "repository name not known to registry");
  }
  if (what == "tags") return list_tags(name, *repository);
  if (what == "manifests") return manifest(*repository, reference);
  const auto blob = repository->blobs.find(reference);
  if (blob == repository->blobs.end()) {
    return registry_failure(404, "BLOB_UNKNOWN", "blob unknown to registry");
  }
  HttpResponse response;
  response.content_type = "application/octet-stream";
  response.body = *blob->second;
  response.headers = {{"Docker-Content-Digest", blob->first}, {"Accept-Ranges", "bytes"}};
  return response;
}

HttpResponse RegistryService::hub(const HttpRequest& request) const {
  const std::size_t tags = request.path.rfind("/tags/");
  if (!request.path.starts_with(kHubPrefix) || tags == std::string::npos ||
      tags < kHubPrefix.size()) {
    return json_response(base::Json::object({{"message", "object not found"}}), 404);
  }
  const std::string name = request.path.substr(kHubPrefix.size(), tags - kHubPrefix.size());
  const std::string tag = request.path.substr(tags + 6);
  const Repository* repository = content_.find(name);
  if (repository == nullptr || !repository->tags.contains(tag)) {
    return json_response(base::Json::object({{"message", "object not found"}}), 404);
  }
  const std::string& tagged = repository->tags.at(tag);
  base::Json images = base::Json::array();
  const auto add = [&](const std::string& digest) {
    const std::string platform = repository->architectures.at(digest);
    images.push(base::Json::object({{"architecture", platform.substr(6)},
                                    {"os", platform.substr(0, 5)},
                                    {"digest", digest},
                                    {"status", "active"}}));
  };
  if (repository->architectures.contains(tagged)) {
    add(tagged);
  } else {
    for (const auto& [digest, platform] : repository->architectures) add(digest);
  }
  return json_response(base::Json::object(
      {{"name", tag}, {"images", images}, {"digest", tagged}, {"tag_status", "active"}}));
}

LaunchVerdict RegistryService::examine(const std::string& authority, const ReleaseData& release,
                                       bool strict) const {
  LaunchVerdict out;
  if (!release.registry.starts_with(authority + "/")) return out;
  const std::string name = release.registry.substr(authority.size() + 1);
  const std::string digest = "sha256:" + base::to_hex(release.digest);
  const std::string image = release.registry + "@" + digest;
  {
    const std::lock_guard lock(mutex_);
    const Repository* repository = content_.find(name);
    if (repository == nullptr || !repository->manifests.contains(digest)) {
      out.refusal = "image not found: " + image;
      return out;
    }
    const auto platform = repository->architectures.find(digest);
    if (platform != repository->architectures.end() && platform->second != "linux/amd64") {
      out.refusal = "exec format error: " + image + " is for " + platform->second;
      return out;
    }
  }
  if (!strict) return out;
  try {
    const auto stored = find_image(authority, release);
    if (stored) return launch_verdict(read_launch_order(*stored));
    out.refusal = "image not complete: " + image;
  } catch (const Error& error) {
    out.refusal = error.message();
  }
  return out;
}

std::optional<StoredImage> RegistryService::find_image(const std::string& authority,
                                                       const ReleaseData& release) const {
  if (!release.registry.starts_with(authority + "/")) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const Repository* repository = content_.find(release.registry.substr(authority.size() + 1));
  if (repository == nullptr) return std::nullopt;
  return stored_image(*repository, "sha256:" + base::to_hex(release.digest));
}

std::string RegistryService::add_built_image(const std::string& tag, const ImageRecipe& recipe) {
  const std::lock_guard lock(mutex_);
  std::string& digest = content_.at(kTools).tags[tag];
  if (digest.empty()) digest = add_image(kTools, recipe);
  return digest;
}

std::vector<std::string> RegistryService::tags() const {
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, repository] : content_.repositories()) {
    if (name == kTools || name == kCaddy) continue;
    for (const auto& [tag, digest] : repository.tags) out.push_back(name + ":" + tag);
  }
  return out;
}

std::string RegistryService::digest_of(const std::string& repository,
                                       const std::string& tag) const {
  const std::lock_guard lock(mutex_);
  const Repository* found = content_.find(repository);
  if (found == nullptr || !found->tags.contains(tag)) {
    fail_bug("no sample image " + repository + ":" + tag);
  }
  return found->tags.at(tag);
}

}  // namespace ecloud::devnet
