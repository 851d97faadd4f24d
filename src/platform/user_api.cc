#include "ecloud/platform/user_api.h"

#include <arpa/inet.h>

#include <algorithm>
#include <functional>
#include <tuple>

#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/app_environment.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/signatures.h"
#include "platform/multipart.h"
#include "platform/server_fields.h"
#include "platform/server_words.h"

namespace ecloud::platform {
namespace {

constexpr std::string_view kStateWords[] = {"Created",     "Deploying",  "Running", "Upgrading",
                                            "Resuming",    "Stopping",   "Stopped", "Suspended",
                                            "Terminating", "Terminated", "Failed",  "Unknown"};

/// An address that a machine can have. The server writes words for none ("No IP assigned").
std::optional<std::string> read_ip(const ServerFields& fields) {
  const std::string ip = fields.text("ip");
  in6_addr ignored{};
  const bool is_address = ::inet_pton(AF_INET, ip.c_str(), &ignored) == 1 ||
                          ::inet_pton(AF_INET6, ip.c_str(), &ignored) == 1;
  return is_address ? std::optional(ip) : std::nullopt;
}

AppProfile read_profile(const ServerFields& fields) {
  return {fields.text("name"), fields.text("website"), fields.paragraph("description", 1000),
          fields.text("xURL"), fields.text("imageURL")};
}

AppMetrics read_metrics(const ServerFields& fields) {
  return {fields.decimal("cpu_utilization_percent"), fields.decimal("memory_utilization_percent"),
          fields.whole("memory_used_bytes"), fields.whole("memory_total_bytes")};
}

/// The run state's word, and why there is none.
std::pair<std::string, std::string> read_state_word(const ServerFields& fields) {
  try {
    return {fields.required_text("app_status"), ""};
  } catch (const Error& error) {
    return {"", error.message()};
  }
}

/// A signature that does not fit is a finding; a document that is not of the known form shows
/// nothing and accuses nobody.
void read_addresses(const base::Json& value, std::string_view kms_key, AppInfo& info) {
  if (!value.exists() || value.is_null()) return;
  try {
    info.addresses = verify_addresses(value, info.app, kms_key);
  } catch (const Error& error) {
    (error.category() == Category::kVerification ? info.addresses_problem : info.addresses_unread) =
        error.message();
  }
}

AppInfo read_info(const base::Json& value, const eth::Address& app, std::string_view kms_key) {
  const ServerFields fields(value);
  AppInfo info;
  info.app = app;
  std::tie(info.state_word, info.state_problem) = read_state_word(fields);
  info.state = run_state_of(info.state_word);
  info.ip = read_ip(fields);
  info.machine_type = fields.text("machine_type");
  const ServerFields profile = fields.object("profile");
  if (profile.is_object()) info.profile = read_profile(profile);
  info.metrics = read_metrics(fields.object("metrics"));
  read_addresses(fields.place("addresses"), kms_key, info);
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
      record.instance_type = server_text(member_value);
    } else {
      record.public_variables.emplace_back(base::printable_line(name), server_text(member_value));
    }
  }
  std::sort(record.public_variables.begin(), record.public_variables.end());
}

std::optional<ReleaseBuild> read_build(const ServerFields& fields) {
  if (!fields.is_object()) return std::nullopt;
  ReleaseBuild build;
  build.id = fields.text("build_id");
  build.status = fields.text("status");
  build.repository = fields.text("repo_url");
  build.commit = fields.text("git_ref");
  build.image_digest = fields.text("image_digest");
  build.has_provenance = !fields.text("provenance_signature", 8000).empty();
  return build;
}

ReleaseRecord read_release(const ServerFields& fields) {
  ReleaseRecord record;
  record.id = fields.text_or_number("rmsReleaseId");
  record.image_digest = fields.text("imageDigest");
  record.registry_url = fields.text("registryUrl");
  record.created_at = fields.time_text("createdAt");
  record.created_at_block = fields.whole("createdAtBlock");
  read_public_variables(fields.place("publicEnv"), record);
  record.build = read_build(fields.object("build"));
  return record;
}

/// A negative price is as good as none.
std::optional<double> price_of(const ServerFields& fields, std::string_view name) {
  const auto price = fields.decimal(name);
  return price && *price >= 0 ? price : std::nullopt;
}

Sku read_sku(const ServerFields& fields) {
  return {.name = fields.text("sku"),
          .description = fields.text("description"),
          .friendly_name = fields.text("friendly_name"),
          .platform = fields.text("platform"),
          .vcpus = fields.whole("vcpus"),
          .memory_mb = fields.whole("memory_mb"),
          .hourly_usd = price_of(fields, "hourly_price_usd"),
          .monthly_usd = price_of(fields, "monthly_price_usd")};
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

std::vector<base::Json> expect_apps(const net::Response& response, std::size_t count) {
  const ServerFields document(base::Json::parse(response.body, "userapi"));
  std::vector<base::Json> apps = document.required_list("apps");
  if (apps.size() != count) {
    throw document.place("apps").error("has " + std::to_string(apps.size()) + " entries for " +
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
  const std::string message =
      refusal_message("the UserAPI (" + environment_.user_api_url + ")", request, response);
  if (is_bot_check(response)) throw bot_check_error(message);
  switch (response.status) {
    case 401:
    case 403:
      throw Error(
          Category::kCredentials, "userapi.forbidden", message + asked_as(key_),
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
    const std::vector<base::Json> answer = expect_apps(send(asked), count);
    for (std::size_t i = 0; i < count; ++i) {
      out[first + i] = read_info(answer[i], apps[first + i], environment_.kms_signing_key);
    }
  });
  return out;
}

std::vector<AppStatus> UserApi::status(const std::vector<eth::Address>& apps) {
  std::vector<AppStatus> out(apps.size());
  in_groups(apps.size(), [&](std::size_t first, std::size_t count) {
    const net::Request asked = request("/status" + query_of(apps, first, count), "app status");
    const std::vector<base::Json> answer = expect_apps(send(asked), count);
    for (std::size_t i = 0; i < count; ++i) {
      const ServerFields entry(answer[i]);
      const auto address = eth::Address::parse(entry.text("address"));
      if (address && !(*address == apps[first + i])) {
        throw entry.place("address").error("is not the app that was asked for");
      }
      AppStatus& status = out[first + i];
      std::tie(status.state_word, status.state_problem) = read_state_word(entry);
      status.state = run_state_of(status.state_word);
    }
  });
  return out;
}

std::vector<Sku> UserApi::skus() {
  const net::Response response = send(request("/skus", "instance types"));
  const ServerFields document(base::Json::parse(response.body, "userapi"));
  std::vector<Sku> out;
  const std::vector<base::Json> entries = document.required_list("skus");
  for (const base::Json& entry : entries) {
    Sku sku = read_sku(ServerFields(entry));
    if (!sku.name.empty()) out.push_back(std::move(sku));
  }
  // A list of which nothing can be read must not look like no offer.
  if (out.empty() && !entries.empty()) ServerFields(entries.front()).required_text("sku");
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
  const ServerFields document(base::Json::parse(response.body, "userapi"));
  AppDetails out;
  out.creator = document.text("creator");
  out.contract_status = document.text("contractStatus");
  const base::Json releases = document.place("releases");
  if (!releases.exists() || releases.is_null()) return out;
  for (const base::Json& entry : document.required_list("releases")) {
    if (entry.is_object()) {
      out.releases.push_back(read_release(ServerFields(entry)));
    } else {
      ++out.unreadable_releases;
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
    const ServerFields whole(*answer);
    const ServerFields inner =
        whole.object("profile").is_object() ? whole.object("profile") : whole;
    if (!inner.text("name").empty()) return read_profile(inner);
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
