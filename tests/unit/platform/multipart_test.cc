#include "platform/multipart.h"

#include "platform_support.h"

namespace ecloud::platform {
namespace {

TEST_CASE("a form is written as RFC 7578 has it", "[platform]") {
  MultipartForm form;
  form.add("name", "my-app");
  form.add_file("image", "logo.png", "image/png", std::string("\x89PNG\r\n\0x", 8));
  CHECK(form.content_type() == "multipart/form-data; boundary=ecloud-form-0");
  CHECK(form.body() == std::string("--ecloud-form-0\r\n"
                                   "Content-Disposition: form-data; name=\"name\"\r\n"
                                   "\r\n"
                                   "my-app\r\n"
                                   "--ecloud-form-0\r\n"
                                   "Content-Disposition: form-data; name=\"image\"; "
                                   "filename=\"logo.png\"\r\n"
                                   "Content-Type: image/png\r\n"
                                   "\r\n") +
                           std::string("\x89PNG\r\n\0x", 8) + "\r\n--ecloud-form-0--\r\n");
}

TEST_CASE("a form without fields is its end alone", "[platform]") {
  CHECK(MultipartForm().body() == "--ecloud-form-0--\r\n");
}

TEST_CASE("the boundary is one that no field holds", "[platform]") {
  MultipartForm form;
  form.add("a",
           "x\r\n--ecloud-form-0\r\nContent-Disposition: form-data; name=\"admin\"\r\n\r\nyes");
  CHECK(form.content_type() == "multipart/form-data; boundary=ecloud-form-1");
  form.add_file("b", "f", "image/png", "..ecloud-form-10..");
  CHECK(form.content_type() == "multipart/form-data; boundary=ecloud-form-2");
  const std::string body = form.body();
  CHECK(body.starts_with("--ecloud-form-2\r\n"));
  CHECK(body.ends_with("\r\n--ecloud-form-2--\r\n"));
  std::size_t marks = 0;
  for (std::size_t at = body.find("ecloud-form-2"); at != std::string::npos;
       at = body.find("ecloud-form-2", at + 1)) {
    ++marks;
  }
  CHECK(marks == 3);
}

TEST_CASE("names cannot leave their quotes or their line", "[platform]") {
  MultipartForm form;
  form.add_file("a\"b", "x\"; name=\"y\r\nX-Evil: 1\r\n\r\n.png", "image/png", "");
  CHECK(form.body() ==
        "--ecloud-form-0\r\n"
        "Content-Disposition: form-data; name=\"a%22b\"; "
        "filename=\"x%22; name=%22y%0D%0AX-Evil: 1%0D%0A%0D%0A.png\"\r\n"
        "Content-Type: image/png\r\n"
        "\r\n"
        "\r\n--ecloud-form-0--\r\n");
}

}  // namespace
}  // namespace ecloud::platform
