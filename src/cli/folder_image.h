#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/context.h"
#include "cli/values.h"

namespace ecloud::cli {

/// A Dockerfile that is built although no option names it.
struct FolderImage {
  std::filesystem::path dockerfile;  ///< absolute
  std::filesystem::path context;     ///< the folder that it copies from
};

/// --no-build.
Option no_build_option();

/// Whether the working directory has a Dockerfile.
bool has_dockerfile(Context& context);

/// Whether the words name a folder to build ("deploy .") and no image: they are ".", ".." or begin
/// with "./", "../" or "/".
bool names_folder(std::string_view image);

/// The Dockerfile of the folder that `image` names, or, when no image is named at all, of the
/// working directory. On a terminal it is asked about; elsewhere a note tells of it. Nothing where
/// there is none, an option or ecloud.yaml names an image, a file or a Dockerfile, --no-build was
/// given, or the user declines. `what` is what is done with it: "deploy". Throws Error{kUsage,
/// "image.no_dockerfile"} for a named folder without a Dockerfile.
std::optional<FolderImage> find_folder_image(Context& context, const Values& values,
                                             const std::optional<std::string>& image,
                                             std::string_view what);

/// Where an image that is built from `folder` is pushed to when nobody says it: the account of the
/// Docker login, and `name` (the app's; empty: the folder's) in lower case. On a terminal it is
/// proposed; elsewhere a note tells it. Throws Error{kUsage, "image.no_target"} when there is no
/// login and nobody to ask.
std::string ask_for_target(Context& context, const Values& values, const FolderImage& folder,
                           std::string name);

}  // namespace ecloud::cli
