#include "devnet/registry_service.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"

namespace ecloud::devnet {
namespace {

constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view kHubPrefix = "/hub/v2/repositories/";

// The error body of the distribution specification.
HttpResponse failure(int status, std::string_view code, std::string_view message) {
  return json_response(
      base::Json::object({{"errors", base::Json::array({base::Json::object(
                                         {{"code", code}, {"message", message}})})}}),
      status);
}

struct RegistryPath {
  std::string repository;
  std::string what;       // "manifests", "blobs", "tags"
  std::string reference;  // tag, digest, "list"
};

// /v2/NAME/manifests/REF, /v2/NAME/blobs/DIGEST, /v2/NAME/tags/list; NAME may hold slashes.
std::optional<RegistryPath> parse_path(const std::string& path) {
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

RegistryService::RegistryService() {
  Repository& hello = repositories_["sample/hello"];
  hello.tags["1.0"] = hello.tags["latest"] = add_image("sample/hello", hello_recipe());
  repositories_["sample/layered"].tags["1.0"] = add_image("sample/layered", layered_recipe());
  ImageRecipe arm = hello_recipe();
  arm.architecture = "arm64";
  repositories_["sample/arm64"].tags["1.0"] = add_image("sample/arm64", arm);
  add_image("sample/multi", hello_recipe());
  add_image("sample/multi", arm);
  add_index("sample/multi", "1.0");
}

std::string RegistryService::add_image(const std::string& repository, const ImageRecipe& recipe) {
  const BuiltImage image = build_image(recipe);
  Repository& place = repositories_[repository];
  const auto digest = [](const base::Bytes& bytes) { return oci::Digest::of(bytes).to_string(); };
  place.blobs[digest(image.layer)] = {"application/octet-stream", text_of(image.layer)};
  place.blobs[digest(image.config)] = {"application/octet-stream", text_of(image.config)};
  const std::string name = digest(image.manifest);
  place.manifests[name] = {std::string(kManifestType), text_of(image.manifest)};
  place.architectures[name] = recipe.os + "/" + recipe.architecture;
  return name;
}

void RegistryService::add_index(const std::string& repository, const std::string& tag) {
  Repository& place = repositories_[repository];
  base::Json manifests = base::Json::array();
  for (const auto& [digest, content] : place.manifests) {
    const std::string& platform = place.architectures.at(digest);
    manifests.push(
        base::Json::object({{"mediaType", content.media_type},
                            {"digest", digest},
                            {"size", std::uint64_t{content.body.size()}},
                            {"platform", base::Json::object({{"architecture", platform.substr(6)},
                                                             {"os", platform.substr(0, 5)}})}}));
  }
  const std::string body =
      base::Json::object(
          {{"schemaVersion", 2}, {"mediaType", kIndexType}, {"manifests", manifests}})
          .dump();
  const std::string digest = oci::Digest::of(base::as_bytes(body)).to_string();
  place.manifests[digest] = {std::string(kIndexType), body};
  place.tags[tag] = digest;
}

std::vector<std::string> RegistryService::kinds(const HttpRequest& request) const {
  if (request.path.starts_with("/hub/")) return {"hub:/tags"};
  const auto parsed = parse_path(request.path);
  return {parsed ? "registry:/" + parsed->what : "registry:/ping"};
}

HttpResponse RegistryService::manifest(const Repository& repository,
                                       const std::string& reference) const {
  const auto tag = repository.tags.find(reference);
  const std::string digest = tag != repository.tags.end() ? tag->second : reference;
  const auto found = repository.manifests.find(digest);
  if (found == repository.manifests.end()) {
    return failure(404, "MANIFEST_UNKNOWN", "manifest unknown");
  }
  HttpResponse response;
  response.content_type = found->second.media_type;
  response.body = found->second.body;
  response.headers.emplace_back("Docker-Content-Digest", digest);
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
  if (request.path.starts_with("/hub/")) return hub(request);
  if (request.method != "GET" && request.method != "HEAD") {
    return failure(405, "UNSUPPORTED", "this registry serves its samples and takes nothing");
  }
  HttpResponse response;
  if (request.path == "/v2" || request.path == "/v2/") {
    response = json_response(base::Json::object());
  } else if (const auto parsed = parse_path(request.path)) {
    const auto found = repositories_.find(parsed->repository);
    if (found == repositories_.end()) {
      response = failure(404, "NAME_UNKNOWN", "repository name not known to registry");
    } else if (parsed->what == "tags") {
      response = list_tags(parsed->repository, found->second);
    } else if (parsed->what == "manifests") {
      response = manifest(found->second, parsed->reference);
    } else if (const auto blob = found->second.blobs.find(parsed->reference);
               blob != found->second.blobs.end()) {
      response.content_type = blob->second.media_type;
      response.body = blob->second.body;
      response.headers.emplace_back("Docker-Content-Digest", blob->first);
      response.headers.emplace_back("Accept-Ranges", "bytes");
    } else {
      response = failure(404, "BLOB_UNKNOWN", "blob unknown to registry");
    }
  } else {
    response = failure(404, "UNSUPPORTED", "no such endpoint");
  }
  response.headers.emplace_back("Docker-Distribution-API-Version", "registry/2.0");
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
  const auto repository = repositories_.find(name);
  if (repository == repositories_.end() || !repository->second.tags.contains(tag)) {
    return json_response(base::Json::object({{"message", "object not found"}}), 404);
  }
  const std::string& tagged = repository->second.tags.at(tag);
  base::Json images = base::Json::array();
  const auto add = [&](const std::string& digest) {
    const std::string platform = repository->second.architectures.at(digest);
    images.push(base::Json::object({{"architecture", platform.substr(6)},
                                    {"os", platform.substr(0, 5)},
                                    {"digest", digest},
                                    {"status", "active"}}));
  };
  if (repository->second.architectures.contains(tagged)) {
    add(tagged);
  } else {
    for (const auto& [digest, platform] : repository->second.architectures) add(digest);
  }
  return json_response(base::Json::object(
      {{"name", tag}, {"images", images}, {"digest", tagged}, {"tag_status", "active"}}));
}

std::string RegistryService::problem(const std::string& authority,
                                     const ReleaseData& release) const {
  if (!release.registry.starts_with(authority + "/")) return {};
  const std::string name = release.registry.substr(authority.size() + 1);
  const std::string digest = "sha256:" + base::to_hex(release.digest);
  const auto repository = repositories_.find(name);
  if (repository == repositories_.end() || !repository->second.manifests.contains(digest)) {
    return "image not found: " + release.registry + "@" + digest;
  }
  const auto platform = repository->second.architectures.find(digest);
  if (platform != repository->second.architectures.end() && platform->second != "linux/amd64") {
    return "exec format error: " + release.registry + "@" + digest + " is for " + platform->second;
  }
  return {};
}

std::vector<std::string> RegistryService::tags() const {
  std::vector<std::string> out;
  for (const auto& [name, repository] : repositories_) {
    for (const auto& [tag, digest] : repository.tags) out.push_back(name + ":" + tag);
  }
  return out;
}

std::string RegistryService::digest_of(const std::string& repository,
                                       const std::string& tag) const {
  const auto found = repositories_.find(repository);
  if (found == repositories_.end() || !found->second.tags.contains(tag)) {
    fail_bug("no sample image " + repository + ":" + tag);
  }
  return found->second.tags.at(tag);
}

}  // namespace ecloud::devnet
