#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "devnet/http_types.h"
#include "devnet/registry_content.h"

namespace ecloud::devnet {

/// The error body of the distribution specification.
HttpResponse registry_failure(int status, std::string_view code, std::string_view message);

/// The push side of the OCI distribution specification 1.1: uploads in one piece or several, with
/// their status and their end, mounts, manifests. Refuses what does not fit its digest or its
/// range, and manifests whose parts are not there or have another size.
class RegistryPush {
 public:
  /// `content` outlives the object.
  explicit RegistryPush(RegistryContent& content) : content_(content) {}

  /// `id` is what stands behind /v2/REPOSITORY/blobs/uploads/.
  HttpResponse uploads(const HttpRequest& request, const std::string& repository,
                       const std::string& id);
  /// PUT of /v2/REPOSITORY/manifests/REFERENCE.
  HttpResponse put_manifest(const HttpRequest& request, const std::string& repository,
                            const std::string& reference);

 private:
  struct Upload {
    std::string repository;
    std::string octets;
  };

  HttpResponse begin(const HttpRequest& request, const std::string& repository);
  HttpResponse append(const HttpRequest& request, const std::string& id, Upload& upload);
  HttpResponse end(const HttpRequest& request, const std::string& id, Upload& upload);
  HttpResponse status(int http_status, const std::string& id, const Upload& upload) const;
  /// Why a manifest is refused; empty when it is not.
  std::string problem(const std::string& repository, const std::string& type,
                      const base::Json& manifest, std::string& code) const;

  RegistryContent& content_;
  std::map<std::string, Upload> uploads_;
  std::uint64_t begun_ = 0;
};

}  // namespace ecloud::devnet
