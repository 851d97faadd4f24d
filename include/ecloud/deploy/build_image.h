#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/cancel.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/env.h"
#include "ecloud/deploy/services.h"

namespace ecloud::deploy {

/// Programs that build an image from a Dockerfile, in the order in which they are tried.
enum class Builder { kDocker, kPodman, kBuildah };

std::string_view to_string(Builder builder);  ///< "docker", "podman", "buildah"
/// What --builder takes: nothing for "auto". Throws Error{kUsage, "image.unknown_builder"}.
std::optional<Builder> parse_builder(std::string_view text);

/// Unless told otherwise (--build-timeout).
constexpr base::Milliseconds kDefaultImageBuildTimeout{3'600'000};

struct ImageBuild {
  std::filesystem::path dockerfile;  ///< absolute
  std::filesystem::path context;     ///< absolute
  std::filesystem::path archive;     ///< absolute; where the image is written, a tar file
  std::optional<Builder> builder;    ///< nothing: the first that works
  /// "NAME=VALUE", or "NAME" for the value of ecloud's own variable. They end up in the history of
  /// the image, which everybody can read, and so are no place for secrets.
  std::vector<std::string> build_args;
  std::string target;            ///< a stage of the Dockerfile; empty for the last one
  bool ignore_findings = false;  ///< go on with a Dockerfile that image.dockerfile would stop
  base::Milliseconds timeout = kDefaultImageBuildTimeout;
  /// Gets what the builder prints, line by line, safe to print. Optional.
  std::function<void(std::string_view)> on_line;
};

/// A builder that works on this machine.
struct FoundBuilder {
  Builder builder = Builder::kDocker;
  std::filesystem::path program;
  bool with_buildx = false;  ///< docker: has its buildx plugin
};

/// A docker whose daemon is far away and gone takes its time to say so.
constexpr base::Milliseconds kBuilderPatience{20'000};

/// The builder that build_image() would take. One that is installed but does not work (no daemon,
/// no rights, no answer within `patience`) is passed over; `observer` is told why. Throws
/// Error{kImage, "image.no_builder"} with everything that was tried and why it does not do.
FoundBuilder find_builder(std::optional<Builder> wanted, const base::Env& env,
                          const base::CancelToken* cancel, Observer& observer,
                          base::Milliseconds patience = kBuilderPatience);

/// What platform::check_dockerfile says about the Dockerfile and the .dockerignore of the context
/// (BuildKit's DOCKERFILE.dockerignore before it), except about USER, which the start script takes
/// care of: warnings go to the observer. Throws Error{kUsage, "image.dockerfile"} for what cannot
/// work, and as base::read_file.
void check_dockerfile_of(const ImageBuild& build, Observer& observer);

struct BuiltImage {
  Builder builder = Builder::kDocker;
  /// "oci" or "docker": `docker save` is what remains where docker has no OCI exporter.
  std::string format;
};

/// Builds the image for linux/amd64 into `build.archive`, after check_dockerfile_of(). The builder
/// gets the variables of `env` without ECLOUD_* and EIGEN*; so BUILDAH_ISOLATION, STORAGE_DRIVER,
/// DOCKER_HOST, CONTAINERS_CONF and the like are the user's to set (buildah as root in a container:
/// BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs). Images that it keeps have no name. Errors, of
/// which none leaves an archive behind:
///   kImage       image.no_builder    as find_builder
///   kImage       image.build_failed  with the builder's last lines; also when the time is up
///   kUsage       image.dockerfile    as check_dockerfile_of
///   kInterrupted once cancelled; the builder and its children are ended
BuiltImage build_image(const ImageBuild& build, const base::Env& env,
                       const base::CancelToken* cancel, Observer& observer);

}  // namespace ecloud::deploy
