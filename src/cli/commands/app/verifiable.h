#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/values.h"
#include "cli/workflow.h"
#include "ecloud/base/json.h"
#include "ecloud/deploy/builds.h"
#include "ecloud/oci/registry.h"

namespace ecloud::cli {

/// --verifiable and what belongs to it, for every command that puts an image on chain.
std::vector<Option> verifiable_options();

/// What --verifiable asks for.
struct Verifiable {
  /// What to build from; nothing: --image-ref names an image that was built before.
  std::optional<platform::BuildRequest> source;
  bool rebuild = false;
  bool force = false;  ///< build in parallel with a running build
  base::Milliseconds build_timeout = deploy::kDefaultBuildTimeout;
};

/// Nothing without --verifiable. Throws Error{kUsage} for options that do not go together, before
/// anything is sent: "build.not_verifiable", "build.image_and_source", and those of
/// read_build_request.
std::optional<Verifiable> read_verifiable(const Values& values);

/// The image to put on chain.
struct VerifiableImage {
  oci::Reference reference;     ///< name and digest; of a stand-in, a name alone
  oci::ResolvedImage resolved;  ///< what DeployRequest::find_image gives
  /// Nothing when the image is still to be built (--dry-run alone).
  std::optional<deploy::VerifiedBuild> verified;
  /// The build that will be waited for, when there is one; with `verified` the same as there.
  std::string build_id;
};

/// Where an image that is still to be built will be, for plans made before it exists.
oci::Reference image_to_be_built();
/// Whether it is such a stand-in: every image that exists has a tag or a digest.
bool is_to_be_built(const oci::Reference& image);

/// Finds or makes the image and verifies it: a build of the same source that succeeded, or still
/// goes on, is taken unless `rebuild`; the rest is as for verify_build. `prebuilt` is what
/// --image-ref names. `before_build` is called before a build is submitted, with a stand-in for the
/// image: what would refuse the release has to do so now, not after half an hour. With `dry_run`
/// nothing is submitted and nothing waited for.
VerifiableImage obtain_verifiable_image(
    Context& context, Workflow& workflow, const Verifiable& verifiable,
    const oci::Reference& prebuilt, bool dry_run,
    const std::function<void(const oci::ResolvedImage&)>& before_build);

/// The member "build" of the documents of such commands; null without --verifiable.
base::Json verifiable_document(const std::optional<Verifiable>& verifiable,
                               const std::optional<VerifiableImage>& image);
JsonField verifiable_json_field();
/// Lines for people; none without --verifiable.
Pairs verifiable_pairs(const std::optional<Verifiable>& verifiable,
                       const std::optional<VerifiableImage>& image);

}  // namespace ecloud::cli
