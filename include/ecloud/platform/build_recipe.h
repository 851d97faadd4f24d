#pragma once

#include <map>
#include <string>
#include <string_view>

#include "ecloud/oci/digest.h"
#include "ecloud/platform/environment.h"

namespace ecloud::platform {

/// What the platform's builder put into an image besides the user's own, as the recipe in the
/// build's provenance has it: the Cloud Build description under predicate.recipe.arguments, whose
/// steps are shell scripts. It is the only public statement about the programs inside.
struct BuildRecipe {
  /// Programs ("kms-client", "tls-client") and the digest of the tool image that each was copied
  /// from, in the repository of the environment's tools.
  std::map<std::string, oci::Digest> tools;
  std::string start_script;  ///< the text of the step that writes the image's entrypoint
};

/// Where an environment's tool images are published: docker.io/eigenlayer/eigencloud-containers;
/// for a devnet, in the registry of its own.
std::string tools_repository(const Environment& environment);

/// Reads the recipe out of a payload of /builds/verify (as read_provenance takes it). Only commands
/// count: `docker create REPOSITORY@sha256:…`, kept in a variable, and `docker cp` from that
/// container; not what comments, quoted text and here-documents say, and no other repository.
/// Throws Error{kVerification, "build.bad_recipe"} when a step is missing or cannot be read for
/// certain, when kms-client is copied from nowhere or from another place, and when a program is
/// copied from two images.
BuildRecipe read_build_recipe(std::string_view payload, const std::string& repository);

/// Why the recipe is not of the environment: its start script must name the environment's KMS URL,
/// UserAPI URL and KMS signing key outside of comments, and no other key. Empty when it does.
std::string recipe_problem(const BuildRecipe& recipe, const Environment& environment);

}  // namespace ecloud::platform
