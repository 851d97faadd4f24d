#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/image_input.h"
#include "cli/output.h"
#include "cli/workflow.h"
#include "ecloud/base/json.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/oci/registry.h"

namespace ecloud::cli {

/// An image for a release: found, or made and not pushed yet.
struct MadeImage {
  oci::ResolvedImage resolved;
  std::optional<deploy::LayeredImage> layered;  ///< nothing: it is in its registry already
};

/// Finds the image in its registry, opens the archive, or builds the Dockerfile, whose check is
/// told first.
deploy::SourceImage open_source(Context& context, Workflow& workflow, const ImageInput& input);

/// What is asked for when there is a layer to be made.
using LayerSettings = std::function<platform::TeeLayerOptions()>;

/// The image of `source` as the TEE can start it. One of a registry that is layered already is
/// taken as it is.
MadeImage make_image(Workflow& workflow, const ImageInput& input, const deploy::SourceImage& source,
                     const LayerSettings& settings);

/// Brings it into its registry, with progress; does nothing when the tag leads to it already.
oci::PushReport push_image(Workflow& workflow, const ImageInput& input,
                           const oci::PushRequest& request);

// The member "image" of documents about layered images, and lines for people.
base::Json layered_document(const deploy::LayeredImage& layered);
std::vector<JsonField> layered_json_fields();
Pairs layered_pairs(const deploy::LayeredImage& layered);
/// "off; …" or what it serves, for plans.
std::string tls_words(const ImageInput& input);
/// "NAME=VALUE: dropped", for plans.
std::string label_words(const platform::InheritedLabel& label);
/// The member "push": what was moved.
base::Json push_document(const oci::PushReport& report);
JsonField push_json_field();

}  // namespace ecloud::cli
