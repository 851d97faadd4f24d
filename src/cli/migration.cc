#include "cli/migration.h"

#include "cli/man_text.h"
#include "cli/page.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr std::string_view kIntroduction =
    "Scripts that call the TypeScript CLI work with few changes: commands, options and environment "
    "variables are the same unless this page says otherwise. Every command has --json, every "
    "command that changes something --dry-run, and whatever asks takes --yes.";

/// What scripts trip over, in no table.
constexpr std::string_view kDifferences[] = {
    "Results go to stdout and everything else to stderr. Do not search progress lines for ids: "
    "--json prints a document, --fields single values. The lines that scripts search stay: App "
    "ID:, "
    "EVM Address:, Solana Address:, IP: and Status: in results, and error: at the start of an "
    "error. In a pipe deploy prints the app's id first and, as App ID:, last, and info indents all "
    "lines but the first.",
    "The JSON of releases and of build list, status, info and verify has the members and the order "
    "of the TypeScript CLI (releases: the newest comes last, createdAt in unix seconds; build "
    "list: "
    "an array), and more members behind them.",
    "Exit codes tell more than 1: 2 for bad input, 3 for the image, 4 for the transaction as "
    "before; 5 for credentials, 6 for what is not found, 7 for the network, 8 when the work goes "
    "on "
    "after the time ran out. See `ecloud help exit-codes`.",
    "Nothing is asked where there is no terminal; a missing value is an error that names its "
    "option. An answer to a confirmation may still be piped in (`echo y |`), and terminate then "
    "needs the app's name.",
    "In a folder with a Dockerfile deploy and upgrade build it when no image is named, as before: "
    "after a question in a terminal, with a note elsewhere, never with --no-build. Where it is "
    "pushed to is asked, or follows from the login at Docker Hub.",
    "deploy makes the app's wallet on this machine and keeps it, encrypted with your key. --wallet "
    "kms leaves that to the platform, as before.",
    "An env file is optional: .env is used when it is there, and a file that is named and missing "
    "is an error.",
    "An env file may have `export `, multi-line values, backquotes, and comments: # after a space "
    "begins one, and a value that it ends is reported. In double quotes \\n, \\r and \\t are "
    "resolved; \\\" \\$ \\` and \\\\ reach the app as before, resolved by the shell in the TEE.",
    "An env file that contains the deployer's own private key is refused; --allow-leak NAME sends "
    "it.",
    "~/.config/ecloud/config.yaml is shared: default_environment counts unless "
    "defaultEnvironment is set, and ecloud keeps the other keys.",
    "A private key may be written with or without 0x everywhere. --private-key still works, and "
    "warns that other users can see it.",
    "An app that ecloud 0.1.0 layered does not start: its KMS client and the VM image that its "
    "label "
    "chooses are of different runtime generations, so that it gets no variables. Pin the current "
    "tools with `ecloud image tools --pin`, then deploy or upgrade from the original image. Apps "
    "that "
    "the TypeScript CLI before 0.4.3 layered fail for a related reason, and need the same.",
    "A wallet is not changed by --yes: a release with another recovery phrase also changes the key "
    "of the disk at /mnt/disks/userdata, and needs --confirm-wallet-change NAME.",
    "Labels of the launch policy that the base image brings are dropped and named, unless "
    "--keep-label NAME keeps them.",
    "An instance type without a TEE must be confirmed; unattended, --yes and --instance-type agree "
    "to it.",
    "There is no telemetry.",
    "The program does not update itself: install the new version as you installed this one.",
};

std::string shown(std::string_view words) {
  return words.empty() ? std::string("(none)") : "ecloud " + std::string(words);
}

std::string option_text(const MigratedOption& option) {
  return std::string(option.theirs) +
         (option.ours.empty() ? std::string() : " → " + std::string(option.ours));
}

/// Options that are spelled otherwise here.
std::vector<std::string> changed_options(const MigratedCommand& command) {
  std::vector<std::string> out;
  for (const MigratedOption& option : command.options) {
    if (!option.ours.empty()) out.push_back(option_text(option));
  }
  return out;
}

/// What the second column says beyond the command.
std::string remarks(const MigratedCommand& command) {
  std::string out = base::join(changed_options(command), ", ");
  if (!command.note.empty()) out += (out.empty() ? "" : ". ") + std::string(command.note);
  return out;
}

/// Rows whose command is there, and those that have none.
std::vector<const MigratedCommand*> rows(const Command& root) {
  std::vector<const MigratedCommand*> out;
  for (const MigratedCommand& command : migrated_commands()) {
    if (command.ours.empty() || is_in_tree(root, command.ours)) out.push_back(&command);
  }
  return out;
}

std::string variables_text() {
  std::vector<std::string> names(migrated_variables().begin(), migrated_variables().end());
  return base::join(names, ", ");
}

std::string cell(std::string_view text) {
  return text.empty() ? "" : "`" + std::string(text) + "`";
}

std::string options_cell(const MigratedCommand& command) {
  std::vector<std::string> out;
  for (const MigratedOption& option : command.options) {
    out.push_back(cell(option.theirs) +
                  (option.ours.empty() ? std::string() : " → " + cell(option.ours)));
  }
  return base::join(out, ", ");
}

}  // namespace

bool is_in_tree(const Command& root, std::string_view words) {
  const Command* here = &root;
  for (const std::string& word : base::split(words, ' ')) {
    here = here->find(word);
    if (here == nullptr) return false;
  }
  return true;
}

std::string migration_text(const Command& root, const Terminal& terminal) {
  Page page(terminal);
  page.paragraphs(kIntroduction);
  page.heading("COMMANDS");
  std::vector<Entry> entries;
  for (const MigratedCommand* command : rows(root)) {
    const std::string note = remarks(*command);
    const std::string ours = command->ours == command->theirs ? "the same" : shown(command->ours);
    entries.push_back({std::string(command->theirs), ours + (note.empty() ? "" : "; " + note)});
  }
  page.entries(entries);
  page.heading("ENVIRONMENT VARIABLES");
  page.indented("These mean the same: " + variables_text() + ".");
  page.heading("DIFFERENCES");
  for (const std::string_view difference : kDifferences) {
    page.indented("- " + std::string(difference));
  }
  return page.take();
}

std::string migration_markdown(const Command& root) {
  std::string out = std::string(kIntroduction) + "\n\n";
  out += "| TypeScript CLI | ecloud | options | remarks |\n|---|---|---|---|\n";
  for (const MigratedCommand* command : rows(root)) {
    out += "| " + cell(command->theirs) + " | " +
           (command->ours.empty()              ? "none"
            : command->ours == command->theirs ? "the same"
                                               : cell(command->ours)) +
           " | " + options_cell(*command) + " | " + std::string(command->note) + " |\n";
  }
  out += "\nThese environment variables mean the same: ";
  std::vector<std::string> names;
  for (const std::string_view name : migrated_variables()) names.push_back(cell(name));
  out += base::join(names, ", ") + ".\n\nWhat is different:\n\n";
  for (const std::string_view difference : kDifferences) {
    out += "- " + std::string(difference) + "\n";
  }
  return out;
}

std::string migration_man_page(const Command& root) {
  std::string out = man_header("ecloud-migrating", 7) +
                    man_name("ecloud-migrating", "from the TypeScript CLI to this one");
  out += man_section("DESCRIPTION") + man_escaped(kIntroduction) + "\n";
  out += man_section("COMMANDS");
  for (const MigratedCommand* command : rows(root)) {
    const std::string note = remarks(*command);
    const std::string ours = command->ours == command->theirs ? "the same" : shown(command->ours);
    out += man_tagged(man_bold(command->theirs), ours + (note.empty() ? "" : "; " + note));
  }
  out += man_section("ENVIRONMENT") +
         man_escaped("These variables mean the same: " + variables_text() + ".") + "\n";
  out += man_section("DIFFERENCES");
  for (const std::string_view difference : kDifferences) {
    out += ".IP \\(bu 2\n" + man_escaped(difference) + "\n";
  }
  out += man_section("SEE ALSO") + man_bold("ecloud") + "(1)\n";
  return out;
}

}  // namespace ecloud::cli
