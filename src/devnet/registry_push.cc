#include "devnet/registry_push.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/oci/digest.h"
#include "ecloud/oci/image.h"

namespace ecloud::devnet {
namespace {

constexpr std::size_t kMaxManifestBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxTagBytes = 128;
constexpr std::size_t kMaxNameBytes = 255;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// The grammar of the specification, "Pulling manifests": lower-case words with separators within.
bool is_sound_name(const std::string& name) {
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  for (const std::string& part : base::split(name, '/')) {
    const bool sound =
        !part.empty() && is_alphanumeric(part.front()) && is_alphanumeric(part.back()) &&
        std::all_of(part.begin(), part.end(),
                    [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
    if (!sound) return false;
  }
  return true;
}

bool is_sound_tag(const std::string& tag) {
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  return !tag.empty() && tag.size() <= kMaxTagBytes && is_word(tag.front()) &&
         std::all_of(tag.begin(), tag.end(),
                     [&](char c) { return is_word(c) || c == '.' || c == '-'; });
}

/// "10-19" of 10 octets.
std::optional<std::uint64_t> start_of_range(const std::string& range, std::size_t size) {
  const auto parts = base::split(range, '-');
  if (parts.size() != 2) return std::nullopt;
  const auto first = base::parse_decimal(parts[0]);
  const auto last = base::parse_decimal(parts[1]);
  if (!first || !last || *last < *first || *last - *first + 1 != size) return std::nullopt;
  return first;
}

bool is_index(std::string_view type) {
  return type == oci::kOciIndexType || type == oci::kDockerListType;
}

bool is_known_type(std::string_view type) {
  return is_index(type) || type == oci::kOciManifestType || type == oci::kDockerManifestType;
}

HttpResponse stored(const std::string& place, const std::string& digest) {
  HttpResponse response;
  response.status = 201;
  response.headers = {{"Location", place + digest}, {"Docker-Content-Digest", digest}};
  return response;
}

}  // namespace

HttpResponse registry_failure(int status, std::string_view code, std::string_view message) {
  return json_response(
      base::Json::object({{"errors", base::Json::array({base::Json::object(
                                         {{"code", code}, {"message", message}})})}}),
      status);
}

HttpResponse RegistryPush::uploads(const HttpRequest& request, const std::string& repository,
                                   const std::string& id) {
  if (!is_sound_name(repository)) {
    return registry_failure(400, "NAME_INVALID", "invalid repository name");
  }
  if (id.empty()) {
    if (request.method == "POST") return begin(request, repository);
    return registry_failure(405, "UNSUPPORTED", "an upload begins with POST");
  }
  const auto found = uploads_.find(id);
  if (found == uploads_.end() || found->second.repository != repository) {
    return registry_failure(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
  }
  if (request.method == "PATCH") return append(request, id, found->second);
  if (request.method == "PUT") return end(request, id, found->second);
  if (request.method == "DELETE") {
    uploads_.erase(found);
    HttpResponse response;
    response.status = 204;
    response.content_type = "";
    return response;
  }
  if (request.method == "GET") return status(204, id, found->second);
  return registry_failure(405, "UNSUPPORTED", "the operation is unsupported");
}

HttpResponse RegistryPush::begin(const HttpRequest& request, const std::string& repository) {
  const std::string mount = request.query_value("mount");
  const auto* source = content_.find(request.query_value("from"));
  if (!mount.empty() && source != nullptr && source->blobs.contains(mount)) {
    content_.at(repository).blobs[mount] = source->blobs.at(mount);
    return stored("/v2/" + repository + "/blobs/", mount);
  }
  const std::string name = oci::Digest::of(base::as_bytes(std::to_string(++begun_))).to_string();
  const std::string id = name.substr(7, 32);
  uploads_[id] = {repository, ""};
  return status(202, id, uploads_.at(id));
}

HttpResponse RegistryPush::status(int http_status, const std::string& id,
                                  const Upload& upload) const {
  const std::size_t size = upload.octets.size();
  HttpResponse response;
  response.status = http_status;
  response.content_type = "";
  response.headers = {{"Location", "/v2/" + upload.repository + "/blobs/uploads/" + id},
                      {"Range", "0-" + std::to_string(size == 0 ? 0 : size - 1)},
                      {"Docker-Upload-UUID", id}};
  return response;
}

HttpResponse RegistryPush::append(const HttpRequest& request, const std::string& id,
                                  Upload& upload) {
  // Of a cut request its range tells more than has come; what came is kept all the same.
  const std::string range = request.header("content-range");
  if (!range.empty()) {
    const auto announced = base::parse_decimal(request.header("content-length"));
    const auto start =
        start_of_range(range, request.is_cut && announced ? *announced : request.body.size());
    if (!start) return registry_failure(400, "SIZE_INVALID", "range and length do not agree");
    if (*start != upload.octets.size()) return status(416, id, upload);
  }
  upload.octets += request.body;
  return status(202, id, upload);
}

HttpResponse RegistryPush::end(const HttpRequest& request, const std::string& id, Upload& upload) {
  const auto digest = oci::Digest::parse(request.query_value("digest"));
  if (!digest || request.is_cut) {
    return registry_failure(400, "DIGEST_INVALID", "provided digest is invalid");
  }
  upload.octets += request.body;
  const Upload whole = std::move(upload);
  uploads_.erase(id);
  if (!(oci::Digest::of(base::as_bytes(whole.octets)) == *digest)) {
    return registry_failure(400, "DIGEST_INVALID",
                            "provided digest did not match uploaded content");
  }
  content_.add_blob(whole.repository, whole.octets);
  return stored("/v2/" + whole.repository + "/blobs/", digest->to_string());
}

std::string RegistryPush::problem(const std::string& repository, const std::string& type,
                                  const base::Json& manifest, std::string& code) const {
  code = "MANIFEST_INVALID";
  const base::Json told = manifest["mediaType"];
  if (told.is_string() && told.as_string() != type) return "its mediaType is another";
  if (manifest["schemaVersion"].opt_u64() != 2) return "its schemaVersion is not 2";
  static const RegistryContent::Repository kNothing;
  const auto* found = content_.find(repository);
  const auto& place = found == nullptr ? kNothing : *found;
  std::vector<base::Json> parts;
  if (is_index(type)) {
    parts = manifest["manifests"].elements();
  } else {
    parts = manifest["layers"].elements();
    parts.push_back(manifest["config"]);
  }
  for (const base::Json& part : parts) {
    const std::string digest = part["digest"].as_string();
    RegistryContent::Octets octets;
    if (is_index(type)) {
      const auto entry = place.manifests.find(digest);
      if (entry != place.manifests.end()) octets = entry->second.body;
    } else if (const auto blob = place.blobs.find(digest); blob != place.blobs.end()) {
      octets = blob->second;
    }
    if (octets == nullptr) {
      code = "MANIFEST_BLOB_UNKNOWN";
      return "blob unknown to registry: " + digest;
    }
    if (part["size"].as_u64() != octets->size()) return "the size of " + digest + " is another";
  }
  return "";
}

HttpResponse RegistryPush::put_manifest(const HttpRequest& request, const std::string& repository,
                                        const std::string& reference) {
  const std::string type = base::to_lower(request.header("content-type"));
  const auto by_digest = oci::Digest::parse(reference);
  if (!is_sound_name(repository)) {
    return registry_failure(400, "NAME_INVALID", "invalid repository name");
  }
  if (!by_digest && !is_sound_tag(reference)) {
    return registry_failure(400, "TAG_INVALID", "manifest tag did not match URI");
  }
  const auto manifest = base::Json::try_parse(request.body);
  if (!is_known_type(type) || !manifest || request.is_cut ||
      request.body.size() > kMaxManifestBytes) {
    return registry_failure(400, "MANIFEST_INVALID", "manifest invalid");
  }
  if (by_digest && !(oci::Digest::of(base::as_bytes(request.body)) == *by_digest)) {
    return registry_failure(400, "DIGEST_INVALID",
                            "provided digest did not match uploaded content");
  }
  std::string code;
  try {
    const std::string why = problem(repository, type, *manifest, code);
    if (!why.empty()) return registry_failure(400, code, why);
  } catch (const Error& error) {
    return registry_failure(400, "MANIFEST_INVALID", error.message());
  }
  const std::string digest = content_.add_manifest(repository, type, request.body);
  if (!by_digest) content_.at(repository).tags[reference] = digest;
  content_.keep(repository);
  return stored("/v2/" + repository + "/manifests/", digest);
}

}  // namespace ecloud::devnet
