#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/page.h"
#include "cli/terminal.h"

namespace ecloud::cli {

/// A page about more than one command, for `ecloud help NAME` and as the manual page
/// ecloud-NAME(7).
struct Guide {
  std::string name;     ///< "recovery"
  std::string summary;  ///< as whatis reads it
  std::string introduction;
  struct Section {
    std::string heading;
    std::vector<Entry> entries;
  };
  std::vector<Section> sections;
};

std::string guide_text(const Guide& guide, const Terminal& terminal);
std::string guide_man_page(const Guide& guide);

/// What is left when the machine that deployed an app is gone.
const Guide& recovery_guide();
/// Who is trusted with what, and which command checks it.
const Guide& trust_guide();

}  // namespace ecloud::cli
