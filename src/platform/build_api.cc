#include "ecloud/platform/build_api.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/signatures.h"
#include "platform/server_fields.h"
#include "platform/server_words.h"

namespace ecloud::platform {
namespace {

constexpr std::string_view kStateWords[] = {"building", "success", "failed"};
constexpr std::size_t kMaxLogBytes = std::size_t{64} << 20;

/// A member that is JSON itself: as text, or as it is.
std::string raw_of(const base::Json& value) {
  if (value.is_object() || value.is_array()) return value.dump();
  return value.is_string() ? value.as_string() : std::string();
}

std::optional<oci::Digest> digest_of(const ServerFields& fields) {
  return oci::Digest::parse(base::to_lower(fields.text("image_digest")));
}

Build read_build(const ServerFields& fields);

/// Builds by the digest of what they made. Entries under anything else are ignored.
std::vector<Build> read_dependencies(const base::Json& value) {
  std::vector<Build> out;
  if (!value.is_object()) return out;
  for (const auto& [name, entry] : value.members()) {
    const auto digest = oci::Digest::parse(name);
    if (!digest || !entry.is_object()) continue;
    Build build = read_build(ServerFields(entry));
    if (!build.image_digest) build.image_digest = digest;
    if (*build.image_digest != *digest) throw entry.error("is a build of another image");
    out.push_back(std::move(build));
  }
  return out;
}

Build read_fields(const ServerFields& fields) {
  Build out;
  out.id = fields.text("build_id");
  out.account = eth::Address::parse(fields.text("billing_address"));
  out.repo = fields.text("repo_url", 2000);
  out.commit = base::to_lower(fields.text("git_ref"));
  out.type = fields.text("build_type");
  out.image_name = fields.text("image_name");
  out.image_url = fields.text("image_url", 1000);
  out.image_digest = digest_of(fields);
  out.provenance = raw_of(fields.place("provenance_json"));
  out.provenance_signature = fields.text("provenance_signature", 8000);
  out.error_message = fields.text("error_message", 1000);
  out.created_at = fields.time_text("created_at");
  out.updated_at = fields.time_text("updated_at");
  out.dependencies = read_dependencies(fields.place("dependencies"));
  return out;
}

Build read_build(const ServerFields& fields) {
  Build out = read_fields(fields);
  try {
    out.state_word = fields.required_text("status");
  } catch (const Error& error) {
    out.state_problem = error.message();
  }
  out.state = build_state_of(out.state_word);
  return out;
}

/// The answer's document, which must be an object.
base::Json object_in(const net::Response& response) {
  base::Json document = base::Json::parse(response.body, "build service");
  if (!document.is_object()) throw document.error("expected an object");
  return document;
}

base::Json request_document(const BuildRequest& request) {
  base::Json dependencies = base::Json::array();
  for (const oci::Digest& digest : request.dependencies) dependencies.push(digest.to_string());
  base::Json out = base::Json::object({{"repo_url", request.repo},
                                       {"git_ref", request.commit},
                                       {"dockerfile_path", request.dockerfile},
                                       {"build_context_path", request.context},
                                       {"dependencies", dependencies}});
  if (!request.caddyfile.empty()) out.set("caddyfile_path", request.caddyfile);
  return out;
}

/// Why a path cannot be one inside a repository.
std::string path_problem(std::string_view name, std::string_view path) {
  const std::string what = std::string(name) + " \"" + base::printable_line(path, 100) + "\" ";
  if (path.empty()) return std::string(name) + " is empty";
  if (path.front() == '/') return what + "is absolute: it is a path in the repository";
  for (const std::string& part : base::split(path, '/')) {
    if (part == "..") return what + "leads out of the repository";
  }
  const bool plain = std::all_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  });
  return plain ? std::string() : what + "holds a control character";
}

std::string repository_problem(std::string_view url) {
  const std::string shown = "the repository \"" + base::printable_line(url, 200) + "\" ";
  constexpr std::string_view kScheme = "https://";
  if (!url.starts_with(kScheme)) return shown + "is no https:// address";
  const std::string_view rest = url.substr(kScheme.size());
  const std::string_view host = rest.substr(0, rest.find('/'));
  if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    return "the address of the repository at " + base::printable_line(host.substr(at + 1), 100) +
           " holds a user name or a password, which everybody would see";
  }
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
  });
  if (!plain) return shown + "holds a blank or a control character";
  if (host.empty() || host.size() + 1 >= rest.size()) return shown + "names no repository";
  return {};
}

}  // namespace

bool is_commit(std::string_view text) {
  return text.size() == 40 && base::from_hex(text).has_value() && !text.starts_with("0x");
}

std::string build_request_problem(const BuildRequest& request) {
  if (std::string problem = repository_problem(request.repo); !problem.empty()) return problem;
  if (!is_commit(request.commit)) {
    return "the commit \"" + base::printable_line(request.commit, 80) + "\" is not 40 hex digits";
  }
  if (std::string problem = path_problem("the Dockerfile", request.dockerfile); !problem.empty()) {
    return problem;
  }
  if (std::string problem = path_problem("the context", request.context); !problem.empty()) {
    return problem;
  }
  return request.caddyfile.empty() ? std::string()
                                   : path_problem("the Caddyfile", request.caddyfile);
}

std::string repository_key(std::string_view url) {
  if (url.starts_with("git+")) url.remove_prefix(4);
  if (const std::size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
  }
  // A reference behind the path, as in SLSA's URIs: …/app@refs/heads/main.
  const std::size_t slash = url.find('/');
  if (slash != std::string_view::npos) {
    url = url.substr(0, std::min(url.find('@', slash), url.find('#', slash)));
  }
  while (url.ends_with("/")) url.remove_suffix(1);
  if (url.ends_with(".git")) url.remove_suffix(4);
  std::string out(url);
  const std::size_t host_end = std::min(out.find('/'), out.size());
  const std::string host = base::to_lower(out.substr(0, host_end));
  // These two do not tell letters of paths apart by case.
  const bool folds = host == "github.com" || host == "gitlab.com";
  return host + (folds ? base::to_lower(out.substr(host_end)) : out.substr(host_end));
}

BuildState build_state_of(std::string_view word) {
  for (std::size_t i = 0; i < std::size(kStateWords); ++i) {
    if (base::equal_ignoring_case(word, kStateWords[i])) return static_cast<BuildState>(i);
  }
  return BuildState::kUnknown;
}

void check_build_id(std::string_view text) {
  const bool good =
      !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_' || c == ':';
      });
  if (good) return;
  throw Error(Category::kUsage, "build.bad_id",
              "\"" + base::printable_line(text, 80) + "\" is no id of a build",
              "see your builds: ecloud compute build list");
}

BuildApi::BuildApi(net::Transport& transport, base::Clock& clock, const Environment& environment,
                   const crypto::PrivateKey* key)
    : transport_(transport), clock_(clock), environment_(environment), key_(key) {}

net::Request BuildApi::request(std::string path, std::string purpose) const {
  net::Request out;
  out.url = environment_.user_api_url + path;
  out.purpose = std::move(purpose);
  out.headers.push_back(client_id_header());
  return out;
}

void BuildApi::sign(net::Request& request) const {
  if (key_ == nullptr) return;
  const auto expiry = static_cast<std::uint64_t>(clock_.unix_seconds() + kBuildSignatureLifetime);
  for (net::Header& header : build_headers(*key_, expiry)) {
    request.headers.push_back(std::move(header));
  }
}

net::Response BuildApi::send(const net::Request& request) const {
  net::Response response = transport_.send(request);
  if (response.ok()) return response;
  const std::string message =
      refusal_message("the build service (" + environment_.user_api_url + ")", request, response);
  if (is_bot_check(response)) throw bot_check_error(message);
  switch (response.status) {
    case 400:
    case 422:
      throw Error(Category::kUsage, "build.refused", message, "correct what it names");
    case 401:
    case 403:
      throw Error(Category::kCredentials, "build.forbidden", message + asked_as(key_),
                  "use the key that submitted the build, and check this machine's clock");
    case 404:
      throw Error(Category::kNotFound, "build.not_found", message,
                  "see your builds: ecloud compute build list");
    case 409:
      if (request.method == "POST") {
        throw Error(Category::kFailure, "build.running", message,
                    "wait for the running build: ecloud compute build list");
      }
      [[fallthrough]];
    default:
      throw Error(Category::kNetwork, "build.failed_request", message, "try again in a moment");
  }
}

std::string BuildApi::submit(const BuildRequest& wanted, bool parallel) {
  net::Request asked = request("/builds", "a build");
  asked.method = "POST";
  asked.safe_to_repeat = false;
  asked.headers.push_back({"Content-Type", "application/json"});
  base::Json body = request_document(wanted);
  if (parallel) body.set("force", true);
  asked.body = body.dump();
  sign(asked);
  try {
    const net::Response response = send(asked);
    const ServerFields document(base::Json::parse(response.body, "build service"));
    std::string text = document.required_text("build_id");
    check_build_id(text);
    return text;
  } catch (const Error& error) {
    const bool is_refusal = error.category() == Category::kCredentials ||
                            error.code() == "build.refused" || error.code() == "build.running";
    if (is_refusal) throw;
    throw error.with_hint(
        "the build may have been taken all the same; look before you submit it "
        "again: ecloud compute build list");
  }
}

Build BuildApi::build(const std::string& id) {
  check_build_id(id);
  const net::Response response = send(request("/builds/" + id, "build " + id));
  const ServerFields document(object_in(response));
  Build out = read_build(document);
  if (out.id.empty()) out.id = id;
  if (out.id != id) throw document.place("build_id").error("is not the build that was asked for");
  return out;
}

Build BuildApi::of_image(const oci::Digest& digest) {
  const std::string text = digest.to_string();
  const net::Response response =
      send(request("/builds/image/" + text, "the build of image " + text));
  const ServerFields document(object_in(response));
  Build out = read_build(document);
  if (out.image_digest != digest) {
    throw document.place("image_digest").error("is not the image that was asked for");
  }
  return out;
}

std::vector<Build> BuildApi::list(const eth::Address& account, std::uint64_t limit,
                                  std::uint64_t offset) {
  const net::Response response =
      send(request("/builds?billing_address=" + account.to_string() +
                       "&limit=" + std::to_string(std::min(limit, kMaxBuildsPerPage)) +
                       "&offset=" + std::to_string(offset),
                   "the builds of " + account.to_string()));
  const base::Json document = base::Json::parse(response.body, "build service");
  const std::vector<base::Json> list =
      document.is_array() ? document.elements() : ServerFields(document).required_list("builds");
  std::vector<Build> out;
  for (const base::Json& entry : list) {
    const ServerFields fields(entry);
    Build build = read_build(fields);
    if (build.account && *build.account != account) {
      throw fields.place("billing_address").error("is not the account that was asked for");
    }
    out.push_back(std::move(build));
  }
  return out;
}

std::string BuildApi::logs(const std::string& id) {
  check_build_id(id);
  net::Request asked = request("/builds/" + id + "/logs", "the log of build " + id);
  asked.max_response_bytes = kMaxLogBytes;
  sign(asked);
  return send(asked).body;
}

BuildVerdict BuildApi::verify(const std::string& what) {
  check_build_id(what);
  const net::Response response =
      send(request("/builds/verify/" + what, "the verification of " + what));
  const ServerFields document(object_in(response));
  BuildVerdict out;
  const std::string status = base::to_lower(document.required_text("status"));
  if (status == "failed") {
    out.error = document.text("error", 1000);
    return out;
  }
  if (status != "verified") {
    throw document.place("status").error("is neither verified nor failed");
  }
  out.verified = true;
  out.build = read_fields(document);
  out.build.state = BuildState::kSuccess;
  out.build.state_word = kStateWords[1];
  out.payload_type = document.text("payload_type");
  out.payload = raw_of(document.place("payload"));
  return out;
}

}  // namespace ecloud::platform
