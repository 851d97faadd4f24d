#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "ecloud/base/json.h"

namespace ecloud::cli {

/// The description of the running devnet (devnet.json), read from its own server; nothing when none
/// runs. A description that a crashed devnet left behind counts as none.
std::optional<base::Json> running_devnet(Context& context);

/// As running_devnet, else Error{kUsage, "devnet.not_running"}.
base::Json require_devnet(Context& context);

/// Asks the devnet's control API. `body` empty: GET. Throws what the transport throws, and
/// Error{kNotFound or kNetwork, "devnet.refused"} with the server's words.
base::Json ask_devnet(Context& context, const base::Json& info, const std::string& path,
                      const std::optional<base::Json>& body = std::nullopt);

/// The ecloud-devnet program: $ECLOUD_DEVNET_BINARY, beside this program, in ../libexec/ecloud,
/// else in PATH. Throws Error{kFailure, "devnet.no_program"}.
std::filesystem::path devnet_program(Context& context);

/// A child process that runs `arguments`, its output in `log_file` (made, mode 0600) or where ours
/// goes. A detached one survives us. Throws Error{kFailure, "devnet.start"}.
pid_t start_process(const std::vector<std::string>& arguments,
                    const std::optional<std::filesystem::path>& log_file, bool detached);

/// The exit status of a child that has ended (negative: killed by that signal); nothing while it
/// runs.
std::optional<int> poll_child(pid_t child);

}  // namespace ecloud::cli
