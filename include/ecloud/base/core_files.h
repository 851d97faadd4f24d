#pragma once

namespace ecloud::base {

/// No core file of this process is written from here on, and no other process of the user may read
/// its memory or attach to it (PR_SET_DUMPABLE, Linux): both would hold keys.
void forbid_core_files();

}  // namespace ecloud::base
