// Where logins are stored, in the order in which they are searched. A source that cannot be read
// never hides the next one; its problem counts only if no source has a login.

#include "ecloud/oci/credentials.h"

#include <unistd.h>

#include <utility>

#include "auth_file.h"
#include "credential_helper.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

using base::Json;

constexpr std::size_t kMaxConfigBytes = std::size_t{4} << 20;
constexpr const char* kAuthConfigVariable = "DOCKER_AUTH_CONFIG";

std::optional<std::filesystem::path> below(const base::Env& env, const char* variable,
                                           const std::filesystem::path& rest) {
  const auto directory = env.get(variable);
  if (!directory) return std::nullopt;
  return std::filesystem::path(*directory) / rest;
}

/// containers-auth.json(5): Podman, Buildah and Skopeo.
std::vector<std::filesystem::path> podman_files(const base::Env& env) {
  std::vector<std::filesystem::path> out;
  const std::string fallback = "/run/containers/" + std::to_string(::geteuid());
  out.push_back(below(env, "XDG_RUNTIME_DIR", "containers/auth.json")
                    .value_or(std::filesystem::path(fallback) / "auth.json"));
  auto configured = below(env, "XDG_CONFIG_HOME", "containers/auth.json");
  if (!configured) configured = below(env, "HOME", ".config/containers/auth.json");
  if (configured) out.push_back(*configured);
  return out;
}

std::vector<std::filesystem::path> files_with_logins(const base::Env& env) {
  if (const auto given = env.get("REGISTRY_AUTH_FILE")) return {*given};
  std::vector<std::filesystem::path> out;
  auto docker = below(env, "DOCKER_CONFIG", "config.json");
  if (!docker) docker = below(env, "HOME", ".docker/config.json");
  if (docker) out.push_back(*docker);
  for (std::filesystem::path& file : podman_files(env)) out.push_back(std::move(file));
  return out;
}

/// One search: the first login that a source has, and the first problem.
class LoginSearch {
 public:
  LoginSearch(const std::string& name, const base::Env& env)
      : name_(name), host_(name.substr(0, name.find('/'))), env_(env) {}

  bool in_text(std::string_view text, const std::string& origin) {
    // `docker login` leaves an empty file behind when its disk is full.
    if (base::trim(text).empty()) return false;
    return attempt(origin, [&] {
      const Json config = Json::parse(text, origin, Category::kCredentials);
      if (!config.is_object() && !config.is_null()) throw config.error("expected an object");
      in_config(config, origin);
    });
  }

  bool in_file(const std::filesystem::path& file) {
    std::optional<base::Secret> content;
    attempt(file.string(), [&] {
      auto text = base::read_file_if_exists(file, kMaxConfigBytes);
      if (text) content.emplace(std::move(*text));
    });
    return content && in_text(content->reveal_text(), file.string());
  }

  std::optional<Credentials> take() {
    if (!found_ && problem_) throw *problem_;
    return std::move(found_);
  }

 private:
  /// Whether there is a login now. An error becomes the problem of the search.
  template <typename Work>
  bool attempt(const std::string& origin, const Work& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.category() == Category::kInterrupted) throw;
      if (!problem_) problem_ = as_problem(error, origin);
    }
    return found_.has_value();
  }

  static Error as_problem(const Error& error, const std::string& origin) {
    if (error.code() == "image.credential_helper") return error;
    return {Category::kCredentials, "image.docker_config", error.message(),
            origin == kAuthConfigVariable
                ? "fix the variable " + origin + ", or unset it"
                : "fix " + origin + ", or move it away and log in again with: docker login"};
  }

  void in_config(const Json& config, const std::string& origin) {
    attempt(origin, [&] {
      const auto helper = find_member(config["credHelpers"], name_);
      if (helper) ask_helper(*helper);
    });
    if (!found_) attempt(origin, [&] { ask_helper(config["credsStore"]); });
    if (found_) return;
    const auto entry = find_member(config["auths"], name_);
    if (!entry) return;
    found_ = read_entry(*entry);
    if (found_) found_->origin = origin;
  }

  void ask_helper(const Json& helper) {
    const std::string program = helper.opt_string().value_or("");
    if (program.empty()) return;
    found_ = ask_credential_helper(program, server_address(host_), env_);
    if (found_) found_->origin = "docker-credential-" + program;
  }

  const std::string& name_;
  const std::string host_;
  const base::Env& env_;
  std::optional<Credentials> found_;
  std::optional<Error> problem_;
};

}  // namespace

DockerConfigCredentials::DockerConfigCredentials(const base::Env& env)
    : files_(files_with_logins(env)), env_(env) {}

std::optional<Credentials> DockerConfigCredentials::find(const std::string& name) {
  LoginSearch search(name, env_);
  const base::Secret given(env_.get(kAuthConfigVariable).value_or(""));
  if (search.in_text(given.reveal_text(), kAuthConfigVariable)) return search.take();
  for (const std::filesystem::path& file : files_) {
    if (search.in_file(file)) break;
  }
  return search.take();
}

}  // namespace ecloud::oci
