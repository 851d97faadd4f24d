#pragma once

#include "e2e/session.h"
#include "support/catch.h"
#include "support/tools.h"

namespace ecloud::testing {

/// Gives the user buildah with a storage of its own. False, visibly skipped, where it does not
/// work.
inline bool prepare_buildah(Session& user) {
  const auto buildah = require_tool("buildah");
  if (!buildah || !require_root_mount()) return false;
  user.write("../.config/containers/policy.json",
             R"({"default":[{"type":"insecureAcceptAnything"}]})");
  const std::string home = user.folder().parent_path().string();
  user.set("CONTAINERS_STORAGE_CONF",
           user.write("../storage.conf", "[storage]\ndriver = \"vfs\"\ngraphroot = \"" + home +
                                             "/storage\"\nrunroot = \"" + home + "/run\"\n")
               .string());
  user.set("BUILDAH_ISOLATION", "chroot");
  user.set("STORAGE_DRIVER", "vfs");
  user.set("XDG_CACHE_HOME", home + "/cache");
  user.set("PATH", buildah->parent_path().string() + ":/usr/bin:/bin:/usr/sbin:/sbin");
  return true;
}

}  // namespace ecloud::testing
