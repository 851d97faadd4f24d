#include "ecloud/eth/abi.h"
#include "unit/eth/eth_support.h"

namespace ecloud::eth {
namespace {

using testing::error_of;
using testing::hex;

// The release struct of both generations of the AppController.
const char* const kCreateApp = "createApp(bytes32,(((bytes32,string)[],uint32),bytes,bytes))";
const char* const kCreateAppWithPolicy =
    "createApp(bytes32,(((bytes32,string)[],uint32),bytes,bytes,"
    "(string[],string[],(string,string)[],(string,string)[],string)))";

base::Bytes32 filled(std::uint8_t octet) {
  base::Bytes32 out;
  out.fill(octet);
  return out;
}

/// The release that make_vectors.mjs encodes, with the policy when there is one.
AbiValue::List release() {
  return abi_list(
      abi_list(abi_list(abi_list(filled(0xab), "docker.io/library/nginx")), 1'800'003'600),
      "{\"EIGEN_MACHINE_TYPE_PUBLIC\":\"g1-standard-4t\"}", base::Bytes{0x00, 0xff, 0x10});
}

AbiValue::List with_policy(AbiValue::List policy) {
  AbiValue::List out = release();
  out.emplace_back(std::move(policy));
  return out;
}

std::string call_vector(const char* name) {
  return testing::eth_vectors()["calls"][name].as_string();
}

TEST_CASE("selectors are those of the deployed contracts", "[eth]") {
  const std::pair<const char*, const char*> cases[] = {
      {kCreateApp, "0xa60daa8f"},
      {kCreateAppWithPolicy, "0x5e92a19f"},
      {"upgradeApp(address,(((bytes32,string)[],uint32),bytes,bytes))", "0xd80a956b"},
      {"startApp(address)", "0x4dd8ef81"},
      {"calculateAppId(address,bytes32)", "0x36b18874"},
      {"version()", "0x54fd4d50"},
      {"getAppsByDeveloper(address,uint256,uint256)", "0xf36618ac"},
      {"getAppsByDeveloper(address,uint,uint)", "0xf36618ac"},
      {"acceptAdmin(address)", "0x628806ef"},
      {"setAppointee(address,address,address,bytes4)", "0x950d806e"},
      {"execute(bytes32,bytes)", "0xe9ae5c53"},
      {"Error(string)", "0x08c379a0"},
      {"Panic(uint256)", "0x4e487b71"},
  };
  for (const auto& [signature, selector] : cases) {
    CAPTURE(signature);
    CHECK(hex(abi_selector(signature)) == selector);
  }
}

TEST_CASE("createApp is encoded as viem and ethers encode it", "[eth]") {
  CHECK(hex(abi_encode_call(kCreateApp, abi_list(filled(0x5a), release()))) ==
        call_vector("createApp"));
}

TEST_CASE("createApp with a container policy is encoded as viem and ethers encode it", "[eth]") {
  const AbiValue::List policy =
      abi_list(abi_list("--port", "8080"), abi_list("/bin/app"), abi_list(abi_list("A", "1")),
               abi_list(abi_list("B", "2"), abi_list("C", "")), "Always");
  CHECK(hex(abi_encode_call(kCreateAppWithPolicy, abi_list(filled(0x5a), with_policy(policy)))) ==
        call_vector("createAppWithPolicy"));
  const AbiValue::List none = abi_list(abi_list(), abi_list(), abi_list(), abi_list(), "");
  CHECK(hex(abi_encode_call(kCreateAppWithPolicy, abi_list(filled(0x5a), with_policy(none)))) ==
        call_vector("createAppWithEmptyPolicy"));
}

TEST_CASE("a batch for the delegator is encoded as viem encodes it", "[eth]") {
  const Address app = testing::address("0x1111222233334444555566667777888899990000");
  const Address controller = testing::address("0x0dd810a6ffba6a9820a10d97b659f07d8d23d4E2");
  const Address permissions = testing::address("0x44632dfBdCb6D3E21EF613B0ca8A6A0c618F5a37");
  const base::Bytes create = abi_encode_call(kCreateApp, abi_list(filled(0x5a), release()));
  const base::Bytes accept = abi_encode_call("acceptAdmin(address)", abi_list(app));
  const base::Bytes appoint =
      abi_encode_call("setAppointee(address,address,address,bytes4)",
                      abi_list(app, testing::address("0x493219d9949348178af1f58740655951a8cd110c"),
                               testing::address("0x57ee1fb74c1087e26446abc4fb87fd8f07c43d8d"),
                               base::FixedBytes<4>{0x2f, 0xd3, 0xf2, 0xfe}));
  CHECK(hex(accept) == call_vector("acceptAdmin"));
  CHECK(hex(appoint) == call_vector("setAppointee"));

  const base::Bytes batch = abi_encode(
      "((address,uint256,bytes)[])",
      abi_list(abi_list(abi_list(controller, 0, create), abi_list(permissions, 0, accept),
                        abi_list(permissions, 0, appoint))));
  CHECK(hex(batch) == call_vector("batch"));
  base::Bytes32 mode{};
  mode[0] = 0x01;
  CHECK(hex(abi_encode_call("execute(bytes32,bytes)", abi_list(mode, batch))) ==
        call_vector("execute"));
}

TEST_CASE("values encode as in the examples of Solidity's specification", "[eth]") {
  // docs.soliditylang.org, "Contract ABI Specification", Examples.
  CHECK(hex(abi_encode_call("baz(uint32,bool)", abi_list(69, true))) ==
        "0xcdcd77c0"
        "0000000000000000000000000000000000000000000000000000000000000045"
        "0000000000000000000000000000000000000000000000000000000000000001");
  CHECK(hex(abi_encode_call("bar(bytes3[2])",
                            abi_list(abi_list(base::to_bytes("abc"), base::to_bytes("def"))))) ==
        "0xfce353f6"
        "6162630000000000000000000000000000000000000000000000000000000000"
        "6465660000000000000000000000000000000000000000000000000000000000");
  CHECK(hex(abi_encode_call("sam(bytes,bool,uint256[])",
                            abi_list("dave", true, abi_list(1, 2, 3)))) ==
        "0xa5643bf2"
        "0000000000000000000000000000000000000000000000000000000000000060"
        "0000000000000000000000000000000000000000000000000000000000000001"
        "00000000000000000000000000000000000000000000000000000000000000a0"
        "0000000000000000000000000000000000000000000000000000000000000004"
        "6461766500000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000000000000003"
        "0000000000000000000000000000000000000000000000000000000000000001"
        "0000000000000000000000000000000000000000000000000000000000000002"
        "0000000000000000000000000000000000000000000000000000000000000003");
  CHECK(hex(abi_encode("(string)", abi_list(std::string(32, 'x')))) ==
        "0x"
        "0000000000000000000000000000000000000000000000000000000000000020"
        "0000000000000000000000000000000000000000000000000000000000000020"
        "7878787878787878787878787878787878787878787878787878787878787878");
  CHECK(abi_encode("()", {}).empty());
  CHECK(hex(abi_encode_call("version()", {})) == "0x54fd4d50");
}

TEST_CASE("values at the edges of their types are encoded", "[eth]") {
  CHECK_NOTHROW(abi_encode("(uint32)", abi_list(UINT32_MAX)));
  CHECK_NOTHROW(abi_encode("(uint8)", abi_list(255)));
  CHECK_NOTHROW(abi_encode("(int8)", abi_list(127)));
  CHECK_NOTHROW(abi_encode("(int8)", abi_list(-128)));
  CHECK(hex(abi_encode("(int16)", abi_list(-2))) == "0x" + std::string(63, 'f') + "e");
}

TEST_CASE("a value that does not fit its type is a bug of ours, and its place is named", "[eth]") {
  const auto encode = [](const char* type, const AbiValue::List& values) {
    return error_of([&] { abi_encode(type, values); });
  };
  const std::string prefix = "70 eth.abi_value: ABI value ";
  CHECK(encode("(uint32)", abi_list(4'294'967'296)) == prefix + "0: uint32 cannot hold 4294967296");
  CHECK(encode("(uint8)", abi_list(256)) == prefix + "0: uint8 cannot hold 256");
  CHECK(encode("(bool)", abi_list(2)) == prefix + "0: bool cannot hold 2");
  CHECK(encode("(int8)", abi_list(128)) == prefix + "0: int8 cannot hold 128");
  CHECK_THROWS_AS(abi_encode("(int8)", abi_list(-129)), Error);
  CHECK_THROWS_AS(abi_encode("(uint64)", abi_list(-1)), Error);
  CHECK(encode("(bytes)", abi_list(Address())) == prefix + "0: bytes cannot hold an address");
  CHECK(encode("(address)", abi_list(base::Bytes(20, 1))) ==
        prefix + "0: address cannot hold octets");
  CHECK(encode("(address)", abi_list(0)) == prefix + "0: address cannot hold a number");
  CHECK(encode("(bytes4)", abi_list(base::Bytes(3, 1))) ==
        prefix + "0: bytes4 cannot hold 3 octets");
  CHECK(encode("(bytes4)", abi_list(base::Bytes(5, 1))) ==
        prefix + "0: bytes4 cannot hold 5 octets");
  CHECK(encode("(string)", abi_list(1)) == prefix + "0: string cannot hold a number");
  CHECK(encode("(uint8)", abi_list("1")) == prefix + "0: uint8 cannot hold octets");
  CHECK(encode("(uint8[])", abi_list(1)) == prefix + "0: uint8[] cannot hold a number");
  CHECK(encode("(uint8[2])", abi_list(abi_list(1))) ==
        prefix + "0: uint8[2] cannot hold a list of 1");
  CHECK(encode("(string,(uint8,bool)[])",
               abi_list("", abi_list(abi_list(1, true), abi_list(2, "no")))) ==
        prefix + "1[1][1]: bool cannot hold octets");
  CHECK(encode("(uint8,uint8)", abi_list(1)) ==
        "70 eth.abi_value: ABI value: (uint8,uint8) cannot hold a list of 1");
  CHECK(encode("()", abi_list(1)) == "70 eth.abi_value: ABI value: () cannot hold a list of 1");
}

TEST_CASE("signatures and parameter lists that are none are bugs of ours", "[eth]") {
  CHECK(error_of([] { abi_selector("version"); }) ==
        "70 eth.abi_type: 'version' is no signature like name(type,...)");
  CHECK(error_of([] { abi_selector("(uint8)"); }) ==
        "70 eth.abi_type: '(uint8)' is no signature like name(type,...)");
  CHECK(error_of([] { abi_selector("f(uint8)[]"); }) ==
        "70 eth.abi_type: ABI type '(uint8)[]': it is no tuple");
  CHECK(error_of([] { abi_encode("uint8", abi_list(1)); }) ==
        "70 eth.abi_type: ABI type 'uint8': it is no tuple");
}

}  // namespace
}  // namespace ecloud::eth
