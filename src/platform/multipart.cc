#include "platform/multipart.h"

#include <algorithm>

namespace ecloud::platform {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    // RFC 7578 section 2 with the percent-encoding that browsers use inside quotes.
    if (c == '"') {
      out += "%22";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

}  // namespace

void MultipartForm::add(std::string_view name, std::string_view value) {
  parts_.push_back(
      {"Content-Disposition: form-data; name=" + quoted(name) + "\r\n", std::string(value)});
}

void MultipartForm::add_file(std::string_view name, std::string_view file_name,
                             std::string_view content_type, std::string_view content) {
  parts_.push_back({"Content-Disposition: form-data; name=" + quoted(name) +
                        "; filename=" + quoted(file_name) +
                        "\r\nContent-Type: " + std::string(content_type) + "\r\n",
                    std::string(content)});
}

std::string MultipartForm::boundary() const {
  for (unsigned attempt = 0;; ++attempt) {
    const std::string candidate = "ecloud-form-" + std::to_string(attempt);
    const bool taken = std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) {
      return part.content.find(candidate) != std::string::npos;
    });
    if (!taken) return candidate;
  }
}

std::string MultipartForm::content_type() const {
  return "multipart/form-data; boundary=" + boundary();
}

std::string MultipartForm::body() const {
  const std::string mark = boundary();
  std::string out;
  for (const Part& part : parts_) {
    out += "--" + mark + "\r\n" + part.head + "\r\n" + part.content + "\r\n";
  }
  return out + "--" + mark + "--\r\n";
}

}  // namespace ecloud::platform
