#include <algorithm>

#include "ecloud/chain/chain.h"

namespace ecloud::chain {
namespace {

/// Nothing while there is none, and while the RPC fails in a way that time may mend.
std::optional<Receipt> ask_for_receipt(RpcClient& rpc, const RpcCall& call) {
  try {
    return read_receipt(rpc.call(call.method, call.params));
  } catch (const Error& error) {
    if (error.category() != Category::kNetwork || error.code() == "chain.wrong_chain") throw;
    return std::nullopt;
  }
}

}  // namespace

std::optional<Receipt> wait_for_receipt(RpcClient& rpc, base::Clock& clock,
                                        const base::Bytes32& hash, const ReceiptWait& wait) {
  const RpcCall call = get_transaction_receipt(hash);
  const base::Milliseconds deadline = clock.monotonic() + wait.timeout;
  base::Milliseconds delay = wait.first_delay;
  for (;;) {
    if (auto receipt = ask_for_receipt(rpc, call)) return receipt;
    const base::Milliseconds left = deadline - clock.monotonic();
    if (left.count() <= 0) return std::nullopt;
    clock.sleep(std::min(delay, left));
    delay = std::min(delay * 3 / 2, wait.max_delay);
  }
}

}  // namespace ecloud::chain
