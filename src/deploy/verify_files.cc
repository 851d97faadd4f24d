// The files that layering or the platform's builder put into an image, out of the layers that were
// read, and how each is compared.
#include "deploy/verify_files.h"

#include "ecloud/base/error.h"
#include "ecloud/platform/runtime_generation.h"
#include "ecloud/platform/start_script.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;

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

}  // namespace

std::string published_name(const std::string& name) {
  return name == "tls-keygen" ? kTlsClient : name;
}

AddedFiles added_files(const VerifyState& state, const std::vector<std::string>& paths) {
  AddedFiles out;
  for (const std::string& path : paths) out.files.emplace(path, PathWatch(path));
  const oci::Image& image = *state.image;
  out.problem = document_problem(image);
  std::size_t layer = image.layers.size();
  for (; layer > 0 && out.problem.empty(); --layer) {
    const oci::Descriptor& blob = image.layers[layer - 1];
    if (!state.blobs->has(blob.digest.to_string())) break;
    const std::string name = "layer " + std::to_string(layer);
    const LayerContent content = read_layer(blob, *state.blobs, name + " of the image",
                                            std::string(platform::kStartScriptPath.substr(1)));
    if (out.start_script.empty() && content.wanted) out.start_script = *content.wanted;
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
                  const oci::Digest& wanted, const std::string& expected,
                  const std::string& as_it_should) {
  const LayerEntry& found = *file.found();
  if (!file.problem().empty()) return evidence.failed(name, file.problem());
  if (found.type != oci::TarType::kFile || found.content != wanted) {
    return evidence.failed(
        name, "is " + (found.content ? found.content->to_string() : "no regular file") + ", and " +
                  expected + " is " + wanted.to_string());
  }
  if (!file.doubt().empty()) return evidence.not_checked(name, file.doubt());
  evidence.verified(name, as_it_should);
}

void compare_program(Evidence& evidence, const std::string& name, const PathWatch& file,
                     const PublishedPrograms& published, const std::string& expected) {
  if (!file.problem().empty()) return evidence.failed(name, file.problem());
  const auto program = published.found.find(published_name(name));
  if (program == published.found.end()) return evidence.not_checked(name, published.problem);
  const oci::Digest wanted = digest_of(*program->second);
  compare_file(evidence, name, file, wanted, expected, expected + ", " + wanted.to_string());
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

void check_runtime(Evidence& evidence, const VerifyState& state, const PathWatch& client) {
  constexpr char kName[] = "runtime";
  const auto& labels = state.image->details.labels;
  if (!client.found() || !client.problem().empty()) {
    return evidence.not_checked(kName, evidence.missing({"kms-client"}));
  }
  const platform::EvidencePathScan& scan = client.found()->evidence;
  const auto runtime = scan.generation();
  if (!runtime) {
    return evidence.not_checked(
        kName, scan.is_ambiguous() ? "the KMS client asks for evidence of both generations"
                                   : "the KMS client asks for evidence of no known generation");
  }
  const std::string named(platform::to_string(*runtime));
  const std::string problem = platform::label_problem(labels, *runtime);
  if (!problem.empty()) {
    return evidence.failed(kName, "the KMS client is of the generation " + named + ", and " +
                                      problem + ": the app cannot get its variables");
  }
  if (!platform::generation_of_labels(labels)) {
    return evidence.not_checked(
        kName,
        "no label chooses a VM image for the KMS client, which is of the generation " + named);
  }
  evidence.compared(kName, true,
                    "KMS client and VM image are both of the generation " + named +
                        (*runtime == platform::kServedGeneration
                             ? ""
                             : ", which the platform no longer serves: the app cannot start again"),
                    {"kms-client"});
}

}  // namespace ecloud::deploy
