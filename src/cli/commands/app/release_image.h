#pragma once

#include <optional>
#include <vector>

#include "cli/image_input.h"
#include "cli/image_maker.h"
#include "cli/leak_check.h"
#include "cli/output.h"
#include "cli/workflow.h"
#include "ecloud/deploy/deploy_app.h"

namespace ecloud::cli {

/// Where the image of a release comes from, how it is layered, and what must not be in it.
std::vector<Option> release_image_options();

/// Whether a plan that was made before a push still holds: fees change, and a release has to be on
/// chain within the time that it names.
enum class PlanAge { kFresh, kOld };

/// The image that a release puts on chain: found in its registry or made here, layered where it is
/// not, searched for secrets, and pushed when the time has come.
class ReleaseImage {
 public:
  /// All outlive the object.
  ReleaseImage(Context& context, Workflow& workflow, const ImageInput& input,
               const LeakPolicy& leaks, const platform::AppEnvironment& variables)
      : context_(context),
        workflow_(workflow),
        input_(input),
        leaks_(leaks),
        variables_(variables) {}

  /// Whether something has to be built or opened first, which may take minutes.
  bool is_made_here() const { return input_.kind != ImageInput::Kind::kRegistry; }
  /// Builds or opens it; nothing for one that is in a registry.
  void prepare();

  /// The image as it will be on chain. Asked for it again, it does not ask the registry again. May
  /// be called on another thread.
  oci::ResolvedImage obtain(const LayerSettings& settings);

  /// Brings a layered image to where the platform takes it from, and sees to it that it can.
  PlanAge push();

  /// Whether it was layered here, so that its labels are what was asked for.
  bool is_layered_here() const { return made_ && made_->layered; }
  /// The member "layered" of documents, null for an image that was found as it is.
  base::Json document() const;
  Pairs pairs() const;

 private:
  Context& context_;
  Workflow& workflow_;
  const ImageInput& input_;
  const LeakPolicy& leaks_;
  const platform::AppEnvironment& variables_;
  std::optional<deploy::SourceImage> source_;
  std::optional<MadeImage> made_;
};

JsonField layered_json_field();

/// For plans that are made before the image exists: what would refuse the release has to do so
/// before a build that takes its time.
oci::ResolvedImage stand_in_image(const oci::Reference& reference);

/// The settings of a layer: what the labels say of log and measurements. Nothing given means that
/// the app keeps its log, and that its memory may be measured.
platform::TeeLayerOptions layer_options_of(const Values& values, deploy::LogVisibility visibility,
                                           const ImageInput& input);

}  // namespace ecloud::cli
