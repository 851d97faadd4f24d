// What the registry serves for the release, and whether its layering can be made again.
#include <fmt/format.h>

#include <algorithm>

#include "deploy/verify_layers.h"
#include "deploy/verify_links.h"
#include "deploy/verify_tools.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/base/version.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/oci/layering.h"
#include "ecloud/platform/start_script.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;

constexpr const char* kAfterManifest[] = {"platform", "layered"};
constexpr const char* kAfterLayered[] = {"base-image",  "base-layers",   "top-layer",
                                         "layer-files", "configuration", "layering"};
constexpr char kCaddyfile[] = "etc/caddy/Caddyfile";

template <std::size_t N>
void leave(Evidence& evidence, const char* const (&names)[N], const std::string& reason) {
  for (const char* name : names) evidence.not_checked(name, reason);
}

/// The image when registry and octets are in order.
std::optional<oci::Image> check_manifest(Evidence& evidence, const VerifyState& state) {
  const ImageEvidence& served = *state.material.image;
  if (served.absence) {
    add_absence(evidence, "manifest", *served.absence);
    return std::nullopt;
  }
  const std::string wanted = state.digest->to_string();
  try {
    if (served.manifest != wanted) {
      evidence.failed("manifest",
                      std::string(state.material.from_bundle ? "the bundle" : "the registry") +
                          " gives " + served.manifest + " for " + wanted +
                          ": the digest on chain is not that of an image's manifest");
      return std::nullopt;
    }
    state.blobs->get(wanted);
    oci::Image image = open_image(served, *state.blobs);
    const std::vector<std::string> ambiguous = ambiguous_members(image.manifest);
    if (!ambiguous.empty()) {
      evidence.failed("manifest", "it has a member that programs read differently: " +
                                      base::printable_line(ambiguous.front(), 60));
      return std::nullopt;
    }
    evidence.verified(
        "manifest",
        (state.material.from_bundle ? std::string("the octets that the bundle has for ")
                                    : "the octets that " + state.image_name + " has for ") +
            wanted + " hash to it, those of its configuration to " + served.config);
    evidence.verified("platform", "linux/amd64");
    return image;
  } catch (const Error& error) {
    const bool platform = error.code() == "image.platform";
    if (platform) evidence.verified("manifest", "the octets hash to " + wanted);
    evidence.failed(platform ? "platform" : "manifest", error.message());
    return std::nullopt;
  }
}

std::string label_of(const oci::Image& image, const char* name) {
  const auto found = image.details.labels.find(name);
  return found == image.details.labels.end() ? std::string() : found->second;
}

std::string label_text(const oci::Image& image) {
  const auto or_none = [](std::string text) {
    return text.empty() ? std::string("not set") : base::printable_line(text, 60);
  };
  return "by version " + or_none(label_of(image, platform::kVersionLabel)) + "; log " +
         or_none(label_of(image, platform::kLogLabel)) + ", memory measured " +
         or_none(label_of(image, platform::kMemoryLabel));
}

/// The base by its digest. A name without it, or in a bundle, is the word of who gave it.
std::string base_text(const VerifyState& state, const ImageEvidence& given, bool by_label) {
  const bool exact = given.reference.ends_with("@" + given.manifest);
  if (state.material.from_bundle) {
    return given.manifest +
           (by_label ? ", as the image's label says" : ", as the bundle names it") +
           (exact ? "; the bundle calls it " + given.reference : std::string());
  }
  return (exact ? given.reference : given.manifest + ", which " + given.reference + " leads to") +
         (by_label ? ", as the image's label says" : ", as given with --base");
}

std::optional<oci::Image> check_base(Evidence& evidence, const VerifyState& state) {
  const std::string named = named_base(*state.image);
  const auto& given = state.material.base;
  if (!given) {
    evidence.not_checked("base-image", named.empty()
                                           ? "the image does not say what it was made from; name "
                                             "it: --base REF"
                                           : "it was made from " + base::printable_line(named) +
                                                 ", which was not looked for");
    return std::nullopt;
  }
  if (given->absence) {
    add_absence(evidence, "base-image", *given->absence);
    return std::nullopt;
  }
  try {
    state.blobs->get(given->manifest);
    oci::Image base = open_image(*given, *state.blobs);
    const bool holds = named.empty() || named == given->manifest;
    const std::string text = base_text(state, *given, !named.empty());
    if (holds && named.empty() && state.material.from_bundle) {
      evidence.not_checked("base-image", text);
    } else {
      evidence.compared("base-image", holds,
                        holds ? text
                              : given->manifest + " was given, and the image's label names " +
                                    base::printable_line(named),
                        {"manifest"});
    }
    return holds ? std::optional(std::move(base)) : std::nullopt;
  } catch (const Error& error) {
    evidence.failed("base-image", error.message());
    return std::nullopt;
  }
}

/// Whether the image is the base and one layer.
bool check_base_layers(Evidence& evidence, const oci::Image& image, const oci::Image& base) {
  std::string problem;
  for (std::size_t i = 0; i < base.layers.size() && problem.empty(); ++i) {
    if (i >= image.layers.size()) {
      problem = fmt::format("layer {} of the base is missing", i + 1);
    } else if (image.layers[i].digest != base.layers[i].digest) {
      problem = fmt::format("layer {} is {}, and that of the base is {}", i + 1,
                            image.layers[i].digest.to_string(), base.layers[i].digest.to_string());
    }
  }
  const std::size_t more = image.layers.size() - std::min(image.layers.size(), base.layers.size());
  if (problem.empty() && more != 1) {
    problem = fmt::format("there are {} layers above those of the base instead of one", more);
  }
  evidence.compared(
      "base-layers", problem.empty(),
      problem.empty()
          ? fmt::format("the layers below the top are those of the base: {}", base.layers.size())
          : problem,
      {"base-image"});
  return problem.empty();
}

std::optional<LayerContent> check_top_layer(Evidence& evidence, const VerifyState& state) {
  const oci::Image& image = *state.image;
  if (const auto& absence = state.material.image->layers_absence) {
    add_absence(evidence, "top-layer", *absence);
    return std::nullopt;
  }
  if (image.layers.empty() || image.details.diff_ids.size() != image.layers.size()) {
    evidence.failed("top-layer", "layers and diff_ids of the image do not go together");
    return std::nullopt;
  }
  try {
    LayerContent content =
        read_layer(image.layers.back(), *state.blobs, "the top layer", kCaddyfile);
    const oci::Digest& named = image.details.diff_ids.back();
    const bool holds = content.diff_id == named;
    evidence.compared("top-layer", holds,
                      holds ? fmt::format("the octets hash to {}, unpacked to {}; {} entries",
                                          image.layers.back().digest.to_string(), named.to_string(),
                                          content.entries.size())
                            : "it unpacks to " + content.diff_id.to_string() +
                                  ", and the configuration says " + named.to_string(),
                      {"manifest"});
    return content;
  } catch (const Error& error) {
    evidence.failed("top-layer", error.message());
    return std::nullopt;
  }
}

platform::TeeLayerOptions options_of(const platform::Environment& environment,
                                     const oci::Image& image, const oci::Image& base,
                                     const LayerContent& top) {
  std::vector<std::string> kept = platform::kept_labels(image, base);
  std::erase_if(kept,
                [&](const std::string& name) { return environment.image_labels.contains(name); });
  return {.keep_log = !label_of(image, platform::kLogLabel).empty(),
          .measure_memory = label_of(image, platform::kMemoryLabel) != "never",
          .caddyfile = top.wanted,
          .client_version = label_of(image, platform::kVersionLabel),
          .keep_labels = std::move(kept)};
}

/// Why it comes out otherwise when content and configuration are the same.
std::string other_form(const oci::Image& expected, const oci::Image& found) {
  const bool same_archive = expected.details.diff_ids.back() == found.details.diff_ids.back();
  return std::string("the same files and configuration in another form (") +
         (same_archive ? "other compression, history or manifest"
                       : "other archive: times, order or owners' names") +
         "): made again the image has the digest " + expected.digest.to_string() +
         ", so that the digest on chain cannot be computed";
}

void compare_layering(Evidence& evidence, const VerifyState& state, const oci::Image& base,
                      const LayerContent& top, const platform::TeeTools& tools) {
  const oci::Image& image = *state.image;
  platform::Environment environment = state.policy.environment;
  // The label that layering makes is the one that fits the client.
  if (const auto runtime = scan_client(*tools.kms_client).generation()) {
    environment.runtime = *runtime;
  }
  const oci::Addition addition =
      platform::tee_layer(environment, base, tools, options_of(environment, image, base, top));
  const oci::Image made =
      oci::add_layer(base, addition, scratch_directory(state.policy.paths)).image;
  const std::vector<std::string> files = layer_differences(addition.files, top);
  const std::vector<std::string> members = configuration_differences(made.config, image.config);
  const std::string version = label_of(image, platform::kVersionLabel);
  const std::string other_version = version == kVersion ? std::string()
                                                        : "; it was layered by version " +
                                                              base::printable_line(version, 40) +
                                                              ", and made again by " + kVersion;
  evidence.compared(
      "layer-files", files.empty(),
      files.empty() ? fmt::format("the top layer has the {} files that it has to have, no other",
                                  addition.files.size())
                    : listed(files) + other_version,
      {"top-layer"});
  evidence.compared("configuration", members.empty(),
                    members.empty() ? "entrypoint, command, user, variables, ports and labels are "
                                      "those that layering makes of the base"
                                    : listed(members) + other_version,
                    {"manifest", "base-image"});
  if (made.digest == image.digest) {
    return evidence.compared("layering", true, "made again from the base it has the same digest",
                             {"manifest", "base-image", "base-layers"});
  }
  if (files.empty() && members.empty()) {
    return evidence.not_checked("layering", other_form(made, image));
  }
  evidence.failed("layering",
                  "made again from the base it has the digest " + made.digest.to_string() + ": " +
                      (files.empty() ? "the configuration is another" : "the files are others"));
}

void check_layering(Evidence& evidence, const VerifyState& state, const oci::Image& base,
                    const LayerContent& top) {
  constexpr const char* kNames[] = {"layer-files", "configuration", "layering"};
  std::set<std::string> wanted = {"kms-client"};
  if (top.wanted) wanted.insert({kTlsClient, "caddy"});
  const PublishedPrograms programs = published_programs(state, wanted);
  if (!programs.problem.empty()) return leave(evidence, kNames, programs.problem);
  const auto program = [&](const char* name) {
    const auto found = programs.found.find(name);
    return found == programs.found.end() ? oci::ContentPtr() : found->second;
  };
  try {
    compare_layering(evidence, state, base, top,
                     {.kms_client = program("kms-client"),
                      .ca_bundle = program(kCaBundle),
                      .tls_client = program(kTlsClient),
                      .caddy = program("caddy")});
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    leave(evidence, kNames, "the layering cannot be made again: " + error.message());
  }
}

void check_layers(Evidence& evidence, const VerifyState& state) {
  const std::optional<oci::Image> base = check_base(evidence, state);
  bool built_on = false;
  if (base) {
    built_on = check_base_layers(evidence, *state.image, *base);
  } else {
    evidence.not_checked("base-layers", evidence.missing({"base-image"}));
  }
  const std::optional<LayerContent> top = check_top_layer(evidence, state);
  if (base && top && built_on) return check_layering(evidence, state, *base, *top);
  constexpr const char* kNames[] = {"layer-files", "configuration", "layering"};
  leave(evidence, kNames, evidence.missing({"base-image", "base-layers", "top-layer"}));
}

}  // namespace

bool is_platform_built(const oci::Image& image) {
  const auto& labels = image.details.labels;
  return image.details.entrypoint ==
             std::vector<std::string>{std::string(platform::kStartScriptPath)} &&
         !labels.contains(platform::kVersionLabel) &&
         platform::generation_of_labels(labels).has_value();
}

std::vector<attest::Finding> judge_image(VerifyState& state) {
  Evidence evidence;
  if (!state.digest || !state.material.image) {
    const std::string why = state.digest ? "the registry was not asked" : kNoRelease;
    evidence.not_checked("manifest", why);
    leave(evidence, kAfterManifest, why);
    leave(evidence, kAfterLayered, why);
    return evidence.take();
  }
  state.image = check_manifest(evidence, state);
  if (!state.image) {
    const std::string why = evidence.missing({"manifest", "platform"});
    for (const char* name : kAfterManifest) {
      if (attest::find_finding(evidence.findings(), name) == nullptr) {
        evidence.not_checked(name, why);
      }
    }
    leave(evidence, kAfterLayered, why);
    return evidence.take();
  }
  if (is_platform_built(*state.image)) {
    evidence.compared("layered", true, "by the platform's builder; " + label_text(*state.image),
                      {"manifest"});
    leave(evidence, kAfterLayered, kBuiltByPlatform);
    return evidence.take();
  }
  const bool layered = state.image->is_layered();
  evidence.compared("layered", layered,
                    layered ? label_text(*state.image)
                            : "its entrypoint is not the platform's start script, or it has no "
                              "label of the platform: the TEE cannot start it",
                    {"manifest"});
  if (layered) {
    check_layers(evidence, state);
  } else {
    leave(evidence, kAfterLayered, evidence.missing({"layered"}));
  }
  return evidence.take();
}

}  // namespace ecloud::deploy
