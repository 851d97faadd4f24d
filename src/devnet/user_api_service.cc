#include "devnet/user_api_service.h"

#include <algorithm>

#include "ecloud/base/base64.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::devnet {
namespace {

constexpr std::string_view kPrefix = "/userapi/";
constexpr std::size_t kMaxApps = 10;
constexpr std::size_t kMaxNameLength = 50;
constexpr std::size_t kMaxDescriptionLength = 1000;
constexpr std::size_t kMaxImageBytes = std::size_t{4} << 20;

struct InstanceType {
  const char* sku;
  const char* description;
  const char* tier;
  std::uint64_t vcpus, memory_mb;
  double hourly_usd, monthly_usd;  ///< 0: the platform does not tell it
  const char* platform;
};
// Sizes and prices as the platform's documentation has them in 2026.
constexpr InstanceType kInstanceTypes[] = {
    {"g1-micro-1v", "1 shared vCPU, 1 GB memory, no TEE", "Starter 1", 2, 1'024, 0.03, 19.99,
     "gcp_shielded_vm"},
    {"g1-medium-1v", "2 shared vCPUs, 4 GB memory, no TEE", "Starter 2", 2, 4'096, 0.04, 29.99,
     "gcp_shielded_vm"},
    {"g1-custom-2-4096s", "2 vCPUs, 4 GB memory, AMD SEV-SNP", "Pro 1", 2, 4'096, 0.07, 53.99,
     "amd_sev_snp"},
    {"g1-standard-2s", "2 vCPUs, 8 GB memory, AMD SEV-SNP", "Pro 2", 2, 8'192, 0.12, 85.99,
     "amd_sev_snp"},
    {"g1-standard-2t", "2 vCPUs, 8 GB memory, Intel TDX", "", 2, 8'192, 0, 0, "intel_tdx"},
    {"g1-standard-4s", "4 vCPUs, 16 GB memory, AMD SEV-SNP", "", 4, 16'384, 0, 0, "amd_sev_snp"},
    {"g1-standard-4t", "4 vCPUs, 16 GB memory, Intel TDX", "Enterprise 1", 4, 16'384, 0.33, 239.99,
     "intel_tdx"},
    {"g1-standard-8t", "8 vCPUs, 32 GB memory, Intel TDX", "Enterprise 2", 8, 32'768, 0.66, 484.99,
     "intel_tdx"},
};

/// A number as the number that it is, or as text.
base::Json number(std::uint64_t value, bool as_text) {
  return as_text ? base::Json(std::to_string(value)) : base::Json(value);
}

/// Newer servers tell sizes and prices, some of them as text and not for every type; older ones
/// name and description only.
base::Json sku_json(const InstanceType& type, bool strict, bool as_text) {
  base::Json out = base::Json::object({{"sku", type.sku}, {"description", type.description}});
  if (!strict) return out;
  out.set("vcpus", number(type.vcpus, as_text));
  out.set("memory_mb", number(type.memory_mb, as_text));
  out.set("platform", type.platform);
  if (type.monthly_usd == 0) return out;
  const auto dollars = [&](double value) {
    return as_text ? base::Json(base::Json(value).dump()) : base::Json(value);
  };
  out.set("friendly_name", type.tier);
  out.set("hourly_price_usd", dollars(type.hourly_usd));
  out.set("monthly_price_usd", dollars(type.monthly_usd));
  return out;
}

std::vector<eth::Address> asked_apps(const HttpRequest& request) {
  const std::string list = request.query_value("apps");
  if (list.empty()) throw Refusal{400, "apps is missing"};
  std::vector<eth::Address> out;
  for (const std::string& text : base::split(list, ',')) out.push_back(address_in_url(text));
  if (out.size() > kMaxApps) throw Refusal{400, "at most 10 apps in a request"};
  return out;
}

base::Json metrics_json() {
  constexpr std::uint64_t kTotal = std::uint64_t{16} << 30;
  return base::Json::object({{"cpu_utilization_percent", 1.5},
                             {"memory_utilization_percent", 12.5},
                             {"memory_used_bytes", kTotal / 8},
                             {"memory_total_bytes", kTotal}});
}

std::string image_type(const std::string& octets) {
  if (octets.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (octets.starts_with("\xff\xd8\xff")) return "image/jpeg";
  throw Refusal{400, "the image is neither JPG nor PNG"};
}

/// The members of a release in the old shape: camelCase, numbers as numbers, times in RFC 3339.
base::Json gentle_release_json(const AppEntry& entry, const ReleaseData& release) {
  return base::Json::object(
      {{"appId", entry.app.to_string()},
       {"rmsReleaseId", std::to_string(release.release_id)},
       {"imageDigest", "sha256:" + base::to_hex(release.digest)},
       {"registryUrl", release.registry},
       {"publicEnv", base::as_chars(release.public_env)},
       {"encryptedEnv", base::as_chars(release.encrypted_env)},
       {"upgradeByTime", release.upgrade_by_time},
       {"createdAt", base::format_rfc3339(static_cast<std::int64_t>(release.announced_at))},
       {"createdAtBlock", release.block_number}});
}

/// "createdAtBlock" as "created_at_block".
std::string snake_case(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      out.push_back('_');
      out.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

base::Json with_snake_case(const base::Json& object) {
  base::Json out = base::Json::object();
  for (const auto& [name, value] : object.members()) out.set(snake_case(name), value);
  return out;
}

/// All numbers as text and times as Unix seconds; every second release in snake_case.
base::Json strict_release_json(const AppEntry& entry, const ReleaseData& release) {
  base::Json out = gentle_release_json(entry, release);
  out.set("upgradeByTime", std::to_string(release.upgrade_by_time));
  out.set("createdAt", std::to_string(static_cast<std::int64_t>(release.announced_at)));
  out.set("createdAtBlock", std::to_string(release.block_number));
  return release.release_id % 2 == 0 ? out : with_snake_case(out);
}

}  // namespace

std::vector<std::string> path_parts(const std::string& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return {};
  return base::split(path.substr(prefix.size()), '/');
}

std::vector<std::string> UserApiService::kinds(const HttpRequest& request) const {
  const auto parts = path_parts(request.path, kPrefix);
  if (parts.size() == 3 && parts[0] == "apps") return {"userapi:/" + parts[2]};
  return {"userapi:/" + (parts.empty() ? std::string() : parts[0])};
}

HttpResponse UserApiService::handle(const HttpRequest& request,
                                    const std::vector<std::optional<FaultRule>>&) {
  try {
    return route(request);
  } catch (const Refusal& refusal) {
    return error_response(refusal.status, refusal.message);
  }
}

HttpResponse UserApiService::route(const HttpRequest& request) {
  const auto parts = path_parts(request.path, kPrefix);
  const auto lock = world_.enter();
  const bool get = request.method == "GET";
  const bool of_app = parts.size() == 3 && parts[0] == "apps";
  if (get && of_app && parts[2] == "image") return image(address_in_url(parts[1]));
  require_client_id(request);
  if (of_app && parts[2] == "profile") {
    if (request.method != "POST") throw Refusal{405, "method not allowed"};
    return set_profile(request, address_in_url(parts[1]));
  }
  if (!get) throw Refusal{405, "method not allowed"};
  if (parts.size() == 1 && parts[0] == "info") return info(request);
  if (parts.size() == 1 && parts[0] == "status") return status(request);
  if (parts.size() == 1 && parts[0] == "skus") {
    base::Json skus = base::Json::array();
    for (const InstanceType& type : kInstanceTypes) {
      skus.push(sku_json(type, strict_, skus.size() % 2 == 1));
    }
    return json_response(base::Json::object({{"skus", skus}}));
  }
  if (parts.size() == 2 && parts[0] == "logs") return logs(request, address_in_url(parts[1]));
  if (parts.size() == 2 && parts[0] == "apps") return details(address_in_url(parts[1]));
  throw Refusal{404, "not found"};
}

const AppEntry& UserApiService::entry_of(const eth::Address& app) const {
  const auto& apps = world_.chain().state().controller.apps;
  const auto found = apps.find(app);
  if (found == apps.end()) throw Refusal{404, "app not found: " + app.to_string()};
  return found->second;
}

const Machine& UserApiService::machine_of(const eth::Address& app) const {
  entry_of(app);
  const Machine* machine = world_.machines().find(app);
  if (machine == nullptr) throw Refusal{404, "app not found: " + app.to_string()};
  return *machine;
}

base::Json UserApiService::profile_json(const Machine& machine) const {
  const Profile& profile = machine.profile;
  if (profile.name.empty()) return nullptr;
  const std::string image_url =
      profile.image.empty()
          ? std::string()
          : "http://" + world_.authority() + "/userapi/apps/" + machine.app.to_string() + "/image";
  return base::Json::object({{"name", profile.name},
                             {"website", profile.website},
                             {"description", profile.description},
                             {"xURL", profile.x_url},
                             {"imageURL", image_url}});
}

HttpResponse UserApiService::info(const HttpRequest& request) {
  const std::vector<eth::Address> apps = asked_apps(request);
  const eth::Address signer = user_api_signer(request, kPermissionViewInfo, world_.now_seconds());
  base::Json list = base::Json::array();
  for (const eth::Address& app : apps) {
    const Machine& machine = machine_of(app);
    if (!world_.may_use_api(app, signer, kPermissionViewInfo)) {
      throw Refusal{403, signer.to_string() + " may not see " + app.to_string()};
    }
    const ReleasePointer& release = machine.running ? machine.running : machine.coming;
    list.push(base::Json::object(
        {{"addresses", world_.kms().signed_addresses(app)},
         {"app_status", machine.state},
         {"ip", machine.ip.empty() ? "No IP assigned" : machine.ip},
         {"machine_type", release ? machine_type_of(*release) : ""},
         {"profile", profile_json(machine)},
         {"metrics", machine.state == "Running" ? metrics_json() : base::Json()}}));
  }
  return json_response(base::Json::object({{"apps", list}}));
}

HttpResponse UserApiService::status(const HttpRequest& request) {
  // Servers of both kinds answer behind one name.
  const bool capitalised = strict_ && status_answers_++ % 3 == 2;
  base::Json list = base::Json::array();
  for (const eth::Address& app : asked_apps(request)) {
    list.push(
        base::Json::object({{capitalised ? "Address" : "address", app.to_string()},
                            {capitalised ? "App_Status" : "app_status", machine_of(app).state}}));
  }
  return json_response(base::Json::object({{capitalised ? "Apps" : "apps", list}}));
}

HttpResponse UserApiService::logs(const HttpRequest& request, const eth::Address& app) {
  const Machine& machine = machine_of(app);
  const bool open = world_.may_use_api(app, anyone(), kPermissionViewLogs);
  if (is_signed(request)) {
    const eth::Address signer = user_api_signer(request, kPermissionViewLogs, world_.now_seconds());
    if (!open && !world_.may_use_api(app, signer, kPermissionViewLogs)) {
      throw Refusal{403, signer.to_string() + " may not read the logs of " + app.to_string()};
    }
  } else if (!open) {
    throw Refusal{401, "the logs of " + app.to_string() + " are not public"};
  }
  if (machine.log.empty()) throw Refusal{425, "the app is still provisioning"};
  return text_response(machine.log);
}

HttpResponse UserApiService::details(const eth::Address& app) {
  const AppEntry& entry = entry_of(app);
  base::Json releases = base::Json::array();
  const double indexed_until =
      static_cast<double>(world_.now_seconds()) - world_.timings().indexing_seconds;
  for (auto release = entry.releases.rbegin(); release != entry.releases.rend(); ++release) {
    if (static_cast<double>((*release)->announced_at) > indexed_until) continue;
    releases.push(strict_ ? strict_release_json(entry, **release)
                          : gentle_release_json(entry, **release));
  }
  return json_response(base::Json::object({{"id", entry.app.to_string()},
                                           {"creator", entry.creator.to_string()},
                                           {"contract_status", platform::to_string(entry.status)},
                                           {"releases", releases}}));
}

HttpResponse UserApiService::set_profile(const HttpRequest& request, const eth::Address& app) {
  const Machine& machine = machine_of(app);
  const eth::Address signer =
      user_api_signer(request, kPermissionUpdateProfile, world_.now_seconds());
  if (!world_.may_use_api(app, signer, kPermissionUpdateProfile)) {
    throw Refusal{403, signer.to_string() + " may not change " + app.to_string()};
  }
  if (!request.header("content-type").starts_with("multipart/form-data")) {
    throw Refusal{400, "the profile is multipart/form-data"};
  }
  base::Json operation = base::Json::object({{"op", "profile"}, {"app", app.to_string()}});
  std::string name;
  for (const FormPart& part : request.parts) {
    if (part.name == "name") name = part.content;
    if (part.name == "description" && part.content.size() > kMaxDescriptionLength) {
      throw Refusal{400, "the description is longer than 1000 characters"};
    }
    if (part.name == "image") {
      if (part.content.size() > kMaxImageBytes) throw Refusal{400, "the image exceeds 4 MiB"};
      operation.set("imageType", image_type(part.content));
      operation.set("image", base::to_base64(base::as_bytes(part.content)));
    } else if (part.name == "name" || part.name == "website" || part.name == "description" ||
               part.name == "xURL") {
      operation.set(part.name, part.content);
    } else {
      throw Refusal{400, "unknown field " + base::printable_line(part.name, 60)};
    }
  }
  if (name.empty()) throw Refusal{400, "name is required"};
  if (name.size() > kMaxNameLength) throw Refusal{400, "name is longer than 50 characters"};
  if (name.find_first_of(" \t\r\n") != std::string::npos) {
    throw Refusal{400, "name must not contain spaces"};
  }
  world_.commit(operation);
  return json_response(profile_json(machine));
}

HttpResponse UserApiService::image(const eth::Address& app) {
  const Profile& profile = machine_of(app).profile;
  if (profile.image.empty()) throw Refusal{404, "the app has no image"};
  HttpResponse response;
  response.content_type = profile.image_type;
  response.body = profile.image;
  return response;
}

}  // namespace ecloud::devnet
