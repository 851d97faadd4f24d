#pragma once

#include <string>
#include <string_view>

namespace ecloud::cli {

// Pieces of a manual page, in roff with the man macros.

/// Text that roff takes as it is: no escapes, no requests, hyphens that can be copied.
std::string man_escaped(std::string_view text);
std::string man_bold(std::string_view text);
std::string man_italic(std::string_view text);
std::string man_section(std::string_view title);
/// A paragraph with `tag`, which is roff already, before it.
std::string man_tagged(const std::string& tag, std::string_view text);
/// The beginning of a page: its title, without any date, and how it is set.
std::string man_header(std::string_view title, int section);
/// The section NAME, as whatis reads it.
std::string man_name(std::string_view title, std::string_view summary);

}  // namespace ecloud::cli
