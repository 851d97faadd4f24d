#include "cli/commands/build/build_view.h"
#include "cli/commands/build/commands.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kShortCommit = 12;

eth::Address account_of(Workflow& workflow, const Values& values) {
  const auto text = values.text("account");
  if (!text) return workflow.signer().address;
  const auto account = eth::Address::parse(*text);
  if (account) return *account;
  throw Error(Category::kUsage, "cli.bad_value", "--account \"" + *text + "\" is no address",
              "it is 0x and 40 hex digits, as ecloud auth whoami prints it");
}

Table build_table(Context& context, const std::vector<platform::Build>& builds) {
  const bool people = context.terminal().is_terminal(Stream::kOutput);
  Table table{.headers = {"BUILD", "STATUS", "CREATED", "COMMIT", "REPOSITORY", "DIGEST"},
              .rows = {}};
  for (const platform::Build& build : builds) {
    const std::string digest = build.image_digest ? build.image_digest->to_string() : "-";
    const std::string commit = people ? build.commit.substr(0, kShortCommit) : build.commit;
    table.rows.push_back({or_dash(build.id),
                          build.state_word.empty() ? "unknown" : build.state_word,
                          or_dash(build_time(context, build.created_at)), or_dash(commit),
                          or_dash(build.repo), digest});
  }
  return table;
}

void run_list(Context& context, const Values& values) {
  const std::uint64_t limit = *values.number("limit");
  const std::uint64_t offset = *values.number("offset");
  if (limit == 0 || limit > platform::kMaxBuildsPerPage) {
    throw Error(Category::kUsage, "cli.bad_value",
                "--limit " + std::to_string(limit) + " is not between 1 and 100",
                "see more with --offset " + std::to_string(offset + 100));
  }
  Workflow workflow(context);
  const eth::Address account = account_of(workflow, values);
  const auto builds = workflow.build_api(true).list(account, limit, offset);
  base::Json list = base::Json::array();
  for (const platform::Build& build : builds) list.push(build_document(build));
  context.output().result(base::Json::object({{"builds", list}}), [&] {
    if (builds.empty()) {
      workflow.note("account " + account.to_string() + " has no " + (offset > 0 ? "more " : "") +
                    "builds on " + context.environment().name);
    }
    context.output().table(build_table(context, builds));
  });
  if (builds.size() == limit && !context.output().json()) {
    workflow.note("there may be more: --offset " + std::to_string(offset + limit));
  }
}

}  // namespace

Command make_build_list_command() {
  Command command;
  command.name = "list";
  command.aliases = {"ls"};
  command.summary = "List an account's builds";
  command.description =
      "Lists builds, newest first: those of your account, or with --account of any other one, for "
      "which no key is needed.";
  command.options = {{.name = "account",
                      .kind = Kind::kText,
                      .value_name = "ADDRESS",
                      .help = "Whose builds",
                      .default_note = "those of your key"},
                     {.name = "limit",
                      .kind = Kind::kNumber,
                      .value_name = "N",
                      .help = "How many, at most 100",
                      .default_text = "20"},
                     {.name = "offset",
                      .kind = Kind::kNumber,
                      .value_name = "N",
                      .help = "How many of the newest to leave out",
                      .default_text = "0"}};
  command.examples = {{"The last ten", "ecloud compute build list --limit 10"},
                      {"Digests of all images that were built",
                       "ecloud compute build list --limit 100 --fields imageDigest"}};
  command.json_list = "builds";
  command.json_is_array = true;
  command.json_fields = build_json_fields();
  command.exit_codes = {Category::kCredentials, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_list;
  return command;
}

}  // namespace ecloud::cli
