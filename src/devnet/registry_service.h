#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "devnet/http_types.h"
#include "devnet/machines.h"
#include "devnet/registry_content.h"
#include "devnet/registry_push.h"
#include "devnet/sample_image.h"
#include "devnet/stored_image.h"
#include "devnet/world_state.h"

namespace ecloud::devnet {

/// The OCI distribution specification 1.1 under /v2, without deletion of what is stored, and Docker
/// Hub's own API under /hub/v2. Anybody may push. What was pushed is kept with its manifest. These
/// images are there from the start:
///   sample/hello:1.0, :latest   linux/amd64, one layer
///   sample/multi:1.0            an index with amd64 and arm64
///   sample/arm64:1.0            linux/arm64 alone
///   sample/layered:1.0          as the layering of the platform's tools leaves it
///   eigenlayer/eigencloud-containers:kms-client, :tls-client, library/caddy:2.10.2-alpine
///                               stand-ins for the platform's tools, shell scripts
///   eigenlayer/eigencloud-containers:kms-client-intel-token, :tls-keygen
///                               those of the generation that is not served any more
class RegistryService final : public Service {
 public:
  /// What is pushed outlives the process in `directory`; nothing: in memory. Throws as
  /// RegistryContent::read_kept.
  explicit RegistryService(std::optional<std::filesystem::path> directory = std::nullopt);

  std::vector<std::string> kinds(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request,
                      const std::vector<std::optional<FaultRule>>& faults) override;

  /// What the platform makes of an image of the registry at `authority`: `refusal` is "image not
  /// found: …", "exec format error: …", or what the launcher says, whose rules hold with `strict`.
  /// Nothing is known of an image that is somewhere else, and it is taken to run.
  LaunchVerdict examine(const std::string& authority, const ReleaseData& release,
                        bool strict) const;
  /// The image of a release; nothing when it is somewhere else or not complete. Throws as
  /// stored_image.
  std::optional<StoredImage> find_image(const std::string& authority,
                                        const ReleaseData& release) const;

  /// Adds an image of the build service to eigenlayer/eigencloud-containers; nothing changes when
  /// it is there. Returns its digest.
  std::string add_built_image(const std::string& tag, const ImageRecipe& recipe);

  /// "sample/hello:1.0", …: every tag but those of the tools.
  std::vector<std::string> tags() const;
  /// The digest behind "sample/layered:1.0". Throws Error{kBug} for an unknown one.
  std::string digest_of(const std::string& repository, const std::string& tag) const;

 private:
  using Repository = RegistryContent::Repository;

  void add_tools();
  std::string add_image(const std::string& repository, const ImageRecipe& recipe);
  void add_index(const std::string& repository, const std::string& tag);
  HttpResponse route(const HttpRequest& request);
  HttpResponse read(const std::string& name, const std::string& what,
                    const std::string& reference) const;
  HttpResponse manifest(const Repository& repository, const std::string& reference) const;
  HttpResponse hub(const HttpRequest& request) const;
  HttpResponse list_tags(const std::string& name, const Repository& repository) const;

  mutable std::mutex mutex_;
  RegistryContent content_;
  RegistryPush push_;
};

}  // namespace ecloud::devnet
