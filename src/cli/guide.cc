#include "cli/guide.h"

#include "cli/man_text.h"

namespace ecloud::cli {

std::string guide_text(const Guide& guide, const Terminal& terminal) {
  Page page(terminal);
  page.paragraphs(guide.introduction);
  for (const Guide::Section& section : guide.sections) {
    page.heading(section.heading);
    page.entries(section.entries);
  }
  return page.take();
}

std::string guide_man_page(const Guide& guide) {
  const std::string title = "ecloud-" + guide.name;
  std::string out = man_header(title, 7) + man_name(title, guide.summary);
  out += man_section("DESCRIPTION") + man_escaped(guide.introduction) + "\n";
  for (const Guide::Section& section : guide.sections) {
    out += man_section(section.heading);
    for (const Entry& entry : section.entries) {
      out += man_tagged(man_bold(entry.label), entry.text);
    }
  }
  return out + man_section("SEE ALSO") + man_bold("ecloud") + "(1)\n";
}

}  // namespace ecloud::cli
