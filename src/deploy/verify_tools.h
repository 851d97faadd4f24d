#pragma once

#include <set>
#include <string>

#include "deploy/tee_tools.h"
#include "deploy/verify_links.h"

namespace ecloud::deploy {

/// The published programs out of the material: of the images that the environment pins by digest,
/// found by exactly that digest. What cannot be had is not in `found`, and `problem` says why.
struct PublishedPrograms {
  Programs found;
  std::string problem;
  bool contradicts = false;  ///< the problem is one of wrong octets
};
PublishedPrograms published_programs(const VerifyState& state, const std::set<std::string>& wanted);

/// The same of other images, named by digest.
PublishedPrograms programs_of(const VerifyState& state, const std::vector<std::string>& images,
                              const std::set<std::string>& wanted);

}  // namespace ecloud::deploy
