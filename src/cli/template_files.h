#pragma once

#include <string_view>
#include <vector>

namespace ecloud::cli {

/// A file of an example project, as it stands in examples/ of the sources.
struct TemplateFile {
  std::string_view path;  ///< "python/Dockerfile"
  std::string_view content;
};

/// All of them; cmake/Templates.cmake lists them and makes the source.
const std::vector<TemplateFile>& template_files();

}  // namespace ecloud::cli
