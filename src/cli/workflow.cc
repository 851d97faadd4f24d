#include "cli/workflow.h"

#include <algorithm>

#include "cli/reference_names.h"
#include "ecloud/base/error.h"
#include "ecloud/chain/chain.h"
#include "ecloud/deploy/controller_reads.h"
#include "ecloud/deploy/find_app.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/signatures.h"

namespace ecloud::cli {
namespace {

constexpr char kConfirmations[] = "confirmations";
/// Finality takes 64 blocks; more is a slip of the finger.
constexpr std::uint64_t kMostConfirmations = 1'000;

/// 0 when nobody says it: the chain decides.
std::uint64_t given_confirmations(Context& context) {
  const Values& values = context.values();
  const auto& options = values.command().options;
  const bool takes_it = std::any_of(options.begin(), options.end(), [](const Option& option) {
    return option.name == kConfirmations;
  });
  const auto given = takes_it ? values.number(kConfirmations) : std::nullopt;
  if (!given) return 0;
  if (*given >= 1 && *given <= kMostConfirmations) return *given;
  throw Error(Category::kUsage, "cli.bad_value",
              values.origin(kConfirmations).where + " must be a number from 1 to " +
                  std::to_string(kMostConfirmations),
              "leave it out for what suits the chain");
}

}  // namespace

Workflow::Workflow(Context& context)
    : context_(context),
      credentials_(context.env()),
      registry_(
          context.transport(), credentials_,
          {.clock = &context.clock(), .warn = [this](const std::string& text) { warning(text); }}),
      services_{context.environment(), context.paths(), context.transport(),
                context.rpc(),         registry_,       context.clock(),
                context.random(),      *this,           given_confirmations(context)} {}

const deploy::Signer& Workflow::signer() {
  context_.deployer();
  return *find_signer();
}

const deploy::Signer* Workflow::find_signer() {
  if (!signer_) {
    const Deployer* deployer = context_.find_deployer();
    if (deployer == nullptr) return nullptr;
    signer_.emplace(deployer->key);
  }
  return &*signer_;
}

platform::UserApi Workflow::user_api(bool with_key) {
  const deploy::Signer* signer = with_key ? find_signer() : nullptr;
  const base::Bytes32 separator = signer != nullptr ? domain_separator() : base::Bytes32{};
  return platform::UserApi(services_.transport, services_.clock, services_.environment,
                           signer != nullptr ? &signer->key : nullptr, separator);
}

const base::Bytes32& Workflow::domain_separator() {
  if (!domain_separator_) {
    const auto results = services_.rpc.batch(
        {chain::eth_call(services_.environment.app_controller, platform::encode_version())});
    domain_separator_ = platform::controller_domain_separator(
        deploy::controller_version(services_, results[0]), services_.environment.chain_id,
        services_.environment.app_controller);
  }
  return *domain_separator_;
}

platform::UserApi Workflow::user_api(const base::Bytes32& domain_separator, bool patient) {
  return platform::UserApi(patient ? context_.transport() : context_.direct_transport(),
                           services_.clock, services_.environment,
                           find_signer() != nullptr ? &find_signer()->key : nullptr,
                           domain_separator);
}

platform::BuildApi Workflow::build_api(bool patient) {
  const deploy::Signer* signer = find_signer();
  return platform::BuildApi(patient ? context_.transport() : context_.direct_transport(),
                            services_.clock, services_.environment,
                            signer != nullptr ? &signer->key : nullptr);
}

eth::Address Workflow::app(const Values& values) {
  if (!values.app().empty()) return find_app(values.app());
  if (const auto given = values.argument("APP")) return find_app(*given);
  return last_app("give its id or name: " + values.path().text() + " APP");
}

eth::Address Workflow::find_app(std::string_view id_or_name) {
  return deploy::find_app(services_, find_signer(), id_or_name,
                          read_reference_names(context_.paths().home, services_.environment.name));
}

eth::Address Workflow::last_app(const std::string& usage) {
  const auto last = deploy::last_deployment(services_, context_.working_directory().string());
  if (!last) {
    throw Error(Category::kUsage, "app.none_given",
                "no app was named, and none has been deployed from this folder", usage);
  }
  note("app " + last->app.to_string() + (last->name.empty() ? "" : " (" + last->name + ")") +
       ", the last one deployed from this folder");
  return last->app;
}

std::string Workflow::environment_flag() const {
  const std::string& name = services_.environment.name;
  return name == "sepolia" ? std::string() : " --environment " + name;
}

void Workflow::close_told(const deploy::Services& services,
                          const deploy::TransactionOutcome& outcome) {
  try {
    deploy::finish_operation(services, outcome);
  } catch (const Error& error) {
    warning("the work is done, but its record could not be closed: " + error.message() +
            "; `ecloud resume` closes it");
  }
}

void Workflow::finish_progress() {
  if (Progress* begun = begun_progress()) begun->finish();
}

Progress& Workflow::progress() {
  const std::lock_guard lock(progress_mutex_);
  if (!progress_) progress_.emplace(context_.terminal(), context_.clock());
  return *progress_;
}

Progress* Workflow::begun_progress() {
  const std::lock_guard lock(progress_mutex_);
  return progress_ ? &*progress_ : nullptr;
}

void Workflow::phase(std::string_view text) {
  progress().phase(text);
}

void Workflow::detail(std::string_view text) {
  if (Progress* begun = begun_progress()) begun->detail(text);
}

void Workflow::note(std::string_view text) {
  context_.terminal().note(text);
}

void Workflow::warning(std::string_view text) {
  context_.terminal().warning(text);
}

Option confirmations_option() {
  return {.name = kConfirmations,
          .kind = Kind::kNumber,
          .value_name = "N",
          .help = "Blocks until a transaction counts as mined, the one that holds it included",
          .default_note = "2 on Ethereum mainnet, 1 elsewhere",
          .variables = {"ECLOUD_CONFIRMATIONS"},
          .heading = "WAITING OPTIONS"};
}

Positional app_positional() {
  return {.name = "APP",
          .help = "Id or name of the app; the last one deployed from this folder when left out",
          .completer = Completer::kApp};
}

}  // namespace ecloud::cli
