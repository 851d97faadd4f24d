#pragma once

#include <functional>

#include "deploy/verify_links.h"

namespace ecloud::deploy {

/// Runs `get`; what it throws becomes an absence, except an interruption. Octets that cannot be
/// what they stand for contradict, and so does a node's impossible answer; with
/// `missing_contradicts` also a registry that does not have what it was asked for.
std::optional<Absence> attempt(const std::function<void()>& get, bool missing_contradicts = false);

/// The nodes' answers, each asked alone; those that are behind the others are asked to catch up.
/// Throws as collect_material. `controller_version` is that of the first node that told it.
std::vector<NodeEvidence> collect_nodes(const Services& services, const eth::Address& app,
                                        std::string& controller_version);

/// The image of the release, its layers from the top down as far as they are needed, and the image
/// before layering; fills image, base, tools and blobs.
void collect_image(const Services& services, const std::optional<oci::Reference>& base,
                   const platform::Artifact& artifact, VerifyMaterial& material);
/// The images with the platform's programs, those for TLS only where they are needed.
void collect_tools(const Services& services, bool with_tls, VerifyMaterial& material);

/// Of an image that the platform has built: the tool images that the recipe of its build names.
void collect_recipe_tools(const Services& services, VerifyMaterial& material);

LiveEvidence collect_live(const Services& services, const eth::Address& app,
                          const LiveRequest& request);

}  // namespace ecloud::deploy
