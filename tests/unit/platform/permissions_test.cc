#include "ecloud/platform/permissions.h"

#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using testing::unhex;

const Environment& sepolia() {
  return builtin_environments().at(0);
}

// Selectors and topics below were computed with viem (toFunctionSelector, toEventSelector).
constexpr std::string_view kAppWord =
    "0000000000000000000000001111222233334444555566667777888899990000";
constexpr std::string_view kOtherWord =
    "000000000000000000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

std::string two(std::string_view selector) {
  return std::string(selector) + std::string(kAppWord) + std::string(kOtherWord);
}

TEST_CASE("calls about admins are encoded as the interface says", "[platform]") {
  const eth::Address app = testing::sample_app();
  const eth::Address other = testing::other_app();
  CHECK(base::to_hex_prefixed(encode_add_pending_admin(app, other)) == two("0xeb5a4e87"));
  CHECK(base::to_hex_prefixed(encode_remove_pending_admin(app, other)) == two("0x4f906cf9"));
  CHECK(base::to_hex_prefixed(encode_remove_admin(app, other)) == two("0x268959e5"));
  CHECK(base::to_hex_prefixed(encode_appointee_permissions(app, other)) == two("0x882a3b38"));
  CHECK(base::to_hex_prefixed(encode_admins(app)) == "0xad5f2210" + std::string(kAppWord));
  CHECK(base::to_hex_prefixed(encode_pending_admins(app)) == "0x6bddfa1f" + std::string(kAppWord));
  CHECK(base::to_hex_prefixed(encode_appointees(app, {other, kViewLogsPermission})) ==
        two("0xfddbdefd") + "2fd3f2fe" + std::string(56, '0'));
}

TEST_CASE("upgrade means the selector of the live controller", "[platform]") {
  const auto selector = [](std::string_view name, Generation live) {
    const auto found = find_permission(sepolia(), name, live);
    return found ? base::to_hex_prefixed(found->permission.selector) : "none";
  };
  CHECK(selector("upgrade", Generation::kThreeFields) == "0xd80a956b");
  CHECK(selector("upgrade", Generation::kFourFields) == "0xe71ad404");
  for (const Generation live : {Generation::kThreeFields, Generation::kFourFields}) {
    CHECK(selector("start", live) == "0x4dd8ef81");
    CHECK(selector("stop", live) == "0xe70b81b1");
    CHECK(selector("terminate", live) == "0x90e2196b");
    CHECK(selector("logs", live) == "0x2fd3f2fe");
    CHECK(selector("info", live) == "0x0e67b22f");
    CHECK(selector("profile", live) == "0x036fef61");
    CHECK(selector("everything", live) == "none");
  }
}

TEST_CASE("a permission of the other generation is told apart", "[platform]") {
  const Permission old{sepolia().app_controller, {0xd8, 0x0a, 0x95, 0x6b}};
  CHECK(describe_permission(sepolia(), old, Generation::kThreeFields) == "upgrade");
  CHECK(describe_permission(sepolia(), old, Generation::kFourFields) ==
        "upgrade (of controllers before 1.5.0)");
  const Permission strange{testing::other_app(), {1, 2, 3, 4}};
  CHECK(describe_permission(sepolia(), strange, Generation::kFourFields) ==
        "0x01020304 of 0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa");
}

TEST_CASE("answers about permissions are read and bad ones refused", "[platform]") {
  const eth::AbiValue::List one{eth::AbiValue(testing::other_app())};
  const eth::AbiValue::List none;
  const base::Bytes addresses = eth::abi_encode("(address[])", {eth::AbiValue(one)});
  CHECK(decode_addresses(addresses) == std::vector<eth::Address>{testing::other_app()});
  const base::Bytes uneven =
      eth::abi_encode("(address[],bytes4[])", {eth::AbiValue(one), eth::AbiValue(none)});
  CHECK_THROWS_AS(decode_permissions(uneven), Error);
  CHECK_THROWS_AS(decode_addresses({}), Error);
}

TEST_CASE("only the event of the very same change counts", "[platform]") {
  const eth::Address app = testing::sample_app();
  const eth::Address other = testing::other_app();
  const eth::Address& contract = sepolia().permission_controller;
  const Permission stop{sepolia().app_controller, {0xe7, 0x0b, 0x81, 0xb1}};
  const auto call =
      decode_permission_call(encode_set_appointee(app, other, stop.target, stop.selector));
  REQUIRE(call);
  CHECK(call->app == app);
  CHECK(call->account == other);
  CHECK(call->permission == stop);
  // AppointeeSet(address,address,address,bytes4)
  const base::Bytes32 topic = *base::fixed_from_hex<32>(
      "0x037f03a2ad6b967df4a01779b6d2b4c85950df83925d9e31362b519422fc0169");
  const chain::LogEntry event = {
      contract,
      {topic, topic_of_address(app), topic_of_address(other)},
      unhex("0x0000000000000000000000000dd810a6ffba6a9820a10d97b659f07d8d23d4e2"
            "e70b81b100000000000000000000000000000000000000000000000000000000")};
  CHECK(has_permission_event(*call, other, contract, {event}));
  chain::LogEntry forged = event;
  forged.address = other;
  CHECK_FALSE(has_permission_event(*call, other, contract, {forged}));
  forged = event;
  forged.topics[2] = topic_of_address(app);
  CHECK_FALSE(has_permission_event(*call, other, contract, {forged}));
  forged = event;
  forged.data[32] ^= 1;
  CHECK_FALSE(has_permission_event(*call, other, contract, {forged}));
  CHECK_FALSE(has_permission_event(*call, other, contract, {}));
}

TEST_CASE("accepting is told by the sender", "[platform]") {
  const eth::Address app = testing::sample_app();
  const auto call = decode_permission_call(encode_accept_admin(app));
  REQUIRE(call);
  // AdminSet(address,address)
  const chain::LogEntry event = {
      sepolia().permission_controller,
      {*base::fixed_from_hex<32>(
           "0xbf265e8326285a2747e33e54d5945f7111f2b5edb826eb8c08d4677779b3ff97"),
       topic_of_address(app)},
      unhex("0x" + std::string(kOtherWord))};
  CHECK(has_permission_event(*call, testing::other_app(), event.address, {event}));
  CHECK_FALSE(has_permission_event(*call, app, event.address, {event}));
  CHECK_FALSE(decode_permission_call(encode_stop_app(app)));
}

}  // namespace
}  // namespace ecloud::platform
