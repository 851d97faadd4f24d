#pragma once

#include <string>

#include "ecloud/oci/digest.h"
#include "ecloud/oci/tar.h"

namespace ecloud::testing {

/// What `docker save` writes of an image with one layer, one file in it and that command. Link
/// ecloud_oci to use it.
inline std::string docker_archive(const std::string& command_json = R"(["/bin/sh"])",
                                  const std::string& file = "bin/sh",
                                  const std::string& architecture = "amd64",
                                  const std::string& content = "the place of a shell\n") {
  const std::string layer = oci::write_tar({{file, 0755, content}});
  const std::string config = R"({"architecture":")" + architecture +
                             R"(","os":"linux","config":{"Cmd":)" + command_json +
                             R"(},"rootfs":{"type":"layers","diff_ids":[")" +
                             oci::Digest::of(base::as_bytes(layer)).to_string() + R"("]}})";
  return oci::write_tar(
      {{"manifest.json", 0644,
        R"([{"Config":"config.json","RepoTags":["a:1"],"Layers":["layer.tar"]}])"},
       {"config.json", 0644, config},
       {"layer.tar", 0644, layer}});
}

}  // namespace ecloud::testing
