#include "cli/commands/app/after_transaction.h"
#include "cli/commands/app/commands.h"
#include "cli/commands/app/release_options.h"
#include "cli/commands/app/rollback_view.h"
#include "cli/commands/app/wallet_view.h"
#include "cli/image_input.h"
#include "cli/json_values.h"
#include "cli/transaction_course.h"
#include "cli/transaction_view.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/chain/chain.h"
#include "ecloud/deploy/change_app.h"
#include "ecloud/deploy/rollback_app.h"

namespace ecloud::cli {
namespace {

using Times = std::vector<std::optional<std::int64_t>>;

/// Of the blocks of the releases, where the node says.
Times times_of(Workflow& workflow, const deploy::PastReleases& releases) {
  std::vector<chain::RpcCall> calls;
  for (const deploy::PastRelease& one : releases.list) {
    calls.push_back(chain::block_by_number(one.block));
  }
  Times out(calls.size());
  if (calls.empty()) return out;
  const auto results = workflow.services().rpc.batch(calls);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto* value = std::get_if<base::Json>(&results[i]);
    if (value == nullptr || !value->is_object()) continue;
    out[i] = static_cast<std::int64_t>(chain::read_block_header(*value).timestamp);
  }
  return out;
}

void list_releases(Context& context, const Values& values) {
  Workflow workflow(context);
  const eth::Address app = workflow.app(values);
  workflow.phase("asking the platform and the chain");
  platform::UserApi api = workflow.user_api(false);
  const auto releases = deploy::find_releases(workflow.services(), api, app,
                                              [](const deploy::PastReleases&) { return false; });
  const Times times = times_of(workflow, releases);
  workflow.finish_progress();
  context.output().result(past_releases_document(context, releases, times), [&] {
    context.output().table(past_releases_table(context, releases, times));
  });
}

/// From the plan to the result.
class Run {
 public:
  Run(Context& context, const Values& values, std::optional<deploy::ReleaseName> name)
      : context_(context),
        values_(values),
        name_(std::move(name)),
        workflow_(context),
        app_(workflow_.app(values)) {}

  void dry_run() {
    make_plan(false);
    if (!plan_.needed) return show_unchanged(true);
    tell();
    if (!plan_.gives_up.empty()) workflow_.warning(disk_words());
    base::Json document = rollback_document(context_, plan_);
    document.set("changed", false);
    document.set("dryRun", true);
    document.set("account", workflow_.signer().address.to_string());
    document.set("keepsWallet", plan_.keeps_wallet);
    document.set("calls", calls_document(plan_.transaction.calls, context_.environment()));
    document.set("gas", planned_gas_document(plan_.transaction));
    document.set("balanceWei", plan_.transaction.balance.to_decimal());
    context_.output().result(document, [&] {
      context_.output().pairs(rollback_pairs(context_, workflow_.signer().address, plan_));
    });
  }

  void change() {
    if (!agree_to_unsent()) return show_unchanged(false);
    bool asked = false;
    const auto outcome = run_transaction(
        workflow_, workflow_.services(),
        {.resume = [&] { return resume(); },
         .plan = [&] { return asked ? plan_again() : make_plan(true); },
         .ask =
             [&] {
               ask();
               asked = true;
             },
         // A release that is made while the question is open is noticed.
         .prepare = [] { return true; },
         .maximum_cost = [&] { return plan_.transaction.maximum_cost; },
         .ask_again =
             [&] { confirm_transaction(context_, plan_.transaction, "Roll back app " + id()); },
         .apply =
             [&] {
               return deploy::apply_rollback(workflow_.services(), workflow_.signer(), plan_);
             }});
    if (!outcome) return show_unchanged(false);
    const auto info = wait_for_platform(
        workflow_, values_, *outcome,
        "ecloud compute app status " + id() + " --wait" + workflow_.environment_flag());
    deploy::finish_operation(workflow_.services(), *outcome);
    const std::string listed = check_listed_release(workflow_, values_, *outcome);
    workflow_.finish_progress();
    base::Json document = rollback_outcome_document(context_, *outcome, info);
    document.set("listedImageDigest", text_or_null(listed));
    context_.output().result(document, [&] {
      context_.output().pairs(rollback_outcome_pairs(context_, *outcome, info));
    });
  }

 private:
  std::string id() const { return app_.to_string(); }

  /// The release that is asked for, as things stand.
  std::optional<deploy::PastRelease> find_target() {
    platform::UserApi api = workflow_.user_api(false);
    const auto releases = deploy::find_releases(
        workflow_.services(), api, app_, [&](const deploy::PastReleases& found) {
          return deploy::choose_release(found, name_) != nullptr;
        });
    const deploy::PastRelease* target = deploy::choose_release(releases, name_);
    return target != nullptr ? std::optional(*target) : std::nullopt;
  }

  /// What an earlier run signed and no node knows; throws when it puts another release back than
  /// the one asked for now.
  std::optional<deploy::JournalEntry> wanted_unsent() {
    auto entry = deploy::unsent_rollback(workflow_.services(), workflow_.signer(), app_);
    if (!entry) return entry;
    const auto target = find_target();
    if (target && target->id == entry->restored->id) return entry;
    const std::string hash = base::to_hex_prefixed(entry->latest_hash());
    throw Error(Category::kPending, "deploy.not_mined",
                "an earlier run signed transaction " + hash + " to roll back app " + id() +
                    " to what release " + std::to_string(entry->restored->id + 1) +
                    " was, no node knows it, and another release is asked for now",
                "take its nonce away, so that it can never be mined: ecloud resume " + hash +
                    " --cancel\nor send it after all: ecloud resume " + hash);
  }

  /// It was agreed to when the app may have run something else: what it does now is asked again,
  /// before it is sent. False when the app runs that already.
  bool agree_to_unsent() {
    const auto entry = wanted_unsent();
    if (!entry) return true;
    const std::string hash = base::to_hex_prefixed(entry->latest_hash());
    workflow_.note("an earlier run signed transaction " + hash + " for it, which no node knows");
    if (make_plan(true)) {
      ask();
      return true;
    }
    workflow_.note("that it is never sent is made sure by: ecloud resume " + hash + " --cancel");
    return false;
  }

  /// An earlier run's rollback; nothing when it put back another release than the one asked for.
  std::optional<deploy::TransactionOutcome> resume() {
    static_cast<void>(wanted_unsent());
    auto outcome = deploy::resume_change(workflow_.services(), workflow_.signer(), app_,
                                         deploy::Operation::kRollback);
    if (!outcome || !name_ || !outcome->entry.restored) return outcome;
    const deploy::JournalEntry& entry = outcome->entry;
    if (name_->means(entry.restored->id, entry.image_digest)) return outcome;
    workflow_.note("it put back release " + std::to_string(entry.restored->id + 1) + "; now " +
                   name_->text() + " follows");
    deploy::finish_operation(workflow_.services(), *outcome);
    return std::nullopt;
  }

  bool make_plan(bool may_sign) {
    workflow_.phase("asking platform, chain and registry");
    platform::UserApi api = workflow_.user_api(false);
    plan_ = deploy::plan_rollback(workflow_.services(), workflow_.signer(), api,
                                  {.app = app_,
                                   .name = name_,
                                   .lock_file = project_lock_file(context_),
                                   .may_sign_for_estimate = may_sign,
                                   .allow_old_runtime = values_.flag("allow-old-runtime")});
    workflow_.finish_progress();
    // What is shown is what is put back, whatever is released meanwhile.
    name_ = deploy::ReleaseName::parse("id:" + std::to_string(plan_.target.id));
    return plan_.needed;
  }

  /// Once it has been agreed to. What is given up belongs to the question, so that it is asked
  /// again when the app has got another release since.
  bool plan_again() {
    while (true) {
      const std::uint64_t shown = plan_.current.id;
      if (!make_plan(true)) return false;
      if (plan_.current.id == shown) return true;
      workflow_.warning("the app has got release " + std::to_string(plan_.current.number()) +
                        " meanwhile: this is what the rollback means now");
      ask();
    }
  }

  void tell() {
    for (const std::string& warning : plan_.warnings) workflow_.warning(warning);
    if (plan_.current.release.encrypted_env == plan_.target.release.encrypted_env) return;
    workflow_.warning(
        "the private variables of release " + std::to_string(plan_.target.number()) +
        " come back as they were then: secrets that have been replaced since are in force again" +
        (plan_.keeps_wallet ? "" : ", and so is the wallet that the app had then"));
  }

  void ask() {
    if (!context_.output().json()) {
      context_.terminal().write_error(
          format_pairs(rollback_pairs(context_, workflow_.signer().address, plan_),
                       context_.terminal(), Stream::kError));
    }
    tell();
    const std::string question = "Put release " + std::to_string(plan_.target.number()) +
                                 " of app " + id() + " back, with its private variables?";
    if (plan_.gives_up.empty()) {
      context_.terminal().confirm(question);
    } else {
      confirm_wallet_change(context_, values_, workflow_, app_, plan_.gives_up + ". " + question);
    }
    confirm_transaction(context_, plan_.transaction, "Roll back app " + id());
  }

  void show_unchanged(bool dry_run) {
    context_.terminal().note("nothing to do: app " + id() + " runs what release " +
                             std::to_string(plan_.target.number()) + " was; nothing is sent");
    base::Json document = rollback_document(context_, plan_);
    document.set("changed", false);
    if (dry_run) document.set("dryRun", true);
    context_.output().result(document, [&] {
      context_.output().pairs(
          {{"App ID", id()},
           {"Release", std::to_string(plan_.current.number())},
           {"Image", plan_.current.image_name + "@" + plan_.current.image_digest}});
    });
  }

  Context& context_;
  const Values& values_;
  std::optional<deploy::ReleaseName> name_;
  Workflow workflow_;
  eth::Address app_;
  deploy::RollbackPlan plan_;
};

void run_rollback(Context& context, const Values& values) {
  static_cast<void>(values.duration("timeout"));
  const auto word = values.text("to");
  std::optional<deploy::ReleaseName> name;
  if (word) name = deploy::ReleaseName::parse(*word);
  if (values.flag("list")) {
    if (!word) return list_releases(context, values);
    throw Error(Category::kUsage, "cli.conflict", "--list shows all releases, --to names one",
                "give one of them");
  }
  context.deployer();
  Run run(context, values, std::move(name));
  values.flag("dry-run") ? run.dry_run() : run.change();
}

}  // namespace

Command make_app_rollback_command() {
  Command command;
  command.name = "rollback";
  command.summary = "Put a past release of an app back";
  command.description =
      "Every release is whole on chain: image, public variables, and the private ones, encrypted "
      "for the app. A past one can be sent again as it is, so no image is built and no env file is "
      "needed. It becomes a new release of the app, which keeps its id.\n\n"
      "What comes back is all of that release, its instance type and its private variables "
      "included: secrets that have been replaced since are in force again, and so are the words of "
      "the wallet that it was given. That is asked about first (--yes agrees); where the wallet "
      "may become another one, the app's name has to be typed, or "
      "given with --confirm-wallet-change: the key of the app's persistent disk is derived from "
      "the wallet's recovery phrase, and with another one its data cannot be read. Who may read "
      "the log stays as it is "
      "now.\n\n"
      "The platform's list says in which blocks to look; what was released there is read from the "
      "contract's own events, and nothing is put back that they do not hold. The registry must "
      "still serve the image, and the platform its runtime generation (--allow-old-runtime skips "
      "that check). Nothing is sent when the app runs just that. A run that was cut off "
      "is continued by running the same command again.";
  command.positionals = {app_positional()};
  command.options = {
      {.name = "to",
       .value_name = "RELEASE",
       .help =
           "The release: its number (1 is the app's first), id:NUMBER as the chain counts (from "
           "0), or seven digits and more of its image's digest",
       .default_note = "the one before the newest"},
      {.name = "list", .kind = Kind::kFlag, .help = "Only show the releases, and change nothing"}};
  command.options.push_back(confirm_wallet_change_option());
  command.options.push_back(allow_old_runtime_option());
  for (Option& option : wait_options()) command.options.push_back(std::move(option));
  command.options.push_back(confirmations_option());
  command.examples = {{"The release before the newest one", "ecloud compute app rollback my-app"},
                      {"See which there are", "ecloud compute app rollback my-app --list"},
                      {"The app's first release, from a script",
                       "ecloud compute app rollback my-app --to 1 --yes --json"},
                      {"See what would change and cost, without signing anything",
                       "ecloud compute app rollback my-app --to 1 --dry-run"}};
  command.json_fields = rollback_json_fields();
  command.exit_codes = {Category::kFailure,     Category::kImage,    Category::kTransaction,
                        Category::kCredentials, Category::kNotFound, Category::kNetwork,
                        Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kOptional;
  command.mutating = true;
  command.run = run_rollback;
  return command;
}

}  // namespace ecloud::cli
