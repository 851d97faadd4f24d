#include "fault/report.h"

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace ecloud::testing {
namespace {

std::filesystem::path results_folder() {
  const char* given = std::getenv("ECLOUD_FAULT_RESULTS");
  return given != nullptr ? given : ECLOUD_FAULT_RESULTS_FOLDER;
}

std::string file_name(std::string text) {
  for (char& letter : text) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '-';
  }
  return text;
}

}  // namespace

void record_result(const std::string& workflow, const std::string& fault, int cases, int right) {
  if (std::getenv("ECLOUD_FAULT_ONLY") != nullptr) return;
  const std::filesystem::path folder = results_folder();
  std::filesystem::create_directories(folder);
  std::ofstream file(folder / file_name(workflow + " " + fault));
  file << workflow << '\t' << fault << '\t' << cases << '\t' << right << '\n';
}

bool is_wanted(const std::string& description) {
  const char* only = std::getenv("ECLOUD_FAULT_ONLY");
  return only == nullptr || description == only;
}

}  // namespace ecloud::testing
