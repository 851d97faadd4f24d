#include "cli/doctor.h"

#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/page.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// No service is waited for longer.
constexpr base::Milliseconds kPatience{5'000};
constexpr base::Milliseconds kConnectPatience{4'000};

class QuickTransport final : public net::Transport {
 public:
  explicit QuickTransport(net::Transport& inner) : inner_(inner) {}
  net::Response send(const net::Request& request) override {
    net::Request shorter = request;
    shorter.timeout = std::min(shorter.timeout, kPatience);
    shorter.connect_timeout = std::min(shorter.connect_timeout, kConnectPatience);
    return inner_.send(shorter);
  }

 private:
  net::Transport& inner_;
};

/// The environment, or what is wrong with it.
struct Selected {
  const platform::Environment* environment = nullptr;
  std::vector<Finding> findings;
};

Selected select_environment(Context& context) {
  Selected out;
  out.findings = guarded("environment", [&]() -> std::vector<Finding> {
    const platform::Environment& environment = context.environment();
    out.environment = &environment;
    const std::string chain = platform::chain_name(environment.chain_id);
    return {
        ok("environment", environment.name == chain ? chain : environment.name + " on " + chain)};
  });
  return out;
}

std::vector<FindingGroup> examine(Context& context, const Values& values) {
  const Selected selected = select_environment(context);
  std::vector<FindingGroup> groups;
  groups.push_back({"MACHINE", check_machine(context, selected.environment)});
  // Options are looked up in the files too: one that cannot be read says so once.
  const bool readable = std::none_of(
      groups[0].findings.begin(), groups[0].findings.end(), [](const Finding& finding) {
        return finding.health == Health::kFailed &&
               (finding.check == "project" || finding.check == "config");
      });
  std::string dockerfile;
  if (readable) dockerfile = dockerfile_path(context, values);
  const auto add = [](std::vector<Finding>& to, const std::vector<Finding>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  add(groups[0].findings, check_tools(context, readable ? &values : nullptr, !dockerfile.empty()));
  DoctorKey key;
  add(groups[0].findings, guarded("key", [&] { return check_key(context, key); }));
  if (!readable) {
    groups.push_back({"NETWORK", {skip("environment", "the configuration cannot be read")}});
    return groups;
  }
  if (selected.environment == nullptr) {
    groups.push_back({"NETWORK", selected.findings});
  } else {
    QuickTransport transport(context.direct_transport());
    const DoctorServices services{transport,
                                  context.clock(),
                                  context.log(),
                                  context.env(),
                                  *selected.environment,
                                  key,
                                  values.text("image-ref").value_or(""),
                                  !dockerfile.empty()};
    std::vector<FindingGroup> answers = check_services(services);
    auto& network = answers.front().findings;
    network.insert(network.begin(),
                   {selected.findings.front(), check_runtime(*selected.environment)});
    for (FindingGroup& group : answers) groups.push_back(std::move(group));
  }
  FindingGroup project{"PROJECT",
                       guarded("env-file", [&] { return check_env_file(context, values); })};
  add(project.findings,
      guarded("dockerfile", [&] { return check_dockerfile_text(context, dockerfile); }));
  groups.push_back(std::move(project));
  return groups;
}

base::Json document_of(const std::vector<FindingGroup>& groups) {
  base::Json checks = base::Json::array();
  for (const FindingGroup& group : groups) {
    for (const Finding& finding : group.findings) {
      checks.push(base::Json::object(
          {{"check", finding.check},
           {"status", to_string(finding.health)},
           {"message", base::printable(finding.message)},
           {"hint", finding.hint.empty() ? base::Json() : base::Json(finding.hint)}}));
    }
  }
  return base::Json::object({{"checks", std::move(checks)}});
}

std::string mark_of(const Terminal& terminal, Health health) {
  switch (health) {
    case Health::kOk:
      return terminal.paint(Stream::kOutput, Style::kGreen, "✓");
    case Health::kWarning:
      return terminal.paint(Stream::kOutput, Style::kYellow, "!");
    case Health::kFailed:
      return terminal.paint(Stream::kOutput, Style::kRed, "✗");
    case Health::kSkipped:
      break;
  }
  return terminal.paint(Stream::kOutput, Style::kDim, "-");
}

/// Marks under headings; the hint of what is not well below it.
void print_at_terminal(Terminal& terminal, const std::vector<FindingGroup>& groups) {
  constexpr std::size_t kNameWidth = 14;
  constexpr std::size_t kTextColumn = 4 + kNameWidth + 2;
  const std::size_t width =
      std::max<std::size_t>(static_cast<std::size_t>(terminal.width()), kTextColumn + 30) -
      kTextColumn;
  std::string out;
  for (const FindingGroup& group : groups) {
    out += (out.empty() ? "" : "\n") + terminal.paint(Stream::kOutput, Style::kBold, group.title) +
           "\n";
    for (const Finding& finding : group.findings) {
      const std::size_t gap = kNameWidth - std::min(kNameWidth, finding.check.size());
      out += "  " + mark_of(terminal, finding.health) + " " + finding.check +
             std::string(gap + 2, ' ') +
             wrap(base::printable_line(finding.message), width, kTextColumn) + "\n";
      for (const std::string& hint : base::split(finding.hint, '\n')) {
        if (hint.empty()) continue;
        out += std::string(kTextColumn, ' ') + terminal.paint(Stream::kOutput, Style::kCyan, "→ ") +
               wrap(base::printable_line(hint), width - 2, kTextColumn + 2) + "\n";
      }
    }
  }
  terminal.write(out);
}

void print_lines(Context& context, const std::vector<FindingGroup>& groups) {
  Table table;
  for (const FindingGroup& group : groups) {
    for (const Finding& finding : group.findings) {
      table.rows.push_back({std::string(to_string(finding.health)), finding.check,
                            base::printable_line(finding.message),
                            base::printable_line(finding.hint)});
    }
  }
  context.output().table(table);
}

/// The first failed check decides the exit code and what to do first.
void conclude(Context& context, const std::vector<FindingGroup>& groups) {
  std::vector<std::string> failed;
  const Finding* first = nullptr;
  for (const FindingGroup& group : groups) {
    for (const Finding& finding : group.findings) {
      if (finding.health != Health::kFailed) continue;
      if (first == nullptr) first = &finding;
      if (std::find(failed.begin(), failed.end(), finding.check) == failed.end()) {
        failed.push_back(finding.check);
      }
    }
  }
  if (first == nullptr) {
    if (!context.output().json()) context.terminal().note("nothing stands in the way");
    return;
  }
  throw Error(
      first->category, "doctor.failed", "not all is well: " + base::join(failed, ", "),
      "first, " + first->check + ": " + (first->hint.empty() ? first->message : first->hint));
}

void run_doctor(Context& context, const Values& values) {
  context.terminal().forbid_prompts();
  const std::vector<FindingGroup> groups = examine(context, values);
  context.output().result(document_of(groups), [&] {
    if (context.terminal().is_terminal(Stream::kOutput)) {
      print_at_terminal(context.terminal(), groups);
    } else {
      print_lines(context, groups);
    }
  });
  conclude(context, groups);
}

std::vector<Option> doctor_options() {
  return {{.name = "image-ref",
           .kind = Kind::kText,
           .value_name = "REF",
           .help = "An image to check: public, and for linux/amd64",
           .variables = {"ECLOUD_IMAGE_REF", "AGENT_IMAGE_REF"},
           .project_key = "image"},
          {.name = "env-file",
           .kind = Kind::kFile,
           .value_name = "FILE",
           .help = "The env file to check",
           .default_note = ".env when there is one",
           .variables = {"ECLOUD_ENVFILE_PATH"},
           .project_key = "envFile"},
          {.name = "dockerfile",
           .kind = Kind::kFile,
           .value_name = "FILE",
           .help = "The Dockerfile to check",
           .default_note = "Dockerfile when there is one",
           .variables = {"ECLOUD_DOCKERFILE_PATH"},
           .project_key = "dockerfile"},
          {.name = "builder",
           .kind = Kind::kChoice,
           .value_name = "PROGRAM",
           .help = "What is to build the Dockerfile; auto: the first that works",
           .choices = {"auto", "docker", "podman", "buildah"},
           .default_text = "auto",
           .variables = {"ECLOUD_BUILDER"}}};
}

}  // namespace

Command make_doctor_command() {
  Command command;
  command.name = "doctor";
  command.group = "CORE COMMANDS";
  command.summary = "Check what a deployment needs, and say what to do about what is missing";
  command.description =
      "Checks the configuration, the key, the services of the environment, the account, the image "
      "and the files of the project, and says for everything that is not well what to type next. "
      "Asks no questions, changes nothing, and waits a few seconds at most for each service; "
      "without a network the checks of this machine are made all the same.\n"
      "\n"
      "The exit code is 0 when nothing failed, warnings or not; otherwise that of the first check "
      "that failed: 5 without a key, 7 when a service does not answer, 2 for a file that is wrong, "
      "4 when the account could not deploy, 3 or 6 for the image.";
  command.options = doctor_options();
  command.examples = {{"Before the first deployment", "ecloud doctor"},
                      {"With the image that is to be deployed",
                       "ecloud doctor --image-ref docker.io/you/my-app:1"}};
  command.json_list = "checks";
  command.json_fields = {{"check", "project, config, state, key, rpc, balance, image, …"},
                         {"status", "ok, warning, failed or skipped"},
                         {"message", "what is so, or why it is not known"},
                         {"hint", "what to type next, or null"}};
  command.exit_codes = {Category::kFailure,     Category::kImage,    Category::kTransaction,
                        Category::kCredentials, Category::kNotFound, Category::kNetwork};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.run = run_doctor;
  return command;
}

}  // namespace ecloud::cli
