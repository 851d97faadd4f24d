#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/platform/runtime_generation.h"

namespace ecloud::devnet {

/// A file in a layer.
struct LayerFile {
  std::string path;  ///< without a leading slash
  unsigned mode = 0644;
  std::string content;
};

/// A POSIX ustar archive (IEEE Std 1003.1-1988) of regular files owned by root, dated 1970.
base::Bytes tar_archive(const std::vector<LayerFile>& files);

/// RFC 1952 with stored blocks (RFC 1951 section 3.2.4): real gzip, the same octets every time.
base::Bytes gzip_stored(base::ByteView content);

/// What an image is made from.
struct ImageRecipe {
  std::string os = "linux";
  std::string architecture = "amd64";
  std::vector<LayerFile> files;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::string user;
  std::map<std::string, std::string> labels;
  std::vector<std::string> exposed_ports;  ///< "8080/tcp"
};

/// An image in the OCI image format 1.0 with one layer.
struct BuiltImage {
  base::Bytes layer;
  base::Bytes config;
  base::Bytes manifest;
};
BuiltImage build_image(const ImageRecipe& recipe);

/// The images that every devnet serves, by repository.
ImageRecipe hello_recipe();
ImageRecipe layered_recipe();

/// Stand-ins for the programs of the platform: shell scripts with the same options, messages and
/// exit statuses. A KMS client writes what the launcher keeps for its generation, the file
/// /run/container_launcher/v1/bound_evidence or /run/container_launcher/v1/intel/token, and fails
/// without it. A TLS client ("tls-client", "tls-keygen" in older images) writes a pair of PEM files
/// to /run/tls; a domain below .invalid is refused. Caddy refuses a file with unbalanced braces and
/// one that names certificate files that do not exist.
std::string kms_client_program(platform::RuntimeGeneration generation);
std::string tls_client_program(std::string_view name);
std::string caddy_program();
/// PEM certificates.
std::string ca_bundle();

/// The images that hold one of those programs and the CA bundle.
ImageRecipe kms_client_recipe(platform::RuntimeGeneration generation);
ImageRecipe tls_client_recipe(std::string_view name);
ImageRecipe caddy_recipe();

}  // namespace ecloud::devnet
