#pragma once

#include <map>
#include <string>
#include <vector>

#include "devnet/sample_image.h"
#include "ecloud/base/json.h"

namespace ecloud::devnet {

/// What the platform's builder puts into images, beside the user's own.
struct BuilderSettings {
  std::string kms_server_url, user_api_url;
  std::string kms_signing_key;  ///< PEM
  /// References by digest of the tool images.
  std::string kms_client_image, tls_client_image, caddy_image;
};

/// One finished build.
struct BuildFacts {
  std::string id, repo, commit;           ///< commit: 40 hex digits
  std::string unix_time;                  ///< of its end, decimal
  std::vector<std::string> dependencies;  ///< digests

  /// "COMMIT-UNIXTIME", the tag of the image.
  std::string tag() const { return commit + "-" + unix_time; }
};

/// An image as the platform builds it: its own start script, with the KMS's key inside, and the
/// programs, in /usr/local/bin; labels without the client's version. No two builds have the same.
ImageRecipe built_recipe(const BuildFacts& build, const BuilderSettings& settings);

/// What the builder's provenance says: an in-toto Statement v0.1 with a SLSA v0.1 predicate, whose
/// recipe is the Cloud Build description. `digest` is "sha256:…".
base::Json provenance_statement(const BuildFacts& build, const BuilderSettings& settings,
                                const std::string& digest);

/// The bytes that a DSSE signature is over (DSSE protocol, "pre-authentication encoding").
std::string dsse_encoding(const std::string& payload_type, const std::string& payload);

}  // namespace ecloud::devnet
