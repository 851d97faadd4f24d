// Whether the programs of the platform in the image are those that it has published.
#include <array>

#include "deploy/path_watch.h"
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

/// What published_programs calls it.
std::string published_name(const std::string& name) {
  return name == "tls-keygen" ? kTlsClient : name;
}

std::vector<std::string> pinned_images(const platform::Environment& environment) {
  std::vector<std::string> out;
  for (const std::string* image :
       {&environment.kms_client_image, &environment.tls_client_image, &environment.caddy_image}) {
    if (!image->empty()) out.push_back(*image);
  }
  return out;
}

/// How many layers of the image are those of its base; 0 when it is not known.
std::size_t layers_of_base(const VerifyState& state) {
  const auto& base = state.material.base;
  if (!base || base->absence) return 0;
  try {
    return open_image(*base, *state.blobs).layers.size();
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return 0;
  }
}

/// What the layers that were read have of the watched files.
struct AddedFiles {
  std::map<std::string, PathWatch> files;  ///< by path
  bool complete = false;                   ///< all layers above the base were read
  std::string problem;                     ///< of a layer as a whole

  const PathWatch& at(const std::string& path) const { return files.at(path); }
};

/// Why container runtimes may take other layers than those that were read here.
std::string document_problem(const oci::Image& image) {
  for (const auto& [document, name] :
       {std::pair(&image.manifest, "manifest"), std::pair(&image.config, "configuration")}) {
    const std::vector<std::string> twice = ambiguous_members(*document);
    if (twice.empty()) continue;
    return "the " + std::string(name) +
           " has members that programs read differently: " + listed(twice);
  }
  return image.details.diff_ids.size() == image.layers.size()
             ? std::string()
             : "layers and diff_ids of the image do not go together";
}

AddedFiles added_files(const VerifyState& state) {
  AddedFiles out;
  for (const char* path : kWatched) out.files.emplace(path, PathWatch(path));
  const oci::Image& image = *state.image;
  out.problem = document_problem(image);
  std::size_t layer = image.layers.size();
  for (; layer > 0 && out.problem.empty(); --layer) {
    const oci::Descriptor& blob = image.layers[layer - 1];
    if (!state.blobs->has(blob.digest.to_string())) break;
    const std::string name = "layer " + std::to_string(layer);
    const LayerContent content = read_layer(blob, *state.blobs, name + " of the image", "");
    const oci::Digest& said = image.details.diff_ids[layer - 1];
    if (!(content.diff_id == said)) {
      out.problem = name + " unpacks to " + content.diff_id.to_string() +
                    ", and the configuration says " + said.to_string();
    }
    for (auto& [path, watch] : out.files) watch.take(content, name);
  }
  out.complete = layer <= layers_of_base(state);
  return out;
}

void compare_file(Evidence& evidence, const std::string& name, const PathWatch& file,
                  const oci::Digest& wanted, const std::string& as_it_should) {
  const LayerEntry& found = *file.found();
  if (!file.problem().empty()) return evidence.failed(name, file.problem());
  if (found.type != oci::TarType::kFile || found.content != wanted) {
    return evidence.failed(
        name, "is " + (found.content ? found.content->to_string() : "no regular file") +
                  ", and the published one is " + wanted.to_string());
  }
  if (!file.doubt().empty()) return evidence.not_checked(name, file.doubt());
  evidence.verified(name, as_it_should);
}

void compare_program(Evidence& evidence, const std::string& name, const PathWatch& file,
                     const PublishedPrograms& published) {
  if (!file.problem().empty()) return evidence.failed(name, file.problem());
  const auto program = published.found.find(published_name(name));
  if (program == published.found.end()) return evidence.not_checked(name, published.problem);
  const oci::Digest wanted = digest_of(*program->second);
  compare_file(evidence, name, file, wanted, "the published one, " + wanted.to_string());
}

void missing_file(Evidence& evidence, const std::string& name, const PathWatch& file,
                  bool complete) {
  if (!file.problem().empty()) return evidence.failed(name, file.problem());
  if (complete) {
    return evidence.failed(name,
                           file.path() + " is in none of the layers that were added to the base");
  }
  evidence.not_checked(name,
                       file.path() + " is not in the upper layers, the only ones that were read");
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
  compare_file(evidence, kName, file, wanted, "the key of environment " + environment.name);
}

void check_files(Evidence& evidence, const VerifyState& state) {
  const AddedFiles added = added_files(state);
  if (!added.problem.empty()) {
    evidence.failed("kms-client", added.problem);
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
      compare_program(evidence, name, watch_of(name), published);
    } else if (std::string_view(name) == "kms-client") {
      missing_file(evidence, name, watch_of(name), added.complete);
    }
  }
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
