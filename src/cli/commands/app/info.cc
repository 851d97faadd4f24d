#include "cli/commands/app/app_facts.h"
#include "cli/commands/app/app_view.h"
#include "cli/commands/app/commands.h"
#include "cli/live_block.h"
#include "cli/workflow.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/name_cache.h"

namespace ecloud::cli {
namespace {

constexpr base::Milliseconds kLeastInterval{1'000};

struct View {
  ShownWallets wallets;
  base::Milliseconds interval{5'000};
};

View read_view(const Values& values) {
  View view;
  view.wallets = {read_address_count(values), values.flag("all-wallets")};
  view.interval = *values.duration("interval");
  if (view.interval < kLeastInterval) {
    throw Error(Category::kUsage, "cli.bad_value", "--interval takes at least one second",
                "leave it out to look every 5 seconds");
  }
  return view;
}

void remember_name(Workflow& workflow, const AppFacts& facts) {
  if (!(facts.chain.creator == workflow.signer().address)) return;
  const deploy::Services& services = workflow.services();
  deploy::NameCache(services.paths.state, services.environment.name)
      .learn(facts.chain.creator, {facts.app, facts.name()});
}

/// What the exit code has to say beyond what is shown.
void throw_problem(const AppFacts& facts) {
  if (facts.info && facts.info->addresses_problem) {
    throw Error(Category::kVerification, "kms.signature", *facts.info->addresses_problem,
                "do not send anything to addresses that this server names");
  }
  if (!facts.info_problem) return;
  const Error& problem = *facts.info_problem;
  const std::string message =
      problem.category() == Category::kPending
          ? problem.message()
          : "what is shown is from the chain and this machine alone, because " + problem.message();
  throw Error(problem.category(), problem.code(), message, problem.hint());
}

void show_once(Context& context, Workflow& workflow, const eth::Address& app, const View& view) {
  platform::UserApi api = workflow.user_api(true);
  const AppFacts facts = collect_facts(workflow, api, app);
  for (const std::string& problem : {facts.release_problem, facts.wallet_problem}) {
    if (!problem.empty()) workflow.warning(problem);
  }
  if (facts.info) {
    for (const std::string& problem : unread_members(*facts.info)) workflow.warning(problem);
  }
  remember_name(workflow, facts);
  context.output().result(
      facts_document(facts, context.environment(), view.wallets.addresses), [&] {
        context.output().record(facts_pairs(facts, context.environment(), context.terminal(),
                                            view.wallets, context.clock().unix_seconds()));
      });
  throw_problem(facts);
}

/// Looks again and again, and shows what has changed.
class Watch {
 public:
  Watch(Context& context, Workflow& workflow, const eth::Address& app, const View& view)
      : context_(context),
        workflow_(workflow),
        app_(app),
        view_(view),
        block_(context.terminal()) {}

  void run() {
    platform::UserApi api = workflow_.user_api(workflow_.domain_separator(), false);
    for (;;) {
      look(api);
      if (ended_) return;
      context_.clock().sleep(view_.interval);
    }
  }

  bool shown() const { return facts_.has_value(); }

 private:
  void look(platform::UserApi& api) {
    std::string problem;
    try {
      AppFacts facts = collect_facts(workflow_, api, app_);
      if (facts.info_problem) {
        if (!passes(*facts.info_problem)) throw Error(*facts.info_problem);
        problem = facts.info_problem->message();
        // What the platform said before is worth more than nothing.
        if (facts_ && facts_->info) facts.info = facts_->info;
        if (facts_ && !facts.release) facts.release = facts_->release;
      }
      facts_ = std::move(facts);
    } catch (const Error& error) {
      if (!facts_ || !passes(error)) throw;
      problem = error.message();
    }
    show(problem);
    throw_if_unverified();
    ended_ = problem.empty() && facts_->chain.status == platform::ChainStatus::kTerminated &&
             facts_->info->state == platform::RunState::kTerminated;
  }

  /// Failures that say something about now and nothing about the app.
  static bool passes(const Error& error) {
    return error.category() == Category::kNetwork || error.category() == Category::kPending;
  }

  void throw_if_unverified() const {
    if (facts_->info && facts_->info->addresses_problem) throw_problem(*facts_);
  }

  void show(const std::string& problem) {
    const base::Json document =
        facts_document(*facts_, context_.environment(), view_.wallets.addresses);
    const bool live = context_.terminal().is_terminal(Stream::kOutput) && !context_.output().json();
    if (!live && !problem.empty() && problem != problem_) workflow_.warning(problem);
    const std::string state = document.dump() + (live ? problem : "");
    problem_ = problem;
    if (state == state_) return;
    state_ = state;
    context_.output().result(document, [&] { block_.show(text(problem, live)); });
  }

  std::string text(const std::string& problem, bool live) {
    const std::int64_t now = context_.clock().unix_seconds();
    Pairs pairs =
        facts_pairs(*facts_, context_.environment(), context_.terminal(), view_.wallets, now);
    pairs.insert(pairs.begin(), {"Time", base::format_rfc3339(now)});
    if (live) {
      pairs.emplace_back("Problem", base::printable_line(problem));
      pairs.emplace_back("Release list", facts_->release_problem);
    }
    return format_pairs(pairs, context_.terminal(), Stream::kOutput);
  }

  Context& context_;
  Workflow& workflow_;
  const eth::Address app_;
  const View view_;
  LiveBlock block_;
  std::optional<AppFacts> facts_;
  std::string state_;
  std::string problem_;
  bool ended_ = false;
};

void run_info(Context& context, const Values& values) {
  const View view = read_view(values);
  Workflow workflow(context);
  workflow.signer();
  const eth::Address app = workflow.app(values);
  if (!values.flag("watch")) return show_once(context, workflow, app, view);
  Watch watch(context, workflow, app, view);
  try {
    watch.run();
  } catch (const Error& error) {
    // Ctrl-C is how one stops to watch.
    if (error.category() != Category::kInterrupted || !watch.shown()) throw;
  }
}

}  // namespace

Command make_app_info_command() {
  Command command;
  command.name = "info";
  command.summary = "Show an app: state, address, image, wallet";
  command.description =
      "Shows what the chain, the platform and this machine know of an app. When the platform does "
      "not answer or refuses, the rest is shown and the exit code tells. Wallet addresses that "
      "come from the platform are shown only when the KMS signed them for this app; otherwise the "
      "exit code is 9. They are those of the wallet that the app has; the one that the platform's "
      "KMS derives for apps that bring none is shown beside it with --all-wallets.\n"
      "\n"
      "With --watch it looks again every --interval: on a terminal the picture changes in place, "
      "elsewhere each change is a block of its own (with --json a document). Failures of the "
      "network are waited out. It ends with Ctrl-C (exit 0) or when the app is terminated.";
  command.positionals = {app_positional()};
  command.options = {address_count_option("1"),
                     {.name = "all-wallets",
                      .kind = Kind::kFlag,
                      .help = "Show the KMS's addresses too when the app has a wallet of its own"},
                     {.name = "watch",
                      .short_name = "w",
                      .kind = Kind::kFlag,
                      .help = "Go on looking and show every change"},
                     {.name = "interval",
                      .kind = Kind::kDuration,
                      .value_name = "TIME",
                      .help = "How often --watch looks: 2s, 1m, or seconds",
                      .default_text = "5s"}};
  command.examples = {{"An app by name", "ecloud compute app info my-app"},
                      {"Its IP address alone", "ecloud compute app info my-app --fields ip"},
                      {"See it start", "ecloud compute app info my-app --watch"}};
  command.json_fields = facts_fields();
  command.exit_codes = {Category::kCredentials, Category::kNotFound, Category::kNetwork,
                        Category::kPending, Category::kVerification};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.run = run_info;
  return command;
}

}  // namespace ecloud::cli
