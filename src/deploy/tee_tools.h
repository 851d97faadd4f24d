#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ecloud/deploy/layer_image.h"
#include "ecloud/deploy/services.h"
#include "ecloud/oci/reference.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::deploy {

/// The programs of the platform out of the images that hold them. Layers of images that are named
/// by digest are kept in the cache, and checked against their digest whenever they are read. Errors
/// as layer_image().
platform::TeeTools fetch_tools(const Services& services, const std::vector<oci::Reference>& instead,
                               bool with_tls);

/// The image that `reference` names, out of the cache when it is named by digest and kept there.
SourceImage open_tools(const Services& services, const oci::Reference& reference);

/// The program that gets certificates; pick_programs also finds it by its older name, tls-keygen.
inline constexpr char kTlsClient[] = "tls-client";

/// Programs by their names.
using Programs = std::map<std::string, oci::ContentPtr>;

/// Adds those of `wanted` that the image has and `found` has not. What is taken lies in files of
/// `scratch` without a name. Throws what reading a layer throws.
void pick_programs(const SourceImage& source, std::set<std::string> wanted,
                   const std::filesystem::path& scratch, Programs& found);

}  // namespace ecloud::deploy
