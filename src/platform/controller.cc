#include "ecloud/platform/controller.h"

#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/platform/app_listing.h"
#include "platform/controller_codec.h"

namespace ecloud::platform {
namespace {

using eth::AbiValue;
using List = eth::AbiValue::List;

constexpr std::string_view kThreeFieldRelease = "(((bytes32,string)[],uint32),bytes,bytes)";
constexpr std::string_view kFourFieldRelease =
    "(((bytes32,string)[],uint32),bytes,bytes,"
    "(string[],string[],(string,string)[],(string,string)[],string))";
constexpr std::string_view kCallList = "((address,uint256,bytes)[])";

/// ERC-7579 mode: call type 0x01 (batch), execution type 0x00 (revert all on a failure).
base::Bytes32 batch_mode() {
  base::Bytes32 mode{};
  mode[0] = 0x01;
  return mode;
}

eth::Address constant(std::string_view text) {
  const auto address = eth::Address::parse(text);
  if (!address) fail_bug("an address constant is malformed");
  return *address;
}

base::Bytes32 event_topic(std::string_view signature) {
  return crypto::keccak256(base::as_bytes(signature));
}

AbiValue selector_value(const base::FixedBytes<4>& selector) {
  return base::Bytes(selector.begin(), selector.end());
}

base::Bytes encode_one_address(std::string_view call, const eth::Address& address) {
  return eth::abi_encode_call(call, {address});
}

AbiValue texts_value(const std::vector<std::string>& texts) {
  List out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

AbiValue pairs_value(const ContainerPolicy::Pairs& pairs) {
  List out;
  for (const auto& [key, value] : pairs) out.emplace_back(List{key, value});
  return out;
}

std::vector<std::string> texts_from_value(const AbiValue& value) {
  std::vector<std::string> out;
  for (const AbiValue& one : value.list()) out.push_back(one.text());
  return out;
}

ContainerPolicy::Pairs pairs_from_value(const AbiValue& value) {
  ContainerPolicy::Pairs out;
  for (const AbiValue& one : value.list()) out.emplace_back(one[0].text(), one[1].text());
  return out;
}

ContainerPolicy policy_from_value(const AbiValue& value) {
  return {.args = texts_from_value(value[0]),
          .cmd_override = texts_from_value(value[1]),
          .env = pairs_from_value(value[2]),
          .env_override = pairs_from_value(value[3]),
          .restart_policy = value[4].text()};
}

ChainStatus chain_status(const eth::U256& number) {
  if (number > eth::U256(5)) {
    throw Error(Category::kNetwork, "platform.status",
                "the AppController gave an unknown app status: " + number.to_decimal());
  }
  return static_cast<ChainStatus>(number.to_u64());
}

}  // namespace

std::string create_app_call(Generation generation) {
  return "createApp(bytes32," + std::string(release_type(generation)) + ")";
}

std::string create_isolated_app_call(Generation generation) {
  return "createAppWithIsolatedBilling(bytes32," + std::string(release_type(generation)) + ")";
}

std::string upgrade_app_call(Generation generation) {
  return "upgradeApp(address," + std::string(release_type(generation)) + ")";
}

std::string_view parameters_of(std::string_view call) {
  return call.substr(call.find('('));
}

bool calls(base::ByteView data, std::string_view call) {
  const auto selector = eth::abi_selector(call);
  return data.size() >= 4 && std::equal(selector.begin(), selector.end(), data.begin());
}

Generation generation_of(std::string_view version) {
  const auto parts = base::split(version, '.');
  const auto major = base::parse_decimal(parts[0]);
  const auto minor = parts.size() > 1 ? base::parse_decimal(parts[1]) : std::nullopt;
  if (!major || !minor) {
    throw Error(Category::kNetwork, "platform.version",
                "the AppController returned \"" + base::printable_line(version, 40) +
                    "\" as its version, not something like 1.5.0",
                "check that the environment names the right contract");
  }
  const bool grown = *major > 1 || (*major == 1 && *minor >= 5);
  return grown ? Generation::kFourFields : Generation::kThreeFields;
}

std::string_view release_type(Generation generation) {
  return generation == Generation::kFourFields ? kFourFieldRelease : kThreeFieldRelease;
}

AbiValue release_value(const Release& release, Generation generation) {
  List artifacts;
  for (const Artifact& artifact : release.artifacts) {
    artifacts.emplace_back(List{artifact.digest, artifact.registry});
  }
  List fields{List{std::move(artifacts), eth::U256(release.upgrade_by_time)}, release.public_env,
              release.encrypted_env};
  if (generation == Generation::kFourFields) {
    const ContainerPolicy& policy = release.policy;
    fields.emplace_back(eth::abi_list(texts_value(policy.args), texts_value(policy.cmd_override),
                                      pairs_value(policy.env), pairs_value(policy.env_override),
                                      policy.restart_policy));
  }
  return fields;
}

Release release_from_value(const AbiValue& value) {
  Release release;
  for (const AbiValue& item : value[0][0].list()) {
    Artifact artifact;
    const base::Bytes& digest = item[0].bytes();
    std::copy_n(digest.begin(), artifact.digest.size(), artifact.digest.begin());
    artifact.registry = item[1].text();
    release.artifacts.push_back(std::move(artifact));
  }
  release.upgrade_by_time = static_cast<std::uint32_t>(value[0][1].number().to_u64());
  release.public_env = value[1].bytes();
  release.encrypted_env = value[2].bytes();
  if (value.list().size() > 3) release.policy = policy_from_value(value[3]);
  return release;
}

base::Bytes encode_create_app(Generation generation, const base::Bytes32& salt,
                              const Release& release) {
  return eth::abi_encode_call(create_app_call(generation),
                              {salt, release_value(release, generation)});
}

base::Bytes encode_upgrade_app(Generation generation, const eth::Address& app,
                               const Release& release) {
  return eth::abi_encode_call(upgrade_app_call(generation),
                              {app, release_value(release, generation)});
}

base::Bytes encode_start_app(const eth::Address& app) {
  return encode_one_address(kStartAppCall, app);
}
base::Bytes encode_stop_app(const eth::Address& app) {
  return encode_one_address(kStopAppCall, app);
}
base::Bytes encode_terminate_app(const eth::Address& app) {
  return encode_one_address(kTerminateAppCall, app);
}
base::Bytes encode_accept_admin(const eth::Address& app) {
  return encode_one_address(kAcceptAdminCall, app);
}

base::Bytes encode_set_appointee(const eth::Address& account, const eth::Address& appointee,
                                 const eth::Address& target, const base::FixedBytes<4>& selector) {
  return eth::abi_encode_call(kSetAppointeeCall,
                              {account, appointee, target, selector_value(selector)});
}

base::Bytes encode_remove_appointee(const eth::Address& account, const eth::Address& appointee,
                                    const eth::Address& target,
                                    const base::FixedBytes<4>& selector) {
  return eth::abi_encode_call(kRemoveAppointeeCall,
                              {account, appointee, target, selector_value(selector)});
}

base::Bytes encode_execute(const std::vector<Call>& calls) {
  List list;
  for (const Call& call : calls) list.emplace_back(List{call.target, call.value, call.data});
  const base::Bytes packed = eth::abi_encode(kCallList, {AbiValue(std::move(list))});
  return eth::abi_encode_call(kExecuteCall, {batch_mode(), packed});
}

std::optional<std::vector<Call>> decode_execute(base::ByteView data) {
  if (!calls(data, kExecuteCall)) return std::nullopt;
  const List outer = eth::abi_decode(parameters_of(kExecuteCall), data.subspan(4));
  const base::Bytes32 mode = batch_mode();
  const base::Bytes& given = outer[0].bytes();
  if (!std::equal(mode.begin(), mode.end(), given.begin(), given.end())) return std::nullopt;
  std::vector<Call> out;
  const List inner = eth::abi_decode(kCallList, outer[1].bytes());
  for (const AbiValue& call : inner[0].list()) {
    out.push_back({call[0].address(), call[1].number(), call[2].bytes()});
  }
  return out;
}

base::Bytes encode_version() {
  return eth::abi_encode_call(kVersionCall, {});
}

base::Bytes encode_calculate_app_id(const eth::Address& deployer, const base::Bytes32& salt) {
  return eth::abi_encode_call(kCalculateAppIdCall, {deployer, salt});
}
base::Bytes encode_max_active_apps(const eth::Address& account) {
  return encode_one_address(kMaxActiveAppsCall, account);
}
base::Bytes encode_active_app_count(const eth::Address& account) {
  return encode_one_address(kActiveAppCountCall, account);
}
base::Bytes encode_app_status(const eth::Address& app) {
  return encode_one_address(kAppStatusCall, app);
}
base::Bytes encode_app_creator(const eth::Address& app) {
  return encode_one_address(kAppCreatorCall, app);
}
base::Bytes encode_latest_release_block(const eth::Address& app) {
  return encode_one_address(kLatestReleaseBlockCall, app);
}
base::Bytes encode_pending_release_block(const eth::Address& app) {
  return encode_one_address(kPendingReleaseBlockCall, app);
}

base::Bytes encode_apps_by_developer(const eth::Address& developer, std::uint64_t offset,
                                     std::uint64_t limit) {
  return eth::abi_encode_call(kAppsByDeveloperCall,
                              {developer, eth::U256(offset), eth::U256(limit)});
}

base::Bytes encode_can_call(const eth::Address& account, const eth::Address& caller,
                            const eth::Address& target, const base::FixedBytes<4>& selector) {
  return eth::abi_encode_call(kCanCallCall, {account, caller, target, selector_value(selector)});
}

std::string decode_text(base::ByteView data) {
  return eth::abi_decode("(string)", data)[0].text();
}

eth::U256 decode_number(base::ByteView data) {
  return eth::abi_decode("(uint256)", data)[0].number();
}

eth::Address decode_address(base::ByteView data) {
  return eth::abi_decode("(address)", data)[0].address();
}

bool decode_boolean(base::ByteView data) {
  return eth::abi_decode("(bool)", data)[0].boolean();
}

std::string_view to_string(ChainStatus status) {
  static constexpr std::string_view kWords[] = {"none",       "started",   "stopped",
                                                "terminated", "suspended", "created"};
  return kWords[static_cast<std::size_t>(status)];
}

std::vector<AppRecord> decode_apps(Generation generation, base::ByteView data) {
  return decode_app_records(
      generation == Generation::kFourFields ? RecordLayout::kPending : RecordLayout::kFourWords,
      data);
}

base::Bytes encode_apps(std::uint64_t offset, std::uint64_t limit) {
  return eth::abi_encode_call(kAppsCall, {eth::U256(offset), eth::U256(limit)});
}

std::vector<AppRecord> decode_app_records(RecordLayout layout, base::ByteView data) {
  const bool pending = layout == RecordLayout::kPending;
  const List answer = eth::abi_decode(pending ? "(address[],(address,uint32,uint32,uint32,uint8)[])"
                                      : layout == RecordLayout::kTimelocked
                                          ? "(address[],(address,uint32,uint32,uint8,bool)[])"
                                          : "(address[],(address,uint32,uint32,uint8)[])",
                                      data);
  const List& apps = answer[0].list();
  const List& configs = answer[1].list();
  if (apps.size() != configs.size()) {
    throw Error(Category::kNetwork, "eth.abi_data",
                "the AppController listed " + std::to_string(apps.size()) + " apps with " +
                    std::to_string(configs.size()) + " records");
  }
  std::vector<AppRecord> out;
  for (std::size_t i = 0; i < apps.size(); ++i) {
    AppRecord record;
    record.app = apps[i].address();
    record.creator = configs[i][0].address();
    record.latest_release_block = static_cast<std::uint32_t>(configs[i][2].number().to_u64());
    if (pending) {
      record.pending_release_block = static_cast<std::uint32_t>(configs[i][3].number().to_u64());
    }
    record.status = chain_status(configs[i][pending ? 4 : 3].number());
    out.push_back(record);
  }
  return out;
}

eth::Address anyone_appointee() {
  return constant("0x493219d9949348178af1f58740655951a8cd110c");
}
eth::Address api_permission_target() {
  return constant("0x57ee1fb74c1087e26446abc4fb87fd8f07c43d8d");
}

base::Bytes32 topic_app_created() {
  return event_topic("AppCreated(address,address,uint32)");
}

base::Bytes32 topic_app_upgraded(Generation generation) {
  return event_topic("AppUpgraded(address,uint256," + std::string(release_type(generation)) + ")");
}

base::Bytes32 topic_app_started() {
  return event_topic("AppStarted(address)");
}
base::Bytes32 topic_app_stopped() {
  return event_topic("AppStopped(address)");
}
base::Bytes32 topic_app_terminated() {
  return event_topic("AppTerminated(address)");
}

std::vector<AppCreated> find_app_created(const chain::Receipt& receipt,
                                         const eth::Address& controller) {
  const auto address_of = [](const base::Bytes32& word) {
    base::FixedBytes<20> bytes;
    std::copy_n(word.begin() + 12, 20, bytes.begin());
    return eth::Address(bytes);
  };
  std::vector<AppCreated> out;
  for (const chain::LogEntry& log : receipt.logs) {
    const bool created =
        log.address == controller && log.topics.size() == 3 && log.topics[0] == topic_app_created();
    if (created) out.push_back({address_of(log.topics[1]), address_of(log.topics[2])});
  }
  return out;
}

base::Bytes32 topic_of_address(const eth::Address& address) {
  base::Bytes32 out{};
  std::copy(address.bytes().begin(), address.bytes().end(), out.begin() + 12);
  return out;
}

std::vector<AppUpgraded> find_all_app_upgraded(const std::vector<chain::LogEntry>& logs,
                                               const eth::Address& controller,
                                               const eth::Address& app) {
  std::vector<AppUpgraded> out;
  for (const chain::LogEntry& log : logs) {
    const bool ours = log.address == controller && log.topics.size() == 2 &&
                      log.topics[1] == topic_of_address(app);
    for (const Generation generation : {Generation::kThreeFields, Generation::kFourFields}) {
      if (!ours || log.topics[0] != topic_app_upgraded(generation)) continue;
      const std::string type = "(uint256," + std::string(release_type(generation)) + ")";
      const List values = eth::abi_decode(type, log.data);
      out.push_back({values[0].number().to_u64(), log.block_number, release_from_value(values[1])});
    }
  }
  return out;
}

std::optional<Release> find_app_upgraded(const std::vector<chain::LogEntry>& logs,
                                         const eth::Address& controller, const eth::Address& app) {
  std::vector<AppUpgraded> all = find_all_app_upgraded(logs, controller, app);
  if (all.empty()) return std::nullopt;
  return std::move(all.back().release);
}

}  // namespace ecloud::platform
