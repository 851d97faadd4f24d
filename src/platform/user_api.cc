#include "ecloud/platform/user_api.h"

#include <algorithm>
#include <functional>

#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/app_environment.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/signatures.h"
#include "platform/multipart.h"
#include "platform/server_words.h"

namespace ecloud::platform {
namespace {

constexpr std::string_view kStateWords[] = {"Created",     "Deploying",  "Running", "Upgrading",
                                            "Resuming",    "Stopping",   "Stopped", "Suspended",
                                            "Terminating", "Terminated", "Failed",  "Unknown"};

/// The member under any of its spellings: servers differ in case and underscores.
base::Json member(const base::Json& object, std::initializer_list<std::string_view> spellings) {
  for (const std::string_view name : spellings) {
    if (object[name].exists() && !object[name].is_null()) return object[name];
  }
  return object[*spellings.begin()];
}

std::string text_of(const base::Json& value) {
  return base::printable_line(value.opt_string().value_or(""));
}

AppProfile read_profile(const base::Json& value) {
  return {text_of(value["name"]), text_of(value["website"]),
          base::printable(value["description"].opt_string().value_or(""), 1000),
          text_of(value["xURL"]), text_of(value["imageURL"])};
}

AppMetrics read_metrics(const base::Json& value) {
  return {value["cpu_utilization_percent"].opt_double(),
          value["memory_utilization_percent"].opt_double(), value["memory_used_bytes"].opt_u64(),
          value["memory_total_bytes"].opt_u64()};
}

std::optional<std::string> read_ip(const base::Json& value) {
  const std::string ip = text_of(value);
  const bool assigned = !ip.empty() && ip.find(' ') == std::string::npos;
  return assigned ? std::optional(ip) : std::nullopt;
}

AppInfo read_info(const base::Json& value, const eth::Address& app, std::string_view kms_key) {
  AppInfo info;
  info.app = app;
  info.state_word = text_of(member(value, {"app_status", "App_Status", "appStatus"}));
  info.state = run_state_of(info.state_word);
  info.ip = read_ip(value["ip"]);
  info.machine_type = text_of(value["machine_type"]);
  if (value["profile"].is_object()) info.profile = read_profile(value["profile"]);
  info.metrics = read_metrics(value["metrics"]);
  if (value["addresses"].is_object()) {
    try {
      info.addresses = verify_addresses(value["addresses"], app, kms_key);
    } catch (const Error& error) {
      info.addresses_problem = error.message();
    }
  }
  return info;
}

/// The public variables of a release: a JSON object, or its text.
void read_public_variables(const base::Json& value, ReleaseRecord& record) {
  const auto parsed = value.is_string() ? base::Json::try_parse(value.as_string())
                                        : std::optional<base::Json>(value);
  if (!parsed || !parsed->is_object()) return;
  for (const auto& [name, member_value] : parsed->members()) {
    if (!member_value.is_string()) continue;
    if (name == kMachineTypeVariable) {
      record.instance_type = text_of(member_value);
    } else {
      record.public_variables.emplace_back(base::printable_line(name), text_of(member_value));
    }
  }
  std::sort(record.public_variables.begin(), record.public_variables.end());
}

std::optional<ReleaseBuild> read_build(const base::Json& value) {
  if (!value.is_object()) return std::nullopt;
  ReleaseBuild build;
  build.id = text_of(member(value, {"build_id", "buildId"}));
  build.status = text_of(value["status"]);
  build.repository = text_of(member(value, {"repo_url", "repoUrl"}));
  build.commit = text_of(member(value, {"git_ref", "gitRef"}));
  build.image_digest = text_of(member(value, {"image_digest", "imageDigest"}));
  const base::Json signature = member(value, {"provenance_signature", "provenanceSignature"});
  build.has_provenance = signature.is_string() && !signature.as_string().empty();
  return build;
}

ReleaseRecord read_release(const base::Json& entry) {
  ReleaseRecord record;
  const base::Json id = member(entry, {"rmsReleaseId", "rms_release_id"});
  record.id = id.is_number() ? std::to_string(id.as_u64()) : text_of(id);
  record.image_digest = text_of(member(entry, {"imageDigest", "image_digest"}));
  record.registry_url = text_of(member(entry, {"registryUrl", "registry_url"}));
  record.created_at = text_of(member(entry, {"createdAt", "created_at"}));
  record.created_at_block = member(entry, {"createdAtBlock", "created_at_block"}).opt_u64();
  read_public_variables(member(entry, {"publicEnv", "public_env"}), record);
  record.build = read_build(entry["build"]);
  return record;
}

std::string query_of(const std::vector<eth::Address>& apps, std::size_t first, std::size_t count) {
  std::string list;
  for (std::size_t i = first; i < first + count; ++i) {
    if (i > first) list += ",";
    list += apps[i].to_string();
  }
  return "?apps=" + list;
}

/// Runs `fetch(first, count)` for each group of at most ten apps, all at the same time.
void in_groups(std::size_t total, const std::function<void(std::size_t, std::size_t)>& fetch) {
  std::vector<std::function<void()>> tasks;
  for (std::size_t first = 0; first < total; first += kMaxAppsPerRequest) {
    const std::size_t count = std::min(kMaxAppsPerRequest, total - first);
    tasks.emplace_back([&fetch, first, count] { fetch(first, count); });
  }
  base::run_concurrently(std::move(tasks), kMaxRequestsAtOnce);
}

base::Json expect_apps(const net::Response& response, std::size_t count) {
  const base::Json document = base::Json::parse(response.body, "userapi");
  const base::Json apps = member(document, {"apps", "Apps"});
  if (apps.elements().size() != count) {
    throw apps.error("has " + std::to_string(apps.size()) + " entries for " +
                     std::to_string(count) + " apps");
  }
  return apps;
}

}  // namespace

RunState run_state_of(std::string_view word) {
  for (std::size_t i = 0; i < std::size(kStateWords); ++i) {
    if (base::equal_ignoring_case(word, kStateWords[i])) return static_cast<RunState>(i);
  }
  return RunState::kUnknown;
}

std::string_view to_string(RunState state) {
  return kStateWords[static_cast<std::size_t>(state)];
}

UserApi::UserApi(net::Transport& transport, base::Clock& clock, const Environment& environment,
                 const crypto::PrivateKey* key, const base::Bytes32& domain_separator)
    : transport_(transport),
      clock_(clock),
      environment_(environment),
      key_(key),
      domain_separator_(domain_separator) {}

net::Request UserApi::request(std::string path, std::string purpose) const {
  net::Request out;
  out.url = environment_.user_api_url + path;
  out.purpose = std::move(purpose);
  out.headers.push_back(client_id_header());
  return out;
}

void UserApi::sign(net::Request& request, const base::FixedBytes<4>& permission) const {
  if (key_ == nullptr) return;
  const auto expiry = static_cast<std::uint64_t>(clock_.unix_seconds() + kUserApiSignatureLifetime);
  for (net::Header& header : user_api_headers(*key_, domain_separator_, permission, expiry)) {
    request.headers.push_back(std::move(header));
  }
}

net::Response UserApi::send(const net::Request& request) const {
  net::Response response = transport_.send(request);
  if (response.ok()) return response;
  const std::string what = "the UserAPI (" + environment_.user_api_url + ") answered " +
                           std::to_string(response.status) + " to the request for " +
                           request.purpose;
  const std::string words = server_words(response);
  const std::string message = words.empty() ? what : what + ": " + words;
  switch (response.status) {
    case 401:
    case 403:
      throw Error(
          Category::kCredentials, "userapi.forbidden",
          message + (key_ == nullptr
                         ? " (no key was given)"
                         : " (asked as " + eth::Address::of(key_->public_key()).to_string() + ")"),
          "use the key of an admin of the app, or one that was granted that (ecloud compute app "
          "permissions list APP), and check this machine's clock");
    case 404:
      throw Error(Category::kNotFound, "userapi.not_found", message,
                  "see your apps: ecloud compute app list");
    case 425:
      throw Error(Category::kPending, "userapi.provisioning", message,
                  "the app is still being set up; try again in a moment");
    default:
      throw Error(Category::kNetwork, "userapi.failed", message, "try again in a moment");
  }
}

std::vector<AppInfo> UserApi::info(const std::vector<eth::Address>& apps) {
  std::vector<AppInfo> out(apps.size());
  in_groups(apps.size(), [&](std::size_t first, std::size_t count) {
    net::Request asked = request("/info" + query_of(apps, first, count), "app info");
    sign(asked, kViewInfoPermission);
    const base::Json answer = expect_apps(send(asked), count);
    for (std::size_t i = 0; i < count; ++i) {
      out[first + i] = read_info(answer.at(i), apps[first + i], environment_.kms_signing_key);
    }
  });
  return out;
}

std::vector<AppStatus> UserApi::status(const std::vector<eth::Address>& apps) {
  std::vector<AppStatus> out(apps.size());
  in_groups(apps.size(), [&](std::size_t first, std::size_t count) {
    const net::Request asked = request("/status" + query_of(apps, first, count), "app status");
    const base::Json answer = expect_apps(send(asked), count);
    for (std::size_t i = 0; i < count; ++i) {
      const base::Json entry = answer.at(i);
      const base::Json address = member(entry, {"address", "Address"});
      if (address.is_string() &&
          !base::equal_ignoring_case(address.as_string(), apps[first + i].to_string())) {
        throw address.error("is not the app that was asked for");
      }
      const std::string word = text_of(member(entry, {"app_status", "App_Status", "appStatus"}));
      out[first + i] = {run_state_of(word), word};
    }
  });
  return out;
}

std::vector<Sku> UserApi::skus() {
  const net::Response response = send(request("/skus", "instance types"));
  const base::Json document = base::Json::parse(response.body, "userapi");
  std::vector<Sku> out;
  for (const base::Json& entry : member(document, {"skus", "SKUs"}).elements()) {
    out.push_back({text_of(member(entry, {"sku", "SKU"})),
                   text_of(member(entry, {"description", "Description"}))});
  }
  return out;
}

std::string UserApi::logs(const eth::Address& app) {
  net::Request asked = request("/logs/" + app.to_string(), "logs");
  asked.max_response_bytes = std::size_t{64} << 20;
  sign(asked, kViewLogsPermission);
  return send(asked).body;
}

AppDetails UserApi::details(const eth::Address& app) {
  const net::Response response = send(request("/apps/" + app.to_string(), "the app's releases"));
  const base::Json document = base::Json::parse(response.body, "userapi");
  AppDetails out;
  out.creator = text_of(document["creator"]);
  out.contract_status = text_of(member(document, {"contractStatus", "contract_status"}));
  if (document["releases"].is_array()) {
    for (const base::Json& entry : document["releases"].elements()) {
      out.releases.push_back(read_release(entry));
    }
  }
  return out;
}

std::optional<std::string> image_content_type(std::string_view content) {
  // PNG (ISO/IEC 15948) and JPEG (ISO/IEC 10918-1) signatures.
  if (content.starts_with("\x89PNG\r\n\x1a\n")) return "image/png";
  if (content.starts_with("\xff\xd8\xff")) return "image/jpeg";
  return std::nullopt;
}

net::Response UserApi::post_profile(const eth::Address& app, const AppProfile& profile,
                                    const std::optional<ProfileImage>& image, bool whole) const {
  net::Request asked =
      request("/apps/" + app.to_string() + "/profile", "a confirmation of the profile");
  asked.method = "POST";
  MultipartForm form;
  form.add("name", profile.name);
  const auto add = [&](const char* name, const std::string& value) {
    if (whole || !value.empty()) form.add(name, value);
  };
  add("website", profile.website);
  add("description", profile.description);
  add("xURL", profile.x_url);
  if (image) form.add_file("image", image->file_name, image->content_type, image->content);
  asked.headers.push_back({"Content-Type", form.content_type()});
  asked.body = form.body();
  sign(asked, kUpdateProfilePermission);
  return send(asked);
}

AppProfile UserApi::read_confirmation(const net::Response& response,
                                      const AppProfile& asked) const {
  const auto answer = base::Json::try_parse(response.body);
  if (answer && answer->is_object()) {
    const base::Json inner = (*answer)["profile"].is_object() ? (*answer)["profile"] : *answer;
    if (inner["name"].is_string()) return read_profile(inner);
  }
  // Created says enough; another success without a profile comes from something in between.
  if (response.status == 201) return asked;
  throw Error(Category::kNetwork, "userapi.failed",
              "the UserAPI (" + environment_.user_api_url +
                  ") did not confirm the profile: its answer holds none",
              "try again in a moment");
}

void UserApi::set_profile(const eth::Address& app, const AppProfile& profile,
                          const std::optional<ProfileImage>& image) {
  read_confirmation(post_profile(app, profile, image, false), profile);
}

AppProfile UserApi::replace_profile(const eth::Address& app, const AppProfile& profile,
                                    const std::optional<ProfileImage>& image) {
  return read_confirmation(post_profile(app, profile, image, true), profile);
}

std::string profile_name_problem(std::string_view name) {
  if (name.empty()) return "is empty";
  // Characters, not octets: the continuation octets of UTF-8 do not count.
  const auto characters = std::count_if(name.begin(), name.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  });
  if (characters > 50) return "is longer than 50 characters";
  for (const char c : name) {
    if (c == ' ') return "holds a blank";
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "holds a control character";
  }
  return {};
}

}  // namespace ecloud::platform
