#include <string>
#include <vector>

#include "ecloud/chain/rpc_client.h"
#include "fake_node.h"
#include "support/catch.h"
#include "support/manual_clock.h"

using namespace ecloud;
using testing::FakeNode;
using testing::FakeTransport;
using testing::make_response;

namespace {

constexpr char kUrl[] = "https://a.example/";

std::string failed(const std::string& message) {
  return R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":")" + message + "\"}}";
}

std::string hash_answer(const std::string& hash) {
  return R"({"jsonrpc":"2.0","id":1,"result":"0x)" + hash + "\"}";
}

// keccak256 of the octet 2, of viem 2.38.6.
std::string accepted() {
  return hash_answer("f2ee15ea639b73fa3db9b34a245bdfa015c260c598b211bf05a1ecc4b3e3b4f2");
}

/// What becomes of a transaction: "sent", the node's refusal, or the code of the error.
struct Sending {
  FakeTransport fake;
  testing::ManualClock clock;
  base::Log log;

  Sending() { fake.once("POST", kUrl, make_response(200, R"({"id":1,"result":"0xaa36a7"})")); }
  Sending& answer(const std::string& body, int status = 200) {
    fake.once("POST", kUrl, make_response(status, body));
    return *this;
  }
  Sending& fail(const std::string& code) {
    fake.once("POST", kUrl, Error(Category::kNetwork, code, "https://a.example: it broke"));
    return *this;
  }
  std::string outcome() {
    chain::RpcClient rpc(fake, clock, log, {{kUrl}, 11155111, 3});
    std::string out;
    try {
      const auto refusal = rpc.send_raw_transaction(base::to_bytes("\x02"));
      out = refusal ? refusal->error.message : "sent";
      if (refusal && refusal->maybe_delivered) out += " | maybe delivered";
      if (refusal && refusal->nonce_too_low) out += " | nonce too low";
    } catch (const Error& error) {
      out = error.code();
    }
    CHECK(fake.complaints() == "");
    return out;
  }
};

}  // namespace

TEST_CASE("an accepted transaction is sent", "[chain]") {
  CHECK(Sending().answer(accepted()).outcome() == "sent");
}

TEST_CASE("a refusal of the node is handed on", "[chain]") {
  CHECK(Sending().answer(failed("insufficient funds for gas * price + value")).outcome() ==
        "insufficient funds for gas * price + value");
  CHECK(Sending().answer(failed("transaction underpriced")).outcome() == "transaction underpriced");
  CHECK(Sending().answer(failed("Nonce is too low")).outcome() ==
        "Nonce is too low | nonce too low");
}

TEST_CASE("a transaction that the node has already is sent", "[chain]") {
  for (const char* words :
       {"already known", "AlreadyKnown", "Known transaction", "transaction already imported",
        "Transaction with the same hash was already imported."}) {
    CHECK(Sending().answer(failed(words)).outcome() == "sent");
  }
}

TEST_CASE("a nonce used up after an attempt without an answer is our own", "[chain]") {
  for (const char* code : {"net.timeout", "net.closed", "net.protocol"}) {
    CHECK(
        Sending().fail(code).answer(failed("nonce too low: next nonce 5, tx nonce 4")).outcome() ==
        "sent");
  }
  CHECK(Sending().answer("gateway", 502).answer(failed("nonce too low")).outcome() == "sent");
  CHECK(Sending().answer("{\"id\":1,").answer(failed("Nonce too low")).outcome() == "sent");
}

TEST_CASE("a nonce used up after an attempt that reached nobody is somebody else's", "[chain]") {
  for (const char* code : {"net.refused", "net.resolve", "net.tls"}) {
    CHECK(Sending().fail(code).answer(failed("nonce too low")).outcome() ==
          "nonce too low | nonce too low");
  }
  CHECK(Sending().answer("slow down", 429).answer(failed("nonce too low")).outcome() ==
        "nonce too low | nonce too low");
}

TEST_CASE("another refusal after an attempt without an answer says that it may have arrived",
          "[chain]") {
  for (const char* code : {"net.timeout", "net.closed", "net.protocol"}) {
    CHECK(Sending().fail(code).answer(failed("insufficient funds")).outcome() ==
          "insufficient funds | maybe delivered");
  }
  CHECK(Sending().answer("gateway", 502).answer(failed("txpool is full")).outcome() ==
        "txpool is full | maybe delivered");
  CHECK(Sending().fail("net.refused").answer(failed("txpool is full")).outcome() ==
        "txpool is full");
}

TEST_CASE("an answer that is no hash is none", "[chain]") {
  for (const char* result : {"null", "true", "\"0x12\"", "{}"}) {
    CHECK(Sending()
              .answer(R"({"id":1,"result":)" + std::string(result) + "}")
              .answer(failed("already known"))
              .outcome() == "sent");
  }
}

TEST_CASE("an answer with the hash of another transaction is none", "[chain]") {
  const std::string other = hash_answer(std::string(64, 'a'));
  CHECK(Sending().answer(other).answer(failed("already known")).outcome() == "sent");
  CHECK(Sending().answer(other).answer(failed("nonce too low")).outcome() == "sent");
  CHECK(Sending().answer(other).answer(other).answer(other).outcome() == "chain.bad_answer");
}

TEST_CASE("a transaction that no URL takes may have arrived all the same", "[chain]") {
  CHECK(Sending().fail("net.timeout").fail("net.timeout").fail("net.timeout").outcome() ==
        "chain.unreachable");
}
