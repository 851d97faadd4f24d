#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/cancel.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/env.h"
#include "ecloud/base/log.h"
#include "ecloud/crypto/keystore.h"
#include "ecloud/crypto/random.h"
#include "ecloud/net/curl_transport.h"
#include "ecloud/net/transport.h"

namespace ecloud::cli {

/// The three standard streams and what is known about them.
class Console {
 public:
  virtual ~Console() = default;
  virtual bool input_is_terminal() const = 0;
  virtual bool output_is_terminal() const = 0;
  virtual bool error_is_terminal() const = 0;
  /// Columns of the terminal; 0 when there is none.
  virtual int width() const = 0;
  /// Throws OutputClosed when the reader has gone, Error{kFailure, "output.unwritable"} otherwise.
  virtual void write_output(std::string_view text) = 0;
  /// Never fails: there is nowhere to say so.
  virtual void write_error(std::string_view text) = 0;
  /// `text` is what a user wrote into a configuration file: no secret in it is repeated in messages
  /// from now on.
  virtual void hide_input_text(std::string_view /*text*/) {}
  /// What is typed is not shown until the returned object dies: for before a question, so that
  /// nothing typed right after it is seen. Null where there is nothing to hide.
  virtual std::shared_ptr<void> hide_input() { return nullptr; }
  /// Whether the input is no terminal and something stands in it already, so that read_line()
  /// returns at once: an answer that a script pipes in.
  virtual bool input_is_waiting() { return false; }
  /// A line without its line break, nothing at the end of the input. Without `echo` what is typed
  /// stays invisible. Throws Error{kInterrupted} when cancelled meanwhile.
  virtual std::optional<std::string> read_line(bool echo) = 0;
  /// All that is left of the input. Throws Error{kUsage, "file.too_large"} beyond `max_bytes`, and
  /// Error{kInterrupted} when cancelled meanwhile.
  virtual std::string read_all(std::size_t max_bytes) = 0;
  /// As read_all, piece by piece: for what is too large for the memory.
  virtual void read_pieces(std::size_t max_bytes,
                           const std::function<void(std::string_view)>& take) {
    take(read_all(max_bytes));
  }
};

/// The reader of stdout has gone (`ecloud … | head`): the program ends without a word.
struct OutputClosed {};

/// Makes the bottom of the transport stack; what it is given outlives it.
using TransportFactory = std::function<std::unique_ptr<net::Transport>(
    const net::CurlOptions& options, base::CancelToken& cancel, const base::Log& log)>;

/// Everything outside of the program, as a parameter. All references outlive the run.
struct Host {
  Console& console;
  base::Clock& clock;
  crypto::Random& random;
  base::CancelToken& cancel;
  base::Env env;
  std::filesystem::path working_directory;
  TransportFactory make_transport;
  /// The path that this program was started from; to find its companions beside it. May be empty.
  std::filesystem::path executable;
  /// What making a key file costs; see crypto/keystore.h.
  crypto::ScryptCost keystore_cost{};
  /// How long the keyring of the system may take to answer; it may be locked, and its question be
  /// shown where nobody looks.
  base::Milliseconds keyring_limit{3'000};
};

/// The exit code of a process whose reader has gone: what the shell shows for SIGPIPE.
constexpr int kExitOutputClosed = 141;

/// One run of the program, `arguments` without its name. Returns the exit code; throws nothing.
int run(const std::vector<std::string>& arguments, Host& host);

/// The process: no core files, signals turned into cancellation, then run().
int main(int argc, char** argv);

}  // namespace ecloud::cli
