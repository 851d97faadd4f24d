#include "devnet/controller_contract.h"

#include <memory>

#include "devnet/contracts.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

namespace ecloud::devnet {
namespace {

using platform::Generation;

// The type strings of the two generations, written again here.
const std::string kThree = "(((bytes32,string)[],uint32),bytes,bytes)";
const std::string kFour =
    "(((bytes32,string)[],uint32),bytes,bytes,"
    "(string[],string[],(string,string)[],(string,string)[],string))";

const eth::Address kOwner = address_of("0x00000000000000000000000000000000000000aa");
const eth::Address kStranger = address_of("0x00000000000000000000000000000000000000bb");

/// Runs calls against a state of its own at block 5, time 1000, where the owner and the stranger
/// hold ETH.
class Bench {
 public:
  explicit Bench(Generation generation = Generation::kFourFields)
      : Bench(controller_kind_of(generation)) {}
  explicit Bench(ControllerKind kind) : contracts(kind) {
    state.controller.default_quota = 10;
    state.controller.bought_quota = 10;
    for (const eth::Address& account : {kOwner, kStranger}) {
      state.accounts[account].balance = eth::U256(1);
    }
  }

  /// The revert data in hex, or "ok".
  std::string run(const eth::Address& caller, const eth::Address& target, const base::Bytes& data) {
    const WorldState before = state;
    Execution execution{state, {block, time}, {}, 0, 0};
    try {
      output = contracts.call(execution, {caller, target, {}, data});
      logs = execution.logs;
      return "ok";
    } catch (const Revert& revert) {
      state = before;
      return base::to_hex_prefixed(revert.data);
    }
  }
  std::string controller(const eth::Address& caller, const base::Bytes& data) {
    return run(caller, app_controller_address(), data);
  }
  std::string permissions(const eth::Address& caller, const base::Bytes& data) {
    return run(caller, permission_controller_address(), data);
  }

  bool four() const { return contracts.controller().four_fields(); }
  eth::AbiValue release(std::uint64_t upgrade_by = 2000, std::size_t artifacts = 1) const {
    eth::AbiValue::List images;
    for (std::size_t i = 0; i < artifacts; ++i) {
      images.push_back(eth::AbiValue::List{base::Bytes32{}, "docker.io/library/nginx"});
    }
    eth::AbiValue::List out{eth::AbiValue::List{images, upgrade_by}, "{}", "jwe"};
    using List = eth::AbiValue::List;
    if (four()) out.push_back(List{List{}, List{}, List{}, List{}, ""});
    return out;
  }
  base::Bytes create(std::uint8_t salt, const eth::AbiValue& with) const {
    base::Bytes32 word{};
    word.fill(salt);
    return eth::abi_encode_call("createApp(bytes32," + (four() ? kFour : kThree) + ")",
                                {word, with});
  }
  base::Bytes create(std::uint8_t salt = 1) const { return create(salt, release()); }
  base::Bytes upgrade(const eth::Address& app, const eth::AbiValue& with) const {
    return eth::abi_encode_call("upgradeApp(address," + (four() ? kFour : kThree) + ")",
                                {app, with});
  }
  static base::Bytes on_app(std::string_view function, const eth::Address& app) {
    return eth::abi_encode_call(std::string(function) + "(address)", {app});
  }
  eth::Address make_app(const eth::Address& creator, std::uint8_t salt = 1) {
    REQUIRE(controller(creator, create(salt)) == "ok");
    return eth::abi_decode("(address)", output)[0].address();
  }
  /// One whose creator has become its admin.
  eth::Address make_owned_app(const eth::Address& creator, std::uint8_t salt = 1) {
    const eth::Address app = make_app(creator, salt);
    REQUIRE(permissions(creator, on_app("acceptAdmin", app)) == "ok");
    return app;
  }

  Contracts contracts;
  WorldState state;
  base::Bytes output;
  std::vector<LogRecord> logs;
  std::uint64_t block = 5;
  std::uint64_t time = 1000;
};

TEST_CASE("createApp starts the app and announces it", "[devnet]") {
  // Topics as published, checked with viem's toEventSelector.
  const bool four = GENERATE(true, false);
  Bench bench(four ? Generation::kFourFields : Generation::kThreeFields);
  const eth::Address app = bench.make_app(kOwner);
  CHECK(bench.state.controller.apps.at(app).status == AppStatus::kStarted);
  REQUIRE(bench.logs.size() == 3);
  CHECK(base::to_hex(bench.logs[2].topics[0]) ==
        "8426864999f5f9244a203f75107b05f8b474838bc43ff0d8abe18ee5f4427513");
  CHECK(bench.logs[2].topics[1] == app.to_word());
  CHECK(base::to_hex(bench.logs[0].topics[0]) ==
        "e9e6e5409b80e2dab7d38194fb370b2e8045a1af28177b94ddcf19d2495d7589");
  CHECK(bench.logs[0].topics[1] == kOwner.to_word());
  CHECK(bench.logs[0].topics[2] == app.to_word());
  CHECK(base::to_hex(bench.logs[1].topics[0]) ==
        (four ? "5e69c7a791a6bb49176e938952d5ebf7b706e399ca57a98ea0de48d5ed248408"
              : "b5d2b7df0352a87a587a430bfceab43859b3b3c404f0425c4c1ab0675ed57b94"));
  CHECK(bench.logs[1].topics[1] == app.to_word());
  const auto announced =
      eth::abi_decode("(uint256," + (four ? kFour : kThree) + ")", bench.logs[1].data);
  CHECK(announced[0].number() == eth::U256(0));
  CHECK(announced[1][0][0][0][1].text() == "docker.io/library/nginx");
  CHECK(bench.controller(kOwner, Bench::on_app("getAppLatestReleaseBlockNumber", app)) == "ok");
  CHECK(eth::abi_decode("(uint256)", bench.output)[0].number() == eth::U256(5));
}

const std::string kCreate2Failed =
    "0x08c379a0"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "0000000000000000000000000000000000000000000000000000000000000019"
    "437265617465323a204661696c6564206f6e206465706c6f7900000000000000";

TEST_CASE("createApp refuses what the contract refuses", "[devnet]") {
  // Selectors of the errors, as published.
  Bench bench;
  SECTION("an owner and salt that were used") {
    bench.make_app(kOwner);
    // Error(string) "Create2: Failed on deploy", as recorded on the real contracts.
    CHECK(bench.controller(kOwner, bench.create()) == kCreate2Failed);
    CHECK(bench.controller(kStranger, bench.create()) == "ok");
  }
  SECTION("more than one artifact, or none") {
    CHECK(bench.controller(kOwner, bench.create(1, bench.release(2000, 2))) == "0x98c82cef");
    CHECK(bench.controller(kOwner, bench.create(1, bench.release(2000, 0))) == "0x98c82cef");
  }
  SECTION("an upgradeByTime in the past") {
    CHECK(bench.controller(kOwner, bench.create(1, bench.release(999))) == "0x325ec75f");
    CHECK(bench.controller(kOwner, bench.create(1, bench.release(1000))) == "ok");
  }
  SECTION("more apps than the quota, or any without a subscription") {
    bench.state.controller.default_quota = 0;
    CHECK(bench.controller(kOwner, bench.create()) == "0x82d7ade6");
    bench.state.controller.quotas[kOwner] = 1;
    bench.make_app(kOwner);
    CHECK(bench.controller(kOwner, bench.create(2)) == "0x82d7ade6");
  }
  SECTION("more apps than the platform takes") {
    bench.state.controller.global_quota = 1;
    bench.make_app(kStranger);
    CHECK(bench.controller(kOwner, bench.create()) == "0x42ca568f");
  }
  SECTION("a release that is cut off") {
    base::Bytes data = bench.create();
    data.resize(data.size() / 2);
    CHECK(bench.controller(kOwner, data) == "0x");
  }
}

TEST_CASE("the calls of the other generation revert without data", "[devnet]") {
  Bench four(Generation::kFourFields), three(Generation::kThreeFields);
  CHECK(four.controller(kOwner, three.create()) == "0x");
  CHECK(three.controller(kOwner, four.create()) == "0x");
  const eth::Address old_app = three.make_app(kOwner), new_app = four.make_app(kOwner);
  CHECK(four.controller(kOwner, three.upgrade(new_app, three.release())) == "0x");
  CHECK(three.controller(kOwner, four.upgrade(old_app, four.release())) == "0x");
  CHECK(three.controller(kOwner, Bench::on_app("getAppPendingReleaseBlockNumber", old_app)) ==
        "0x");
  CHECK(four.controller(kOwner, Bench::on_app("getAppPendingReleaseBlockNumber", new_app)) == "ok");
  CHECK(three.controller(kOwner, {0x12, 0x34, 0x56, 0x78}) == "0x");
  CHECK(three.controller(kOwner, {0x12}) == "0x");
}

/// An app of the owner in that status, its quota of one used up by it where it counts.
eth::Address app_in(Bench& bench, AppStatus status) {
  const eth::Address app = bench.make_owned_app(kOwner);
  if (status == AppStatus::kSuspended) {
    const base::Bytes data =
        eth::abi_encode_call("suspend(address,address[])", {kOwner, eth::AbiValue::List{app}});
    REQUIRE(bench.controller(platform_account(), data) == "ok");
    bench.state.controller.quotas.erase(kOwner);
  } else if (status != AppStatus::kStarted) {
    bench.state.controller.apps.at(app).status = status;
  }
  return app;
}

struct Allowed {
  AppStatus status;
  std::string_view start, stop, upgrade, terminate;  ///< in 1.1 and 1.4, then in 1.5: y or n
};

// The table of the contracts' released sources: 1.1.1 and 1.4.0 in the first column, 1.5.0 in the
// second.
const Allowed kAllowed[] = {
    {AppStatus::kStarted, "yy", "yy", "yy", "yy"},
    {AppStatus::kStopped, "yy", "nn", "yy", "yy"},
    {AppStatus::kTerminated, "nn", "nn", "nn", "nn"},
    {AppStatus::kSuspended, "yy", "nn", "ny", "ny"},
    {AppStatus::kCreated, "yy", "nn", "ny", "ny"},
};

TEST_CASE("an app goes only where its status allows", "[devnet]") {
  const ControllerKind kind =
      GENERATE(ControllerKind::kV1_1, ControllerKind::kV1_4, ControllerKind::kV1_5);
  const std::size_t column = kind == ControllerKind::kV1_5 ? 1 : 0;
  for (const Allowed& row : kAllowed) {
    const auto expect = [&](std::string_view function, std::string_view allowed) {
      Bench bench(kind);
      const eth::Address app = app_in(bench, row.status);
      INFO(to_string(kind) << " " << function << " in status " << static_cast<int>(row.status));
      const base::Bytes data = function == "upgradeApp" ? bench.upgrade(app, bench.release())
                                                        : Bench::on_app(function, app);
      CHECK(bench.controller(kOwner, data) == (allowed[column] == 'y' ? "ok" : "0x609749e2"));
    };
    expect("startApp", row.start);
    expect("stopApp", row.stop);
    expect("upgradeApp", row.upgrade);
    expect("terminateApp", row.terminate);
  }
}

TEST_CASE("what an app becomes is announced", "[devnet]") {
  Bench bench;
  const eth::Address app = bench.make_owned_app(kOwner);
  const auto topic_of = [&](std::string_view function) {
    REQUIRE(bench.controller(kOwner, Bench::on_app(function, app)) == "ok");
    return base::to_hex(bench.logs[0].topics[0]);
  };
  CHECK(topic_of("stopApp") == "143b9e3b5aa0fb8cf19b1bdb2eb8d7a94657d4b505070c667433d322b90b1f78");
  CHECK(topic_of("startApp") == "8426864999f5f9244a203f75107b05f8b474838bc43ff0d8abe18ee5f4427513");
  CHECK(topic_of("terminateApp") ==
        "2465e924a1e9a02843493e65702fd09152c8a631caf7b9b58e4b01ee20ced416");
  const eth::Address other = bench.make_owned_app(kOwner, 2);
  REQUIRE(bench.controller(platform_account(), Bench::on_app("terminateAppByAdmin", other)) ==
          "ok");
  CHECK(base::to_hex(bench.logs[1].topics[0]) ==
        "4636ad9a0a072d9c8b05a5bcda7d33256c5401515e612c25c13273b378cb2809");
}

TEST_CASE("an app that does not exist is one that nobody has rights on", "[devnet]") {
  Bench bench;
  for (const char* function : {"startApp", "stopApp", "terminateApp"}) {
    CHECK(bench.controller(kOwner, Bench::on_app(function, kStranger)) == "0x932d94f7");
  }
}

TEST_CASE("only terminating and suspending an app frees its place", "[devnet]") {
  Bench bench;
  bench.state.controller.quotas[kOwner] = 1;
  const eth::Address first = bench.make_owned_app(kOwner, 1);
  REQUIRE(bench.controller(kOwner, Bench::on_app("stopApp", first)) == "ok");
  CHECK(active_app_count(bench.state.controller, kOwner) == 1);
  CHECK(bench.controller(kOwner, bench.create(2)) == "0x82d7ade6");
  // A stopped app has kept its place.
  CHECK(bench.controller(kOwner, Bench::on_app("startApp", first)) == "ok");
  SECTION("terminating") {
    REQUIRE(bench.controller(kOwner, Bench::on_app("terminateApp", first)) == "ok");
    CHECK(active_app_count(bench.state.controller, kOwner) == 0);
    CHECK(bench.controller(kOwner, bench.create(2)) == "ok");
  }
  SECTION("suspending, after which it needs a place to start again") {
    REQUIRE(bench.controller(kOwner, eth::abi_encode_call("suspend(address,address[])",
                                                          {kOwner, eth::AbiValue::List{first}})) ==
            "ok");
    CHECK(bench.state.controller.apps.at(first).status == AppStatus::kSuspended);
    CHECK(base::to_hex(bench.logs[0].topics[0]) ==
          "bb85757a09bd73484c9fb6857c3e9f8dbf92c3e22ce1655213c9481dacf81c62");
    CHECK(base::to_hex(bench.logs[1].topics[0]) ==
          "708c955faa87ece750a9700c153a20797167e2fcbde9fca9186801f874663a99");
    CHECK(active_app_count(bench.state.controller, kOwner) == 0);
    CHECK(bench.controller(kOwner, Bench::on_app("startApp", first)) == "0x82d7ade6");
    bench.state.controller.quotas[kOwner] = 1;
    CHECK(bench.controller(kOwner, Bench::on_app("startApp", first)) == "ok");
    CHECK(bench.controller(kOwner, bench.create(2)) == "0x82d7ade6");
  }
}

TEST_CASE("an account is suspended with all its active apps, by itself or by the platform",
          "[devnet]") {
  Bench bench;
  const eth::Address first = bench.make_owned_app(kOwner, 1);
  const eth::Address second = bench.make_owned_app(kOwner, 2);
  const auto suspend = [&](const eth::Address& caller, const eth::AbiValue::List& apps) {
    return bench.controller(caller,
                            eth::abi_encode_call("suspend(address,address[])", {kOwner, apps}));
  };
  CHECK(suspend(kStranger, {first, second}) == "0x932d94f7");
  CHECK(suspend(platform_account(), {first}) == "0x0b9a8c79");
  CHECK(suspend(platform_account(), {first, second, kStranger}) == "0x609749e2");
  CHECK(suspend(platform_account(), {first, second}) == "ok");
  CHECK(suspend(kOwner, {first, second}) == "ok");
  CHECK(max_active_apps(bench.state, kOwner, bench.time) == 0);
}

TEST_CASE("an empty app runs after an upgrade, a start and the platform's word", "[devnet]") {
  Bench bench;
  bench.state.controller.quotas[kOwner] = 1;
  base::Bytes32 salt{};
  const base::Bytes create = eth::abi_encode_call("createEmptyApp(bytes32)", {salt});
  REQUIRE(bench.controller(kOwner, create) == "ok");
  const eth::Address app = eth::abi_decode("(address)", bench.output)[0].address();
  CHECK(bench.state.controller.apps.at(app).status == AppStatus::kCreated);
  CHECK(active_app_count(bench.state.controller, kOwner) == 1);
  REQUIRE(bench.permissions(kOwner, Bench::on_app("acceptAdmin", app)) == "ok");
  const base::Bytes confirm = Bench::on_app("confirmUpgrade", app);
  CHECK(bench.controller(kOwner, confirm) == "0x932d94f7");
  REQUIRE(bench.controller(kOwner, bench.upgrade(app, bench.release())) == "ok");
  CHECK(bench.controller(platform_account(), confirm) == "0x609749e2");
  REQUIRE(bench.controller(kOwner, Bench::on_app("startApp", app)) == "ok");
  CHECK(bench.controller(platform_account(), confirm) == "ok");
  CHECK(base::to_hex(bench.logs[0].topics[0]) ==
        "49f25db622ae262096322c8be00886655e649a53333641c2c34004f9458042f7");
  CHECK(bench.controller(platform_account(), confirm) == "0xdd61275e");
  Bench old(ControllerKind::kV1_4);
  CHECK(old.controller(kOwner, create) == "0x");
  CHECK(old.controller(platform_account(), confirm) == "0x");
}

TEST_CASE("an app that pays for itself does not count for its creator", "[devnet]") {
  const bool four = GENERATE(true, false);
  Bench bench(four ? ControllerKind::kV1_5 : ControllerKind::kV1_4);
  bench.state.controller.quotas[kOwner] = 0;
  base::Bytes data = bench.create();
  const auto selector = *base::from_hex(four ? "b7fe2169" : "559cf359");
  std::copy(selector.begin(), selector.end(), data.begin());
  // Nobody has paid for it.
  CHECK(bench.controller(kOwner, data) == "0x82d7ade6");
  base::Bytes32 salt{};
  salt.fill(1);
  const eth::Address app = calculate_app_id(kOwner, salt);
  bench.state.credits.crediting_seconds = 60;
  bench.state.credits.purchases.push_back({app, eth::U256(5'000'000), bench.time - 59});
  CHECK(bench.controller(kOwner, data) == "0x82d7ade6");
  bench.state.credits.purchases.back().time = bench.time - 60;
  REQUIRE(bench.controller(kOwner, data) == "ok");
  CHECK(eth::abi_decode("(address)", bench.output)[0].address() == app);
  CHECK(active_app_count(bench.state.controller, kOwner) == 0);
  CHECK(active_app_count(bench.state.controller, app) == 1);
  REQUIRE(bench.controller(kOwner, Bench::on_app("getBillingAccount", app)) == "ok");
  CHECK(eth::abi_decode("(address)", bench.output)[0].address() == app);
  REQUIRE(bench.controller(kOwner, Bench::on_app("getBillingType", app)) == "ok");
  CHECK(eth::abi_decode("(uint256)", bench.output)[0].number() == eth::U256(1));
  // 1.1.1 knows no such thing.
  Bench old(ControllerKind::kV1_1);
  CHECK(old.controller(kOwner, data) == "0x");
  CHECK(old.controller(kOwner, Bench::on_app("getBillingType", app)) == "0x");
}

TEST_CASE("only its admins and its appointees act for an app", "[devnet]") {
  Bench bench;
  const eth::Address app = bench.make_app(kOwner);
  const base::Bytes stop = Bench::on_app("stopApp", app);
  CHECK(bench.controller(kStranger, stop) == "0x932d94f7");
  CHECK(bench.controller(kStranger, bench.upgrade(app, bench.release())) == "0x932d94f7");
  // Its creator is one when it has accepted, and not before.
  CHECK(bench.controller(kOwner, stop) == "0x932d94f7");
  REQUIRE(bench.permissions(kOwner, Bench::on_app("acceptAdmin", app)) == "ok");
  REQUIRE(bench.permissions(kOwner,
                            eth::abi_encode_call("setAppointee(address,address,address,bytes4)",
                                                 {app, kStranger, app_controller_address(),
                                                  base::Bytes{0xe7, 0x0b, 0x81, 0xb1}})) == "ok");
  CHECK(bench.controller(kStranger, stop) == "ok");
  CHECK(bench.controller(kStranger, Bench::on_app("startApp", app)) == "0x932d94f7");
}

TEST_CASE("an upgrade takes effect at once, or waits for the platform", "[devnet]") {
  SECTION("at once before 1.5.0") {
    Bench bench(Generation::kThreeFields);
    const eth::Address app = bench.make_owned_app(kOwner);
    bench.block = 9;
    REQUIRE(bench.controller(kOwner, bench.upgrade(app, bench.release())) == "ok");
    CHECK(eth::abi_decode("(uint256)", bench.output)[0].number() == eth::U256(1));
    CHECK(bench.state.controller.apps.at(app).latest->block_number == 9);
    CHECK_FALSE(bench.state.controller.apps.at(app).pending);
  }
  SECTION("pending from 1.5.0") {
    Bench bench;
    const eth::Address app = bench.make_owned_app(kOwner);
    bench.block = 9;
    REQUIRE(bench.controller(kOwner, bench.upgrade(app, bench.release())) == "ok");
    CHECK(bench.state.controller.apps.at(app).latest->block_number == 5);
    CHECK(bench.state.controller.apps.at(app).pending->block_number == 9);
    Execution execution{bench.state, {10, 1000}, {}, 0, 0};
    ControllerContract::confirm_upgrade(execution, app);
    CHECK(bench.state.controller.apps.at(app).latest->block_number == 9);
    CHECK_FALSE(bench.state.controller.apps.at(app).pending);
    REQUIRE(execution.logs.size() == 1);
    CHECK(base::to_hex(execution.logs[0].topics[0]) ==
          "49f25db622ae262096322c8be00886655e649a53333641c2c34004f9458042f7");
    CHECK(eth::abi_decode("(uint32)", execution.logs[0].data)[0].number() == eth::U256(9));
    CHECK_THROWS_AS(ControllerContract::confirm_upgrade(execution, app), Revert);
  }
}

TEST_CASE("the apps of a developer come in pages, four or five words each", "[devnet]") {
  const bool four = GENERATE(true, false);
  Bench bench(four ? Generation::kFourFields : Generation::kThreeFields);
  std::vector<eth::Address> apps;
  for (std::uint8_t salt = 1; salt <= 3; ++salt) apps.push_back(bench.make_owned_app(kOwner, salt));
  bench.make_owned_app(kStranger);
  // One that it created and is no admin of yet.
  bench.make_app(kOwner, 4);
  const auto list = [&](std::uint64_t offset, std::uint64_t limit) {
    REQUIRE(
        bench.controller(kOwner, eth::abi_encode_call("getAppsByDeveloper(address,uint256,uint256)",
                                                      {kOwner, offset, limit})) == "ok");
    return bench.output;
  };
  // Two offsets and lengths, three addresses, three records.
  CHECK(list(0, 10).size() == 32 * (2 + 1 + 3 + 1 + 3 * (four ? 5 : 4)));
  const auto page = eth::abi_decode(four ? "(address[],(address,uint32,uint32,uint32,uint8)[])"
                                         : "(address[],(address,uint32,uint32,uint8)[])",
                                    list(1, 1));
  REQUIRE(page[0].list().size() == 1);
  CHECK(page[0][0].address() == apps[1]);
  CHECK(page[1][0][0].address() == kOwner);
  CHECK(page[1][0][2].number() == eth::U256(5));
  CHECK(page[1][0][four ? 4 : 3].number() == eth::U256(1));
}

TEST_CASE("listing a developer's apps costs gas for every app of the platform", "[devnet]") {
  Bench bench;
  const eth::Address own = bench.make_owned_app(kOwner);
  auto strangers = std::make_shared<Strangers>();
  for (std::uint8_t i = 1; i <= 100; ++i) {
    base::FixedBytes<20> app{}, creator{};
    app[0] = creator[1] = i;
    strangers->apps.emplace_back(eth::Address(app), eth::Address(creator));
    bench.state.controller.order.insert(bench.state.controller.order.begin() + i - 1,
                                        eth::Address(app));
  }
  bench.state.controller.strangers = strangers;
  const auto run = [&](const std::string& call, const eth::AbiValue::List& arguments) {
    const base::Bytes data = eth::abi_encode_call(call, arguments);
    Execution execution{bench.state, {5, 1000}, {}, 0, 0};
    bench.output = bench.contracts.call(execution, {kOwner, app_controller_address(), {}, data});
    return execution.gas;
  };
  const auto listed = [&] {
    return eth::abi_decode("(address[],(address,uint32,uint32,uint32,uint8)[])", bench.output)[0]
        .list()
        .size();
  };
  const std::string by_developer = "getAppsByDeveloper(address,uint256,uint256)";
  // Measured on the real contracts: 6,716 gas for each app that it comes by.
  CHECK(run(by_developer, {kOwner, 0, 100}) == 101 * 6'716);
  CHECK(listed() == 1);
  // It ends when the page is full.
  CHECK(run("getAppsByCreator(address,uint256,uint256)", {strangers->apps.front().second, 0, 1}) ==
        6'716);
  CHECK(run("getApps(uint256,uint256)", {95, 10}) < 10 * 6'716);
  CHECK(listed() == 6);
  const auto last =
      eth::abi_decode("(address[],(address,uint32,uint32,uint32,uint8)[])", bench.output);
  CHECK(last[0][5].address() == own);
  run("getApps(uint256,uint256)", {101, 10});
  CHECK(listed() == 0);
}

TEST_CASE("a controller may call itself 1.5.0 and take releases of three fields", "[devnet]") {
  Bench bench(ControllerKind::kTeams);
  REQUIRE(bench.controller(kOwner, eth::abi_encode_call("version()", {})) == "ok");
  CHECK(eth::abi_decode("(string)", bench.output)[0].text() == "1.5.0");
  const eth::Address app = bench.make_owned_app(kOwner);
  CHECK(bench.controller(kOwner, Bench::on_app("getAppPendingReleaseBlockNumber", app)) == "0x");
  REQUIRE(bench.controller(kOwner, eth::abi_encode_call("getApps(uint256,uint256)", {0, 10})) ==
          "ok");
  const auto page =
      eth::abi_decode("(address[],(address,uint32,uint32,uint8,bool)[])", bench.output);
  CHECK(page[1][0][3].number() == eth::U256(1));
  CHECK_FALSE(page[1][0][4].boolean());
}

}  // namespace
}  // namespace ecloud::devnet
