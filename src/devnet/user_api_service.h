#pragma once

#include <string>
#include <vector>

#include "devnet/api_signatures.h"
#include "devnet/http_types.h"
#include "devnet/world.h"

namespace ecloud::devnet {

/// The UserAPI under /userapi, without the builds. A strict one writes numbers and times of
/// releases as text and varies the case of names, as the platform's servers do.
class UserApiService final : public Service {
 public:
  UserApiService(World& world, bool strict) : world_(world), strict_(strict) {}

  std::vector<std::string> kinds(const HttpRequest& request) const override;
  HttpResponse handle(const HttpRequest& request,
                      const std::vector<std::optional<FaultRule>>& faults) override;

 private:
  HttpResponse route(const HttpRequest& request);
  HttpResponse info(const HttpRequest& request);
  HttpResponse status(const HttpRequest& request);
  HttpResponse logs(const HttpRequest& request, const eth::Address& app);
  HttpResponse details(const eth::Address& app);
  HttpResponse set_profile(const HttpRequest& request, const eth::Address& app);
  HttpResponse image(const eth::Address& app);
  const AppEntry& entry_of(const eth::Address& app) const;
  const Machine& machine_of(const eth::Address& app) const;
  base::Json profile_json(const Machine& machine) const;

  World& world_;
  const bool strict_;
  std::size_t status_answers_ = 0;
};

/// The part of the path behind the service's prefix, split at slashes.
std::vector<std::string> path_parts(const std::string& path, std::string_view prefix);

}  // namespace ecloud::devnet
