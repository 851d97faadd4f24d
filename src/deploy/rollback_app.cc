#include "ecloud/deploy/rollback_app.h"

#include <algorithm>
#include <utility>

#include "deploy/app_status.h"
#include "deploy/chain_snapshot.h"
#include "deploy/current_app.h"
#include "deploy/expected_effects.h"
#include "deploy/plan_transaction.h"
#include "deploy/release_checks.h"
#include "deploy/release_encoding.h"
#include "deploy/rollback_wallet.h"
#include "deploy/send_transaction.h"
#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/app_permissions.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/deploy/unfinished.h"

namespace ecloud::deploy {
namespace {

bool is_same(const platform::Release& a, const platform::Release& b) {
  const auto image = [](const platform::Release& release) {
    const auto& one = release.artifacts.front();
    return std::pair(one.digest, one.registry);
  };
  return !a.artifacts.empty() && !b.artifacts.empty() && image(a) == image(b) &&
         a.public_env == b.public_env && a.encrypted_env == b.encrypted_env && a.policy == b.policy;
}

[[noreturn]] void fail_not_found(const PastReleases& releases,
                                 const std::optional<ReleaseName>& name) {
  const std::string app = releases.app.to_string();
  const std::string list = "see them: ecloud compute app rollback " + app + " --list";
  if (!name && releases.is_complete()) {
    throw Error(Category::kNotFound, "rollback.no_release",
                "app " + app + " has had one release alone: there is none to go back to", list);
  }
  throw Error(Category::kNotFound, "rollback.no_release",
              name ? "app " + app + " has no release " + name->text() +
                         (releases.is_complete() ? "" : " among those that could be found")
                   : "the release before the newest one of app " + app + " could not be found",
              list + (releases.is_complete() ? "" : "\nor try another node: --rpc-url URL"));
}

/// The registry must serve the old image to the platform.
SourceImage require_image(const Services& services, const PastRelease& target) {
  const std::string reference = target.image_name + "@" + target.image_digest;
  try {
    return open_registry_image(services, oci::Reference::parse(reference));
  } catch (const Error& error) {
    if (error.code() != "image.not_found") throw;
    throw Error(Category::kImage, "rollback.image_gone",
                "the registry does not serve " + reference + " of release " +
                    std::to_string(target.number()) + " any more; the platform could not start it",
                "push the image again, or choose another release: ecloud compute app rollback APP "
                "--list");
  }
}

/// The platform may have stopped serving the image's runtime since the old release.
void check_runtime(const Services& services, const SourceImage& source, bool allow_old,
                   std::vector<std::string>& warnings) {
  require_served_labels(source.image.details.labels, source.repository->to_string(),
                        services.environment, allow_old);
  if (!source.image.is_layered()) return;
  const std::string unread = check_layered_runtime(source, services.environment, allow_old);
  if (!unread.empty()) warnings.push_back(unread);
}

void check_machine(const Services& services, const PastRelease& target,
                   std::vector<std::string>& warnings) {
  if (target.instance_type.empty()) return;
  try {
    check_instance_type(services, target.instance_type, warnings);
  } catch (const Error& error) {
    if (error.code() != "deploy.unknown_instance_type") throw;
    throw error.with_hint("put its image on another machine: ecloud compute app upgrade APP " +
                          target.image_name + "@" + target.image_digest + " --instance-type TYPE");
  }
}

/// A policy restricts what the container may do; to leave it out would take the restriction away.
void require_policy_fits(const PastRelease& target, platform::Generation live) {
  if (live == platform::Generation::kFourFields || target.release.policy.is_empty()) return;
  throw Error(
      Category::kFailure, "rollback.policy_lost",
      "release " + std::to_string(target.number()) +
          " restricts what its container may do (a container policy), and the live "
          "contract knows no such thing: the restriction would be lost",
      "put its image without it, if that is what you want: ecloud compute app upgrade APP " +
          target.image_name + "@" + target.image_digest);
}

platform::Call rollback_call(const Services& services, const RollbackPlan& plan,
                             const AppSnapshot& chain) {
  platform::Release release = plan.target.release;
  release.upgrade_by_time = upgrade_deadline(services, chain.block_timestamp, kReleaseSeconds);
  return {services.environment.app_controller,
          {},
          platform::encode_upgrade_app(chain.generation, plan.releases.app, release)};
}

NeededPermission needed_permission(const Services& services, const eth::Address& app,
                                   platform::Generation live) {
  const auto upgrade = platform::find_permission(services.environment, "upgrade", live);
  if (!upgrade) fail_bug("upgrading has no permission");
  return {.permission = upgrade->permission,
          .name = upgrade->name,
          .action = "roll back app " + app.to_string()};
}

void require_takes_releases(const eth::Address& app, platform::ChainStatus status,
                            const std::string& controller_version) {
  require_allowed(app, status, platform::AppChange::kUpgrade, controller_version, "rolled back");
}

/// Without it nobody can say what changes, nor which release is the one before.
void require_newest(const PastReleases& releases) {
  const std::uint64_t block = std::max(releases.current_block, releases.pending_block.value_or(0));
  const PastRelease* newest = releases.newest();
  if (newest != nullptr && newest->block == block) return;
  throw Error(Category::kNotFound, "rollback.no_release",
              "the node does not give the release of app " + releases.app.to_string() +
                  " in block " + std::to_string(block) + ", which is the newest one",
              "try another node: --rpc-url URL");
}

}  // namespace

RollbackPlan plan_rollback(const Services& services, const Signer& signer, platform::UserApi& api,
                           const RollbackRequest& request) {
  const eth::Address& app = request.app;
  RollbackPlan plan;
  plan.lock_file = request.lock_file;
  plan.releases = find_releases(services, api, app, [&](const PastReleases& found) {
    return choose_release(found, request.name) != nullptr;
  });
  require_takes_releases(app, plan.releases.status, plan.releases.controller_version);
  require_newest(plan.releases);
  const PastRelease* target = choose_release(plan.releases, request.name);
  if (target == nullptr) fail_not_found(plan.releases, request.name);
  plan.target = *target;
  plan.current = *plan.releases.newest();
  plan.needed = !is_same(plan.target.release, plan.current.release);
  if (!plan.needed) return plan;
  AppSnapshot chain;
  std::optional<SourceImage> image;
  std::vector<std::string> image_warnings;
  base::run_concurrently({
      [&] {
        image = require_image(services, plan.target);
        check_runtime(services, *image, request.allow_old_runtime, image_warnings);
      },
      [&] { chain = read_app(services, signer.address, app); },
      [&] { check_machine(services, plan.target, plan.warnings); },
  });
  plan.warnings.insert(plan.warnings.end(), image_warnings.begin(), image_warnings.end());
  compare_wallets(services, signer, chain.creator, plan);
  require_policy_fits(plan.target, chain.generation);
  plan.log_visibility = log_visibility_on(
      chain.logs_are_public,
      oci::FetchedImage{image->image, image->index_digest, image->with_credentials}.resolved(
          *image->repository));
  warn_of_pending(chain.pending_release_block, plan.warnings);
  const auto needed = [&] {
    return std::vector{needed_permission(services, app, chain.generation)};
  };
  plan.transaction = plan_permitted(services, signer.address, app, needed, [&] {
    return plan_release(services, chain, [&] {
      require_policy_fits(plan.target, chain.generation);
      return plan_transaction(services, signer, chain, {rollback_call(services, plan, chain)},
                              request.may_sign_for_estimate, "the rollback");
    });
  });
  return plan;
}

TransactionOutcome apply_rollback(const Services& services, const Signer& signer,
                                  RollbackPlan plan) {
  JournalEntry entry;
  entry.operation = Operation::kRollback;
  entry.app = plan.releases.app;
  entry.image_name = plan.target.image_name;
  entry.image_digest = plan.target.image_digest;
  entry.image_reference = entry.image_name + "@" + entry.image_digest;
  entry.instance_type = plan.target.instance_type;
  entry.log_visibility = to_string(plan.log_visibility);
  // Which private variables that release has is not known here, so that the lock calls them
  // unknown.
  entry.lock_file = plan.lock_file;
  entry.restored = RestoredRelease{plan.target.id, plan.target.block};
  return apply_to_app(services, signer, std::move(plan.transaction), std::move(entry));
}

std::optional<JournalEntry> unsent_rollback(const Services& services, const Signer& signer,
                                            const eth::Address& app) {
  for (JournalEntry& entry : journal_of(services).open_changes(signer.address, app)) {
    if (entry.operation != Operation::kRollback || !entry.restored) continue;
    if (fate_of(services, entry) == Fate::kUnknown) return std::move(entry);
  }
  return std::nullopt;
}

}  // namespace ecloud::deploy
