#include "cli/commands/build/build_view.h"

#include "cli/json_values.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

std::string digest_text(const platform::Build& build) {
  return build.image_digest ? build.image_digest->to_string() : std::string();
}

/// "URL (the provenance says the same)".
std::string compared(const std::string& value, deploy::Match match) {
  if (value.empty()) return {};
  return value + (match == deploy::Match::kMatches ? " (as in the provenance)"
                                                   : " (not named in the provenance)");
}

}  // namespace

Positional build_positional() {
  return {.name = "ID", .help = "Id of the build; the account's newest one when left out"};
}

std::string build_id(Workflow& workflow, const Values& values) {
  if (const auto given = values.argument("ID")) {
    platform::check_build_id(*given);
    return *given;
  }
  const eth::Address account = workflow.signer().address;
  const auto builds = workflow.build_api(true).list(account, 1, 0);
  if (builds.empty()) {
    throw Error(Category::kNotFound, "build.none",
                "account " + account.to_string() + " has no builds",
                "submit one: ecloud compute build submit --repo URL --commit SHA");
  }
  const platform::Build& build = builds.front();
  workflow.note("build " + build.id + " (" + build.repo + " at " + build.commit +
                "), the account's newest one");
  return build.id;
}

Option build_timeout_option(std::string name, std::string heading) {
  return {.name = std::move(name),
          .kind = Kind::kDuration,
          .value_name = "TIME",
          .help = "How long to wait for the build: 90s, 10m, or seconds",
          .default_text = "30m",
          .heading = std::move(heading)};
}

std::string build_wait_command(const Workflow& workflow, const std::string& id) {
  return "ecloud compute build status " + id + " --wait" + workflow.environment_flag();
}

std::function<void(std::string_view)> log_on_stderr(Context& context) {
  if (context.output().json() && !context.terminal().options().verbose) return {};
  return [&context](std::string_view text) { context.terminal().write_error(text); };
}

std::string build_time(Context& context, const std::string& text) {
  const auto time = base::parse_rfc3339(text);
  return time ? show_time(context.terminal(), *time, context.clock().unix_seconds()) : text;
}

// The members of the TypeScript CLI come first, in its order.
base::Json build_document(const platform::Build& build) {
  return base::Json::object({
      {"buildId", text_or_null(build.id)},
      {"status", text_or_null(build.state_word)},
      {"repoUrl", text_or_null(build.repo)},
      {"gitRef", text_or_null(build.commit)},
      {"buildType", text_or_null(build.type)},
      {"imageName", text_or_null(build.image_name)},
      {"imageUrl", text_or_null(build.image_url)},
      {"imageDigest", text_or_null(digest_text(build))},
      {"errorMessage", text_or_null(build.error_message)},
      {"createdAt", text_or_null(build.created_at)},
      {"updatedAt", text_or_null(build.updated_at)},
      {"account", build.account ? base::Json(build.account->to_string()) : base::Json()},
      {"repo", text_or_null(build.repo)},
      {"commit", text_or_null(build.commit)},
      {"error", text_or_null(build.error_message)},
  });
}

std::vector<JsonField> build_json_fields() {
  return {
      {"buildId", "id of the build"},
      {"status", "building, success or failed, as the service says; null when it does not say"},
      {"repoUrl", "Git repository"},
      {"gitRef", "commit, 40 hex digits"},
      {"buildType", "as the service says, or null"},
      {"imageName", "of the image, or null"},
      {"imageUrl", "registry and repository of the image; null until it is built"},
      {"imageDigest", "sha256:…; null until it is built"},
      {"errorMessage", "why it failed, or null"},
      {"createdAt", "RFC 3339"},
      {"updatedAt", "RFC 3339"},
      {"account", "who submitted it"},
      {"repo", "repoUrl under its name in ecloud 0.1.0"},
      {"commit", "gitRef, likewise"},
      {"error", "errorMessage, likewise"},
  };
}

Pairs build_pairs(Context& context, const platform::Build& build) {
  return {
      {"Build", build.id},
      {"Status", build.state_word.empty() ? "unknown" : build.state_word},
      {"Error", build.error_message},
      {"Repository", build.repo},
      {"Commit", build.commit},
      {"Account", build.account ? build.account->to_string() : ""},
      {"Image", build.image_url},
      {"Digest", digest_text(build)},
      {"Created", build_time(context, build.created_at)},
      {"Updated", build_time(context, build.updated_at)},
  };
}

base::Json verified_document(const deploy::VerifiedBuild& verified) {
  const platform::Build& build = verified.build;
  return base::Json::object({
      {"status", "verified"},
      {"buildId", text_or_null(build.id)},
      {"imageUrl", text_or_null(build.image_url)},
      {"imageDigest", verified.digest.to_string()},
      {"repoUrl", text_or_null(build.repo)},
      {"gitRef", text_or_null(build.commit)},
      {"serverVerdict", "verified"},
      {"repo", text_or_null(build.repo)},
      {"commit", text_or_null(build.commit)},
      {"account", build.account ? base::Json(build.account->to_string()) : base::Json()},
      {"payloadType", text_or_null(verified.payload_type)},
      {"predicateType", text_or_null(verified.provenance.predicate_type)},
      {"checks", base::Json::object({{"digest", "matches"},
                                     {"repository", to_string(verified.repository)},
                                     {"commit", to_string(verified.commit)},
                                     {"signature", "not checked"}})},
  });
}

std::vector<JsonField> verified_json_fields() {
  return {
      {"status", "verified: what the build service says; anything else ends with 9"},
      {"buildId", "id of the build"},
      {"imageUrl", "registry and repository of the image"},
      {"imageDigest", "sha256:… that the provenance is about"},
      {"repoUrl", "Git repository"},
      {"gitRef", "commit, 40 hex digits"},
      {"serverVerdict", "status under its name in ecloud 0.1.0"},
      {"repo", "repoUrl, likewise"},
      {"commit", "gitRef, likewise"},
      {"account", "who submitted it"},
      {"payloadType", "media type of the provenance"},
      {"predicateType", "kind of statement in it"},
      {"checks",
       "what was compared here: digest, repository, commit (matches, not named) and "
       "signature (not checked: the platform publishes no key)"},
  };
}

Pairs verified_pairs(const deploy::VerifiedBuild& verified) {
  const platform::Build& build = verified.build;
  return {
      {"Server's verdict", "verified"},
      {"Build", build.id},
      {"Repository", compared(build.repo, verified.repository)},
      {"Commit", compared(build.commit, verified.commit)},
      {"Account", build.account ? build.account->to_string() : ""},
      {"Image", build.image_url},
      {"Digest", compared(verified.digest.to_string(), deploy::Match::kMatches)},
      {"Payload type", verified.payload_type},
      {"Predicate type", verified.provenance.predicate_type},
      {"Signature", "not checked here: the platform publishes no key for it"},
  };
}

}  // namespace ecloud::cli
