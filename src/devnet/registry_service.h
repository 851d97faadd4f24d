#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "devnet/http_types.h"
#include "devnet/sample_image.h"
#include "devnet/world_state.h"
#include "ecloud/oci/digest.h"

namespace ecloud::devnet {

/// The pull side of the OCI distribution specification 1.1 under /v2, and Docker Hub's own API
/// under /hub/v2. The images are the samples, made at the start and never changed:
///   sample/hello:1.0, :latest   linux/amd64, one layer
///   sample/multi:1.0            an index with amd64 and arm64
///   sample/arm64:1.0            linux/arm64 alone
///   sample/layered:1.0          as the layering of the platform's tools leaves it
class RegistryService final : public Service {
 public:
  RegistryService();

  std::vector<std::string> kinds(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request,
                      const std::vector<std::optional<FaultRule>>& faults) override;

  /// Why the platform cannot run an image of the registry at `authority`: "image not found: …",
  /// "not a linux/amd64 image: …". Empty when it can, or when the image is somewhere else.
  std::string problem(const std::string& authority, const ReleaseData& release) const;

  /// "sample/hello:1.0", …: every tag.
  std::vector<std::string> tags() const;
  /// The digest behind "sample/layered:1.0". Throws Error{kBug} for an unknown one.
  std::string digest_of(const std::string& repository, const std::string& tag) const;

 private:
  struct Content {
    std::string media_type;
    std::string body;
  };
  struct Repository {
    std::map<std::string, std::string> tags;           ///< to digests
    std::map<std::string, Content> manifests;          ///< by digest
    std::map<std::string, Content> blobs;              ///< by digest
    std::map<std::string, std::string> architectures;  ///< of manifests, by digest
  };

  std::string add_image(const std::string& repository, const ImageRecipe& recipe);
  void add_index(const std::string& repository, const std::string& tag);
  HttpResponse manifest(const Repository& repository, const std::string& reference) const;
  HttpResponse hub(const HttpRequest& request) const;
  HttpResponse list_tags(const std::string& name, const Repository& repository) const;

  std::map<std::string, Repository> repositories_;
};

}  // namespace ecloud::devnet
