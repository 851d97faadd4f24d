#pragma once

#include <string>

#include "cli/command.h"

namespace ecloud::cli {

/// "ecloud-compute-app-deploy.1".
std::string man_page_name(const CommandPath& path);

/// The manual page of a command or a group, in roff with the man macros. The root's has the topics
/// too. Without any date, so that the same tree always gives the same page.
std::string man_page(const CommandPath& path, const Command& root);

}  // namespace ecloud::cli
