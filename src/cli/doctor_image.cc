// What `ecloud doctor` finds out about an image and the registry that it is in.

#include "cli/doctor.h"
#include "ecloud/oci/credentials.h"
#include "ecloud/oci/registry.h"

namespace ecloud::cli {
namespace {

std::string login_of(const oci::Reference& reference) {
  return "docker login" + (reference.is_docker_hub() ? std::string() : " " + reference.host);
}

Finding check_login(const DoctorServices& services, const oci::Reference& reference) {
  oci::DockerConfigCredentials credentials(services.env);
  if (const auto found = credentials.find(reference.name())) {
    return ok("registry-login", found->origin + " has a login for " + reference.host);
  }
  return warn("registry-login",
              "neither Docker nor Podman has a login for " + reference.host +
                  ", so nothing can be pushed there",
              login_of(reference));
}

/// The image is not there for everybody: whether it is for the user.
Finding check_private(const DoctorServices& services, const oci::Reference& reference,
                      const Error& refused) {
  oci::DockerConfigCredentials credentials(services.env);
  oci::RegistryClient registry(services.transport, credentials);
  try {
    registry.resolve(reference);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return fail("image", refused);
  }
  return fail("image", Category::kImage,
              reference.to_string() + " is private: your login reads it, the platform cannot",
              "make the image public in the settings of " + reference.host);
}

Finding check_public(const DoctorServices& services, const oci::Reference& reference) {
  // As the platform pulls.
  oci::NoCredentials nobody;
  oci::RegistryClient registry(services.transport, nobody);
  try {
    const oci::ResolvedImage image = registry.resolve(reference);
    return ok("image", reference.to_string() + " is public and runs on linux/amd64 (" +
                           image.digest.to_string() + ")");
  } catch (const Error& error) {
    if (error.code() != "image.unauthorized") throw;
    return check_private(services, reference, error);
  }
}

}  // namespace

std::vector<Finding> check_image(const DoctorServices& services) {
  const oci::Reference reference = oci::Reference::parse(services.image);
  std::vector<Finding> out =
      guarded("image", [&] { return std::vector<Finding>{check_public(services, reference)}; });
  // Who only deploys what is built already pushes nothing.
  if (services.builds) {
    for (Finding& finding : guarded("registry-login", [&] {
           return std::vector<Finding>{check_login(services, reference)};
         })) {
      out.push_back(std::move(finding));
    }
  }
  return out;
}

}  // namespace ecloud::cli
