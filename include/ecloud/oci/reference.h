#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ecloud/oci/digest.h"

namespace ecloud::oci {

/// Where an image is, after the grammar of the OCI distribution specification and Docker's rules
/// for short names: the first part is a host when it holds a dot or a colon or is "localhost".
struct Reference {
  std::string host;        ///< "docker.io", "ghcr.io", "localhost:5000"
  std::string repository;  ///< "library/nginx", "a/b"
  std::string tag;         ///< "latest" when neither tag nor digest was given; may be empty then
  std::optional<Digest> digest;

  /// Throws Error{kUsage, "image.invalid_reference"} that says what is wrong with `text`.
  static Reference parse(std::string_view text);

  /// "docker.io/library/nginx": no tag, no digest. What the chain stores as `registry`.
  std::string name() const { return host + "/" + repository; }
  /// name() with ":tag" and "@digest" as given.
  std::string to_string() const;
  bool is_docker_hub() const { return host == "docker.io"; }
  /// What answers the registry API: registry-1.docker.io for docker.io.
  std::string api_host() const;
};

}  // namespace ecloud::oci
