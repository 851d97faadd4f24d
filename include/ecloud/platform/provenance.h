#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ecloud/oci/digest.h"

namespace ecloud::platform {

/// What a provenance says of an image: in-toto Statement (v0.1 and v1) with an SLSA provenance
/// predicate (v0.1, v0.2, v1) or one of the platform's own. Texts are printable.
struct Provenance {
  std::string predicate_type;
  std::vector<oci::Digest> subjects;      ///< the images that it is about
  std::vector<std::string> repositories;  ///< as written
  std::vector<std::string> commits;       ///< 40 lower-case hex digits
  std::string dockerfile, context;        ///< empty when it does not say
  std::string caddyfile;
  std::vector<oci::Digest> dependencies;
  bool names_request = false;  ///< whether it holds the platform's own parameters of the build

  bool is_about(const oci::Digest& digest) const;
  bool names_commit(std::string_view commit) const;
  bool names_repository(std::string_view url) const;
};

/// Reads a payload: the statement as JSON, base64 (either alphabet) of it, or a DSSE envelope
/// around that. No signature is checked. Throws Error{kVerification, "build.bad_provenance"} for
/// anything else.
Provenance read_provenance(std::string_view payload);

}  // namespace ecloud::platform
