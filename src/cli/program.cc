#include "ecloud/cli/program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <exception>

#include "cli/command_tree.h"
#include "cli/context.h"
#include "cli/guarded_console.h"
#include "cli/help.h"
#include "cli/parser.h"
#include "cli/terminal.h"
#include "ecloud/base/temporary.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

bool given(const Parsed& parsed, std::string_view option) {
  return parsed.options.find(option) != parsed.options.end();
}

ColorMode color_mode(const Parsed& parsed) {
  const auto color = parsed.options.find("color");
  if (color == parsed.options.end()) return ColorMode::kAuto;
  const std::string& when = color->second.back();
  if (when == "always") return ColorMode::kAlways;
  // What is no choice at all is reported by Values, with the choices.
  return when == "never" ? ColorMode::kNever : ColorMode::kAuto;
}

TerminalOptions terminal_options(const Parsed& parsed) {
  TerminalOptions options;
  options.color = color_mode(parsed);
  options.json = given(parsed, "json");
  options.non_interactive = given(parsed, "non-interactive");
  options.yes = given(parsed, "yes");
  options.verbose = given(parsed, "verbose");
  return options;
}

/// The options as far as they can be told when parsing fails.
TerminalOptions guessed_options(const std::vector<std::string>& arguments) {
  TerminalOptions options;
  options.json = has_flag(arguments, "--json");
  options.verbose = has_flag(arguments, "--verbose") || has_flag(arguments, "-v");
  if (has_flag(arguments, "--color=never")) options.color = ColorMode::kNever;
  if (has_flag(arguments, "--color=always")) options.color = ColorMode::kAlways;
  return options;
}

/// `console` is that of `terminal`.
int report(const GuardedConsole& console, Terminal& terminal, const Error& error) {
  print_error(terminal, Error(error.category(), error.code(), console.hide(error.message()),
                              console.hide(error.hint())));
  return exit_code(error.category());
}

/// Who owns the state can change it, the journal of what was signed and the wallets included.
void check_owner_of_state(Context& context, Terminal& terminal, const Command& command) {
  struct stat info {};
  if (!command.mutating || (!context.env().get("HOME") && !context.env().get("XDG_STATE_HOME"))) {
    return;
  }
  const std::string state = context.paths().state.string();
  if (::stat(state.c_str(), &info) != 0 || info.st_uid == ::geteuid()) return;
  const std::string whose =
      state + " belongs to another user (" + std::to_string(info.st_uid) + ")";
  if (::geteuid() == 0) {
    terminal.warning(whose + ", who cannot change what root writes there: run ecloud as that user");
    return;
  }
  throw Error(Category::kUsage, "paths.foreign_state", whose,
              "set XDG_STATE_HOME to a directory of yours, or take it over with chown");
}

/// What killed runs left behind in our own directories. Not before a dry run, which changes
/// nothing.
void tidy_up(Context& context, const Command& command, const Parsed& parsed) {
  if (!command.mutating || given(parsed, "dry-run")) return;
  try {
    const base::Paths& paths = context.paths();
    base::remove_leftovers(paths.config);
    base::remove_leftovers_below(paths.state, 2);  // STATE/journal/ENVIRONMENT
    if (!paths.cache.empty()) base::remove_leftovers_below(paths.cache, 1);
  } catch (const Error&) {
    // Without a home directory there is nothing of ours.
  }
}

int run_parsed(Host& host, GuardedConsole& console, const Command& root, Parsed& parsed) {
  if (given(parsed, "version") && !given(parsed, "help")) {
    parsed.path = {root.find("version"), {root.name, "version"}};
  }
  TerminalOptions options = terminal_options(parsed);
  Terminal early(host.console, host.env, options);
  if (given(parsed, "help") || parsed.path.command->is_group()) {
    early.write(early.in_locale(help_text(parsed.path, early)));
    return 0;
  }
  try {
    Context context(host, root, parsed, options);
    context.values().text("color");
    if (context.values().flag("non-interactive")) context.terminal().forbid_prompts();
    if (context.values().flag("yes")) context.terminal().agree_to_prompts();
    check_owner_of_state(context, early, *parsed.path.command);
    tidy_up(context, *parsed.path.command, parsed);
    parsed.path.command->run(context, context.values());
    return 0;
  } catch (const Error& error) {
    return report(console, early, error);
  }
}

int run_checked(const std::vector<std::string>& arguments, Host& host, GuardedConsole& console) {
  const Command root = make_command_tree();
  try {
    Parsed parsed = parse(root, arguments);
    console.allow_output_of(parsed);
    return run_parsed(host, console, root, parsed);
  } catch (const Error& error) {
    Terminal terminal(host.console, host.env, guessed_options(arguments));
    return report(console, terminal, error);
  }
}

}  // namespace

int run(const std::vector<std::string>& arguments, Host& real) {
  GuardedConsole console(real.console, arguments, real.env);
  Host host{console,
            real.clock,
            real.random,
            real.cancel,
            real.env,
            real.working_directory,
            real.make_transport,
            real.executable,
            real.keystore_cost,
            real.keyring_limit};
  const auto bug = [&](std::string_view what) {
    Terminal terminal(host.console, host.env, guessed_options(arguments));
    return report(
        console, terminal,
        Error(Category::kBug, "bug.exception", "internal error: " + base::printable_line(what),
              "please report this, with what you typed"));
  };
  try {
    return run_checked(arguments, host, console);
  } catch (const OutputClosed&) {
    return kExitOutputClosed;
  } catch (const std::exception& exception) {
    return bug(exception.what());
  } catch (...) {
    return bug("an exception of no known type");
  }
}

}  // namespace ecloud::cli
