#include <algorithm>
#include <utility>

#include "deploy/chain_snapshot.h"
#include "deploy/expected_effects.h"
#include "deploy/plan_transaction.h"
#include "deploy/send_transaction.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/app_permissions.h"

namespace ecloud::deploy {
namespace {

using platform::Permission;

bool holds(const AppPermissions& app, const eth::Address& account, const Permission& permission) {
  const Appointee* found = app.find(account);
  return found != nullptr && std::find(found->permissions.begin(), found->permissions.end(),
                                       permission) != found->permissions.end();
}

[[noreturn]] void fail_unknown(const platform::Environment& environment, const std::string& name,
                               platform::Generation live) {
  std::vector<std::string> names;
  for (const platform::NamedPermission& one : platform::named_permissions(environment)) {
    if (one.holds_in(live)) names.push_back(one.name);
  }
  const auto near = base::closest(name, names);
  throw Error(Category::kUsage, "permissions.unknown",
              "there is no permission " + base::printable_line(name, 60) + "; there are " +
                  base::join(names, ", "),
              near ? "did you mean --allow " + *near + "?"
                   : "give one of them, or a selector such as 0x12345678 with --target ADDRESS");
}

/// Collects the changes of one account.
class Changes {
 public:
  Changes(const Services& services, const PermissionRequest& request, const AppPermissions& app)
      : environment_(services.environment), request_(request), app_(app) {}

  std::vector<PermissionChange> take() {
    if (request_.operation == Operation::kAccept) {
      add("admin", app_.is_admin(request_.account) ? "is an admin already" : "");
      return std::move(out_);
    }
    if (request_.operation == Operation::kGrant) {
      grant_all();
    } else if (request_.everything) {
      revoke_everything();
    } else {
      revoke_all();
    }
    return std::move(out_);
  }

 private:
  void add(std::string what, std::string skipped, std::optional<Permission> permission = {}) {
    out_.push_back({std::move(what), permission, std::move(skipped)});
  }

  void grant_all() {
    for (const std::string& name : request_.names) {
      const auto found = platform::find_permission(environment_, name, app_.generation);
      if (!found) fail_unknown(environment_, name, app_.generation);
      grant(found->permission);
    }
    for (const Permission& one : request_.others) grant(one);
    if (!request_.admin) return;
    add("pending admin", app_.is_admin(request_.account)     ? "is an admin already"
                         : app_.is_pending(request_.account) ? "is proposed as an admin already"
                                                             : "");
  }

  void grant(const Permission& permission) {
    add(words(permission),
        app_.is_admin(request_.account)             ? "is an admin, who may do everything"
        : holds(app_, request_.account, permission) ? "was granted already"
                                                    : "",
        permission);
  }

  /// A name means the selectors of both generations, so that none comes back with the next one.
  void revoke_all() {
    for (const std::string& name : request_.names) {
      const auto live = platform::find_permission(environment_, name, app_.generation);
      if (!live) fail_unknown(environment_, name, app_.generation);
      revoke(live->permission);
      for (const platform::NamedPermission& one : platform::named_permissions(environment_)) {
        const bool other = one.name == name && !one.holds_in(app_.generation);
        if (other && holds(app_, request_.account, one.permission)) revoke(one.permission);
      }
    }
    for (const Permission& one : request_.others) revoke(one);
    if (request_.admin) revoke_admin();
  }

  void revoke(const Permission& permission) {
    add(words(permission), holds(app_, request_.account, permission) ? "" : "was not granted",
        permission);
  }

  void revoke_admin() {
    if (app_.is_pending(request_.account)) add("pending admin", "");
    if (app_.is_admin(request_.account)) add("admin", "");
    if (!app_.is_pending(request_.account) && !app_.is_admin(request_.account)) {
      add("admin", "is no admin");
    }
  }

  void revoke_everything() {
    if (const Appointee* found = app_.find(request_.account)) {
      for (const Permission& one : found->permissions) revoke(one);
    }
    if (app_.is_pending(request_.account) || app_.is_admin(request_.account)) revoke_admin();
  }

  std::string words(const Permission& permission) const {
    return platform::describe_permission(environment_, permission, app_.generation);
  }

  const platform::Environment& environment_;
  const PermissionRequest& request_;
  const AppPermissions& app_;
  std::vector<PermissionChange> out_;
};

base::Bytes encode(const PermissionRequest& request, const PermissionChange& change) {
  if (request.operation == Operation::kAccept) return platform::encode_accept_admin(request.app);
  const bool grants = request.operation == Operation::kGrant;
  if (change.permission) {
    const auto encode = grants ? platform::encode_set_appointee : platform::encode_remove_appointee;
    return encode(request.app, request.account, change.permission->target,
                  change.permission->selector);
  }
  if (grants) return platform::encode_add_pending_admin(request.app, request.account);
  return change.what == "admin"
             ? platform::encode_remove_admin(request.app, request.account)
             : platform::encode_remove_pending_admin(request.app, request.account);
}

std::vector<platform::Call> calls_of(const Services& services, const PermissionPlan& plan) {
  std::vector<platform::Call> out;
  for (const PermissionChange& change : plan.changes) {
    if (!change.skipped.empty()) continue;
    out.push_back({services.environment.permission_controller, {}, encode(plan.request, change)});
  }
  return out;
}

void require_right(const Services& services, const Signer& signer, const PermissionPlan& plan) {
  const std::string app = plan.request.app.to_string();
  if (plan.request.operation == Operation::kAccept) {
    if (plan.before.is_pending(signer.address)) return;
    throw Error(
        Category::kCredentials, "permissions.not_proposed",
        "account " + signer.address.to_string() + " was not proposed as an admin of app " + app,
        "an admin of the app can propose it: ecloud compute app permissions grant " + app + " " +
            signer.address.to_string() + " --admin");
  }
  if (plan.before.is_admin(signer.address)) return;
  throw not_permitted(services, signer.address, plan.request.app,
                      {.action = "change who may do what with app " + app, .admin = true});
}

/// Nobody can do anything with an app that is gone; rights on it can still be taken away.
void refuse_terminated(const PermissionPlan& plan) {
  const bool is_gone = plan.before.status == platform::ChainStatus::kTerminated;
  if (!is_gone || plan.request.operation == Operation::kRevoke) return;
  throw Error(Category::kTransaction, "app.wrong_status",
              "app " + plan.request.app.to_string() +
                  " is terminated: permissions for it would have no effect",
              "a terminated app never comes back; see your apps: ecloud compute app list");
}

void keep_an_admin(const PermissionPlan& plan) {
  const bool removes =
      std::any_of(plan.changes.begin(), plan.changes.end(), [&](const PermissionChange& change) {
        return plan.request.operation == Operation::kRevoke && change.what == "admin" &&
               change.skipped.empty();
      });
  if (!removes || plan.before.admins.size() > 1) return;
  throw Error(Category::kTransaction, "permissions.last_admin",
              plan.request.account.to_string() + " is the only admin of app " +
                  plan.request.app.to_string() + "; an app needs one",
              "propose another one first: ecloud compute app permissions grant " +
                  plan.request.app.to_string() + " ADDRESS --admin");
}

}  // namespace

PermissionPlan plan_permissions(const Services& services, const Signer& signer,
                                const PermissionRequest& request, bool may_sign_for_estimate) {
  PermissionPlan plan;
  plan.request = request;
  plan.before = read_permissions(services, request.app, {request.account});
  plan.changes = Changes(services, request, plan.before).take();
  std::vector<platform::Call> calls = calls_of(services, plan);
  plan.needed = !calls.empty();
  if (!plan.needed) return plan;
  refuse_terminated(plan);
  require_right(services, signer, plan);
  keep_an_admin(plan);
  plan.transaction = plan_transaction(services, signer, read_account(services, signer.address),
                                      std::move(calls), may_sign_for_estimate, "the transaction");
  return plan;
}

TransactionOutcome apply_permissions(const Services& services, const Signer& signer,
                                     PermissionPlan plan) {
  JournalEntry entry;
  entry.operation = plan.request.operation;
  entry.app = plan.request.app;
  sign_and_record(services, signer, std::move(plan.transaction), entry);
  return send_and_conclude(services, std::move(entry), changed_permissions(services));
}

Check changed_permissions(const Services& services) {
  return [&services](JournalEntry& entry, const chain::Receipt& receipt) {
    const eth::Address& contract = services.environment.permission_controller;
    const eth::Transaction sent = eth::decode_transaction(entry.raw_transaction).transaction;
    std::vector<platform::Call> calls = {{contract, {}, sent.data}};
    if (sent.to == entry.deployer) {
      calls = platform::decode_execute(sent.data).value_or(std::vector<platform::Call>());
    }
    const bool all =
        !calls.empty() && std::all_of(calls.begin(), calls.end(), [&](const auto& call) {
          const auto change = platform::decode_permission_call(call.data);
          return change &&
                 platform::has_permission_event(*change, entry.deployer, contract, receipt.logs);
        });
    if (all) return;
    set_step(services, entry, Step::kAbandoned);
    throw Error(Category::kTransaction, "deploy.no_effect",
                "transaction " + hash_of(entry) + " succeeded but did not " +
                    std::string(infinitive(entry.operation)) + " app " + entry.app.to_string(),
                "see who may do what: ecloud compute app permissions list " +
                    entry.app.to_string() + "\nthen run the command again");
  };
}

}  // namespace ecloud::deploy
