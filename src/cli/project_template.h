#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ecloud::cli {

/// A file of a project that is to be made.
struct ProjectFile {
  std::string path;  ///< relative to the project's folder, "/" between its parts
  std::string content;
};

/// What a project can be written in: "typescript", "golang", "rust", "python".
const std::vector<std::string>& template_languages();

/// The example project of that language under another name, sorted by path. `language` is one of
/// template_languages(), `name` passes project_name_problem().
std::vector<ProjectFile> make_project(std::string_view language, std::string_view name);

/// Why `name` can be no project's: it names a folder, an app and a tag of an image. Empty when it
/// can.
std::string project_name_problem(std::string_view name);

/// Writes a folder with these files, all or nothing: they are written beside it and moved into
/// place. An empty folder of that name is replaced. Throws Error{kUsage, "create.folder_exists"}
/// listing what is there when anything else is, and Error{kFailure, "file.unwritable"}.
void write_project(const std::filesystem::path& folder, const std::vector<ProjectFile>& files);

/// The check that write_project begins with.
void check_project_folder(const std::filesystem::path& folder);

}  // namespace ecloud::cli
