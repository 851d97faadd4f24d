#include "support/root_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "support/catch.h"
#include "support/tools.h"

namespace ecloud::testing {
namespace {

namespace fs = std::filesystem;

void must_run(const std::vector<std::string>& argv) {
  const ProcessResult result = run_process(argv);
  if (!result.ok()) throw std::runtime_error(argv[0] + ": " + result.describe());
}

void skip(const std::string& why) {
  if (tools_are_required()) FAIL(why + ", and ECLOUD_REQUIRE_TOOLS is set");
  WARN("SKIPPED: " + why);
}

/// What a container always has, over what the image brings.
void add_container_parts(const fs::path& root, const fs::path& busybox) {
  for (const char* folder : {"bin", "opt", "proc", "dev", "tmp", "etc", "usr/local/bin"}) {
    fs::create_directories(root / folder);
  }
  fs::permissions(root / "tmp", fs::perms(01777));
  fs::copy_file(busybox, root / "opt/busybox", fs::copy_options::overwrite_existing);
  if (!fs::exists(root / "dev/null")) {
    if (::mknod((root / "dev/null").c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) {
      std::ofstream(root / "dev/null").flush();
    }
    ::chmod((root / "dev/null").c_str(), 0666);
  }
}

void fill_with_busybox(const fs::path& root, const fs::path& busybox) {
  for (const char* folder : {"bin", "sbin", "usr/bin", "usr/sbin", "root"}) {
    fs::create_directories(root / folder);
  }
  fs::copy_file(busybox, root / "bin/busybox");
  const ContainerResult links = run_in_root(root, {{"/bin/busybox", "--install", "-s"}, {}});
  if (!links.ok()) throw std::runtime_error("busybox --install: " + links.describe());
}

/// Debian's, made when it is not there. Several tests may ask at the same time.
std::optional<fs::path> debian_of_all_tests() {
  const fs::path folder = fs::path(ECLOUD_BINARY).parent_path() / "test-roots";
  const fs::path ready = folder / "debian-bookworm";
  fs::create_directories(folder);
  const int lock = ::open((folder / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  const std::shared_ptr<void> unlock(nullptr, [lock](void*) { ::close(lock); });
  if (lock < 0 || ::flock(lock, LOCK_EX) != 0) throw std::runtime_error("no lock for test-roots");
  if (fs::exists(ready)) return ready;
  const auto debootstrap = require_tool("debootstrap");
  if (!debootstrap) return std::nullopt;
  const fs::path part = folder / "part";
  fs::remove_all(part);
  ProcessOptions options;
  options.argv = {debootstrap->string(), "--variant=minbase", "bookworm", part.string()};
  options.env = {{"LC_ALL", "C"}};
  options.time_limit = std::chrono::minutes(10);
  const ProcessResult made = run_process(options);
  if (!made.ok()) {
    skip("debootstrap has no network: " + made.out + made.err);
    return std::nullopt;
  }
  // What no test runs; every test has a copy of the rest.
  for (const char* heavy : {"usr/share", "var", "usr/lib/x86_64-linux-gnu/gconv"}) {
    fs::remove_all(part / heavy);
  }
  fs::rename(part, ready);
  return ready;
}

void copy_tree(const fs::path& from, const fs::path& to) {
  // As links where that goes: what a test changes is written anew.
  const std::string source = (from / ".").string();
  if (!run_process({"cp", "-al", source, to.string()}).ok()) {
    must_run({"cp", "-a", source, to.string()});
  }
}

}  // namespace

const char* to_string(RootKind kind) {
  switch (kind) {
    case RootKind::kBusybox:
      return "busybox";
    case RootKind::kDash:
      return "dash";
    case RootKind::kBash:
      return "bash";
  }
  return "";
}

std::optional<RootFolder> RootFolder::make(RootKind kind) {
  const auto busybox = require_tool("busybox");
  if (!busybox) return std::nullopt;
  if (::geteuid() != 0) {
    skip("only root can change the root folder");
    return std::nullopt;
  }
  RootFolder out;
  out.dir_ = std::make_shared<TempDir>();
  out.path_ = *out.dir_ / "root";
  fs::create_directories(out.path_);
  if (kind == RootKind::kBusybox) {
    add_container_parts(out.path_, *busybox);
    fill_with_busybox(out.path_, *busybox);
    return out;
  }
  const auto debian = debian_of_all_tests();
  if (!debian) return std::nullopt;
  copy_tree(*debian, out.path_);
  add_container_parts(out.path_, *busybox);
  if (kind == RootKind::kBash) {
    out.remove("usr/bin/sh");
    fs::create_symlink("bash", out.path_ / "usr/bin/sh");
  }
  return out;
}

RootFolder RootFolder::at(fs::path path) {
  RootFolder out;
  out.path_ = std::move(path);
  const auto busybox = find_tool("busybox");
  if (!busybox) throw std::runtime_error("no busybox");
  add_container_parts(out.path_, *busybox);
  return out;
}

void RootFolder::write(std::string_view name, std::string_view text, bool executable) const {
  const fs::path file = path_ / name;
  fs::create_directories(file.parent_path());
  fs::remove(file);
  if (text.empty()) return;
  std::ofstream(file, std::ios::binary) << text;
  ::chmod(file.c_str(), executable ? 0755 : 0644);
}

void RootFolder::remove(std::string_view name) const {
  fs::remove_all(path_ / name);
}

bool RootFolder::has(std::string_view name) const {
  return fs::exists(fs::symlink_status(path_ / name));
}

std::string RootFolder::read(std::string_view name) const {
  return slurp(path_ / name);
}

}  // namespace ecloud::testing
