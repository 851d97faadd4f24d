// Whether the programs of the platform in the image are those that it has published.
#include <array>

#include "deploy/verify_files.h"
#include "deploy/verify_layers.h"
#include "deploy/verify_tools.h"
#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/layer_image.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;

/// An image has the certificate program by either name.
constexpr std::array<const char*, 4> kPrograms = {"kms-client", "tls-client", "tls-keygen",
                                                  "caddy"};
constexpr char kFolder[] = "usr/local/bin/";
constexpr char kSigningKey[] = "usr/local/bin/kms-signing-public-key.pem";
constexpr std::array<const char*, 5> kWatched = {
    "usr/local/bin/kms-client", "usr/local/bin/tls-client", "usr/local/bin/tls-keygen",
    "usr/local/bin/caddy", kSigningKey};

std::vector<std::string> pinned_images(const platform::Environment& environment) {
  std::vector<std::string> out;
  for (const std::string* image :
       {&environment.kms_client_image, &environment.tls_client_image, &environment.caddy_image}) {
    if (!image->empty()) out.push_back(*image);
  }
  return out;
}

void compare_key(Evidence& evidence, const VerifyState& state, const AddedFiles& added) {
  constexpr char kName[] = "kms-signing-key";
  const PathWatch& file = added.at(kSigningKey);
  if (!file.found()) return missing_file(evidence, kName, file, added.complete);
  const platform::Environment& environment = state.policy.environment;
  const oci::Digest wanted = oci::Digest::of(base::as_bytes(environment.kms_signing_key));
  if (file.problem().empty() && file.found()->content != wanted) {
    return evidence.failed(
        kName, "the image trusts another key than that of environment " + environment.name);
  }
  compare_file(evidence, kName, file, wanted, "the published one",
               "the key of environment " + environment.name);
}

void check_files(Evidence& evidence, const VerifyState& state) {
  const AddedFiles added = added_files(state, {kWatched.begin(), kWatched.end()});
  if (!added.problem.empty()) {
    evidence.failed("kms-client", added.problem);
    evidence.not_checked("runtime", added.problem);
    return evidence.failed("kms-signing-key", added.problem);
  }
  const auto watch_of = [&](const char* name) -> const PathWatch& {
    return added.at(kFolder + std::string(name));
  };
  std::set<std::string> there;
  for (const char* name : kPrograms) {
    if (watch_of(name).found()) there.insert(published_name(name));
  }
  const PublishedPrograms published = published_programs(state, there);
  for (const char* name : kPrograms) {
    if (watch_of(name).found()) {
      compare_program(evidence, name, watch_of(name), published, "the published one");
    } else if (std::string_view(name) == "kms-client") {
      missing_file(evidence, name, watch_of(name), added.complete);
    }
  }
  check_runtime(evidence, state, watch_of("kms-client"));
  if (published.contradicts) evidence.failed("published-images", published.problem);
  compare_key(evidence, state, added);
}

/// Refuses documents that are not what the reference names: the manifest itself, or an index that
/// names it.
void check_reference(const ImageEvidence& tool, const std::string& digest,
                     const MaterialBlobs& blobs) {
  if (tool.manifest == digest) return;
  if (blobs.has(digest)) {
    const base::Json index =
        base::Json::parse(blobs.get(digest), "the index " + digest, Category::kImage);
    for (const base::Json& entry : index["manifests"].elements()) {
      if (entry["digest"].opt_string() == tool.manifest) return;
    }
  }
  throw Error(Category::kImage, "image.digest_mismatch",
              tool.manifest + " stands for " + tool.reference);
}

}  // namespace

PublishedPrograms published_programs(const VerifyState& state,
                                     const std::set<std::string>& wanted) {
  return programs_of(state, pinned_images(state.policy.environment), wanted);
}

PublishedPrograms programs_of(const VerifyState& state, const std::vector<std::string>& images,
                              const std::set<std::string>& wanted) {
  PublishedPrograms out;
  std::vector<std::string> problems;
  for (const std::string& reference : images) {
    if (reference.find("@sha256:") == std::string::npos) {
      problems.push_back(reference + " is not named by its digest");
      continue;
    }
    const std::string digest = reference.substr(reference.find('@') + 1);
    for (const ImageEvidence& tool : state.material.tools) {
      if (tool.reference != reference) continue;
      const Absence* absence = tool.absence          ? &*tool.absence
                               : tool.layers_absence ? &*tool.layers_absence
                                                     : nullptr;
      if (absence != nullptr) {
        problems.push_back(absence->reason);
        out.contradicts = out.contradicts || absence->contradicts;
        continue;
      }
      try {
        check_reference(tool, digest, *state.blobs);
        pick_programs({.image = open_image(tool, *state.blobs),
                       .blobs = state.blobs,
                       .repository = {},
                       .content = nullptr,
                       .index_digest = {}},
                      wanted, scratch_directory(state.policy.paths), out.found);
      } catch (const Error& error) {
        if (error.category() == Category::kInterrupted) throw;
        problems.push_back(error.message());
        out.contradicts = out.contradicts || error.category() == Category::kImage;
      }
    }
  }
  for (const std::string& name : wanted) {
    if (out.found.contains(name)) continue;
    out.problem =
        "the published " + name + " could not be had" +
        (problems.empty() ? ": no image of environment " + state.policy.environment.name + " has it"
                          : ": " + base::join(problems, "; "));
    return out;
  }
  // What is there was checked; another image's problem is of no matter.
  out.contradicts = false;
  return out;
}

std::vector<attest::Finding> judge_binaries(VerifyState& state) {
  Evidence evidence;
  const auto leave = [&](const std::string& why) {
    evidence.not_checked("kms-client", why);
    evidence.not_checked("runtime", why);
    evidence.not_checked("kms-signing-key", why);
    return evidence.take();
  };
  if (!state.image) return leave(state.digest ? "the image could not be read" : kNoRelease);
  if (const auto& absence = state.material.image->layers_absence) return leave(absence->reason);
  try {
    if (is_platform_built(*state.image)) {
      judge_built_binaries(evidence, state);
    } else {
      check_files(evidence, state);
    }
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    evidence = Evidence();
    return leave("the layer could not be read: " + error.message());
  }
  std::vector<attest::Finding> out = evidence.take();
  if (state.material.from_bundle && is_platform_built(*state.image)) {
    for (const char* name : {"recipe", "kms-client", "tls-client", "pinned-client", "start-script",
                             "kms-signing-key", "runtime"}) {
      demote(out, name,
             "no signature binds the recipe to the build service: it is what the maker of the "
             "bundle says; ask it, without --offline");
    }
  }
  return out;
}

}  // namespace ecloud::deploy
