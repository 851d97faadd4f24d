// Whether the programs of the platform in the image are those that it has published.
#include <array>

#include "deploy/verify_layers.h"
#include "deploy/verify_tools.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/layer_image.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;

constexpr std::array<const char*, 3> kPrograms = {"kms-client", "tls-keygen", "caddy"};
constexpr char kFolder[] = "usr/local/bin/";
constexpr char kSigningKey[] = "usr/local/bin/kms-signing-public-key.pem";

std::vector<std::string> pinned_images(const platform::Environment& environment) {
  std::vector<std::string> out;
  for (const std::string* image :
       {&environment.kms_client_image, &environment.tls_client_image, &environment.caddy_image}) {
    if (!image->empty()) out.push_back(*image);
  }
  return out;
}

/// What the layers above the base have, or the uppermost few where the base is not known. Of files
/// at one path the uppermost counts.
struct AddedFiles {
  std::map<std::string, LayerEntry> files;
  bool complete = true;  ///< no layer that may have more was left out
};

AddedFiles added_files(const VerifyState& state) {
  AddedFiles out;
  const auto& layers = state.image->layers;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (!state.blobs->has(layer->digest.to_string())) {
      out.complete = state.material.base && !state.material.base->absence;
      break;
    }
    LayerContent content = read_layer(*layer, *state.blobs, "a layer of the image", "");
    out.files.insert(content.entries.begin(), content.entries.end());
  }
  return out;
}

void compare_program(Evidence& evidence, const std::string& name, const LayerEntry& found,
                     const PublishedPrograms& published) {
  const auto program = published.found.find(name);
  if (program == published.found.end()) {
    return evidence.not_checked(name, published.problem);
  }
  const oci::Digest wanted = digest_of(*program->second);
  const bool holds = found.type == oci::TarType::kFile && found.content == wanted;
  evidence.compared(
      name, holds,
      holds
          ? "the published one, " + wanted.to_string()
          : "is " + (found.content ? found.content->to_string() : std::string("no regular file")) +
                ", and the published one is " + wanted.to_string(),
      {});
}

void missing_file(Evidence& evidence, const std::string& name, const std::string& path,
                  const AddedFiles& added) {
  if (added.complete) {
    return evidence.failed(name, path + " is in none of the layers that were added to the base");
  }
  evidence.not_checked(name, path + " is not in the upper layers, the only ones that were read");
}

void compare_key(Evidence& evidence, const VerifyState& state, const AddedFiles& added) {
  const auto found = added.files.find(kSigningKey);
  if (found == added.files.end()) {
    return missing_file(evidence, "kms-signing-key", kSigningKey, added);
  }
  const oci::Digest wanted =
      oci::Digest::of(base::as_bytes(state.policy.environment.kms_signing_key));
  const bool holds = found->second.content == wanted;
  evidence.compared("kms-signing-key", holds,
                    holds ? "the key of environment " + state.policy.environment.name
                          : "the image trusts another key than that of environment " +
                                state.policy.environment.name,
                    {});
}

void check_files(Evidence& evidence, const VerifyState& state) {
  const AddedFiles added = added_files(state);
  std::set<std::string> there;
  for (const char* name : kPrograms) {
    if (added.files.contains(kFolder + std::string(name))) there.insert(name);
  }
  const PublishedPrograms published = published_programs(state, there);
  for (const char* name : kPrograms) {
    if (there.contains(name)) {
      compare_program(evidence, name, added.files.at(kFolder + std::string(name)), published);
    } else if (std::string_view(name) == "kms-client") {
      missing_file(evidence, name, kFolder + std::string(name), added);
    }
  }
  if (published.contradicts) evidence.failed("published-images", published.problem);
  compare_key(evidence, state, added);
}

}  // namespace

PublishedPrograms published_programs(const VerifyState& state,
                                     const std::set<std::string>& wanted) {
  PublishedPrograms out;
  std::vector<std::string> problems;
  for (const std::string& reference : pinned_images(state.policy.environment)) {
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
        if (tool.manifest != digest) {
          throw Error(Category::kImage, "image.digest_mismatch",
                      tool.manifest + " stands for " + reference);
        }
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
    out.problem = "the published " + name + " could not be had" +
                  (problems.empty() ? ": environment " + state.policy.environment.name +
                                          " pins no image that has it"
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
    evidence.not_checked("kms-signing-key", why);
    return evidence.take();
  };
  if (!state.image) return leave(state.digest ? "the image could not be read" : kNoRelease);
  if (const auto& absence = state.material.image->layers_absence) return leave(absence->reason);
  try {
    check_files(evidence, state);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    evidence = Evidence();
    return leave("the layer could not be read: " + error.message());
  }
  return evidence.take();
}

}  // namespace ecloud::deploy
