#include "ecloud/deploy/builds.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kMaxRecordBytes = 64 * 1024;
/// Another server of the platform may answer than the one that took the build.
constexpr base::Milliseconds kUnknownTolerance{30'000};

/// Answers in a row that cannot be read before a build is no longer followed.
constexpr int kMostUnreadable = 5;

std::filesystem::path record_file(const Services& services, const std::string& id) {
  return services.paths.state / "builds" / services.environment.name / (id + ".json");
}

void remember(const Services& services, const std::string& id, const Signer& account,
              const platform::BuildRequest& request) {
  std::vector<std::string> dependencies;
  for (const oci::Digest& digest : request.dependencies) dependencies.push_back(digest.to_string());
  const base::Json record = base::Json::object({{"version", 1},
                                                {"buildId", id},
                                                {"account", account.address.to_string()},
                                                {"repo", request.repo},
                                                {"commit", request.commit},
                                                {"dockerfile", request.dockerfile},
                                                {"context", request.context},
                                                {"caddyfile", request.caddyfile},
                                                {"dependencies", base::Json::strings(dependencies)},
                                                {"createdAt", services.clock.unix_seconds()}});
  try {
    base::write_file_atomic(record_file(services, id), record.pretty() + "\n", base::kPrivateFile);
  } catch (const Error& error) {
    services.observer.warning("this machine will not recognize build " + id +
                              " again: " + error.message());
  }
}

std::vector<oci::Digest> read_digests(const base::Json& list) {
  std::vector<oci::Digest> out;
  for (const base::Json& entry : list.elements()) {
    const auto digest = oci::Digest::parse(entry.as_string());
    if (!digest) throw entry.error("is no digest");
    out.push_back(*digest);
  }
  return out;
}

/// What this machine submitted under that id; nothing when it did not, or when the file is damaged.
std::optional<platform::BuildRequest> remembered(const Services& services, const std::string& id) {
  try {
    platform::check_build_id(id);
    const auto text = base::read_file_if_exists(record_file(services, id), kMaxRecordBytes);
    if (!text) return std::nullopt;
    const base::Json record = base::Json::parse(*text, "build record");
    return platform::BuildRequest{.repo = record["repo"].as_string(),
                                  .commit = record["commit"].as_string(),
                                  .dockerfile = record["dockerfile"].as_string(),
                                  .context = record["context"].as_string(),
                                  .caddyfile = record["caddyfile"].as_string(),
                                  .dependencies = read_digests(record["dependencies"])};
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// What the build was made from, as far as the service says.
std::optional<platform::BuildRequest> request_in_provenance(const platform::Build& build) {
  if (build.provenance.empty()) return std::nullopt;
  try {
    platform::Provenance provenance = platform::read_provenance(build.provenance);
    if (!provenance.names_request) return std::nullopt;
    return platform::BuildRequest{.repo = build.repo,
                                  .commit = build.commit,
                                  .dockerfile = provenance.dockerfile,
                                  .context = provenance.context,
                                  .caddyfile = provenance.caddyfile,
                                  .dependencies = std::move(provenance.dependencies)};
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string path_key(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  while (path.ends_with("/")) path.remove_suffix(1);
  return path == "." ? std::string() : std::string(path);
}

bool same_request(const platform::BuildRequest& a, const platform::BuildRequest& b) {
  const auto sorted = [](const platform::BuildRequest& request) {
    std::vector<std::string> out;
    for (const oci::Digest& digest : request.dependencies) out.push_back(digest.to_string());
    std::sort(out.begin(), out.end());
    return out;
  };
  return platform::repository_key(a.repo) == platform::repository_key(b.repo) &&
         a.commit == b.commit && path_key(a.dockerfile) == path_key(b.dockerfile) &&
         path_key(a.context) == path_key(b.context) &&
         path_key(a.caddyfile) == path_key(b.caddyfile) && sorted(a) == sorted(b);
}

bool passes(const Error& error, base::Milliseconds waited) {
  if (error.category() == Category::kNotFound) return waited < kUnknownTolerance;
  return error.category() == Category::kNetwork || error.category() == Category::kPending;
}

std::string seconds_text(base::Milliseconds time) {
  const auto seconds = time.count() / 1000;
  return seconds >= 120 && seconds % 60 == 0 ? std::to_string(seconds / 60) + " minutes"
                                             : std::to_string(seconds) + " s";
}

/// One build that is being waited for.
class Follower {
 public:
  Follower(const Services& services, platform::BuildApi& api, const std::string& id,
           const FollowOptions& options)
      : services_(services), api_(api), id_(id), options_(options) {}

  platform::Build run() {
    const base::Milliseconds start = services_.clock.monotonic();
    for (;;) {
      const base::Milliseconds waited = services_.clock.monotonic() - start;
      if (auto build = ask(waited)) return *build;
      if (waited >= options_.timeout) throw out_of_time();
      services_.clock.sleep(std::min(kBuildPollInterval, options_.timeout - waited));
    }
  }

 private:
  /// The build when it has ended.
  std::optional<platform::Build> ask(base::Milliseconds waited) {
    try {
      platform::Build build = api_.build(id_);
      if (!build.state_problem.empty()) {
        throw Error(Category::kNetwork, "json.shape", build.state_problem);
      }
      unreadable_ = 0;
      last_ = build.state_word;
      const bool ended = build.state == platform::BuildState::kSuccess ||
                         build.state == platform::BuildState::kFailed;
      show_log(ended);
      if (build.state == platform::BuildState::kFailed) throw build_failed(services_, build);
      if (ended) return build;
      services_.observer.detail(last_);
    } catch (const Error& error) {
      if (!passes(error, waited)) throw;
      count_unreadable(error);
      last_ = error.message();
      services_.observer.detail(last_);
    }
    return std::nullopt;
  }

  /// A page of a proxy passes; a server that speaks another language does not.
  void count_unreadable(const Error& error) {
    const bool unreadable = error.code() == "json.shape" || error.code() == "json.syntax";
    unreadable_ = unreadable ? unreadable_ + 1 : 0;
    if (unreadable_ < kMostUnreadable) return;
    throw Error(Category::kNetwork, error.code(),
                "the service's answers about build " + id_ + " cannot be read: " + error.message(),
                "the build continues; wait again with: " + options_.wait_command);
  }

  /// The log is a comfort: without it the build is followed all the same.
  void show_log(bool ended) {
    if (!options_.log) return;
    try {
      const std::string part = grown_part(base::printable(api_.logs(id_)), shown_, ended);
      if (!part.empty()) options_.log(part);
    } catch (const Error& error) {
      if (error.category() == Category::kInterrupted) throw;
      if (!log_complained_) {
        services_.observer.warning("the build's log cannot be read: " + error.message());
      }
      log_complained_ = true;
    }
  }

  Error out_of_time() const {
    return Error(Category::kPending, "build.still_pending",
                 "build " + id_ + " has not ended after " + seconds_text(options_.timeout) +
                     " (last: " + last_ + ")",
                 "the build continues; wait again with: " + options_.wait_command);
  }

  const Services& services_;
  platform::BuildApi& api_;
  const std::string& id_;
  const FollowOptions& options_;
  std::string last_ = "no answer yet";
  std::string shown_;
  bool log_complained_ = false;
  int unreadable_ = 0;  ///< answers in a row
};

}  // namespace

std::string submit_build(const Services& services, platform::BuildApi& api, const Signer& account,
                         const platform::BuildRequest& request, bool parallel) {
  std::string id = api.submit(request, parallel);
  remember(services, id, account, request);
  return id;
}

std::optional<platform::Build> find_build(const Services& services, platform::BuildApi& api,
                                          const Signer& account,
                                          const platform::BuildRequest& request) {
  for (platform::Build& build : api.list(account.address, platform::kMaxBuildsPerPage, 0)) {
    const bool useful = build.state == platform::BuildState::kSuccess ||
                        build.state == platform::BuildState::kBuilding;
    // The service's own words about repository and commit count, whatever is remembered.
    if (!useful || build.commit != request.commit ||
        platform::repository_key(build.repo) != platform::repository_key(request.repo)) {
      continue;
    }
    auto made_from = request_in_provenance(build);
    if (!made_from) made_from = remembered(services, build.id);
    if (made_from && same_request(*made_from, request)) return std::move(build);
  }
  return std::nullopt;
}

Error build_failed(const Services& services, const platform::Build& build) {
  const std::string flag = services.environment.name == "sepolia"
                               ? std::string()
                               : " --environment " + services.environment.name;
  return Error(Category::kImage, "build.failed",
               "build " + build.id + " failed" +
                   (build.error_message.empty() ? "" : ": " + build.error_message),
               "see its log: ecloud compute build logs " + build.id + flag);
}

platform::Build follow_build(const Services& services, platform::BuildApi& api,
                             const std::string& id, const FollowOptions& options) {
  try {
    return Follower(services, api, id, options).run();
  } catch (const Error& error) {
    if (error.category() != Category::kInterrupted) throw;
    throw error.with_hint("the build goes on without you; wait again with: " +
                          options.wait_command);
  }
}

std::string grown_part(std::string_view log, std::string& shown, bool complete) {
  // A log that does not begin as before was begun anew.
  if (!log.starts_with(shown)) shown.clear();
  std::string_view part = log.substr(shown.size());
  if (!complete) {
    const std::size_t last = part.rfind('\n');
    part = last == std::string_view::npos ? std::string_view() : part.substr(0, last + 1);
  }
  shown += part;
  std::string out(part);
  if (!out.empty() && out.back() != '\n') out.push_back('\n');
  return out;
}

}  // namespace ecloud::deploy
