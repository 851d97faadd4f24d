#include "cli/commands/app/release_image.h"

#include "ecloud/base/version.h"
#include "ecloud/platform/start_script.h"

namespace ecloud::cli {
namespace {

/// A sixth of the time that a release has to get on chain.
constexpr base::Milliseconds kPlanLifetime{600'000};

}  // namespace

std::vector<Option> release_image_options() {
  std::vector<Option> out = local_image_options();
  out.push_back(no_build_option());
  for (Option& option : layer_options()) out.push_back(std::move(option));
  for (Option& option : leak_options()) out.push_back(std::move(option));
  return out;
}

void ReleaseImage::prepare() {
  if (is_made_here() && !source_) {
    source_ = open_source(context_, workflow_, input_);
  }
}

oci::ResolvedImage ReleaseImage::obtain(const LayerSettings& settings) {
  if (made_) return made_->resolved;
  if (!source_) source_ = open_source(context_, workflow_, input_);
  check_leaks(context_, workflow_, *source_, leaks_, variables_);
  made_ = make_image(workflow_, input_, *source_, settings);
  if (!made_->layered && made_->resolved.with_credentials) {
    deploy::require_public(workflow_.services(), made_->resolved.reference);
  }
  return made_->resolved;
}

PlanAge ReleaseImage::push() {
  if (!is_layered_here()) return PlanAge::kFresh;
  const base::Milliseconds begun = context_.clock().monotonic();
  push_image(workflow_, input_, made_->layered->push);
  deploy::require_public(workflow_.services(), made_->layered->reference);
  workflow_.finish_progress();
  return context_.clock().monotonic() - begun > kPlanLifetime ? PlanAge::kOld : PlanAge::kFresh;
}

base::Json ReleaseImage::document() const {
  return is_layered_here() ? layered_document(*made_->layered) : base::Json();
}

Pairs ReleaseImage::pairs() const {
  if (!is_layered_here()) return {};
  Pairs out = {{"Pushed to", input_.result().to_string()},
               {"Made from", made_->layered->base_digest.to_string()},
               {"TLS", tls_words(input_)}};
  for (const auto& label : made_->layered->base_labels) {
    out.emplace_back("Label of base", label_words(label));
  }
  return out;
}

JsonField layered_json_field() {
  return {"layered",
          "of an image that was layered here: reference, digest, baseDigest, size, layerDigest, "
          "layerSize, command, baseLabels; else null"};
}

oci::ResolvedImage stand_in_image(const oci::Reference& reference) {
  // Full of ones: no digest costs more gas.
  base::Bytes32 octets;
  octets.fill(0xff);
  return {.reference = reference,
          .digest = oci::Digest(octets),
          .manifest_media_type = {},
          .index_digest = std::nullopt,
          .entrypoint = {std::string(platform::kStartScriptPath)},
          .command = {},
          .labels = {{platform::kVersionLabel, ""}},
          .exposed_ports = {},
          .compressed_size_bytes = 0,
          .with_credentials = false};
}

platform::TeeLayerOptions layer_options_of(const Values& values, deploy::LogVisibility visibility,
                                           const ImageInput& input) {
  return {.keep_log = visibility != deploy::LogVisibility::kOff,
          .measure_memory = values.text("resource-usage-monitoring").value_or("enable") == "enable",
          .caddyfile = input.caddyfile,
          .client_version = kVersion,
          .keep_labels = input.keep_labels};
}

}  // namespace ecloud::cli
