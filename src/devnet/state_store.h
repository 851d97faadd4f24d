#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "ecloud/base/files.h"
#include "ecloud/base/json.h"

namespace ecloud::devnet {

/// What has happened to a devnet, as a journal of JSON lines that is replayed at the next start. A
/// line is written and synced before the answer to whoever caused it; one that a crash has torn is
/// dropped. Files: journal.jsonl, lock, port.
class StateStore {
 public:
  /// Locks the directory (made when missing). Throws Error{kFailure, "file.locked"}.
  explicit StateStore(std::filesystem::path directory);
  ~StateStore();
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  /// The journal's lines, the header first; empty for a fresh directory. Throws Error{kUsage,
  /// "devnet.state"} when the file is none of ours.
  std::vector<base::Json> load();
  void append(const base::Json& line);
  /// Starts anew with `header` alone.
  void restart(const base::Json& header);

  /// The port of the last run.
  std::optional<std::uint16_t> last_port() const;
  void remember_port(std::uint16_t port);

  const std::filesystem::path& directory() const { return directory_; }

 private:
  void open();

  std::filesystem::path directory_;
  base::FileLock lock_;
  int journal_ = -1;
};

}  // namespace ecloud::devnet
