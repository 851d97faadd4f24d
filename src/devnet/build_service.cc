#include "devnet/build_service.h"

#include <algorithm>

#include "devnet/api_signatures.h"
#include "devnet/user_api_service.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/oci/digest.h"

namespace ecloud::devnet {
namespace {

constexpr std::string_view kPrefix = "/userapi/builds";
constexpr std::string_view kFailingCommit = "0000000000000000000000000000000000000000";
constexpr std::uint64_t kDefaultPage = 20;
constexpr std::uint64_t kLongestPage = 100;

bool is_commit(const std::string& text) {
  return text.size() == 40 && base::from_hex(text).has_value();
}

base::Json checked_request(const std::string& body) {
  const auto json = base::Json::try_parse(body);
  if (!json || !json->is_object()) throw Refusal{400, "the body is no JSON object"};
  const auto text = [&](std::string_view name) { return (*json)[name].opt_string().value_or(""); };
  for (const char* name : {"repo_url", "git_ref", "dockerfile_path", "build_context_path"}) {
    const base::Json member = (*json)[name];
    if (!member.is_string() || member.as_string().empty()) {
      throw Refusal{400, std::string(name) + " is required"};
    }
  }
  if (!text("repo_url").starts_with("https://")) throw Refusal{400, "repo_url must be https"};
  if (!is_commit(text("git_ref"))) throw Refusal{400, "git_ref must be 40 hex digits"};
  for (const base::Json& dependency : (*json)["dependencies"].is_array()
                                          ? (*json)["dependencies"].elements()
                                          : std::vector<base::Json>()) {
    if (!dependency.is_string() || !oci::Digest::parse(dependency.as_string())) {
      throw Refusal{400, "a dependency is no sha256 digest"};
    }
  }
  return *json;
}

std::string new_id(const eth::Address& account, std::size_t count, std::int64_t now_ms) {
  base::Bytes seed(account.bytes().begin(), account.bytes().end());
  base::append(seed, base::as_bytes(std::to_string(count) + "/" + std::to_string(now_ms)));
  const std::string hex = base::to_hex(crypto::sha256(seed));
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20, 12);
}

std::uint64_t number_in(const HttpRequest& request, const std::string& name,
                        std::uint64_t otherwise) {
  const std::string text = request.query_value(name);
  if (text.empty()) return otherwise;
  const auto number = base::parse_decimal(text);
  if (!number) throw Refusal{400, name + " is no number"};
  return *number;
}

}  // namespace

std::vector<std::string> BuildService::kinds(const HttpRequest& request) const {
  const auto parts = path_parts(request.path, "/userapi/builds/");
  if (parts.empty() || parts[0].empty()) return {"userapi:/builds"};
  if (parts[0] == "verify") return {"userapi:/builds/verify"};
  if (parts.size() == 2 && parts[1] == "logs") return {"userapi:/builds/logs"};
  return {"userapi:/builds/status"};
}

HttpResponse BuildService::handle(const HttpRequest& request,
                                  const std::vector<std::optional<FaultRule>>&) {
  try {
    return route(request);
  } catch (const Refusal& refusal) {
    return error_response(refusal.status, refusal.message);
  }
}

HttpResponse BuildService::route(const HttpRequest& request) {
  const auto lock = world_.enter();
  require_client_id(request);
  if (request.path == kPrefix && request.method == "POST") return submit(request);
  if (request.method != "GET") throw Refusal{405, "method not allowed"};
  if (request.path == kPrefix) return list(request);
  const auto parts = path_parts(request.path, "/userapi/builds/");
  if (parts.size() == 2 && parts[0] == "verify") return verify(parts[1]);
  if (parts.size() == 2 && parts[1] == "logs") return logs(request, parts[0]);
  const Build* build = nullptr;
  if (parts.size() == 1) build = find(parts[0]);
  if (parts.size() == 2 && parts[0] == "image") build = newest_with_digest(parts[1]);
  if (build == nullptr) throw Refusal{404, "build not found"};
  return json_response(build_json(*build));
}

HttpResponse BuildService::submit(const HttpRequest& request) {
  const eth::Address account = billing_signer(request, "x-eigenx-expiry", world_.now_seconds());
  const base::Json wanted = checked_request(request.body);
  const std::string id = new_id(account, world_.builds().size(), world_.now_ms());
  world_.commit(base::Json::object(
      {{"op", "build"}, {"id", id}, {"account", account.to_string()}, {"request", wanted}}));
  return json_response(base::Json::object({{"build_id", id}}));
}

HttpResponse BuildService::list(const HttpRequest& request) {
  const std::string owner = request.query_value("billing_address");
  const std::optional<eth::Address> account =
      owner.empty() ? std::nullopt : std::optional(address_in_url(owner));
  const std::uint64_t limit = std::min(number_in(request, "limit", kDefaultPage), kLongestPage);
  std::uint64_t to_skip = number_in(request, "offset", 0);
  base::Json out = base::Json::array();
  const std::vector<Build>& builds = world_.builds();
  for (auto build = builds.rbegin(); build != builds.rend() && out.size() < limit; ++build) {
    if (account && build->account != *account) continue;
    if (to_skip > 0) {
      --to_skip;
      continue;
    }
    out.push(build_json(*build));
  }
  return json_response(out);
}

HttpResponse BuildService::logs(const HttpRequest& request, const std::string& id) {
  const Build* build = find(id);
  if (build == nullptr) throw Refusal{404, "build not found"};
  const eth::Address account = billing_signer(request, "x-eigenx-expiry", world_.now_seconds());
  if (account != build->account) throw Refusal{403, "this build is somebody else's"};
  return text_response(log_of(*build));
}

std::string BuildService::log_of(const Build& build) const {
  const std::string status = status_of(build);
  const std::string problem = problem_of(build);
  const double age_ms = static_cast<double>(world_.now_ms() - build.created_ms);
  const double part = age_ms / std::max(world_.timings().building_seconds * 1000, 1.0);
  std::string text = "cloning " + build.request["repo_url"].as_string() + "\nchecking out " +
                     build.request["git_ref"].as_string() + "\n";
  if (status == "failed") return text + problem + "\n";
  if (!problem.empty()) return text;
  if (part >= 0.3) text += "building " + build.request["dockerfile_path"].as_string() + "\n";
  if (part >= 0.6) text += "adding the platform's layer\n";
  if (status == "success") text += "built " + digest() + "\n";
  return text;
}

HttpResponse BuildService::verify(const std::string& what) {
  const std::vector<Build>& builds = world_.builds();
  for (auto build = builds.rbegin(); build != builds.rend(); ++build) {
    const bool named =
        build->id == what || build->request["git_ref"].as_string() == what || digest() == what;
    if (!named || status_of(*build) != "success") continue;
    base::Json out = build_json(*build);
    out.set("build_status", out["status"].as_string());
    out.set("status", "verified");
    out.set("payload_type", "application/vnd.in-toto+json");
    out.set("payload", base::to_base64(base::as_bytes(provenance(*build))));
    return json_response(out);
  }
  return json_response(base::Json::object(
      {{"status", "failed"}, {"error", "no verified build of " + base::printable_line(what, 90)}}));
}

const Build* BuildService::find(const std::string& id) const {
  for (const Build& build : world_.builds()) {
    if (build.id == id) return &build;
  }
  return nullptr;
}

const Build* BuildService::newest_with_digest(const std::string& wanted) const {
  if (wanted != digest()) return nullptr;
  const std::vector<Build>& builds = world_.builds();
  const auto found = std::find_if(builds.rbegin(), builds.rend(), [&](const Build& build) {
    return status_of(build) == "success";
  });
  return found == builds.rend() ? nullptr : &*found;
}

const Build* BuildService::dependency_of(const Build& build, const std::string& wanted) const {
  if (wanted != digest()) return nullptr;
  const std::vector<Build>& builds = world_.builds();
  const auto self = std::find_if(builds.rbegin(), builds.rend(),
                                 [&](const Build& other) { return other.id == build.id; });
  if (self == builds.rend()) return nullptr;
  const auto found = std::find_if(std::next(self), builds.rend(), [&](const Build& other) {
    return status_of(other) == "success";
  });
  return found == builds.rend() ? nullptr : &*found;
}

std::string BuildService::problem_of(const Build& build) const {
  if (build.request["git_ref"].as_string() == kFailingCommit) return "commit not found";
  if (!build.request["dependencies"].is_array()) return {};
  for (const base::Json& entry : build.request["dependencies"].elements()) {
    const std::string wanted = entry.as_string();
    if (dependency_of(build, wanted) == nullptr) return "no verified build of " + wanted;
  }
  return {};
}

std::string BuildService::status_of(const Build& build) const {
  const double age_ms = static_cast<double>(world_.now_ms() - build.created_ms);
  if (age_ms < world_.timings().building_seconds * 1000) return "building";
  return problem_of(build).empty() ? "success" : "failed";
}

std::string BuildService::provenance(const Build& build) const {
  return base::Json::object(
             {{"_type", "https://in-toto.io/Statement/v1"},
              {"subject",
               base::Json::array({base::Json::object(
                   {{"name", world_.authority() + "/sample/layered"},
                    {"digest", base::Json::object({{"sha256", digest().substr(7)}})}})})},
              {"predicateType", "https://slsa.dev/provenance/v1"},
              {"predicate", base::Json::object(
                                {{"buildDefinition",
                                  base::Json::object({{"externalParameters", build.request}})}})}})
      .dump();
}

base::Json BuildService::build_json(const Build& build) const {
  const std::string status = status_of(build);
  const bool success = status == "success";
  const auto finished =
      build.created_ms + static_cast<std::int64_t>(world_.timings().building_seconds * 1000);
  const std::int64_t updated = status == "building" ? build.created_ms : finished;
  base::Json out = base::Json::object({
      {"build_id", build.id},
      {"billing_address", build.account.to_string()},
      {"repo_url", build.request["repo_url"].as_string()},
      {"git_ref", build.request["git_ref"].as_string()},
      {"status", status},
      {"build_type", "application"},
      {"created_at", base::format_rfc3339(build.created_ms / 1000)},
      {"updated_at", base::format_rfc3339(updated / 1000)},
  });
  base::Json dependencies = base::Json::object();
  if (build.request["dependencies"].is_array()) {
    for (const base::Json& entry : build.request["dependencies"].elements()) {
      const Build* dependency = dependency_of(build, entry.as_string());
      if (dependency != nullptr) dependencies.set(entry.as_string(), build_json(*dependency));
    }
  }
  out.set("dependencies", dependencies);
  if (status == "failed") out.set("error_message", problem_of(build));
  if (!success) return out;
  const std::string statement = provenance(build);
  out.set("image_name", "sample/layered");
  out.set("image_url", world_.authority() + "/sample/layered");
  out.set("image_digest", digest());
  out.set("provenance_json", statement);
  out.set("provenance_signature", world_.kms().sign(statement));
  return out;
}

}  // namespace ecloud::devnet
