#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/child_process.h"
#include "support/temp_dir.h"

namespace ecloud::testing {

/// A program to be started in a root folder, as a container runtime would.
struct ContainerRun {
  std::vector<std::string> argv;      ///< the first is an absolute path
  std::vector<std::string> env = {};  ///< "NAME=VALUE", all of them
  std::string directory = "/";
  bool with_proc = true;  ///< /proc is there, where this system lets us mount it
  /// Once standard output holds this, SIGTERM is sent to the process.
  std::string signal_when = {};
  /// After that, once standard output holds this, SIGTERM is sent again.
  std::string signal_again_when = {};
  /// Each of them is so many signals, one right after the other.
  int signals_in_a_row = 1;
  /// What is on standard input, before its end.
  std::string input = {};
  /// It is process 1 of a namespace, as in a container; whatever it leaves running ends with it.
  bool own_pids = true;
  std::chrono::milliseconds time_limit{60'000};
};

struct ContainerResult : ProcessResult {
  pid_t pid = -1;
  /// The ID that it knows itself by.
  pid_t inner_pid = -1;
  /// The command lines of what it left running, which has been killed.
  std::vector<std::string> left_running;
};

/// Runs it as root with `root` as the root folder, by chroot. Needs root; nothing of it is left
/// running or mounted.
ContainerResult run_in_root(const std::filesystem::path& root, const ContainerRun& run);

/// The file systems of the tests' containers.
enum class RootKind {
  kBusybox,  ///< busybox for everything, as /bin/sh ash
  kDash,     ///< Debian's minimal system, whose /bin/sh is dash
  kBash,     ///< the same with bash as /bin/sh
};
const char* to_string(RootKind kind);

/// A root folder of a test's own, with /opt/busybox in every kind for programs of the tests.
class RootFolder {
 public:
  /// Nothing, and a word about the skipped test, where this machine cannot make or run one: no
  /// root, no busybox-static, no debootstrap or no network. Debian's is made once and kept in the
  /// folder of the built programs.
  static std::optional<RootFolder> make(RootKind kind);
  /// One that exists, such as an unpacked image.
  static RootFolder at(std::filesystem::path path);

  RootFolder() = default;
  const std::filesystem::path& path() const { return path_; }
  /// Takes the place of what is there; for an empty `text` nothing does.
  void write(std::string_view name, std::string_view text, bool executable = false) const;
  void remove(std::string_view name) const;
  bool has(std::string_view name) const;
  std::string read(std::string_view name) const;

 private:
  std::shared_ptr<TempDir> dir_;
  std::filesystem::path path_;
};

}  // namespace ecloud::testing
