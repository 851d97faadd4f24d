#include "ecloud/deploy/drift.h"

#include <utility>

#include "deploy/app_status.h"
#include "deploy/batch_transaction.h"
#include "deploy/chain_snapshot.h"
#include "deploy/current_app.h"
#include "deploy/drift_variables.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/platform/billing_api.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::deploy {
namespace {

class Comparison {
 public:
  Comparison(const Services& services, const Signer* signer, const DriftRequest& request)
      : services_(services), signer_(signer), request_(request) {}

  DriftReport run() {
    report_.app = request_.app;
    if (request_.locked) report_.name = request_.locked->name;
    if (!read_chain_state()) return std::move(report_);
    compare_release();
    compare_instance();
    compare_logs();
    compare_variables(signer_, request_, current_, report_);
    compare_account();
    guarded("the registry", [&] { compare_registry(); });
    guarded("the platform", [&] { compare_platform(); });
    compare_subscription();
    return std::move(report_);
  }

 private:
  void find(std::string what, std::string expected, std::string found) {
    report_.findings.push_back({std::move(what), std::move(expected), std::move(found)});
  }
  void compare(const std::string& what, const std::string& expected, const std::string& found) {
    if (expected != found) find(what, expected, found);
  }
  template <typename Work>
  void guarded(const std::string& whom, Work work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.category() == Category::kInterrupted) throw;
      report_.not_checked.push_back(whom + ": " + error.message());
    }
  }

  /// Whether the app is there: one that the lock names and that is not is a finding.
  bool read_chain_state() {
    const AppSnapshot first = read_app(services_, eth::Address(), request_.app);
    if (request_.locked && first.creator.is_zero()) {
      find("chain-gone", "an app on " + platform::chain_name(services_.environment.chain_id),
           "none with this id");
      return false;
    }
    require_exists(services_, request_.app, first);
    current_ = current_app_of(services_, request_.app, first);
    // Delegation and quota are the owner's, whoever asks.
    owner_ = read_account(services_, first.creator);
    return true;
  }

  void compare_release() {
    compare("chain-status", "started", std::string(platform::to_string(current_.status)));
    if (!request_.locked) {
      find("lock-missing", "an entry in ecloud.lock", "none");
      return;
    }
    const LockedApp& locked = *request_.locked;
    if (current_.release_block != locked.block) {
      find("chain-release", "the release of block " + std::to_string(locked.block),
           "the release of block " + std::to_string(current_.release_block));
    }
    if (!current_.release) {
      report_.not_checked.push_back("the release on chain: the node does not give its event");
      return;
    }
    compare("chain-image", locked.image_name + "@" + locked.image_digest,
            current_.image_name + "@" + current_.image_digest);
  }

  void compare_instance() {
    if (!current_.release) return;
    std::optional<std::string> wanted = request_.instance_type;
    if (!wanted && request_.locked) wanted = request_.locked->instance_type;
    if (wanted) compare("chain-instance", *wanted, current_.instance_type);
  }

  std::optional<LogVisibility> wanted_logs() const {
    if (request_.log_visibility || !request_.locked) return request_.log_visibility;
    return log_visibility_of(request_.locked->log_visibility);
  }

  void compare_logs() {
    const auto wanted = wanted_logs();
    if (!wanted) return;
    const bool wants_public = *wanted == LogVisibility::kPublic;
    compare("chain-logs", wants_public ? "public" : "not public",
            current_.logs_are_public ? "public" : "not public");
  }

  /// The chain knows public from the rest; whether there is a log at all is the image's to say.
  void compare_log_label(const oci::ResolvedImage& image) {
    const auto wanted = wanted_logs();
    if (!wanted) return;
    const auto label = image.labels.find(platform::kLogLabel);
    const bool says_it = label != image.labels.end();
    if (!says_it && !image.is_layered()) return;
    const bool keeps_log = says_it && label->second == "always";
    if (keeps_log == (*wanted != LogVisibility::kOff)) return;
    find("registry-logs", std::string(to_string(*wanted)),
         !keeps_log                 ? "off"
         : current_.logs_are_public ? "public"
                                    : "private");
  }

  void compare_account() {
    const auto target = eth::delegation_target(owner_.code);
    const eth::Address& delegator = services_.environment.delegator;
    if (!owner_.code.empty() && (!target || *target != delegator)) {
      find("account-delegation", "none, or to " + delegator.to_string(),
           target ? "to " + target->to_string() : "code of its own");
    }
    const auto view = [&](base::Bytes data) {
      return chain::eth_call(services_.environment.app_controller, std::move(data));
    };
    const auto answers =
        services_.rpc.batch({view(platform::encode_max_active_apps(current_.billing_account)),
                             view(platform::encode_active_app_count(current_.billing_account))});
    const auto number = [&](std::size_t i) {
      return platform::decode_number(
          chain::read_data(chain::value_or_throw(answers.at(i), "eth_call")));
    };
    if (number(1) > number(0)) {
      find("account-quota", "at most " + number(0).to_decimal() + " apps",
           number(1).to_decimal() + " apps");
    }
  }

  /// Nothing, and a finding, when the registry has it no more.
  std::optional<oci::ResolvedImage> resolve(const oci::Reference& reference,
                                            const std::string& finding) {
    try {
      return resolve_release_image(services_, reference);
    } catch (const Error& error) {
      if (error.category() != Category::kNotFound) throw;
      find(finding, reference.to_string() + " in its registry", error.message());
      return std::nullopt;
    }
  }

  void compare_registry() {
    if (current_.image_name.empty()) return;
    const auto image = resolve(
        oci::Reference::parse(current_.image_name + "@" + current_.image_digest), "registry-gone");
    if (!image) return;
    compare_log_label(*image);
    std::optional<oci::Reference> wanted = request_.image;
    if (!wanted && request_.locked) {
      wanted = oci::Reference::parse(request_.locked->image_reference);
    }
    if (!wanted) return;
    const auto now = resolve(*wanted, "registry-untagged");
    if (!now) return;
    const auto base = image->labels.find(platform::kBaseLabel);
    const bool is_base = base != image->labels.end() && base->second == now->digest.to_string();
    if (now->digest == image->digest || is_base) return;
    find("registry-moved", base == image->labels.end() ? image->digest.to_string() : base->second,
         wanted->to_string() + " is " + now->digest.to_string());
  }

  void compare_platform() {
    platform::UserApi api(services_.transport, services_.clock, services_.environment, nullptr, {});
    const auto states = api.status({request_.app});
    if (states.empty()) return;
    const platform::RunState wanted = current_.status == platform::ChainStatus::kStopped
                                          ? platform::RunState::kStopped
                                          : platform::RunState::kRunning;
    if (states.front().state == wanted) return;
    find("platform-state", std::string(platform::to_string(wanted)), states.front().state_word);
  }

  void compare_subscription() {
    if (signer_ == nullptr || signer_->address != current_.creator) {
      report_.not_checked.push_back("the subscription: that takes the owner's key");
      return;
    }
    guarded("billing", [&] {
      platform::BillingApi api(services_.transport, services_.clock, services_.environment,
                               signer_->key);
      const platform::Subscription subscription = api.subscription();
      if (!subscription.is_active()) {
        find("account-subscription", "active", subscription.status);
      }
    });
  }

  const Services& services_;
  const Signer* signer_;
  const DriftRequest& request_;
  CurrentApp current_;
  AccountSnapshot owner_;
  DriftReport report_;
};

}  // namespace

DriftReport find_drift(const Services& services, const Signer* signer,
                       const DriftRequest& request) {
  return Comparison(services, signer, request).run();
}

}  // namespace ecloud::deploy
