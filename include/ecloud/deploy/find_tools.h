#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ecloud/deploy/builds.h"
#include "ecloud/deploy/services.h"
#include "ecloud/eth/address.h"
#include "ecloud/oci/reference.h"
#include "ecloud/platform/build_recipe.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// Where to look for a build of the environment.
struct ToolSearch {
  /// An app's ID, an image (reference or digest), a build's ID or a commit; empty: the builds of
  /// `account`, then the images of recent releases on chain.
  std::string from;
  std::optional<eth::Address> account;
};

/// A tool image that the platform's builder uses.
struct FoundTool {
  std::string program;   ///< "kms-client"
  oci::Reference image;  ///< by digest
};

/// The tools that a verified build of the environment was made with.
struct FoundTools {
  VerifiedBuild build;
  std::string found_by;  ///< "--from", "a build of 0x…", "the release of app 0x… in block 7"
  std::vector<FoundTool> tools;                                       ///< kms-client first
  platform::RuntimeGeneration runtime = platform::kServedGeneration;  ///< by the client's bytes

  /// Null when the builder does not use it.
  const FoundTool* find(std::string_view program) const;
};

/// Finds the tools that the platform builds images with now, without a key: asks the build service
/// for the provenance of a build, reads its recipe (platform::read_build_recipe), and the KMS
/// client out of its image. Without `from`, builds that tell nothing are passed over with a note.
/// Nothing here makes the tools trustworthy: who uses them has to pin their digests. Throws what
/// verify_build, read_build_recipe and fetching the client throw, and
///   kVerification build.bad_recipe    the recipe is of another environment
///   kNotFound     image.no_build      no build could be found or used
FoundTools find_tools(const Services& services, platform::BuildApi& builds,
                      platform::UserApi& user_api, const ToolSearch& search);

}  // namespace ecloud::deploy
