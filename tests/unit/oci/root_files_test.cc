#include "ecloud/oci/root_files.h"

#include <string>

#include "archive_fixture.h"
#include "memory_image.h"

namespace ecloud::oci {
namespace {

/// Layers given as archives, the lowest first.
RootFiles files_of(const std::vector<std::string>& tars) {
  RootFiles files;
  for (std::size_t layer = 0; layer < tars.size(); ++layer) {
    for (const auto& item : list_tar(tars[layer])) files.add(layer, item.entry);
  }
  return files;
}

std::string file(const std::string& name, const std::string& content = "x") {
  return raw_entry(name, '0', content);
}
std::string directory(const std::string& name) {
  return raw_entry(name + "/", '5', "");
}
std::string link(const std::string& name, const std::string& target) {
  return raw_entry(name, '2', "", target);
}

bool has_file(const RootFiles& files, std::string_view path) {
  const auto found = files.resolve(path);
  return found && found->type == TarType::kFile;
}

/// Octets that gzip cannot shrink, as a file.
std::string noise(const std::string& name, std::size_t size) {
  std::mt19937 random(static_cast<std::uint32_t>(size));
  std::string content(size, '\0');
  for (char& c : content) c = static_cast<char>(random());
  return file(name, content);
}

TEST_CASE("Files are found through links that stay in the root", "[oci]") {
  const RootFiles files = files_of(
      {link("bin", "usr/bin") + file("usr/bin/dash") + link("usr/bin/sh", "dash") +
       link("etc/alternatives/sh", "/bin/sh") + link("deep/a/b", "../../../../usr/bin/dash") +
       link("here", "./usr/../usr//bin") + raw_entry("usr/bin/hard", '1', "", "usr/bin/dash")});
  for (const char* path : {"/bin/sh", "bin/sh", "/usr/bin/sh", "/etc/alternatives/sh", "/deep/a/b",
                           "/here/dash", "/usr/bin/hard", "/../../bin/sh"}) {
    INFO(path);
    CHECK(has_file(files, path));
  }
  CHECK(files.resolve("/")->type == TarType::kDirectory);
  CHECK(files.resolve("/usr")->type == TarType::kDirectory);
  CHECK_FALSE(files.resolve("/bin/bash"));
  CHECK_FALSE(files.resolve("/usr/bin/dash/more"));
}

TEST_CASE("A circle of links leads to nothing", "[oci]") {
  const RootFiles files = files_of({link("a", "b") + link("b", "/a") + link("self", "self/self") +
                                    link("dangling", "nowhere/at/all")});
  for (const char* path : {"/a", "/b", "/self", "/dangling", "/a/b/c"}) {
    INFO(path);
    CHECK_FALSE(files.resolve(path));
  }
}

TEST_CASE("Higher layers replace and remove what is below", "[oci]") {
  const RootFiles files =
      files_of({file("etc/passwd", "old") + file("opt/a/b") + file("opt/c") + file("gone/x") +
                    file("was/directory") + file("was-file"),
                file("etc/passwd", "newer") + file("opt/.wh..wh..opq") + file("opt/d") +
                    file(".wh.gone") + file("was") + file("was-file/below")});
  CHECK(files.resolve("/etc/passwd")->size_bytes == 5);
  CHECK(files.resolve("/etc/passwd")->layer == 1);
  CHECK_FALSE(files.resolve("/opt/a/b"));
  CHECK_FALSE(files.resolve("/opt/c"));
  CHECK(has_file(files, "/opt/d"));
  CHECK_FALSE(files.resolve("/gone/x"));
  CHECK_FALSE(files.resolve("/gone"));
  CHECK(has_file(files, "/was"));
  CHECK_FALSE(files.resolve("/was/directory"));
  CHECK(has_file(files, "/was-file/below"));
}

TEST_CASE("A whiteout hides nothing of its own layer wherever it stands in it", "[oci]") {
  const RootFiles files =
      files_of({file("d/old"), file("d/new") + file("d/.wh..wh..opq") + file("e") + file(".wh.e")});
  CHECK_FALSE(files.resolve("/d/old"));
  CHECK(has_file(files, "/d/new"));
  CHECK(has_file(files, "/e"));
}

TEST_CASE("Entries below a link of a lower layer land where it leads", "[oci]") {
  const RootFiles files = files_of({link("bin", "usr/bin") + directory("usr/bin"), file("bin/sh"),
                                    file("bin/.wh.sh") + file("bin/ash")});
  CHECK_FALSE(files.resolve("/usr/bin/sh"));
  CHECK(has_file(files, "/usr/bin/ash"));
  // A directory in the place of a link is a directory.
  const RootFiles replaced =
      files_of({link("bin", "usr/bin") + file("usr/bin/sh"), directory("bin")});
  CHECK_FALSE(replaced.resolve("/bin/sh"));
}

TEST_CASE("The shell of an image is found in its lowest layer", "[oci]") {
  MemoryImage app({link("bin", "usr/bin") + file("usr/bin/dash") + link("usr/bin/sh", "dash") +
                       noise("usr/lib/big", 3'000'000),
                   noise("app", 3'000'000)});
  CHECK(find_shell(app.image, app.blobs) == ShellAnswer::kFound);
  CHECK(app.blobs.reads.size() == 1);
  CHECK(app.blobs.read_bytes < 600'000);
}

TEST_CASE("An image without a shell is told from one that is too large to know", "[oci]") {
  MemoryImage none({file("app") + link("bin/sh", "/busybox"), directory("bin")});
  CHECK(find_shell(none.image, none.blobs) == ShellAnswer::kNone);
  CHECK(none.blobs.reads.size() == 2);

  MemoryImage large({noise("usr/lib/big", 300'000) + file("bin/sh")});
  CHECK(find_shell(large.image, large.blobs, 200'000) == ShellAnswer::kUnknown);
  CHECK(large.blobs.read_bytes <= 204'800);
  CHECK(find_shell(large.image, large.blobs, 400'000) == ShellAnswer::kFound);

  MemoryImage exact({noise("app", 100'000)});
  const std::uint64_t size = exact.image.layers[0].size_bytes;
  CHECK(find_shell(exact.image, exact.blobs, size) == ShellAnswer::kNone);
  CHECK(find_shell(exact.image, exact.blobs, size - 1) == ShellAnswer::kUnknown);
}

TEST_CASE("A file that layering added is found from the top", "[oci]") {
  const std::string path = "usr/local/bin/kms-client";
  MemoryImage app({noise("base", 3'000'000), file(path) + file("usr/local/bin/tls-client")});
  CHECK(find_added_file(app.image, app.blobs, "/" + path, 100'000) == FileAnswer::kFound);
  CHECK(app.blobs.read_bytes < 100'000);

  MemoryImage below({file(path), file("app")});
  CHECK(find_added_file(below.image, below.blobs, path, 100'000) == FileAnswer::kFound);
  MemoryImage removed({file(path), file("usr/local/bin/.wh.kms-client")});
  CHECK(find_added_file(removed.image, removed.blobs, path, 100'000) == FileAnswer::kNone);
  MemoryImage none({file("app"), file("usr/local/bin/kms-client-2")});
  CHECK(find_added_file(none.image, none.blobs, path, 100'000) == FileAnswer::kNone);
  MemoryImage folder({directory(path)});
  CHECK(find_added_file(folder.image, folder.blobs, path, 100'000) == FileAnswer::kNone);

  MemoryImage large({file(path), noise("app", 300'000)});
  CHECK(find_added_file(large.image, large.blobs, path, 200'000) == FileAnswer::kUnknown);
}

TEST_CASE("A shell may come together from several layers", "[oci]") {
  MemoryImage app({link("bin/sh", "/nix/store/bash/bin/sh"), file("app"),
                   link("nix/store/bash/bin/sh", "bash") + file("nix/store/bash/bin/bash")});
  CHECK(find_shell(app.image, app.blobs) == ShellAnswer::kFound);
}

TEST_CASE("A directory or a device is no shell", "[oci]") {
  MemoryImage app({directory("bin/sh")});
  CHECK(find_shell(app.image, app.blobs) == ShellAnswer::kNone);
  MemoryImage device({raw_entry("bin/sh", '3', "")});
  CHECK(find_shell(device.image, device.blobs) == ShellAnswer::kNone);
}

TEST_CASE("A layer that is no archive is named", "[oci]") {
  MemoryImage app({file("a"), "<html>" + std::string(2'000, ' ')});
  const Error error = error_of([&] { find_shell(app.image, app.blobs); });
  CHECK(error.code() == "image.broken_layer");
  CHECK(error.message() == "layer 2 of 2 of alice/app:1 (" +
                               app.image.layers[1].digest.to_string() +
                               ") is no tar archive: the header before octet 512 is broken");
}

TEST_CASE("A small file of the image can be read", "[oci]") {
  MemoryImage app({file("etc/passwd", "root:x:0:0") + file("etc/group", "g"),
                   file("etc/passwd", "app:x:1000:1000") + file("etc/.wh.group")});
  const auto read = [&](const char* path, std::uint64_t budget) {
    return read_root_file(app.image, app.blobs, path, budget);
  };
  CHECK(read("/etc/passwd", 1'000'000) == "app:x:1000:1000");
  CHECK(read("etc/group", 1'000'000) == std::nullopt);
  CHECK(read("etc/shadow", 1'000'000) == std::nullopt);
  CHECK(read("/etc/passwd", 50) == std::nullopt);
}

}  // namespace
}  // namespace ecloud::oci
