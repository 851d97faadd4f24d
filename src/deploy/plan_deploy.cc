#include <algorithm>
#include <cstdlib>
#include <optional>

#include "deploy/app_status.h"
#include "deploy/chain_snapshot.h"
#include "deploy/plan_transaction.h"
#include "deploy/release_checks.h"
#include "deploy/release_encoding.h"
#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/deploy_app.h"
#include "ecloud/deploy/isolated_billing.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/deploy/release_wallet.h"
#include "ecloud/platform/app_rules.h"

namespace ecloud::deploy {
namespace {

/// A clock that is off by more makes signatures expire before they arrive.
constexpr std::int64_t kTolerableClockSkewSeconds = 120;

/// An app of this account that this machine deployed under the wanted name.
std::optional<eth::Address> namesake_of(const Services& services, const Signer& deployer,
                                        const std::string& name) {
  if (name.empty()) return std::nullopt;
  const auto records =
      AppRecords(services.paths.state, services.environment.name).named(name, deployer.address);
  return records.empty() ? std::nullopt : std::optional(records.back().app);
}

void check_name(const std::string& name, const std::optional<eth::Address>& namesake,
                const ChainSnapshot& chain) {
  if (!namesake || !chain.namesake_status) return;
  const auto status = *chain.namesake_status;
  const bool gone =
      status == platform::ChainStatus::kNone || status == platform::ChainStatus::kTerminated;
  if (gone) return;
  throw Error(Category::kUsage, "deploy.name_taken",
              "you have an app named " + name + " already: " + namesake->to_string() + " (" +
                  std::string(platform::to_string(status)) + ")",
              "put a new release on it: ecloud compute app upgrade " + name +
                  " IMAGE, choose another --name, or give --force-new to deploy a second app of "
                  "that name");
}

/// The variables are encrypted for the id, and the octets stand on chain: an ID of another
/// account's app would let its owner put them into a release of their own, where the KMS opens
/// them.
void check_app_id(const platform::Environment& environment, const eth::Address& deployer,
                  const base::Bytes32& salt, const eth::Address& named) {
  if (environment.app_beacon.is_zero()) return;
  const eth::Address app = platform::compute_app_id(
      environment.app_controller, environment.app_beacon, environment.app_proxy, deployer, salt);
  if (app == named) return;
  throw Error(Category::kVerification, "deploy.foreign_app_id",
              "the node says that the new app will be " + named.to_string() + ", but it will be " +
                  app.to_string() + ": whoever owns the other one could read the private variables",
              "give an --rpc-url that you trust. When the platform has changed its contracts and "
              "says so, look for a newer ecloud, or name them in your config.yaml "
              "(environments." +
                  environment.name + ".appController), which leaves this check out");
}

std::vector<platform::Call> deploy_calls(const platform::Environment& environment,
                                         const DeployRequest& request, const ChainSnapshot& chain,
                                         const base::Bytes32& salt,
                                         const platform::Release& release) {
  std::vector<platform::Call> calls = {
      {environment.app_controller,
       {},
       request.pays_for_itself
           ? platform::encode_create_isolated_app(chain.generation, salt, release)
           : platform::encode_create_app(chain.generation, salt, release)},
      {environment.permission_controller, {}, platform::encode_accept_admin(chain.app)},
  };
  if (request.log_visibility == LogVisibility::kPublic) {
    calls.push_back({environment.permission_controller,
                     {},
                     platform::encode_set_appointee(chain.app, platform::anyone_appointee(),
                                                    platform::api_permission_target(),
                                                    platform::kViewLogsPermission)});
  }
  return calls;
}

void require_isolated_billing(const std::string& controller_version) {
  if (platform::has_isolated_billing(controller_version)) return;
  throw Error(Category::kUsage, "deploy.no_isolated_billing",
              "the AppController " + controller_version +
                  " of this environment has no apps that pay for themselves (1.4.0 and later have)",
              "leave out --bill-to app: your account then pays for the app");
}

/// The parts of a plan that come after the chain has answered.
class Planner {
 public:
  Planner(const Services& services, const Signer& deployer, const DeployRequest& request)
      : services_(services), deployer_(deployer), request_(request) {
    salt_ = request.salt ? *request.salt : services.random.bytes32();
    make_wallet();
  }
  /// With the salt and the words of an earlier plan.
  Planner(const Services& services, const Signer& deployer, const DeployRequest& request,
          DeployPlan earlier)
      : services_(services),
        deployer_(deployer),
        request_(request),
        salt_(earlier.salt),
        mnemonic_(std::move(earlier.mnemonic)) {}

  DeployPlan run() {
    const auto namesake = namesake_of(services_, deployer_, request_.name);
    base::run_concurrently({
        [&] { ask_chain(namesake); },
        [&] {
          image_ = request_.find_image ? request_.find_image()
                                       : resolve_release_image(services_, request_.image);
        },
        [&] { offer_ = check_instance_type(services_, request_.instance_type, warnings_); },
    });
    // The estimate was made for the digest that the user gave; an index resolves to another one,
    // and a layered image is another one.
    const std::string name = image_->reference.name();
    if (!estimated_for_ || !(*estimated_for_ == image_->digest) || name != request_.image.name()) {
      estimate(image_->digest, name);
    }
    return finish();
  }

 private:
  void make_wallet() {
    if (request_.wallet == WalletSource::kGenerated) {
      mnemonic_ = crypto::generate_mnemonic(services_.random);
    } else if (request_.wallet == WalletSource::kEnvironment) {
      mnemonic_ = crypto::normalize_mnemonic(request_.mnemonic.reveal_text());
    }
  }

  /// A salt that was tried before leads to the same app, whose words are stored and never replaced.
  void take_stored_wallet() {
    if (request_.wallet != WalletSource::kGenerated || !request_.salt) return;
    const WalletStore wallets(services_.paths.state, services_.environment.name);
    if (auto words = wallets.load(deployer_, chain_.app)) mnemonic_ = std::move(*words);
  }

  void ask_chain(const std::optional<eth::Address>& namesake) {
    payer_ = request_.pays_for_itself ? app_id_of(services_, deployer_.address, salt_)
                                      : deployer_.address;
    chain_ = read_chain(services_, deployer_.address, salt_, namesake, payer_);
    if (request_.pays_for_itself) require_isolated_billing(chain_.controller_version);
    check_app_id(services_.environment, deployer_.address, salt_, chain_.app);
    if (!request_.may_share_name) check_name(request_.name, namesake, chain_);
    needs_credits_ = request_.pays_for_itself && chain_.max_active_apps.is_zero();
    if (!needs_credits_) require_quota(payer_, chain_.active_apps, chain_.max_active_apps);
    take_stored_wallet();
    encrypt();
    if (request_.image.digest) estimate(*request_.image.digest, request_.image.name());
  }

  void encrypt() {
    platform::AppEnvironment variables = request_.variables.clone();
    if (!mnemonic_.empty()) {
      variables.private_variables[std::string(platform::kMnemonicVariable)] = mnemonic_.clone();
    }
    release_.public_env = platform::encode_public_environment(variables, request_.instance_type);
    release_.encrypted_env = platform::encrypt_private_environment(
        variables, chain_.app, services_.environment.kms_encryption_key, services_.random,
        header_members(release_wallet()));
    release_.upgrade_by_time =
        upgrade_deadline(services_, chain_.block_timestamp, request_.lifetime_seconds);
  }

  ReleaseWallet release_wallet() const {
    ReleaseWallet out{request_.wallet, {}};
    if (out.source == WalletSource::kGenerated && request_.wallet_backup) {
      out.sealed_phrase = seal_phrase(deployer_, chain_.app, mnemonic_, services_.random);
    }
    return out;
  }

  /// The contract would refuse an app without quota, so that nothing can be estimated yet.
  void estimate(const oci::Digest& digest, const std::string& name) {
    if (needs_credits_) return;
    release_.artifacts = {{digest.sha256(), name}};
    transaction_ = plan_release(services_, chain_, [&] {
      return plan_transaction(
          services_, deployer_, chain_,
          deploy_calls(services_.environment, request_, chain_, salt_, release_),
          request_.may_sign_for_estimate, "the deployment");
    });
    estimated_for_ = digest;
  }

  void warn_of_clock() {
    const std::int64_t skew =
        services_.clock.unix_seconds() - static_cast<std::int64_t>(chain_.block_timestamp);
    // A block may be old on a chain that makes none, but never from the future.
    if (skew < -kTolerableClockSkewSeconds) {
      warnings_.push_back("this machine's clock is " + std::to_string(-skew) +
                          " s behind the chain; signatures may be refused");
    }
  }

  DeployPlan finish() {
    warn_of_clock();
    DeployPlan plan{.image = std::move(*image_)};
    plan.app = chain_.app;
    plan.salt = salt_;
    if (!mnemonic_.empty()) plan.addresses = wallet_addresses(mnemonic_);
    plan.mnemonic = std::move(mnemonic_);
    plan.transaction = std::move(transaction_);
    plan.transaction.deadline = release_.upgrade_by_time;
    plan.payer = payer_;
    plan.needs_credits = needs_credits_;
    plan.active_apps = static_cast<std::uint32_t>(chain_.active_apps.to_u64());
    plan.max_active_apps = static_cast<std::uint32_t>(chain_.max_active_apps.to_u64());
    plan.offer = std::move(offer_);
    plan.warnings = std::move(warnings_);
    return plan;
  }

  const Services& services_;
  const Signer& deployer_;
  const DeployRequest& request_;
  base::Bytes32 salt_{};
  base::Secret mnemonic_;
  eth::Address payer_;
  bool needs_credits_ = false;
  ChainSnapshot chain_;
  platform::Release release_;
  TransactionPlan transaction_;
  std::optional<oci::Digest> estimated_for_;
  std::optional<oci::ResolvedImage> image_;
  std::optional<platform::Sku> offer_;
  std::vector<std::string> warnings_;
};

}  // namespace

DeployPlan plan_deploy(const Services& services, const Signer& deployer,
                       const DeployRequest& request) {
  return Planner(services, deployer, request).run();
}

DeployPlan renew_plan(const Services& services, const Signer& deployer,
                      const DeployRequest& request, DeployPlan earlier) {
  return Planner(services, deployer, request, std::move(earlier)).run();
}

}  // namespace ecloud::deploy
