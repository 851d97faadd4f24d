// The programs in an image that the platform has built. Nothing of it was layered here, so there is
// no base to compare with: what counts is the recipe in the build's provenance. It names the tool
// images, whose programs must be those in the image, and the start script, which must be of the
// environment.
#include <set>

#include "deploy/verify_files.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/builds.h"
#include "ecloud/platform/build_recipe.h"
#include "ecloud/platform/start_script.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;

constexpr char kFolder[] = "usr/local/bin/";
/// What every image of the builder has besides its KMS client.
const std::vector<std::string> kExpected = {
    "usr/local/bin/compute-source-env.sh", "usr/local/bin/caddy",
    "usr/local/share/eigenx-ca-certs.crt", "etc/caddy/Caddyfile"};

/// The recipe of the build whose provenance is about this very digest; throws what refuses it.
platform::BuildRecipe recipe_of(const VerifyState& state) {
  const auto& build = state.material.build;
  if (!build || build->absence || !build->verdict.verified) {
    throw Error(Category::kVerification, "build.not_verified",
                "the build service has no verified build of the image");
  }
  const std::string digest = state.digest->to_string();
  check_verdict(build->verdict, digest, {.digests = {*state.digest}, .repo = {}, .commit = {}});
  return platform::read_build_recipe(build->verdict.payload,
                                     platform::tools_repository(state.policy.environment));
}

void check_program(Evidence& evidence, const VerifyState& state, const AddedFiles& added,
                   const platform::BuildRecipe& recipe, const std::string& name) {
  const auto tool = recipe.tools.find(name);
  const PathWatch& file = added.at(kFolder + name);
  if (tool == recipe.tools.end()) {
    if (file.found()) evidence.failed(name, "it is in the image, and the recipe adds no " + name);
    return;
  }
  if (!file.found()) return missing_file(evidence, name, file, added.complete);
  const std::string image =
      platform::tools_repository(state.policy.environment) + "@" + tool->second.to_string();
  compare_program(evidence, name, file, programs_of(state, {image}, {published_name(name)}),
                  "that of the recipe's " + tool->second.to_string());
}

/// The recipe's client is the platform's word; a pin is the user's.
void check_pin(Evidence& evidence, const VerifyState& state, const platform::BuildRecipe& recipe) {
  constexpr char kName[] = "pinned-client";
  const std::string& pinned = state.policy.environment.kms_client_image;
  const std::string digest = recipe.tools.at("kms-client").to_string();
  if (pinned.ends_with("@" + digest)) {
    return evidence.compared(kName, true, "the recipe's KMS client is the one that is pinned",
                             {"kms-client"});
  }
  evidence.not_checked(kName, "the recipe's KMS client is of " + digest + ", and environment " +
                                  state.policy.environment.name + " pins " +
                                  (pinned.empty() ? "none" : pinned.substr(pinned.find('@') + 1)) +
                                  "; to compare with the current one: ecloud image tools");
}

void check_script(Evidence& evidence, const VerifyState& state, const AddedFiles& added,
                  const platform::BuildRecipe& recipe) {
  const platform::Environment& environment = state.policy.environment;
  const PathWatch& file = added.at(kExpected[0]);
  if (!file.found()) {
    missing_file(evidence, "start-script", file, added.complete);
    return evidence.not_checked("kms-signing-key", evidence.missing({"start-script"}));
  }
  if (!file.problem().empty()) {
    evidence.failed("start-script", file.problem());
    return evidence.not_checked("kms-signing-key", evidence.missing({"start-script"}));
  }
  const std::string problem =
      platform::recipe_problem({.tools = {}, .start_script = added.start_script}, environment);
  if (!problem.empty()) {
    evidence.failed("start-script", "of the image: " + problem);
  } else if (recipe.start_script.find(added.start_script) == std::string::npos) {
    evidence.failed("start-script", "it is not the one that the recipe writes");
  } else if (!file.doubt().empty()) {
    evidence.not_checked("start-script", file.doubt());
  } else {
    evidence.verified("start-script",
                      "the one that the recipe writes, with the KMS URL and UserAPI "
                      "URL of environment " +
                          environment.name);
  }
  evidence.compared("kms-signing-key", problem.empty(),
                    problem.empty()
                        ? "the key of environment " + environment.name + ", in the start script"
                        : problem,
                    {"start-script"});
}

void check_expected(Evidence& evidence, const AddedFiles& added) {
  constexpr char kName[] = "platform-files";
  for (std::size_t i = 1; i < kExpected.size(); ++i) {
    const PathWatch& file = added.at(kExpected[i]);
    if (!file.found() || !file.problem().empty()) {
      return missing_file(evidence, kName, file, added.complete);
    }
  }
  evidence.verified(kName, "caddy, its Caddyfile and the CA bundle are in the image");
}

}  // namespace

void judge_built_binaries(Evidence& evidence, const VerifyState& state) {
  std::vector<std::string> paths = kExpected;
  for (const char* name : {"kms-client", "tls-client"})
    paths.push_back(kFolder + std::string(name));
  const AddedFiles added = added_files(state, paths);
  if (!added.problem.empty()) return evidence.failed("kms-client", added.problem);
  platform::BuildRecipe recipe;
  try {
    recipe = recipe_of(state);
    const std::string problem = platform::recipe_problem(recipe, state.policy.environment);
    if (!problem.empty()) {
      evidence.failed("recipe", problem);
    } else {
      evidence.verified("recipe", "the build's recipe is of environment " +
                                      state.policy.environment.name +
                                      ", as the build service tells it");
    }
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    const bool refused = error.code() != "build.not_verified";
    refused ? evidence.failed("recipe", error.message())
            : evidence.not_checked("recipe", error.message());
    for (const char* name : {"kms-client", "start-script", "kms-signing-key"}) {
      evidence.not_checked(name, evidence.missing({"recipe"}));
    }
    return check_runtime(evidence, state, added.at(kFolder + std::string("kms-client")));
  }
  check_program(evidence, state, added, recipe, "kms-client");
  check_program(evidence, state, added, recipe, "tls-client");
  check_pin(evidence, state, recipe);
  check_runtime(evidence, state, added.at(kFolder + std::string("kms-client")));
  check_script(evidence, state, added, recipe);
  check_expected(evidence, added);
}

}  // namespace ecloud::deploy
