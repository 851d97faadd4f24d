#include "ecloud/eth/transaction.h"

#include "unit/eth/eth_support.h"

namespace ecloud::eth {
namespace {

using testing::address;
using testing::error_of;
using testing::fixed;
using testing::hex;
using testing::number;
using testing::unhex;

// anvil's first account.
const char* const kKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const char* const kAccount = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

crypto::PrivateKey key() {
  return *crypto::PrivateKey::from_hex(kKey);
}

std::vector<base::Json> vectors() {
  return testing::eth_vectors()["transactions"].elements();
}

/// The fields of a transaction that viem signed; its authorizations are signed by us.
Transaction from_vector(const base::Json& row) {
  Transaction out;
  out.chain_id = number(row["chainId"].as_string());
  out.nonce = number(row["nonce"].as_string()).to_u64();
  out.max_priority_fee_per_gas = number(row["tip"].as_string());
  out.max_fee_per_gas = number(row["fee"].as_string());
  out.gas_limit = number(row["gas"].as_string()).to_u64();
  out.to = address(row["to"].as_string());
  out.value = number(row["value"].as_string());
  out.data = unhex(row["data"].as_string());
  for (const base::Json& entry : row["authorizations"].elements()) {
    out.authorizations.push_back(sign_authorization(key(), number(entry["chainId"].as_string()),
                                                    address(entry["address"].as_string()),
                                                    number(entry["nonce"].as_string()).to_u64()));
  }
  return out;
}

TEST_CASE("transactions are signed to the octet as viem signs them", "[eth]") {
  for (const base::Json& row : vectors()) {
    const std::string name = row["name"].as_string();
    CAPTURE(name);
    const Transaction transaction = from_vector(row);
    CHECK(hex(transaction.signing_hash()) == row["signingHash"].as_string());
    const SignedTransaction done = sign_transaction(key(), transaction);
    CHECK(hex(done.raw) == row["raw"].as_string());
    CHECK(hex(done.hash) == row["hash"].as_string());
    CHECK(done.sender() == address(kAccount));
  }
}

TEST_CASE("transactions that viem signed are read back whole", "[eth]") {
  for (const base::Json& row : vectors()) {
    const std::string name = row["name"].as_string();
    CAPTURE(name);
    const SignedTransaction read = decode_transaction(unhex(row["raw"].as_string()));
    const Transaction expected = from_vector(row);
    CHECK(read.transaction.type() == (expected.authorizations.empty() ? 2 : 4));
    CHECK(read.transaction.chain_id == expected.chain_id);
    CHECK(read.transaction.nonce == expected.nonce);
    CHECK(read.transaction.max_priority_fee_per_gas == expected.max_priority_fee_per_gas);
    CHECK(read.transaction.max_fee_per_gas == expected.max_fee_per_gas);
    CHECK(read.transaction.gas_limit == expected.gas_limit);
    CHECK(read.transaction.to == expected.to);
    CHECK(read.transaction.value == expected.value);
    CHECK(read.transaction.data == expected.data);
    REQUIRE(read.transaction.authorizations.size() == expected.authorizations.size());
    for (const Authorization& authorization : read.transaction.authorizations) {
      CHECK(authorization.authority() == address(kAccount));
    }
    CHECK(hex(read.raw) == row["raw"].as_string());
    CHECK(hex(read.hash) == row["hash"].as_string());
    CHECK(read.sender() == address(kAccount));
  }
}

TEST_CASE("authorizations are signed as viem signs them", "[eth]") {
  for (const base::Json& row : vectors()) {
    const Transaction transaction = from_vector(row);
    for (std::size_t i = 0; i < transaction.authorizations.size(); ++i) {
      const Authorization& ours = transaction.authorizations[i];
      const base::Json theirs = row["authorizations"].at(i);
      CHECK(hex(ours.signing_hash()) == theirs["hash"].as_string());
      CHECK(hex(ours.signature.r) == theirs["r"].as_string());
      CHECK(hex(ours.signature.s) == theirs["s"].as_string());
      CHECK(std::to_string(ours.signature.y_parity) == theirs["yParity"].as_string());
    }
  }
}

/// The list of the n-th vector, to be changed and packed again.
RlpItem::List fields_of(std::size_t vector) {
  return rlp_decode(base::ByteView(unhex(vectors()[vector]["raw"].as_string())).subspan(1)).list();
}

constexpr std::size_t kTransfer = 0;
constexpr std::size_t kDelegating = 4;

std::string read(std::uint8_t type, RlpItem::List fields) {
  base::Bytes raw{type};
  base::append(raw, rlp_encode(RlpItem(std::move(fields))));
  return error_of([&] { decode_transaction(raw); });
}

/// What reading says when field `index` of a vector is replaced.
std::string read_with(std::size_t vector, std::size_t index, RlpItem replacement) {
  RlpItem::List fields = fields_of(vector);
  fields[index] = std::move(replacement);
  return read(vector == kTransfer ? 2 : 4, std::move(fields));
}

const std::string kPrefix = "1 eth.transaction: transaction: ";

TEST_CASE("transactions of other kinds are refused by name", "[eth]") {
  const auto decode = [](const base::Bytes& raw) {
    return error_of([&] { decode_transaction(raw); });
  };
  CHECK(decode({}) == kPrefix + "it is empty");
  CHECK(decode({0x01, 0xc0}) == kPrefix + "type 1 is not supported");
  CHECK(decode({0x03, 0xc0}) == kPrefix + "type 3 is not supported");
  CHECK(decode({0xc0}) == kPrefix + "legacy transactions are not supported");
  CHECK(decode({0x02}) == kPrefix + "RLP: the data ends where an item should begin");
  CHECK(decode({0x02, 0x80}) == kPrefix + "RLP: expected a list, found octets");
  CHECK(decode({0x02, 0xc0}) == kPrefix + "type 2 has 12 fields, not 0");
  CHECK(read(4, fields_of(kTransfer)) == kPrefix + "type 4 has 13 fields, not 12");
  CHECK(read(2, fields_of(kDelegating)) == kPrefix + "type 2 has 12 fields, not 13");
}

TEST_CASE("fields that are none are refused", "[eth]") {
  CHECK(read_with(kTransfer, 1, RlpItem(U256(UINT64_MAX) + 1)) ==
        kPrefix + "RLP: 18446744073709551616 does not fit into 64 bits");
  CHECK(read_with(kTransfer, 3, RlpItem(base::Bytes{0, 1})) ==
        kPrefix + "RLP: a number has leading zeros");
  CHECK(read_with(kTransfer, 5, RlpItem(base::Bytes())) == kPrefix + "it has no recipient");
  CHECK(read_with(kTransfer, 5, RlpItem(base::Bytes(19, 1))) ==
        kPrefix + "RLP: an address has 19 octets, not 20");
  CHECK(read_with(kTransfer, 5, RlpItem(RlpItem::List())) ==
        kPrefix + "RLP: expected octets, found a list");
  CHECK(read_with(kTransfer, 7, RlpItem(RlpItem::List())) ==
        kPrefix + "RLP: expected octets, found a list");
  CHECK(read_with(kTransfer, 8, RlpItem(RlpItem::List(1))) ==
        kPrefix + "it has an access list, which is not supported");
  CHECK(read_with(kTransfer, 9, RlpItem(2)) == kPrefix + "the y parity 2 is not 0 or 1");
  CHECK(read_with(kTransfer, 10, RlpItem(base::Bytes(33, 1))) ==
        kPrefix + "RLP: a number of 33 octets is longer than 32");
  CHECK(read_with(kDelegating, 9, RlpItem(RlpItem::List())) ==
        kPrefix + "type 4 has no authorization");
  CHECK(read_with(kDelegating, 9, RlpItem(RlpItem::List(1))) ==
        kPrefix + "RLP: expected a list, found octets");
  CHECK(read_with(kDelegating, 9, RlpItem(RlpItem::List(1, RlpItem(RlpItem::List(5))))) ==
        kPrefix + "an authorization has 5 fields, not 6");
}

TEST_CASE("a transaction cut anywhere is refused", "[eth]") {
  const base::Bytes raw = unhex(vectors()[kDelegating]["raw"].as_string());
  for (std::size_t size = 0; size < raw.size(); ++size) {
    REQUIRE_THROWS_AS(decode_transaction(base::ByteView(raw).first(size)), Error);
  }
  base::Bytes longer = raw;
  longer.push_back(0);
  CHECK(error_of([&] { decode_transaction(longer); }) == kPrefix + "RLP: 1 octets follow the item");
}

TEST_CASE("a changed transaction is not from its signer any more", "[eth]") {
  const base::Bytes raw = unhex(vectors()[kTransfer]["raw"].as_string());
  SignedTransaction changed = decode_transaction(raw);
  changed.transaction.value = changed.transaction.value + 1;
  CHECK(changed.sender() != address(kAccount));
  changed.signature.s.fill(0xff);
  CHECK_FALSE(changed.sender());
  Authorization authorization = sign_authorization(key(), U256(1), Address(), 5);
  CHECK(authorization.authority() == address(kAccount));
  authorization.nonce = 6;
  CHECK(authorization.authority() != address(kAccount));
  authorization.signature = {};
  CHECK_FALSE(authorization.authority());
}

TEST_CASE("the maximum cost is gas limit times fee plus value", "[eth]") {
  Transaction transaction;
  transaction.gas_limit = 1'200'000;
  transaction.max_fee_per_gas = U256(63 * kWeiPerGwei);
  transaction.value = U256(5);
  CHECK(transaction.maximum_cost().to_decimal() == "75600000000000005");
  transaction.max_fee_per_gas = *U256::from_hex("0x" + std::string(64, 'f'));
  CHECK_THROWS_AS(transaction.maximum_cost(), Error);
}

TEST_CASE("the code of a delegated account names its target", "[eth]") {
  // EIP-7702: 0xef0100 || address.
  const Address delegator = address("0x63c0c19a282a1b52b07dd5a65b58948a07dae32b");
  const char* const code = "0xef010063c0c19a282a1b52b07dd5a65b58948a07dae32b";
  CHECK(hex(delegation_code(delegator)) == code);
  CHECK(delegation_target(unhex(code)) == delegator);
  for (const char* other : {"0x", "0xef0100", "0xef010163c0c19a282a1b52b07dd5a65b58948a07dae32b",
                            "0xef010063c0c19a282a1b52b07dd5a65b58948a07dae3",
                            "0xef010063c0c19a282a1b52b07dd5a65b58948a07dae32b00"}) {
    CAPTURE(other);
    CHECK_FALSE(delegation_target(unhex(other)));
  }
}

}  // namespace
}  // namespace ecloud::eth
