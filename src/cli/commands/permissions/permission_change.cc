#include "cli/commands/permissions/permission_change.h"

#include <algorithm>

#include "cli/commands/resume/operations.h"
#include "cli/json_values.h"
#include "cli/transaction_course.h"
#include "cli/transaction_view.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/change_app.h"
#include "ecloud/deploy/unfinished.h"
#include "ecloud/platform/permissions.h"

namespace ecloud::cli {
namespace {

using deploy::Operation;
using deploy::PermissionPlan;

/// The words that stand for all that is to be done, and why the rest is not.
std::string changes_words(const PermissionPlan& plan, bool done) {
  std::vector<std::string> out;
  for (const deploy::PermissionChange& change : plan.changes) {
    if (change.skipped.empty() == done) {
      out.push_back(change.what + (done ? "" : " (" + change.skipped + ")"));
    }
  }
  return base::join(out, ", ");
}

std::string effect_label(Operation operation) {
  if (operation == Operation::kAccept) return "Becomes";
  return operation == Operation::kGrant ? "Granted" : "Revoked";
}

base::Json changes_document(const PermissionPlan& plan) {
  base::Json out = base::Json::array();
  for (const deploy::PermissionChange& change : plan.changes) {
    const auto& permission = change.permission;
    out.push(base::Json::object(
        {{"permission", change.what},
         {"target", permission ? base::Json(permission->target.to_string()) : base::Json()},
         {"selector",
          permission ? base::Json(base::to_hex_prefixed(permission->selector)) : base::Json()},
         {"skipped", text_or_null(change.skipped)}}));
  }
  return out;
}

base::Json document_of(Context& context, const PermissionPlan& plan) {
  return base::Json::object({{"appId", plan.request.app.to_string()},
                             {"operation", deploy::to_string(plan.request.operation)},
                             {"environment", context.environment().name},
                             {"chainId", context.environment().chain_id},
                             {"address", plan.request.account.to_string()},
                             {"changes", changes_document(plan)}});
}

Pairs plan_pairs(Context& context, const eth::Address& signer, const PermissionPlan& plan) {
  const platform::Environment& environment = context.environment();
  Pairs pairs = {
      {"App ID", plan.request.app.to_string()},
      {"Environment", environment.name + " (chain " + std::to_string(environment.chain_id) + ")"},
      {"Account", signer.to_string()},
      {"Whose rights", account_words(plan.request.account)},
      {effect_label(plan.request.operation), changes_words(plan, true)},
      {"Left as it is", changes_words(plan, false)},
  };
  add_transaction_pairs(pairs, plan.transaction, environment);
  return pairs;
}

/// Whether `request` asks for what the call grants.
bool is_asked_for(const platform::Call& call, const deploy::PermissionRequest& request,
                  const platform::Environment& environment) {
  using Kind = platform::PermissionCall::Kind;
  const auto wanted = platform::decode_permission_call(call.data);
  if (!wanted || wanted->account != request.account) return false;
  if (wanted->kind == Kind::kAddPendingAdmin) return request.admin;
  if (wanted->kind != Kind::kSetAppointee) return false;
  const auto& others = request.others;
  if (std::find(others.begin(), others.end(), wanted->permission) != others.end()) return true;
  const auto named = platform::named_permissions(environment);
  return std::any_of(named.begin(), named.end(), [&](const platform::NamedPermission& one) {
    return one.permission == wanted->permission &&
           std::find(request.names.begin(), request.names.end(), one.name) != request.names.end();
  });
}

/// Rights that an earlier run signed and no node knows are given when this one asks for all of
/// them.
void refuse_other_unsent(Workflow& workflow, const deploy::PermissionRequest& request) {
  const deploy::Services& services = workflow.services();
  const deploy::Journal journal(services.paths.state, services.environment.name);
  for (const auto& entry : journal.open_changes(workflow.signer().address, request.app)) {
    if (entry.operation != Operation::kGrant || request.operation != Operation::kGrant) continue;
    const auto calls = calls_of(entry);
    const bool same = std::all_of(calls.begin(), calls.end(), [&](const platform::Call& call) {
      return is_asked_for(call, request, services.environment);
    });
    if (same || deploy::fate_of(services, entry) != deploy::Fate::kUnknown) continue;
    const std::string hash = base::to_hex_prefixed(entry.latest_hash());
    throw Error(Category::kPending, "deploy.not_mined",
                "an earlier run signed transaction " + hash + ", which calls " +
                    calls_in_words(entry, services.environment) +
                    "; no node knows it, and it is not what is asked for now",
                "take its nonce away, so that it can never be mined: ecloud resume " + hash +
                    " --cancel\nor send it after all: ecloud resume " + hash);
  }
}

/// Runs the command from its plan to its result.
class Run {
 public:
  Run(Context& context, const Values& values, deploy::PermissionRequest request)
      : context_(context), workflow_(context), request_(std::move(request)) {
    request_.app = workflow_.app(values);
    if (request_.operation == Operation::kAccept) request_.account = workflow_.signer().address;
  }

  void dry_run() {
    make_plan(false);
    if (!plan_.needed) return show_unchanged(true);
    base::Json document = document_of(context_, plan_);
    document.set("changed", false);
    document.set("dryRun", true);
    document.set("account", workflow_.signer().address.to_string());
    document.set("calls", calls_document(plan_.transaction.calls, context_.environment()));
    document.set("delegates", plan_.transaction.delegate);
    document.set("gas", planned_gas_document(plan_.transaction));
    document.set("balanceWei", plan_.transaction.balance.to_decimal());
    context_.output().result(document, [&] {
      context_.output().pairs(plan_pairs(context_, workflow_.signer().address, plan_));
    });
  }

  void change() {
    const auto outcome = run_transaction(
        workflow_, workflow_.services(),
        {.resume = [&] { return settle_earlier(); },
         .plan = [&] { return make_plan(true); },
         .ask = [&] { ask(); },
         .maximum_cost = [&] { return plan_.transaction.maximum_cost; },
         .ask_again = [&] { ask(); },
         .apply =
             [&] {
               return deploy::apply_permissions(workflow_.services(), workflow_.signer(), plan_);
             }});
    workflow_.finish_progress();
    if (!outcome) return show_unchanged(false);
    deploy::finish_operation(workflow_.services(), *outcome);
    show_outcome(*outcome);
  }

 private:
  /// What an earlier run began is seen through, and then looked at: this one may ask for more.
  std::optional<deploy::TransactionOutcome> settle_earlier() {
    refuse_other_unsent(workflow_, request_);
    const auto outcome = deploy::resume_change(workflow_.services(), workflow_.signer(),
                                               request_.app, request_.operation);
    if (outcome) deploy::finish_operation(workflow_.services(), *outcome);
    return std::nullopt;
  }

  bool make_plan(bool may_sign) {
    workflow_.phase("asking the chain");
    plan_ = deploy::plan_permissions(workflow_.services(), workflow_.signer(), request_, may_sign);
    workflow_.finish_progress();
    return plan_.needed;
  }

  bool takes_own_rights() {
    return request_.operation == Operation::kRevoke &&
           request_.account == workflow_.signer().address &&
           std::any_of(plan_.changes.begin(), plan_.changes.end(), [](const auto& change) {
             return change.what == "admin" && change.skipped.empty();
           });
  }

  void ask() {
    if (!context_.output().json()) {
      context_.terminal().write_error(
          format_pairs(plan_pairs(context_, workflow_.signer().address, plan_), context_.terminal(),
                       Stream::kError));
    }
    if (takes_own_rights()) {
      context_.terminal().confirm("Take your own account's rights on app " +
                                  request_.app.to_string() + "? It cannot give them back");
    }
    confirm_transaction(context_, plan_.transaction,
                        "Change who may do what with app " + request_.app.to_string());
  }

  void show_unchanged(bool dry_run) {
    context_.terminal().note("nothing to do: the chain has it so already; nothing is sent");
    base::Json document = document_of(context_, plan_);
    document.set("changed", false);
    if (dry_run) document.set("dryRun", true);
    context_.output().result(document, [&] {
      context_.output().pairs({{"App ID", request_.app.to_string()},
                               {"Whose rights", account_words(plan_.request.account)},
                               {"Left as it is", changes_words(plan_, false)}});
    });
  }

  void show_outcome(const deploy::TransactionOutcome& outcome) {
    base::Json document = document_of(context_, plan_);
    document.set("changed", true);
    document.set("txHash", base::to_hex_prefixed(outcome.receipt.transaction_hash));
    document.set("blockNumber", outcome.receipt.block_number);
    document.set("gas", used_gas_document(outcome));
    context_.output().result(document, [&] {
      context_.output().pairs({{"App ID", request_.app.to_string()},
                               {"Whose rights", account_words(plan_.request.account)},
                               {effect_label(request_.operation), changes_words(plan_, true)},
                               {"Left as it is", changes_words(plan_, false)},
                               {"Transaction", transaction_words(outcome.receipt)},
                               {"Cost", eth::format_ether(outcome.receipt.cost()) + " ETH"}});
    });
    if (request_.operation == Operation::kGrant && request_.admin) tell_how_to_accept();
  }

  void tell_how_to_accept() {
    workflow_.note(request_.account.to_string() +
                   " is an admin when it has accepted, with its own key: ecloud compute app "
                   "permissions accept " +
                   request_.app.to_string() + workflow_.environment_flag());
  }

  Context& context_;
  Workflow workflow_;
  deploy::PermissionRequest request_;
  PermissionPlan plan_;
};

std::optional<eth::Address> target_of(const Values& values,
                                      const platform::Environment& environment) {
  const auto text = values.text("target");
  if (!text) return std::nullopt;
  if (*text == "controller") return environment.app_controller;
  if (*text == "api") return platform::api_permission_target();
  if (const auto address = eth::Address::parse(*text)) return *address;
  throw Error(Category::kUsage, "cli.bad_value",
              values.origin("target").where + " must be an address, controller or api; " +
                  base::printable_line(*text, 60) + " " + eth::Address::problem(*text),
              "controller is the environment's AppController, api the platform's services");
}

}  // namespace

void run_permission_change(Context& context, const Values& values,
                           deploy::PermissionRequest request) {
  context.deployer();
  Run run(context, values, std::move(request));
  values.flag("dry-run") ? run.dry_run() : run.change();
}

void read_wanted(const Values& values, const platform::Environment& environment,
                 deploy::PermissionRequest& out) {
  const auto target = target_of(values, environment);
  for (const std::string& given : values.repeated("allow")) {
    for (const std::string& piece : base::split(given, ',')) {
      const std::string word(base::trim(piece));
      if (word.empty()) continue;
      if (!word.starts_with("0x")) {
        out.names.push_back(word);
        continue;
      }
      const auto selector = base::fixed_from_hex<4>(word);
      if (!selector) {
        throw Error(Category::kUsage, "cli.bad_value",
                    values.origin("allow").where + ": " + base::printable_line(word, 60) +
                        " is no selector, which has 8 hex digits",
                    "give a name, or a selector such as 0x12345678");
      }
      if (!target) throw values.missing("target");
      out.others.push_back({*target, *selector});
    }
  }
  if (target && out.others.empty()) {
    throw Error(Category::kUsage, "cli.conflict",
                "--target says whose selector is meant, and no selector was given",
                "give one: --allow 0x12345678, or leave out --target");
  }
}

eth::Address read_account(const Values& values) {
  const std::string text = *values.argument("ADDRESS");
  if (text == "anyone") return platform::anyone_appointee();
  const auto address = eth::Address::parse(text);
  if (!address) {
    throw Error(Category::kUsage, "cli.bad_value",
                "ADDRESS must be an account's address or the word anyone; " +
                    base::printable_line(text, 60) + " " + eth::Address::problem(text),
                "an account's address is shown by: ecloud auth whoami");
  }
  if (address->is_zero()) {
    throw Error(Category::kUsage, "cli.bad_value", "ADDRESS is the zero address, nobody's",
                "an account's address is shown by: ecloud auth whoami");
  }
  return *address;
}

Option allow_option(std::string help) {
  return {.name = "allow",
          .kind = Kind::kRepeated,
          .value_name = "NAME[,NAME...]",
          .help = std::move(help)};
}

Option target_option() {
  return {.name = "target",
          .value_name = "ADDRESS",
          .help =
              "Contract that a selector given with --allow belongs to: an address, controller "
              "(the environment's AppController) or api (the platform's services)"};
}

Command make_permission_command(std::string name) {
  Command command;
  command.name = std::move(name);
  command.options = {confirmations_option()};
  command.json_fields = {
      {"appId", "id of the app"},
      {"operation", "grant, revoke or accept"},
      {"environment", "name of the environment"},
      {"chainId", "of the environment"},
      {"address", "whose rights"},
      {"changes",
       "for each thing asked for: permission, target and selector (null for being an admin), "
       "skipped (why nothing was to do, or null)"},
      {"changed", "false when there was nothing to do, and with --dry-run"},
      {"txHash", "hash of the transaction, when there was one"},
      {"blockNumber", "block that holds it"},
      {"gas", "used, limit, effectiveGasPriceWei, costWei, maxCostWei; amounts are decimal texts"},
      {"dryRun", "true with --dry-run"},
      {"account", "with --dry-run: who would pay"},
      {"calls", "with --dry-run: contract, target, function, arguments, data"},
      {"delegates", "with --dry-run: whether the account is delegated by the transaction"},
      {"balanceWei", "with --dry-run: balance of the account"},
  };
  command.exit_codes = {Category::kFailure,  Category::kTransaction, Category::kCredentials,
                        Category::kNotFound, Category::kNetwork,     Category::kPending};
  command.uses_environment = true;
  command.key = KeyUse::kRequired;
  command.mutating = true;
  return command;
}

std::string account_words(const eth::Address& account) {
  return account == platform::anyone_appointee() ? "anyone" : account.to_string();
}

}  // namespace ecloud::cli
