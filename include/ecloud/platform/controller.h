#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/chain/chain.h"
#include "ecloud/eth/abi.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"

namespace ecloud::platform {

/// The contracts of the platform as calls and answers. The Release struct of the AppController grew
/// a field with version 1.5.0, so everything that carries one asks for the generation.

enum class Generation {
  kThreeFields,  ///< before 1.5.0: rmsRelease, publicEnv, encryptedEnv
  kFourFields,   ///< from 1.5.0: containerPolicy besides
};

/// From the text that AppController.version() returns ("1.1.1"). Throws Error{kNetwork,
/// "platform.version"} for a text that is no version.
Generation generation_of(std::string_view version);

/// An image in a release: the manifest's sha256, and the repository without tag or digest.
struct Artifact {
  base::Bytes32 digest{};
  std::string registry;
};

/// What a release of the four-field generation allows its container; empty: no restriction. We
/// make none, and send one that stands on chain again as it is.
struct ContainerPolicy {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  std::vector<std::string> args, cmd_override;
  Pairs env, env_override;
  std::string restart_policy;

  bool is_empty() const { return *this == ContainerPolicy(); }
  bool operator==(const ContainerPolicy&) const = default;
};

/// What one release of an app runs.
struct Release {
  std::vector<Artifact> artifacts;
  std::uint32_t upgrade_by_time = 0;  ///< unix seconds
  base::Bytes public_env;             ///< UTF-8 JSON object of strings
  base::Bytes encrypted_env;          ///< compact JWE
  ContainerPolicy policy;             ///< of the four-field generation; left out for the other one
};

eth::AbiValue release_value(const Release& release, Generation generation);
Release release_from_value(const eth::AbiValue& value);

/// ABI types of the two generations: the tuple of a Release.
std::string_view release_type(Generation generation);

/// One call of a batch.
struct Call {
  eth::Address target;
  eth::U256 value;  ///< wei
  base::Bytes data;
};

// AppController, writes.
base::Bytes encode_create_app(Generation generation, const base::Bytes32& salt,
                              const Release& release);
base::Bytes encode_upgrade_app(Generation generation, const eth::Address& app,
                               const Release& release);
base::Bytes encode_start_app(const eth::Address& app);
base::Bytes encode_stop_app(const eth::Address& app);
base::Bytes encode_terminate_app(const eth::Address& app);

// PermissionController, writes.
base::Bytes encode_accept_admin(const eth::Address& app);
base::Bytes encode_set_appointee(const eth::Address& account, const eth::Address& appointee,
                                 const eth::Address& target, const base::FixedBytes<4>& selector);
base::Bytes encode_remove_appointee(const eth::Address& account, const eth::Address& appointee,
                                    const eth::Address& target,
                                    const base::FixedBytes<4>& selector);

/// The delegator's execute(mode, calls): all calls or none (ERC-7579 batch mode 0x0100…00).
base::Bytes encode_execute(const std::vector<Call>& calls);
/// The calls in the data of an execute; nothing when it is none or of another mode.
std::optional<std::vector<Call>> decode_execute(base::ByteView data);

// Reads.
base::Bytes encode_version();
base::Bytes encode_calculate_app_id(const eth::Address& deployer, const base::Bytes32& salt);
base::Bytes encode_max_active_apps(const eth::Address& account);
base::Bytes encode_active_app_count(const eth::Address& account);
base::Bytes encode_app_status(const eth::Address& app);
base::Bytes encode_app_creator(const eth::Address& app);
base::Bytes encode_latest_release_block(const eth::Address& app);
/// Of the four-field generation alone; the other one reverts.
base::Bytes encode_pending_release_block(const eth::Address& app);
base::Bytes encode_apps_by_developer(const eth::Address& developer, std::uint64_t offset,
                                     std::uint64_t limit);
base::Bytes encode_can_call(const eth::Address& account, const eth::Address& caller,
                            const eth::Address& target, const base::FixedBytes<4>& selector);

// Answers. A malformed one is Error{kNetwork, "eth.abi_data"}.
std::string decode_text(base::ByteView data);
eth::U256 decode_number(base::ByteView data);
eth::Address decode_address(base::ByteView data);
bool decode_boolean(base::ByteView data);

/// What the chain intends for an app; what its machine does is the UserAPI's to say.
enum class ChainStatus { kNone, kStarted, kStopped, kTerminated, kSuspended, kCreated };
/// "started", "stopped", …
std::string_view to_string(ChainStatus status);

struct AppRecord {
  eth::Address app;
  eth::Address creator;
  std::uint32_t latest_release_block = 0;
  std::optional<std::uint32_t> pending_release_block;  ///< of the four-field generation
  ChainStatus status = ChainStatus::kNone;
};
/// The answer of getAppsByDeveloper; the generations differ in the number of words a record.
std::vector<AppRecord> decode_apps(Generation generation, base::ByteView data);

// Public logs: anyone may call the log permission of the platform's API.
eth::Address anyone_appointee();       ///< 0x493219d9949348178af1f58740655951a8cd110c
eth::Address api_permission_target();  ///< 0x57ee1fb74c1087e26446abc4fb87fd8f07c43d8d
constexpr base::FixedBytes<4> kViewLogsPermission{0x2f, 0xd3, 0xf2, 0xfe};
constexpr base::FixedBytes<4> kViewInfoPermission{0x0e, 0x67, 0xb2, 0x2f};
constexpr base::FixedBytes<4> kUpdateProfilePermission{0x03, 0x6f, 0xef, 0x61};

// Events.
struct AppCreated {
  eth::Address creator;
  eth::Address app;
};
/// The AppCreated events of `controller` in a receipt.
std::vector<AppCreated> find_app_created(const chain::Receipt& receipt,
                                         const eth::Address& controller);

/// Topics of the events, for whoever emits or filters them.
base::Bytes32 topic_app_created();
base::Bytes32 topic_app_upgraded(Generation generation);
base::Bytes32 topic_app_started();
base::Bytes32 topic_app_stopped();
base::Bytes32 topic_app_terminated();

/// The topic that an indexed address makes.
base::Bytes32 topic_of_address(const eth::Address& address);
/// The release in the last AppUpgraded event of `app` among the logs, of either generation; nothing
/// when there is none. A malformed one is Error{kNetwork, "eth.abi_data"}.
std::optional<Release> find_app_upgraded(const std::vector<chain::LogEntry>& logs,
                                         const eth::Address& controller, const eth::Address& app);

/// An AppUpgraded event.
struct AppUpgraded {
  std::uint64_t release_id = 0;  ///< counted from 0 for each app (ReleaseManager)
  std::uint64_t block = 0;
  Release release;
};
/// All of `app` that `controller` emitted, of either generation, in the order of the logs. Errors
/// as of find_app_upgraded().
std::vector<AppUpgraded> find_all_app_upgraded(const std::vector<chain::LogEntry>& logs,
                                               const eth::Address& controller,
                                               const eth::Address& app);

/// A call in words for a plan: {"createApp", {{"salt","0x…"},{"image","docker.io/…@sha256:…"},…}}.
struct DecodedCall {
  std::string contract;  ///< "AppController", "PermissionController", or the address
  std::string function;  ///< "createApp", or the selector when unknown
  std::vector<std::pair<std::string, std::string>> arguments;  ///< names and values, shortened
};
struct Environment;
DecodedCall describe_call(const Call& call, const Environment& environment);

/// An error of the contracts (AppController, PermissionController, ReleaseManager,
/// delegator) or of Solidity.
struct RevertReason {
  std::string name;     ///< "InvalidAppStatus", or the selector when unknown
  std::string meaning;  ///< in words for the user
  std::string hint;     ///< the next thing to type; may be empty
};
/// Nothing for empty data.
std::optional<RevertReason> explain_revert(base::ByteView data);

/// An error that the contracts of the platform are known to revert with.
struct KnownRevert {
  std::string_view signature;      ///< "MaxActiveAppsExceeded()"
  base::FixedBytes<4> selector{};  ///< what the revert data begins with
  RevertReason reason;
};
std::vector<KnownRevert> known_reverts();

}  // namespace ecloud::platform
