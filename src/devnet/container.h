#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "ecloud/base/secret.h"

namespace ecloud::devnet {

/// What a container is started from.
struct ContainerPlan {
  std::filesystem::path root;     ///< an unpacked image
  std::vector<std::string> argv;  ///< Entrypoint and Cmd
  std::vector<std::string> env;   ///< "NAME=VALUE", all of them
  std::string directory = "/";    ///< working directory
  /// Directories of this machine and the place in the container that each is mounted at; read only
  /// where `writable` is false.
  struct Mount {
    std::filesystem::path source;
    std::string target;  ///< relative to the root
    bool writable = false;
  };
  std::vector<Mount> mounts;
};

/// Whether this process can start containers, in words; empty when it can: Linux, root, and name
/// spaces for mounts and processes.
std::string container_problem();

/// A process with a root folder, /proc, mounts and process ids of its own, process 1 there, on the
/// network of this machine. Standard output and error are one stream, which is read all the time;
/// nothing is on standard input. All that it starts ends with it, and it with this process. Methods
/// may be called from any thread.
class Container {
 public:
  /// Throws Error{kFailure, "devnet.container"}. A command that cannot be executed ends with status
  /// 126 and a line that says so.
  explicit Container(const ContainerPlan& plan);
  /// Kills it.
  ~Container();
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  /// What it printed since the last call, whole lines until it has ended.
  std::vector<std::string> take_lines();
  /// Lines that begin with "ECLOUD_", in order.
  std::vector<std::string> markers() const;
  /// Once it has ended: its exit status, or 128 and the signal.
  std::optional<int> exit_status() const;
  /// Waits until there is a marker or it has ended; false when `limit` is over before.
  bool wait_for_marker(std::chrono::milliseconds limit) const;
  /// TERM to process 1, and KILL when it has not ended after `grace`.
  void stop(std::chrono::milliseconds grace);
  /// The environment of the app's command as the kernel shows it: of the first child of process 1
  /// that is another program, or of process 1 itself when it is no shell script any more. Empty
  /// when there is none.
  std::vector<std::pair<std::string, base::Secret>> command_environment() const;

 private:
  void read_output();
  void add_output(std::string_view text);
  void end_line();
  std::optional<pid_t> command_process() const;

  pid_t pid_ = -1;
  int output_ = -1;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string partial_;
  std::vector<std::string> lines_, markers_;
  std::optional<int> exit_status_;
  std::thread reader_;
};

}  // namespace ecloud::devnet
