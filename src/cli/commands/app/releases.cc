#include <algorithm>

#include "cli/commands/app/app_facts.h"
#include "cli/commands/app/app_view.h"
#include "cli/commands/app/commands.h"
#include "cli/workflow.h"
#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// The releases as the platform lists them, beside what the chain says.
struct Releases {
  eth::Address app;
  ChainFacts chain;
  std::vector<platform::ReleaseRecord> list;  ///< newest first
  std::size_t unreadable = 0;                 ///< entries of the platform's list

  /// The block of the newest release on chain.
  std::uint64_t newest() const {
    return std::max(chain.latest_release_block, chain.pending_release_block.value_or(0));
  }
  bool tells_blocks() const {
    return std::all_of(list.begin(), list.end(), [](const platform::ReleaseRecord& release) {
      return release.created_at_block.has_value();
    });
  }
  /// Nothing when the list does not say: an entry without a block may be the newest.
  std::optional<bool> lags() const {
    const bool missing =
        std::none_of(list.begin(), list.end(), [&](const platform::ReleaseRecord& release) {
          return release.created_at_block.value_or(0) >= newest();
        });
    const bool may_be_there = missing && (unreadable > 0 || !tells_blocks());
    return may_be_there ? std::nullopt : std::optional(missing);
  }
  std::string state_of(const platform::ReleaseRecord& release) const {
    if (!release.created_at_block) return {};
    if (*release.created_at_block == chain.latest_release_block) return "current";
    return release.created_at_block == chain.pending_release_block ? "pending" : "";
  }
};

Releases ask(Workflow& workflow, const eth::Address& app) {
  Releases out;
  out.app = app;
  std::optional<Error> problem;
  base::run_concurrently({
      [&] { out.chain = ask_chain(workflow.services(), app); },
      [&] {
        try {
          platform::AppDetails details = workflow.user_api(false).details(app);
          out.list = std::move(details.releases);
          out.unreadable = details.unreadable_releases;
        } catch (const Error& error) {
          // An indexer that does not know the app yet lags; the chain knows.
          if (error.category() != Category::kNotFound) problem = error;
        }
      },
  });
  if (problem) throw Error(*problem);
  // Where a block is missing the platform's own order, newest first, is the better one.
  if (out.tells_blocks()) {
    std::stable_sort(out.list.begin(), out.list.end(), [](const auto& a, const auto& b) {
      return *a.created_at_block > *b.created_at_block;
    });
  }
  return out;
}

/// Unix seconds, as in the TypeScript CLI.
base::Json seconds_or_null(const std::string& time) {
  const auto seconds = base::parse_rfc3339(time);
  return seconds ? base::Json(*seconds) : base::Json();
}

// The members of the TypeScript CLI come first, in its order.
base::Json release_document(const Releases& releases, const platform::ReleaseRecord& release) {
  base::Json variables = base::Json::object();
  for (const auto& [name, value] : release.public_variables) variables.set(name, value);
  return base::Json::object({{"rmsReleaseId", text_or_null(release.id)},
                             {"imageDigest", text_or_null(release.image_digest)},
                             {"registryUrl", text_or_null(release.registry_url)},
                             {"createdAt", seconds_or_null(release.created_at)},
                             {"createdAtBlock", number_or_null(release.created_at_block)},
                             {"build", build_document(release.build)},
                             {"releaseId", text_or_null(release.id)},
                             {"state", text_or_null(releases.state_of(release))},
                             {"registry", text_or_null(release.registry_url)},
                             {"block", number_or_null(release.created_at_block)},
                             {"createdAtTime", text_or_null(release.created_at)},
                             {"instanceType", text_or_null(release.instance_type)},
                             {"publicVariables", std::move(variables)}});
}

base::Json document_of(const Releases& releases) {
  base::Json list = base::Json::array();
  for (auto release = releases.list.rbegin(); release != releases.list.rend(); ++release) {
    list.push(release_document(releases, *release));
  }
  return base::Json::object(
      {{"appID", releases.app.to_string()},
       {"releases", std::move(list)},
       {"appId", releases.app.to_string()},
       {"latestReleaseBlock", releases.chain.latest_release_block},
       {"pendingReleaseBlock", number_or_null(releases.chain.pending_release_block)},
       {"indexerLags", releases.lags() ? base::Json(*releases.lags()) : base::Json()}});
}

/// "sha256:0934b1c23c5a" of a longer digest.
std::string shortened(const std::string& digest) {
  constexpr std::size_t kShown = 19;
  return digest.substr(0, kShown);
}

std::string show_variables(const platform::ReleaseRecord& release, bool full) {
  if (release.public_variables.empty()) return "-";
  std::vector<std::string> out;
  for (const auto& [name, value] : release.public_variables) {
    out.push_back(full ? name + "=" + value : name);
  }
  return base::join(out, full ? " " : ",");
}

std::string show_short_build(const std::optional<platform::ReleaseBuild>& build) {
  if (!build) return "-";
  return build->commit.empty() ? build->id : build->commit.substr(0, 12);
}

Table table_of(Context& context, const Releases& releases, bool full) {
  Table table{
      .headers = {"BLOCK", "STATE", "CREATED", "IMAGE", "INSTANCE", "PUBLIC VARIABLES", "BUILD"},
      .rows = {}};
  const std::int64_t now = context.clock().unix_seconds();
  const bool whole = full || !context.terminal().is_terminal(Stream::kOutput);
  for (const platform::ReleaseRecord& release : releases.list) {
    const std::string digest = whole ? release.image_digest : shortened(release.image_digest);
    table.rows.push_back(
        {release.created_at_block ? std::to_string(*release.created_at_block) : "-",
         or_dash(releases.state_of(release)),
         or_dash(show_server_time(context.terminal(), release.created_at, now)),
         or_dash(show_image(release.registry_url, digest)), or_dash(release.instance_type),
         show_variables(release, full),
         full ? or_dash(show_build(release.build)) : show_short_build(release.build)});
  }
  return table;
}

void run_releases(Context& context, const Values& values) {
  Workflow workflow(context);
  const Releases releases = ask(workflow, workflow.app(values));
  if (releases.newest() == 0) {
    workflow.note("app " + releases.app.to_string() + " has no release yet");
  } else if (!releases.lags()) {
    workflow.note(
        "the newest release on chain is of block " + std::to_string(releases.newest()) +
        "; whether the platform lists it is unknown, because its list lacks block numbers");
  } else if (*releases.lags()) {
    workflow.note("the newest release on chain is of block " + std::to_string(releases.newest()) +
                  "; the platform has not listed it yet");
  }
  if (releases.unreadable > 0) {
    workflow.warning(std::to_string(releases.unreadable) +
                     (releases.unreadable == 1 ? " entry" : " entries") +
                     " of the platform's list cannot be read and is left out");
  }
  context.output().result(document_of(releases), [&] {
    context.output().table(table_of(context, releases, values.flag("full")));
  });
}

}  // namespace

Command make_app_releases_command() {
  Command command;
  command.name = "releases";
  command.summary = "List an app's releases, newest first";
  command.description =
      "Lists what the app has been told to run. The list comes from the platform, which reads it "
      "off the chain with a delay; the chain itself says which one is in force (current) and which "
      "one the platform has not taken yet (pending). When the newest is not listed yet, that is "
      "said on stderr. With --json the order is that of the TypeScript CLI: the newest comes last.";
  command.positionals = {app_positional()};
  command.options = {{.name = "full",
                      .kind = Kind::kFlag,
                      .help = "Whole digests, values of public variables, whole builds"}};
  command.examples = {
      {"What runs, and what ran", "ecloud compute app releases my-app"},
      {"The digest in force",
       "ecloud compute app releases my-app --json | jq -r '.releases[] | select(.state == "
       "\"current\") | .imageDigest'"}};
  command.json_fields = {
      {"appID", "id of the app"},
      {"releases",
       "oldest first, so that the last one is the newest: rmsReleaseId, imageDigest, registryUrl, "
       "createdAt (unix seconds), createdAtBlock, build (repoUrl, gitRef, …), and beside them "
       "state, createdAtTime (RFC 3339), instanceType, publicVariables, and the names of ecloud "
       "0.1.0: releaseId, registry, block"},
      {"appId", "the same under the name that the other commands have"},
      {"latestReleaseBlock", "block of the release in force, from the chain"},
      {"pendingReleaseBlock", "block of an upgrade that the platform has not taken yet, or null"},
      {"indexerLags",
       "whether the newest release on chain is missing in the list; null when the list lacks block "
       "numbers"}};
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_releases;
  return command;
}

}  // namespace ecloud::cli
