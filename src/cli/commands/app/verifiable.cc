#include "cli/commands/app/verifiable.h"

#include <algorithm>

#include "cli/build_options.h"
#include "cli/commands/app/release_image.h"
#include "cli/commands/build/build_view.h"
#include "cli/commands/build/parallel_build.h"
#include "cli/json_values.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

constexpr char kHeading[] = "VERIFIABLE BUILD OPTIONS";

const BuildOptionNames& names() {
  static const BuildOptionNames kNames{.dockerfile = "build-dockerfile",
                                       .context = "build-context",
                                       .dependencies = "build-dependencies"};
  return kNames;
}

/// The options that describe a source.
std::vector<std::string> source_options() {
  return {"repo",           "commit", names().dockerfile, names().context, names().dependencies,
          "build-caddyfile"};
}

bool on_command_line(const Values& values, const std::string& option) {
  return values.given(option) && values.origin(option).source == Source::kFlag;
}

/// Where the image's name came from, when one was given.
std::optional<Source> image_source(const Values& values) {
  const auto& positionals = values.command().positionals;
  const bool takes_image = std::any_of(positionals.begin(), positionals.end(),
                                       [](const Positional& one) { return one.name == "IMAGE"; });
  const auto argument = takes_image ? values.argument("IMAGE") : std::nullopt;
  if (argument && *argument != values.app()) return Source::kFlag;
  if (values.given("image-ref")) return values.origin("image-ref").source;
  return std::nullopt;
}

void refuse_without_verifiable(const Values& values) {
  std::vector<std::string> options = source_options();
  options.insert(options.end(), {"rebuild", "force-build", "build-timeout"});
  for (const std::string& option : options) {
    if (!on_command_line(values, option)) continue;
    throw Error(Category::kUsage, "build.not_verifiable",
                "--" + option + " describes a verifiable build, and --verifiable is not given",
                "add --verifiable, or leave out --" + option);
  }
}

/// The stronger of the two wins; on the command line there must be one.
bool builds_from_source(const Values& values) {
  const auto image = image_source(values);
  std::optional<Source> source;
  for (const char* option : {"repo", "commit"}) {
    if (!values.given(option)) continue;
    const Source where = values.origin(option).source;
    source = source ? std::min(*source, where) : where;
  }
  if (!image) return true;
  if (*image != Source::kFlag) return source && *source <= *image;
  for (const std::string& option : source_options()) {
    if (!on_command_line(values, option)) continue;
    throw Error(Category::kUsage, "build.image_and_source",
                "--" + option +
                    " says what to build, and an image that is built already is given "
                    "too",
                "give the image alone, or --repo and --commit alone");
  }
  return false;
}

/// A build and its image, as the registry has it.
VerifiableImage resolve(Workflow& workflow, deploy::VerifiedBuild verified) {
  const std::string url = verified.build.image_url;
  oci::Reference reference;
  try {
    reference = oci::Reference::parse(url);
  } catch (const Error&) {
    throw Error(
        Category::kNetwork, "build.no_image",
        "the build service gives no image for build " + verified.build.id + " (\"" + url + "\")",
        "see the build: ecloud compute build info " + verified.build.id);
  }
  reference.tag.clear();
  reference.digest = verified.digest;
  oci::ResolvedImage resolved = workflow.services().registry.resolve(reference);
  reference.digest = resolved.digest;
  std::string id = verified.build.id;
  return {reference, std::move(resolved), std::move(verified), std::move(id)};
}

/// The digest, and when the name led to an index the index's: either may be in the provenance.
VerifiableImage verify_prebuilt(Workflow& workflow, const oci::Reference& image) {
  workflow.phase("asking the registry for " + image.to_string());
  oci::ResolvedImage resolved = workflow.services().registry.resolve(image);
  platform::BuildApi api = workflow.build_api(true);
  std::vector<oci::Digest> digests = {resolved.digest};
  if (resolved.index_digest) digests.push_back(*resolved.index_digest);
  const auto verify = [&](const oci::Digest& digest) {
    return deploy::verify_build(workflow.services(), api, digest.to_string(),
                                {.digests = digests, .repo = {}, .commit = {}});
  };
  std::optional<deploy::VerifiedBuild> verified;
  try {
    verified = verify(resolved.digest);
  } catch (const Error& error) {
    if (error.code() != "build.not_verified" || !resolved.index_digest) throw;
    verified = verify(*resolved.index_digest);
  }
  oci::Reference reference = image;
  reference.tag.clear();
  reference.digest = resolved.digest;
  std::string id = verified->build.id;
  return {reference, std::move(resolved), std::move(verified), std::move(id)};
}

std::string follow(Context& context, Workflow& workflow, const std::string& id,
                   base::Milliseconds timeout) {
  workflow.phase("build " + id);
  platform::BuildApi direct = workflow.build_api(false);
  deploy::follow_build(
      workflow.services(), direct, id,
      {.timeout = timeout,
       .wait_command = build_wait_command(workflow, id) + " (then run the same command again)",
       .log = log_on_stderr(context)});
  return id;
}

/// The id of a build of that source which has succeeded; empty when there is none and none is to be
/// made.
std::string finished_build(Context& context, Workflow& workflow, const Verifiable& verifiable,
                           bool dry_run,
                           const std::function<void(const oci::ResolvedImage&)>& before_build,
                           std::string& pending) {
  platform::BuildApi api = workflow.build_api(true);
  if (!verifiable.rebuild) {
    workflow.phase("looking for a build of " + verifiable.source->commit);
    const auto found =
        deploy::find_build(workflow.services(), api, workflow.signer(), *verifiable.source);
    if (found && found->state == platform::BuildState::kSuccess) {
      workflow.note("build " + found->id +
                    " was made from the same source; it is not built again (--rebuild would)");
      return found->id;
    }
    if (found) {
      workflow.note("build " + found->id + " of the same source goes on already");
      pending = found->id;
      if (dry_run) return {};
      before_build(stand_in_image(image_to_be_built()));
      return follow(context, workflow, found->id, verifiable.build_timeout);
    }
  }
  if (dry_run) return {};
  before_build(stand_in_image(image_to_be_built()));
  workflow.phase("submitting the build");
  return follow(
      context, workflow,
      submit_build(context, workflow, api, *verifiable.source, verifiable.force, "--force-build"),
      verifiable.build_timeout);
}

}  // namespace

std::vector<Option> verifiable_options() {
  std::vector<Option> options = {
      {.name = "verifiable",
       .kind = Kind::kFlag,
       .help = "Deploy an image that the platform has built from a public commit: give --repo and "
               "--commit, or the image of such a build",
       .heading = kHeading}};
  for (Option& option : build_source_options(names(), kHeading)) {
    option.question.clear();
    options.push_back(std::move(option));
  }
  options.push_back({.name = "rebuild",
                     .kind = Kind::kFlag,
                     .help = "Build again when there is a build of the same source already",
                     .heading = kHeading});
  options.push_back({.name = "force-build",
                     .kind = Kind::kFlag,
                     .help = "Build in parallel while another build of the account is running, "
                             "which uses credits",
                     .heading = kHeading});
  options.push_back(build_timeout_option("build-timeout", kHeading));
  return options;
}

std::optional<Verifiable> read_verifiable(const Values& values) {
  if (!values.flag("verifiable")) {
    refuse_without_verifiable(values);
    return std::nullopt;
  }
  Verifiable out;
  out.rebuild = values.flag("rebuild");
  out.force = values.flag("force-build");
  out.build_timeout = *values.duration("build-timeout");
  if (builds_from_source(values)) {
    if (!values.given("repo") && !values.given("commit")) {
      throw Error(Category::kUsage, "build.no_source",
                  "--verifiable needs a source to build (--repo and --commit) or an image of a "
                  "verifiable build (--image-ref)",
                  "give --repo https://github.com/you/app --commit SHA, or --image-ref "
                  "docker.io/eigenlayer/eigencloud-containers:TAG");
    }
    for (const char* option : {"repo", "commit"}) {
      if (!values.given(option)) throw values.missing(option);
    }
    out.source = read_build_request(values, names());
  } else if (out.rebuild) {
    throw Error(Category::kUsage, "build.image_and_source",
                "--rebuild needs a source, and an image that is built already is given",
                "leave out --rebuild, or give --repo and --commit instead of the image");
  }
  return out;
}

bool is_to_be_built(const oci::Reference& image) {
  return image.tag.empty() && !image.digest;
}

oci::Reference image_to_be_built() {
  return {.host = "docker.io",
          .repository = "eigenlayer/eigencloud-containers",
          .tag = {},
          .digest = std::nullopt};
}

VerifiableImage obtain_verifiable_image(
    Context& context, Workflow& workflow, const Verifiable& verifiable,
    const oci::Reference& prebuilt, bool dry_run,
    const std::function<void(const oci::ResolvedImage&)>& before_build) {
  if (!verifiable.source) return verify_prebuilt(workflow, prebuilt);
  std::string pending;
  const std::string id =
      finished_build(context, workflow, verifiable, dry_run, before_build, pending);
  if (id.empty())
    return {image_to_be_built(), stand_in_image(image_to_be_built()), std::nullopt, pending};
  platform::BuildApi api = workflow.build_api(true);
  return resolve(workflow, deploy::verify_build(workflow.services(), api, id,
                                                {.digests = {},
                                                 .repo = verifiable.source->repo,
                                                 .commit = verifiable.source->commit}));
}

base::Json verifiable_document(const std::optional<Verifiable>& verifiable,
                               const std::optional<VerifiableImage>& image) {
  if (!verifiable || !image) return {};
  if (image->verified) return verified_document(*image->verified);
  const platform::BuildRequest& source = *verifiable->source;
  base::Json dependencies = base::Json::array();
  for (const oci::Digest& digest : source.dependencies) dependencies.push(digest.to_string());
  return base::Json::object({{"buildId", text_or_null(image->build_id)},
                             {"serverVerdict", nullptr},
                             {"repo", source.repo},
                             {"commit", source.commit},
                             {"dockerfile", source.dockerfile},
                             {"context", source.context},
                             {"caddyfile", text_or_null(source.caddyfile)},
                             {"dependencies", dependencies}});
}

JsonField verifiable_json_field() {
  return {"build",
          "with --verifiable what ecloud compute build verify prints, or with --dry-run, when the "
          "image is still to be built, what it would be built from; else null"};
}

Pairs verifiable_pairs(const std::optional<Verifiable>& verifiable,
                       const std::optional<VerifiableImage>& image) {
  if (!verifiable || !image) return {};
  if (image->verified) {
    const deploy::VerifiedBuild& verified = *image->verified;
    return {{"Build", verified.build.id + " (verified, says the build service)"},
            {"Source", verified.build.repo + " at " + verified.build.commit}};
  }
  const platform::BuildRequest& source = *verifiable->source;
  return {{"Build", image->build_id.empty() ? "would be submitted" : image->build_id + " goes on"},
          {"Source", source.repo + " at " + source.commit + ", " + source.dockerfile + " in " +
                         source.context}};
}

}  // namespace ecloud::cli
