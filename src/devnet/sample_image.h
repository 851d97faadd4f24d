#pragma once

#include <map>
#include <string>
#include <vector>

#include "ecloud/base/bytes.h"

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

/// Stand-ins for the platform's tool images: /eigen/bin/kms-client takes the real one's options and
/// writes `export ECLOUD_DEVNET="1"`; /eigen/bin/tls-keygen and /eigen/bin/caddy take anything.
ImageRecipe kms_client_recipe();
ImageRecipe tls_client_recipe();

}  // namespace ecloud::devnet
