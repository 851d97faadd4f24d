#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ecloud::platform {

/// A body of type multipart/form-data (RFC 7578). The boundary is one that no part holds.
class MultipartForm {
 public:
  void add(std::string_view name, std::string_view value);
  void add_file(std::string_view name, std::string_view file_name, std::string_view content_type,
                std::string_view content);

  std::string content_type() const;
  std::string body() const;

 private:
  struct Part {
    std::string head;
    std::string content;
  };
  std::string boundary() const;

  std::vector<Part> parts_;
};

}  // namespace ecloud::platform
