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
constexpr char kRepository[] = "eigenlayer/eigencloud-containers";
constexpr char kPayloadType[] = "application/vnd.in-toto+json";
constexpr std::uint64_t kDefaultPage = 20;
constexpr std::uint64_t kLongestPage = 100;

bool is_commit(const std::string& text) {
  return text.size() == 40 && base::from_hex(text).has_value();
}

base::Json checked_request(const std::string& body) {
  const auto json = base::Json::try_parse(body);
  if (!json || !json->is_object()) throw Refusal{400, "the body is not a JSON object"};
  const auto text = [&](std::string_view name) { return (*json)[name].opt_string().value_or(""); };
  for (const char* name : {"repo_url", "git_ref", "dockerfile_path", "build_context_path"}) {
    const base::Json member = (*json)[name];
    if (!member.is_string() || member.as_string().empty()) {
      throw Refusal{400, std::string(name) + " is required"};
    }
  }
  if (!text("repo_url").starts_with("https://")) throw Refusal{400, "repo_url must be https"};
  if (!is_commit(text("git_ref"))) throw Refusal{400, "git_ref must be 40 hex digits"};
  const base::Json dependencies = (*json)["dependencies"];
  if (!dependencies.is_array()) throw Refusal{400, "dependencies must be a list"};
  for (const base::Json& dependency : dependencies.elements()) {
    if (!dependency.is_string() || !oci::Digest::parse(dependency.as_string())) {
      throw Refusal{400, "a dependency is not a sha256 digest"};
    }
  }
  const base::Json caddyfile = (*json)["caddyfile_path"];
  if (caddyfile.exists() && (!caddyfile.is_string() || caddyfile.as_string().empty())) {
    throw Refusal{400, "caddyfile_path must be a path"};
  }
  const base::Json force = (*json)["force"];
  if (force.exists() && !force.is_null() && !force.is_bool())
    throw Refusal{400, "force must be true or false"};
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
  if (!number) throw Refusal{400, name + " is not a number"};
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
  publish();
  if (request.path == kPrefix && request.method == "POST") return submit(request);
  if (request.method != "GET") throw Refusal{405, "method not allowed"};
  if (request.path == kPrefix) return list(request);
  const auto parts = path_parts(request.path, "/userapi/builds/");
  if (parts.size() == 2 && parts[0] == "verify") return verify(parts[1]);
  if (parts.size() == 2 && parts[1] == "logs") return logs(request, parts[0]);
  const Build* build = nullptr;
  if (parts.size() == 1) build = find(parts[0]);
  if (parts.size() == 2 && parts[0] == "image") build = with_digest(parts[1]);
  if (build == nullptr) throw Refusal{404, "build not found"};
  return json_response(build_json(*build));
}

HttpResponse BuildService::submit(const HttpRequest& request) {
  const eth::Address account = billing_signer(request, "x-eigenx-expiry", world_.now_seconds());
  const base::Json wanted = checked_request(request.body);
  const bool is_busy =
      std::any_of(world_.builds().begin(), world_.builds().end(), [&](const Build& build) {
        return build.account == account && status_of(build) == "building";
      });
  if (is_busy && !(wanted["force"].is_bool() && wanted["force"].as_bool())) {
    throw Refusal{409, "a build of this account is already running"};
  }
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
  if (account != build->account) throw Refusal{403, "this build belongs to another account"};
  return text_response(log_of(*build));
}

std::string BuildService::log_of(const Build& build) {
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
  if (status == "success") text += "built " + digest_of(build) + "\n";
  return text;
}

HttpResponse BuildService::verify(const std::string& what) {
  const std::vector<Build>& builds = world_.builds();
  for (auto build = builds.rbegin(); build != builds.rend(); ++build) {
    if (status_of(*build) != "success") continue;
    const bool named = build->id == what || build->request["git_ref"].as_string() == what ||
                       digest_of(*build) == what;
    if (named) return json_response(verdict(*build));
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

const Build* BuildService::with_digest(const std::string& wanted) {
  for (const Build& build : world_.builds()) {
    if (status_of(build) == "success" && digest_of(build) == wanted) return &build;
  }
  return nullptr;
}

const Build* BuildService::dependency_of(const Build& build, const std::string& wanted) {
  for (const Build& other : world_.builds()) {
    if (other.id == build.id) return nullptr;
    if (status_of(other) == "success" && digest_of(other) == wanted) return &other;
  }
  return nullptr;
}

std::string BuildService::problem_of(const Build& build) {
  if (build.request["git_ref"].as_string() == kFailingCommit) return "commit not found";
  for (const base::Json& entry : build.request["dependencies"].elements()) {
    const std::string wanted = entry.as_string();
    if (dependency_of(build, wanted) == nullptr) return "no verified build of " + wanted;
  }
  return {};
}

std::int64_t BuildService::finished_ms(const Build& build) const {
  return build.created_ms + static_cast<std::int64_t>(world_.timings().building_seconds * 1000);
}

std::string BuildService::status_of(const Build& build) {
  if (world_.now_ms() < finished_ms(build)) return "building";
  return problem_of(build).empty() ? "success" : "failed";
}

void BuildService::publish() {
  for (const Build& build : world_.builds()) {
    if (status_of(build) == "success") digest_of(build);
  }
}

std::string BuildService::digest_of(const Build& build) {
  std::string& digest = digests_[build.id];
  if (digest.empty()) {
    const BuildFacts facts = facts_of(build);
    digest = registry_.add_built_image(facts.tag(), built_recipe(facts, settings()));
  }
  return digest;
}

BuilderSettings BuildService::settings() {
  const std::string url = "http://" + world_.authority();
  const auto tool = [&](const std::string& repository, const char* tag) {
    return world_.authority() + "/" + repository + "@" + registry_.digest_of(repository, tag);
  };
  return {.kms_server_url = url + "/kms",
          .user_api_url = url + "/userapi",
          .kms_signing_key = world_.kms().signing_key(),
          .kms_client_image = tool(kRepository, "kms-client"),
          .tls_client_image = tool(kRepository, "tls-client"),
          .caddy_image = tool("library/caddy", "2.10.2-alpine")};
}

BuildFacts BuildService::facts_of(const Build& build) const {
  BuildFacts out;
  out.id = build.id;
  out.repo = build.request["repo_url"].as_string();
  out.commit = build.request["git_ref"].as_string();
  out.unix_time = std::to_string(finished_ms(build) / 1000);
  for (const base::Json& entry : build.request["dependencies"].elements()) {
    out.dependencies.push_back(entry.as_string());
  }
  return out;
}

base::Json BuildService::statement(const Build& build) {
  return provenance_statement(facts_of(build), settings(), digest_of(build));
}

base::Json BuildService::verdict(const Build& build) {
  const BuildFacts facts = facts_of(build);
  const std::string payload = statement(build).dump();
  return base::Json::object(
      {{"status", "verified"},
       {"build_id", build.id},
       {"image_url", world_.authority() + "/" + kRepository + ":" + facts.tag()},
       {"image_digest", digest_of(build)},
       {"repo_url", facts.repo},
       {"git_ref", facts.commit},
       {"provenance_json", statement(build)},
       {"provenance_signature", world_.kms().sign(dsse_encoding(kPayloadType, payload))},
       {"payload_type", kPayloadType},
       {"payload", base::to_base64(base::as_bytes(payload))}});
}

base::Json BuildService::build_json(const Build& build) {
  const std::string status = status_of(build);
  const std::int64_t updated = status == "building" ? build.created_ms : finished_ms(build);
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
  for (const std::string& digest : facts_of(build).dependencies) {
    const Build* dependency = dependency_of(build, digest);
    if (dependency != nullptr) dependencies.set(digest, build_json(*dependency));
  }
  out.set("dependencies", dependencies);
  if (status == "failed") out.set("error_message", problem_of(build));
  if (status != "success") return out;
  const base::Json proven = verdict(build);
  out.set("image_name", "eigencloud-containers");
  for (const char* member :
       {"image_url", "image_digest", "provenance_json", "provenance_signature"}) {
    out.set(member, proven[member]);
  }
  return out;
}

}  // namespace ecloud::devnet
