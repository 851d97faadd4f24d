#include "cli/project_template.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/template_files.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/temporary.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostShown = 5;

Error unwritable(const fs::path& path, int error) {
  return {Category::kFailure, "file.unwritable",
          "cannot write " + path.string() + ": " + std::strerror(error),
          "check the permissions of the directory and the free space of the disk"};
}

std::string with_name(std::string_view content, std::string_view old_name, std::string_view name) {
  std::string out;
  for (std::size_t at = 0; at < content.size();) {
    const std::size_t found = std::min(content.find(old_name, at), content.size());
    out += content.substr(at, found - at);
    if (found < content.size()) out += name;
    at = found + old_name.size();
  }
  return out;
}

/// "a, b and 3 more".
std::string some_names(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  const std::size_t more = names.size() > kMostShown ? names.size() - kMostShown : 0;
  names.resize(names.size() - more);
  for (std::string& name : names) name = base::printable_line(name, 60);
  return base::join(names, ", ") + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

/// The permissions that a folder gets which anybody makes with mkdir.
void open_to_readers(const fs::path& folder) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) ::chmod(entry.path().c_str(), 0777 & ~mask);
  }
  ::chmod(folder.c_str(), 0777 & ~mask);
}

}  // namespace

const std::vector<std::string>& template_languages() {
  static const std::vector<std::string> languages = {"typescript", "golang", "rust", "python"};
  return languages;
}

std::vector<ProjectFile> make_project(std::string_view language, std::string_view name) {
  const std::string prefix = std::string(language) + "/";
  const std::string example_name = "hello-" + std::string(language);
  std::vector<ProjectFile> files;
  for (const TemplateFile& file : template_files()) {
    if (!file.path.starts_with(prefix)) continue;
    // Names of images are in lower case.
    const std::string content =
        with_name(file.content, "YOU/" + example_name, "YOU/" + base::to_lower(name));
    files.push_back(
        {std::string(file.path.substr(prefix.size())), with_name(content, example_name, name)});
  }
  std::sort(files.begin(), files.end(),
            [](const ProjectFile& a, const ProjectFile& b) { return a.path < b.path; });
  return files;
}

std::string project_name_problem(std::string_view name) {
  const std::string problem = platform::profile_name_problem(name);
  if (!problem.empty()) return problem;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";
  if (name.back() == '-' || name.back() == '_') return "ends with - or _";
  constexpr std::string_view kRest = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::string lower = base::to_lower(name);
  if (kLetters.find(lower.front()) == std::string_view::npos) return "does not begin with a letter";
  if (lower.find_first_not_of(kRest) != std::string::npos) {
    return "holds something other than letters, digits, - and _";
  }
  return {};
}

void check_project_folder(const fs::path& folder) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(folder, error);
  if (status.type() == fs::file_type::not_found) return;
  const char* hint = "choose another name, or empty the folder yourself if nothing there is needed";
  if (status.type() != fs::file_type::directory) {
    throw Error(Category::kUsage, "create.folder_exists",
                folder.string() + " exists and is no folder", "choose another name");
  }
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) {
    throw Error(Category::kUsage, "create.folder_exists",
                "cannot look into " + folder.string() + ": " + error.message(), hint);
  }
  if (names.empty()) return;
  throw Error(Category::kUsage, "create.folder_exists",
              folder.string() + " is not empty: " + some_names(std::move(names)), hint);
}

void write_project(const fs::path& folder, const std::vector<ProjectFile>& files) {
  check_project_folder(folder);
  const fs::path parent = folder.parent_path();
  base::TemporaryDirectory temporary(parent.empty() ? fs::path(".") : parent);
  for (const ProjectFile& file : files) {
    base::write_new_file(temporary.path() / file.path, file.content, base::kPublicFile);
  }
  open_to_readers(temporary.path());
  const int error = temporary.move_to(folder);
  if (error == 0) return;
  check_project_folder(folder);
  throw unwritable(folder, error);
}

}  // namespace ecloud::cli
