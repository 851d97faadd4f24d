// What nodes answer, and what stands in transactions.
#include <string>

#include "chain/rpc_wire.h"
#include "ecloud/base/json.h"
#include "ecloud/chain/chain.h"
#include "ecloud/eth/abi.h"
#include "ecloud/eth/rlp.h"
#include "ecloud/eth/transaction.h"
#include "ecloud/platform/controller.h"
#include "fuzz/targets.h"

namespace ecloud::fuzz {
namespace {

void run_rlp(base::ByteView input) {
  accepts([&] {
    const eth::RlpItem item = eth::rlp_decode(input);
    const base::Bytes again = eth::rlp_encode(item);
    // Only the canonical form is taken.
    require(std::equal(again.begin(), again.end(), input.begin(), input.end()), "RLP has one form");
  });
}

void run_transaction(base::ByteView input) {
  accepts([&] { eth::decode_transaction(input); });
}

void run_abi(base::ByteView input) {
  // The shapes that the platform's contracts answer with.
  static constexpr const char* kTypes[] = {
      "(string)", "(uint256,address,bool)", "(bytes,bytes32[])",
      "(address[],(address,uint32,uint32,uint8)[])", "(((bytes32,string)[],uint32,bytes,bytes))"};
  if (input.empty()) return;
  const char* type = kTypes[input[0] % std::size(kTypes)];
  accepts([&] {
    const auto values = eth::abi_decode(type, input.subspan(1));
    const base::Bytes encoded = eth::abi_encode(type, values);
    require(eth::abi_decode(type, encoded) == values, "ABI values survive encoding");
  });
}

void run_contract(base::ByteView input) {
  for (const auto generation :
       {platform::Generation::kThreeFields, platform::Generation::kFourFields}) {
    accepts([&] { platform::decode_apps(generation, input); });
  }
  accepts([&] { platform::decode_execute(input); });
  accepts([&] { platform::decode_text(input); });
  accepts([&] { platform::explain_revert(input); });
  accepts([&] { chain::solidity_revert_reason(input); });
}

void run_rpc(base::ByteView input) {
  const auto answer = base::Json::try_parse(base::as_chars(input));
  if (!answer) return;
  const auto tries = [&](auto action) {
    accepts([&] {
      try {
        action();
      } catch (const chain::EndpointFailure&) {
      }
    });
  };
  tries([&] { chain::decode_answer(*answer, 1); });
  tries([&] { chain::decode_batch(*answer, 3); });
  tries([&] { chain::refuses_batch(*answer, 3); });
  tries([&] { chain::find_revert_data((*answer)["error"]); });
  const base::Json result = (*answer)["result"];
  tries([&] { chain::read_quantity(result); });
  tries([&] { chain::read_data(result); });
  tries([&] { chain::read_block_header(result); });
  tries([&] { chain::read_logs(result); });
  tries([&] {
    const auto receipt = chain::read_receipt(result);
    if (receipt) platform::find_app_created(*receipt, eth::Address());
  });
}

}  // namespace

std::vector<Target> chain_targets() {
  return {{"abi", run_abi},
          {"contract", run_contract},
          {"rlp", run_rlp},
          {"rpc", run_rpc},
          {"transaction", run_transaction}};
}

}  // namespace ecloud::fuzz
