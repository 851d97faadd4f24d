// Which tool images are current is published nowhere but in the provenance of builds. Any build of
// the environment will do: the newest first, because a builder keeps its tools for a while. On
// chain a release of such a build is known by its registry name, the repository of the tools, so
// that a client without a key or an app finds one too.
#include "ecloud/deploy/find_tools.h"

#include <algorithm>
#include <set>

#include "deploy/release_facts.h"
#include "deploy/tee_tools.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/chain.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kMostCandidates = 8;
constexpr std::uint64_t kBuildsToList = 20;
/// Public nodes give this much of a contract's events at once, and four weeks are looked at.
constexpr std::uint64_t kWidestRange = 5'000;
constexpr std::uint64_t kNarrowestRange = 500;
constexpr int kMostRanges = 40;

/// Something to ask the build service about.
struct Candidate {
  std::string what;  ///< digest, ID or commit
  std::string found_by;
};

std::vector<Candidate> of_app(platform::UserApi& user_api, const eth::Address& app) {
  std::vector<Candidate> out;
  for (const platform::ReleaseRecord& release : user_api.details(app).releases) {
    const std::string digest = "sha256:" + digest_digits(release.image_digest);
    if (!oci::Digest::parse(digest)) continue;
    out.push_back({digest, "a release of app " + app.to_string()});
    if (out.size() == kMostCandidates) break;
  }
  if (!out.empty()) return out;
  throw Error(Category::kNotFound, "image.no_build",
              "app " + app.to_string() + " has no release with an image",
              "name an image, a build or another app: ecloud image tools --from REF");
}

bool is_build_or_commit(const std::string& text) {
  constexpr std::string_view kHex = "0123456789abcdefABCDEF-";
  return (text.size() == 36 || text.size() == 40) &&
         text.find_first_not_of(kHex) == std::string::npos;
}

std::vector<Candidate> named(const Services& services, platform::UserApi& user_api,
                             const std::string& from) {
  if (const auto app = eth::Address::parse(from); app && from.starts_with("0x")) {
    return of_app(user_api, *app);
  }
  if (oci::Digest::parse(from) || is_build_or_commit(from)) return {{from, "--from"}};
  const oci::Reference reference = oci::Reference::parse(from);
  return {{services.registry.resolve(reference).digest.to_string(), "--from"}};
}

std::vector<Candidate> of_account(platform::BuildApi& builds, const eth::Address& account) {
  std::vector<Candidate> out;
  for (const platform::Build& build : builds.list(account, kBuildsToList, 0)) {
    if (build.state != platform::BuildState::kSuccess || !build.image_digest) continue;
    out.push_back({build.image_digest->to_string(), "build " + build.id + " of your account"});
  }
  return out;
}

/// Walks back through the releases on chain for images in the repository of the tools.
class ChainSearch {
 public:
  explicit ChainSearch(const Services& services)
      : services_(services), repository_(platform::tools_repository(services.environment)) {}

  std::vector<Candidate> find() {
    services_.observer.phase("looking for a platform-built image on chain");
    const auto head = services_.rpc.batch({chain::block_number()});
    std::uint64_t last = chain::read_u64(chain::value_or_throw(head[0], "eth_blockNumber"));
    std::uint64_t width = kWidestRange;
    for (int i = 0; i < kMostRanges && out_.size() < kMostCandidates; ++i) {
      const std::uint64_t first = last >= width ? last - width + 1 : 0;
      if (read_range(first, last)) {
        if (first == 0) break;
        last = first - 1;
      } else {
        width /= 2;
        if (width < kNarrowestRange) break;
      }
    }
    return std::move(out_);
  }

 private:
  /// False when the node refuses the range.
  bool read_range(std::uint64_t first, std::uint64_t last) {
    std::vector<chain::RpcCall> calls;
    for (const auto generation :
         {platform::Generation::kFourFields, platform::Generation::kThreeFields}) {
      calls.push_back(chain::get_logs(services_.environment.app_controller, first, last,
                                      {platform::topic_app_upgraded(generation)}));
    }
    std::vector<chain::LogEntry> logs;
    for (const auto& result : services_.rpc.batch(calls)) {
      if (!std::holds_alternative<base::Json>(result)) return false;
      for (chain::LogEntry& log : chain::read_logs(std::get<base::Json>(result))) {
        logs.push_back(std::move(log));
      }
    }
    std::stable_sort(logs.begin(), logs.end(), [](const auto& one, const auto& other) {
      return one.block_number > other.block_number;
    });
    for (const chain::LogEntry& log : logs) take(log);
    return true;
  }

  void take(const chain::LogEntry& log) {
    if (log.topics.size() != 2 || out_.size() >= kMostCandidates) return;
    base::FixedBytes<20> bytes{};
    std::copy(log.topics[1].begin() + 12, log.topics[1].end(), bytes.begin());
    const eth::Address app(bytes);
    for (const platform::AppUpgraded& event :
         platform::find_all_app_upgraded({log}, services_.environment.app_controller, app)) {
      if (event.release.artifacts.empty()) continue;
      const platform::Artifact& artifact = event.release.artifacts.front();
      const std::string digest = oci::Digest(artifact.digest).to_string();
      if (artifact.registry != repository_ || !seen_.insert(digest).second) continue;
      out_.push_back({digest, "the release of app " + app.to_string() + " in block " +
                                  std::to_string(event.block)});
    }
  }

  const Services& services_;
  std::string repository_;
  std::vector<Candidate> out_;
  std::set<std::string> seen_;
};

FoundTools examine(const Services& services, platform::BuildApi& builds,
                   const Candidate& candidate) {
  services.observer.phase("reading the provenance of " + candidate.what);
  const platform::BuildVerdict verdict = builds.verify(candidate.what);
  VerifiedBuild build =
      check_verdict(verdict, candidate.what, {.digests = {}, .repo = {}, .commit = {}});
  const std::string repository = platform::tools_repository(services.environment);
  const platform::BuildRecipe recipe = platform::read_build_recipe(verdict.payload, repository);
  const std::string problem = platform::recipe_problem(recipe, services.environment);
  if (!problem.empty()) {
    throw Error(Category::kVerification, "build.bad_recipe",
                "the build's recipe cannot be used: " + problem,
                "name a build of this environment: ecloud image tools --from BUILD");
  }
  FoundTools out{.build = std::move(build), .found_by = candidate.found_by, .tools = {}};
  for (const char* program : {"kms-client", "tls-client", "tls-keygen"}) {
    const auto found = recipe.tools.find(program);
    if (found == recipe.tools.end()) continue;
    out.tools.push_back(
        {program, oci::Reference::parse(repository + "@" + found->second.to_string())});
  }
  services.observer.phase("reading the KMS client");
  out.runtime = runtime_of_client(services, out.tools.front().image);
  return out;
}

}  // namespace

const FoundTool* FoundTools::find(std::string_view program) const {
  const auto found = std::find_if(tools.begin(), tools.end(), [&](const FoundTool& tool) {
    return tool.program == program || (program == kTlsClient && tool.program == "tls-keygen");
  });
  return found == tools.end() ? nullptr : &*found;
}

FoundTools find_tools(const Services& services, platform::BuildApi& builds,
                      platform::UserApi& user_api, const ToolSearch& search) {
  std::vector<Candidate> candidates;
  if (!search.from.empty()) {
    candidates = named(services, user_api, search.from);
    if (candidates.size() == 1) return examine(services, builds, candidates[0]);
  }
  const auto first_usable = [&](const std::vector<Candidate>& list) -> std::optional<FoundTools> {
    for (const Candidate& candidate : list) {
      try {
        return examine(services, builds, candidate);
      } catch (const Error& error) {
        if (error.category() != Category::kVerification &&
            error.category() != Category::kNotFound) {
          throw;
        }
        services.observer.note("skipping " + candidate.what + " (" + candidate.found_by +
                               "): " + error.message());
      }
    }
    return std::nullopt;
  };
  if (search.from.empty() && search.account) {
    candidates = of_account(builds, *search.account);
    if (candidates.size() > kMostCandidates) candidates.resize(kMostCandidates);
  }
  if (auto out = first_usable(candidates)) return std::move(*out);
  if (search.from.empty()) {
    if (auto out = first_usable(ChainSearch(services).find())) return std::move(*out);
  }
  throw Error(
      Category::kNotFound, "image.no_build",
      "no verifiable build of environment " + services.environment.name +
          " was found that shows the current tools",
      "name an app, an image or a build of this environment: ecloud image tools --from REF");
}

}  // namespace ecloud::deploy
