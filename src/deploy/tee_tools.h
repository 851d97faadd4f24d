#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ecloud/deploy/layer_image.h"
#include "ecloud/deploy/services.h"
#include "ecloud/oci/reference.h"
#include "ecloud/platform/runtime_generation.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::deploy {

/// The programs that go into a layered image, and the generation that its label must choose.
struct FetchedTools {
  platform::TeeTools tools;
  platform::RuntimeGeneration runtime = platform::kServedGeneration;
  std::string kms_client_image;  ///< the image that the KMS client is from
};

/// Takes the platform's programs out of the images that hold them, and the CA bundle out of the KMS
/// client's. Layers of images that are named by digest are kept in the cache, and checked against
/// their digest whenever they are read. The client's bytes show its generation. Throws as
/// layer_image(), and
///   kImage image.unknown_runtime  the client asks for no known evidence, or for both kinds
///   kUsage image.mixed_runtime    configuration or labels name the other generation
FetchedTools fetch_tools(const Services& services, const std::vector<oci::Reference>& instead,
                         bool with_tls);

/// The KMS client of an image that is layered already, /usr/local/bin/kms-client.
struct ImageClient {
  bool found = false;
  std::optional<platform::RuntimeGeneration> runtime;  ///< nothing when its bytes do not show it
  std::string unread;  ///< why its bytes were not looked at; empty when they were, or there is none
};
/// Looks in the layers from the uppermost one down, at most 128 MiB of them. Throws what reading a
/// layer throws.
ImageClient client_in_image(const SourceImage& source);

/// What the bytes of a KMS client show of its generation.
platform::EvidencePathScan scan_client(const oci::Content& client);

/// The generation of the KMS client in a tool image. Throws as open_tools, and Error{kImage}:
/// image.no_tools without a client, image.unknown_runtime.
platform::RuntimeGeneration runtime_of_client(const Services& services,
                                              const oci::Reference& image);

/// The image that `reference` names, out of the cache when it is named by digest and kept there.
SourceImage open_tools(const Services& services, const oci::Reference& reference);

inline constexpr char kKmsClient[] = "kms-client";
/// What pick_programs calls /etc/ssl/certs/ca-certificates.crt.
inline constexpr char kCaBundle[] = "ca-certificates.crt";
/// The program that gets certificates; pick_programs also finds it by its older name, tls-keygen.
inline constexpr char kTlsClient[] = "tls-client";

/// Programs by their names.
using Programs = std::map<std::string, oci::ContentPtr>;

/// Adds those of `wanted` that the image has and `found` has not, and with the KMS client the CA
/// bundle of the same image. They are kept in files of `scratch` without a name. Throws what
/// reading a layer throws.
void pick_programs(const SourceImage& source, std::set<std::string> wanted,
                   const std::filesystem::path& scratch, Programs& found);

}  // namespace ecloud::deploy
