#pragma once

#include "ecloud/base/cancel.h"
#include "ecloud/cli/program.h"

namespace ecloud::cli {

/// The three standard descriptors of the process.
class SystemConsole final : public Console {
 public:
  /// `cancel` outlives the console.
  explicit SystemConsole(base::CancelToken& cancel) : cancel_(cancel) {}

  bool input_is_terminal() const override;
  bool output_is_terminal() const override;
  bool error_is_terminal() const override;
  int width() const override;
  void write_output(std::string_view text) override;
  void write_error(std::string_view text) override;
  std::shared_ptr<void> hide_input() override;
  bool input_is_waiting() override;
  std::optional<std::string> read_line(bool echo) override;
  std::string read_all(std::size_t max_bytes) override;
  void read_pieces(std::size_t max_bytes,
                   const std::function<void(std::string_view)>& take) override;

 private:
  /// Waits until stdin has something or has ended; throws when cancelled meanwhile.
  void wait_for_input() const;

  base::CancelToken& cancel_;
};

}  // namespace ecloud::cli
