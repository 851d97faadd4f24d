#pragma once

#include <string>
#include <vector>

#include "devnet/http_types.h"
#include "devnet/registry_service.h"
#include "devnet/world.h"

namespace ecloud::devnet {

/// The Build API under /userapi/builds. A build takes its time, in which its log grows, and gives
/// the layered sample image. One of the commit 00…00 fails, and so does one that stands on an image
/// that no build before it has made.
class BuildService final : public Service {
 public:
  BuildService(World& world, const RegistryService& registry)
      : world_(world), registry_(registry) {}

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
  const Build* newest_with_digest(const std::string& digest) const;
  /// The newest success of that image before `build`.
  const Build* dependency_of(const Build& build, const std::string& digest) const;
  std::string log_of(const Build& build) const;
  /// Why the build fails when its time has come; empty when it does not.
  std::string problem_of(const Build& build) const;
  std::string status_of(const Build& build) const;
  std::string digest() const { return registry_.digest_of("sample/layered", "1.0"); }
  std::string provenance(const Build& build) const;
  base::Json build_json(const Build& build) const;

  World& world_;
  const RegistryService& registry_;
};

}  // namespace ecloud::devnet
