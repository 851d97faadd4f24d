#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"

namespace ecloud::cli {

/// Pages that a person has to open, named by a server that may be hostile.

/// Why `url` is not handed to a browser; nothing when it may be: it is https, has no user name in
/// it and nothing that is not printable ASCII, and its host is one that takes payments for the
/// platform or that of `billing_url`. On loopback `billing_url`'s own origin may be plain http.
std::optional<std::string> problem_with_page(std::string_view url, std::string_view billing_url);

/// The program that opens pages: xdg-open, or open on macOS. Nothing when there is none in PATH, or
/// no desktop to open them on.
std::optional<std::filesystem::path> browser_opener(const base::Env& env);

/// The variables for such a program: all but ours, which may hold keys.
std::vector<std::string> browser_environment(const base::Env& env);

/// Starts `program URL` without a shell, apart from this process and its streams. False when it
/// cannot be started.
bool start_browser(const std::filesystem::path& program, const std::string& url,
                   const base::Env& env);

/// Opens `url` where a user sits at a desktop: on a terminal, without --json, --no-open, CI and
/// SSH. Warns of a page that may not be opened. Never fails. The caller shows the URL.
void open_page(Context& context, const Values& values, const std::string& url);

/// --no-open, for the commands that present a page.
Option no_open_option();

}  // namespace ecloud::cli
