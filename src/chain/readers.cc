#include "ecloud/base/hex.h"
#include "ecloud/chain/chain.h"

namespace ecloud::chain {
namespace {

Error bad_answer(const base::Json& value, const std::string& expected) {
  return {Category::kNetwork, "chain.bad_answer", value.error("expected " + expected).message()};
}

std::string hex_text(const base::Json& value, const char* expected) {
  if (!value.is_string()) throw bad_answer(value, expected);
  std::string text = value.as_string();
  if (text.rfind("0x", 0) != 0) throw bad_answer(value, expected);
  return text;
}

base::Bytes32 read_hash(const base::Json& value) {
  const auto hash = base::fixed_from_hex<32>(hex_text(value, "a hash"));
  if (!hash) throw bad_answer(value, "a hash of 32 octets");
  return *hash;
}

eth::Address read_address(const base::Json& value) {
  const auto address = eth::Address::parse(hex_text(value, "an address"));
  if (!address) throw bad_answer(value, "an address");
  return *address;
}

std::vector<base::Json> elements_of(const base::Json& value) {
  if (!value.is_array()) throw bad_answer(value, "an array");
  return value.elements();
}

LogEntry read_log(const base::Json& value) {
  LogEntry log;
  log.address = read_address(value["address"]);
  for (const base::Json& topic : elements_of(value["topics"])) {
    log.topics.push_back(read_hash(topic));
  }
  log.data = read_data(value["data"]);
  const base::Json block = value["blockNumber"];
  if (block.exists() && !block.is_null()) log.block_number = read_u64(block);
  return log;
}

}  // namespace

eth::U256 read_quantity(const base::Json& value) {
  const auto number = eth::U256::from_hex(hex_text(value, "a hexadecimal number"));
  if (!number) throw bad_answer(value, "a hexadecimal number");
  return *number;
}

std::uint64_t read_u64(const base::Json& value) {
  const eth::U256 number = read_quantity(value);
  if (!number.fits_u64()) throw bad_answer(value, "a number of 64 bits");
  return number.to_u64();
}

base::Bytes read_data(const base::Json& value) {
  const auto data = base::from_hex(hex_text(value, "hexadecimal octets"));
  if (!data) throw bad_answer(value, "hexadecimal octets");
  return *data;
}

BlockHeader read_block_header(const base::Json& value) {
  if (!value.is_object()) throw bad_answer(value, "a block");
  BlockHeader header;
  header.number = read_u64(value["number"]);
  header.timestamp = read_u64(value["timestamp"]);
  header.base_fee_per_gas = read_quantity(value["baseFeePerGas"]);
  return header;
}

std::vector<LogEntry> read_logs(const base::Json& value) {
  std::vector<LogEntry> out;
  for (const base::Json& entry : elements_of(value)) out.push_back(read_log(entry));
  return out;
}

std::optional<Receipt> read_receipt(const base::Json& value) {
  if (value.is_null()) return std::nullopt;
  if (!value.is_object()) throw bad_answer(value, "a receipt");
  // Some nodes answer for a pending transaction, without a block.
  if (value["blockNumber"].is_null()) return std::nullopt;
  Receipt receipt;
  receipt.transaction_hash = read_hash(value["transactionHash"]);
  receipt.block_number = read_u64(value["blockNumber"]);
  receipt.block_hash = read_hash(value["blockHash"]);
  const std::uint64_t status = read_u64(value["status"]);
  if (status > 1) throw bad_answer(value["status"], "0x0 or 0x1");
  receipt.success = status == 1;
  receipt.gas_used = read_u64(value["gasUsed"]);
  receipt.effective_gas_price = read_quantity(value["effectiveGasPrice"]);
  for (const base::Json& log : elements_of(value["logs"])) receipt.logs.push_back(read_log(log));
  return receipt;
}

}  // namespace ecloud::chain
