#include "cli/error_catalogue.h"

#include <algorithm>
#include <iterator>

namespace ecloud::cli {
namespace {

std::vector<ErrorEntry> all_entries() {
  std::vector<ErrorEntry> all;
  for (const auto part : {command_line_errors, key_errors, chain_errors, service_errors,
                          image_content_errors, evidence_errors}) {
    std::vector<ErrorEntry> entries = part();
    std::move(entries.begin(), entries.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(),
            [](const ErrorEntry& a, const ErrorEntry& b) { return a.code < b.code; });
  return all;
}

}  // namespace

const std::vector<ErrorEntry>& error_catalogue() {
  static const std::vector<ErrorEntry> entries = all_entries();
  return entries;
}

const ErrorEntry* find_error_entry(std::string_view code) {
  for (const ErrorEntry& entry : error_catalogue()) {
    if (entry.code == code) return &entry;
  }
  return nullptr;
}

}  // namespace ecloud::cli
