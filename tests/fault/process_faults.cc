#include "fault/process_faults.h"

#include <cerrno>
#include <ctime>
#include <iterator>
#include <regex>

#include "ecloud/base/text.h"
#include "fault/end_state.h"
#include "fault/outcome.h"
#include "fault/report.h"
#include "fault/workflows.h"
#include "support/catch.h"
#include "support/child_process.h"
#include "support/sanitizers.h"
#include "support/temp_dir.h"

namespace ecloud::testing {
namespace {

#ifdef ECLOUD_SANITIZED
constexpr bool kCanPreload = false;
#else
constexpr bool kCanPreload = true;
#endif

/// One step of the program, as the preloaded library names it.
struct Step {
  long number = 0;
  std::string name;
  std::string path;  ///< empty for the network
};

bool is_network(const Step& step) {
  return step.name == "send" || step.name == "connect";
}

bool strikes(Blow blow, const Step& step) {
  switch (blow) {
    case Blow::kKill:
      return true;
    case Blow::kKillHalf:
      return step.name == "write";
    case Blow::kKillSent:
      return step.name == "send";
    case Blow::kDiskFull:
    case Blow::kFullOnce:
      return !is_network(step) && step.name != "unlink" && step.name != "rmdir";
    case Blow::kReadOnly:
      return !is_network(step) && step.name != "fsync";
    case Blow::kDiskBroken:
      return !is_network(step);
  }
  return false;
}

std::string word_of(Blow blow) {
  switch (blow) {
    case Blow::kKill:
      return "kill";
    case Blow::kKillHalf:
      return "kill-half";
    case Blow::kKillSent:
      return "kill-after";
    case Blow::kDiskFull:
      return "errno-lasting " + std::to_string(ENOSPC);
    case Blow::kFullOnce:
      return "errno " + std::to_string(ENOSPC);
    case Blow::kReadOnly:
      return "errno-lasting " + std::to_string(EROFS);
    case Blow::kDiskBroken:
      return "errno " + std::to_string(EIO);
  }
  return {};
}

Outcome run(const World& world, std::vector<std::string> arguments,
            const std::map<std::string, std::string>& more) {
  ProcessOptions options;
  options.argv = std::move(arguments);
  options.argv.insert(options.argv.begin(), ECLOUD_BINARY);
  options.env = world.user.env();
  options.env.insert(more.begin(), more.end());
  options.directory = world.user.folder();
  const ProcessResult result = run_process(options);
  return {.code = result.exit_code,
          .killed = result.signal == SIGKILL && !result.timed_out,
          .out = result.out,
          .err = result.err};
}

Outcome run(const World& world, const Workflow& flow,
            const std::map<std::string, std::string>& more) {
  return run(world, without_waiting(flow.command(world)), more);
}

std::map<std::string, std::string> preloaded(const World& world) {
  return {{"LD_PRELOAD", ECLOUD_FAULT_PRELOAD}, {"ECLOUD_FAULT_HOME", world.user.home().string()}};
}

std::int64_t now() {
  return static_cast<std::int64_t>(std::time(nullptr));
}

struct Clean {
  std::vector<Step> steps;
  Lines end;
};

Clean run_clean(const Workflow& flow) {
  World world(now());
  flow.prepare(world);
  const TempDir outside;
  auto variables = preloaded(world);
  variables["ECLOUD_FAULT_LOG"] = (outside / "steps").string();
  const Outcome first = run(world, flow, variables);
  INFO(first.describe());
  REQUIRE(first.code == 0);
  Clean out;
  for (const std::string& line : base::split(slurp(outside / "steps"), '\n')) {
    const std::vector<std::string> parts = base::split(line, '\t');
    if (parts.size() != 2) continue;
    out.steps.push_back({static_cast<long>(out.steps.size()) + 1, parts[0], parts[1]});
  }
  REQUIRE(!out.steps.empty());
  out.end = end_state(world);
  return out;
}

void add(Lines& problems, Lines more) {
  problems.insert(problems.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
}

/// What a run could not remove any more stands there under a temporary name until the next one.
Lines without_leftovers(Lines lines) {
  static const std::regex kTemporary("too much: file .*/[.]ecloud-tmp-[A-Za-z0-9]{6}/?");
  std::erase_if(lines, [](const std::string& line) { return std::regex_match(line, kTemporary); });
  return lines;
}

Lines run_case(const Workflow& flow, Blow blow, const Step& step, const Clean& clean) {
  World world(now());
  flow.prepare(world);
  // Words that are to be imported are not here yet.
  const bool wallet_is_here = wallet_problems(world, {}).empty();
  auto variables = preloaded(world);
  variables["ECLOUD_FAULT_AT"] = std::to_string(step.number);
  variables["ECLOUD_FAULT_HOW"] = word_of(blow);
  const Outcome first = run(world, flow, variables);
  world.devnet.settle();
  Lines problems = torn_files(world);
  std::string said = first.out + first.err;
  if (!first.killed && first.code != 0) add(problems, problems_of_failure(first));
  if (wallet_is_here) add(problems, wallet_problems(world, said));
  // Who has been told the result asks for the next one by asking again.
  const bool told = first.killed && !first.out.empty() &&
                    without_leftovers(differences(clean.end, end_state(world))).empty();
  const bool again = flow.repeatable || (first.code != 0 && !told);
  // It told its result and then had no disk to note that on.
  if (first.code == 0 && first.err.find("`ecloud resume` closes it") != std::string::npos) {
    const Outcome closing = run(world, {"resume", "--no-wait", "--json"}, {});
    if (closing.code != 0) problems.push_back("closing: " + closing.describe());
  }
  if (again) {
    const Outcome second = run(world, flow, {});
    said += second.out + second.err;
    add(problems, problems_of_second(first, second));
  }
  add(problems, torn_files(world));
  add(problems, wallet_problems(world, said));
  Lines end = differences(clean.end, end_state(world));
  add(problems, again ? std::move(end) : without_leftovers(std::move(end)));
  if (!problems.empty()) problems.push_back("first: " + first.describe());
  return problems;
}

}  // namespace

std::string_view name_of(Blow blow) {
  constexpr std::string_view kNames[] = {
      "killed before a step", "killed in the middle of a write", "killed after sending",
      "disk full for good",   "disk full for a moment",          "disk read-only",
      "input output error",
  };
  return kNames[static_cast<std::size_t>(blow)];
}

void check_process_fault(const std::string& workflow_name, Blow blow) {
  if (!kCanPreload) {
    WARN("SKIPPED: nothing can be preloaded into a program with sanitizers");
    return;
  }
  const Workflow flow = workflow(workflow_name);
  const Clean clean = run_clean(flow);
  int cases = 0;
  int right = 0;
  for (const Step& step : clean.steps) {
    const std::string name = step.name + "/" + std::to_string(step.number);
    if (!strikes(blow, step) || !is_wanted(name)) continue;
    ++cases;
    INFO("ECLOUD_FAULT_ONLY=" + name + " " + step.path);
    const Lines problems = run_case(flow, blow, step, clean);
    CHECK(problems == Lines{});
    if (problems.empty()) ++right;
  }
  record_result(flow.name, std::string(name_of(blow)), cases, right);
}

}  // namespace ecloud::testing
