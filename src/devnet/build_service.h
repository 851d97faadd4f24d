#pragma once

#include <map>
#include <string>
#include <vector>

#include "devnet/build_images.h"
#include "devnet/http_types.h"
#include "devnet/registry_service.h"
#include "devnet/world.h"

namespace ecloud::devnet {

/// The Build API under /userapi/builds. A build takes its time, in which its log grows, and makes
/// an image of its own in eigenlayer/eigencloud-containers, shaped as the platform's
/// (build_images.h). A build of the commit 00…00 fails, and so does one that depends on an image
/// that no earlier build has made. While a build of an account runs, another one is refused with
/// 409, unless its request says "force": true.
class BuildService final : public Service {
 public:
  BuildService(World& world, RegistryService& registry) : world_(world), registry_(registry) {}

  std::vector<std::string> kinds(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request,
                      const std::vector<std::optional<FaultRule>>& faults) override;

 private:
  HttpResponse route(const HttpRequest& request);
  HttpResponse submit(const HttpRequest& request);
  HttpResponse list(const HttpRequest& request);
  HttpResponse logs(const HttpRequest& request, const std::string& id);
  HttpResponse verify(const std::string& what);
  const Build* find(const std::string& id) const;
  const Build* with_digest(const std::string& digest);
  /// The success before `build` that made the image.
  const Build* dependency_of(const Build& build, const std::string& digest);
  std::string log_of(const Build& build);
  /// Why the build fails when its time has come; empty when it does not.
  std::string problem_of(const Build& build);
  std::string status_of(const Build& build);
  /// Makes the images of builds that have succeeded, so that the registry has them.
  void publish();
  /// Of a success.
  std::string digest_of(const Build& build);
  BuilderSettings settings();
  BuildFacts facts_of(const Build& build) const;
  std::int64_t finished_ms(const Build& build) const;
  base::Json statement(const Build& build);
  base::Json build_json(const Build& build);
  base::Json verdict(const Build& build);

  World& world_;
  RegistryService& registry_;
  std::map<std::string, std::string> digests_;  ///< of images by the ids of their builds
};

}  // namespace ecloud::devnet
