#include "devnet/permission_contract.h"

#include "devnet/contracts.h"
#include "ecloud/base/hex.h"
#include "support/catch.h"

namespace ecloud::devnet {
namespace {

const eth::Address kApp = address_of("0x00000000000000000000000000000000000000a0");
const eth::Address kAdmin = address_of("0x00000000000000000000000000000000000000aa");
const eth::Address kOther = address_of("0x00000000000000000000000000000000000000bb");

class Bench {
 public:
  Bench() { state.permissions.pending_admins[kApp].insert(kAdmin); }

  std::string run(const eth::Address& caller, const base::Bytes& data) {
    const WorldState before = state;
    Execution execution{state, {1, 1}, {}, 0, 0};
    try {
      output = call_permission_controller(execution, {caller, {}, {}, data});
      logs = execution.logs;
      return "ok";
    } catch (const Revert& revert) {
      state = before;
      return base::to_hex_prefixed(revert.data);
    }
  }
  std::string accept(const eth::Address& caller) {
    return run(caller, eth::abi_encode_call("acceptAdmin(address)", {kApp}));
  }
  static base::Bytes appointment(const std::string& function) {
    return eth::abi_encode_call(
        function + "(address,address,address,bytes4)",
        {kApp, anyone(), api_target(), base::Bytes{0x2f, 0xd3, 0xf2, 0xfe}});
  }
  bool asks(const base::Bytes& data) {
    REQUIRE(run(kOther, data) == "ok");
    return eth::abi_decode("(bool)", output)[0].boolean();
  }

  WorldState state;
  base::Bytes output;
  std::vector<LogRecord> logs;
};

// Selectors of the errors, as published.
TEST_CASE("only a pending admin becomes one, once", "[devnet]") {
  Bench bench;
  CHECK(bench.accept(kOther) == "0xbed8295f");
  CHECK(bench.accept(kAdmin) == "ok");
  CHECK(bench.accept(kAdmin) == "0xbed8295f");
  CHECK(is_admin(bench.state.permissions, kApp, kAdmin));
  CHECK_FALSE(is_admin(bench.state.permissions, kApp, kOther));
}

TEST_CASE("the creator cannot appoint before accepting", "[devnet]") {
  Bench bench;
  CHECK(bench.run(kAdmin, Bench::appointment("setAppointee")) == "0x7bfa4b9f");
  REQUIRE(bench.accept(kAdmin) == "ok");
  CHECK(bench.run(kAdmin, Bench::appointment("setAppointee")) == "ok");
}

TEST_CASE("an appointment is made once and taken back once", "[devnet]") {
  Bench bench;
  REQUIRE(bench.accept(kAdmin) == "ok");
  const base::Bytes ask = Bench::appointment("canCall");
  CHECK(bench.run(kAdmin, Bench::appointment("removeAppointee")) == "0x262118cd");
  CHECK_FALSE(bench.asks(ask));
  CHECK(bench.run(kAdmin, Bench::appointment("setAppointee")) == "ok");
  CHECK(bench.asks(ask));
  CHECK(bench.run(kAdmin, Bench::appointment("setAppointee")) == "0xad8efeb7");
  CHECK(bench.run(kOther, Bench::appointment("removeAppointee")) == "0x7bfa4b9f");
  CHECK(bench.run(kAdmin, Bench::appointment("removeAppointee")) == "ok");
  CHECK_FALSE(bench.asks(ask));
}

TEST_CASE("admins are added by admins, and the last one stays", "[devnet]") {
  Bench bench;
  REQUIRE(bench.accept(kAdmin) == "ok");
  const auto two = [](const char* function, const eth::Address& who) {
    return eth::abi_encode_call(std::string(function) + "(address,address)", {kApp, who});
  };
  CHECK(bench.run(kOther, two("addPendingAdmin", kOther)) == "0x7bfa4b9f");
  CHECK(bench.run(kAdmin, two("addPendingAdmin", kAdmin)) == "0x980b0728");
  CHECK(bench.run(kAdmin, two("removeAdmin", kAdmin)) == "0x86744958");
  CHECK(bench.run(kAdmin, two("addPendingAdmin", kOther)) == "ok");
  CHECK(bench.accept(kOther) == "ok");
  CHECK(bench.run(kAdmin, two("removeAdmin", kAdmin)) == "ok");
  CHECK(bench.asks(two("isAdmin", kOther)));
  CHECK_FALSE(bench.asks(two("isAdmin", kAdmin)));
}

TEST_CASE("who is proposed is listed until accepting or until that is taken back", "[devnet]") {
  Bench bench;
  REQUIRE(bench.accept(kAdmin) == "ok");
  const auto two = [](const char* function, const eth::Address& who) {
    return eth::abi_encode_call(std::string(function) + "(address,address)", {kApp, who});
  };
  const auto pending = [&] {
    REQUIRE(bench.run(kOther, eth::abi_encode_call("getPendingAdmins(address)", {kApp})) == "ok");
    return eth::abi_decode("(address[])", bench.output)[0].list().size();
  };
  CHECK(pending() == 0);
  CHECK(bench.run(kAdmin, two("removePendingAdmin", kOther)) == "0xbed8295f");
  CHECK(bench.run(kAdmin, two("addPendingAdmin", kOther)) == "ok");
  // AdminAlreadyPending()
  CHECK(bench.run(kAdmin, two("addPendingAdmin", kOther)) == "0x3357dbc6");
  CHECK(pending() == 1);
  CHECK(bench.asks(two("isPendingAdmin", kOther)));
  CHECK(bench.run(kOther, two("removePendingAdmin", kOther)) == "0x7bfa4b9f");
  CHECK(bench.run(kAdmin, two("removePendingAdmin", kOther)) == "ok");
  CHECK(bench.logs[0].topics[0] ==
        *base::fixed_from_hex<32>("0xd706ed7ae044d795b49e54c9f519f663053951011985f663a862cd9e"
                                  "e72a9ac7"));
  CHECK_FALSE(bench.asks(two("isPendingAdmin", kOther)));
  CHECK(bench.accept(kOther) == "0xbed8295f");
}

TEST_CASE("who is no admin cannot be removed as one", "[devnet]") {
  Bench bench;
  REQUIRE(bench.accept(kAdmin) == "ok");
  const auto two = [](const char* function, const eth::Address& who) {
    return eth::abi_encode_call(std::string(function) + "(address,address)", {kApp, who});
  };
  // CannotHaveZeroAdmins() comes before AdminNotSet().
  CHECK(bench.run(kAdmin, two("removeAdmin", kOther)) == "0x86744958");
  REQUIRE(bench.run(kAdmin, two("addPendingAdmin", kOther)) == "ok");
  REQUIRE(bench.accept(kOther) == "ok");
  CHECK(bench.run(kAdmin, two("removeAdmin", anyone())) == "0xe2db0360");
}

TEST_CASE("appointments are listed both ways", "[devnet]") {
  Bench bench;
  REQUIRE(bench.accept(kAdmin) == "ok");
  REQUIRE(bench.run(kAdmin, Bench::appointment("setAppointee")) == "ok");
  const base::Bytes logs{0x2f, 0xd3, 0xf2, 0xfe};
  REQUIRE(bench.run(kOther, eth::abi_encode_call("getAppointees(address,address,bytes4)",
                                                 {kApp, api_target(), logs})) == "ok");
  const auto appointees = eth::abi_decode("(address[])", bench.output)[0].list();
  REQUIRE(appointees.size() == 1);
  CHECK(appointees[0].address() == anyone());
  REQUIRE(bench.run(kOther, eth::abi_encode_call("getAppointeePermissions(address,address)",
                                                 {kApp, anyone()})) == "ok");
  const auto permissions = eth::abi_decode("(address[],bytes4[])", bench.output);
  REQUIRE(permissions[0].list().size() == 1);
  CHECK(permissions[0][0].address() == api_target());
  CHECK(permissions[1][0].bytes() == logs);
}

TEST_CASE("an account without admins is its own", "[devnet]") {
  Bench bench;
  REQUIRE(bench.run(kOther, eth::abi_encode_call("getAdmins(address)", {kOther})) == "ok");
  const auto admins = eth::abi_decode("(address[])", bench.output)[0].list();
  REQUIRE(admins.size() == 1);
  CHECK(admins[0].address() == kOther);
  CHECK(is_admin(bench.state.permissions, kOther, kOther));
}

TEST_CASE("an unknown function reverts without data", "[devnet]") {
  Bench bench;
  CHECK(bench.run(kAdmin, {1, 2, 3, 4}) == "0x");
  CHECK(bench.run(kAdmin, {}) == "0x");
}

}  // namespace
}  // namespace ecloud::devnet
