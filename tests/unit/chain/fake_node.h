#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "ecloud/base/json.h"
#include "support/fake_transport.h"

namespace ecloud::testing {

/// A node that knows a result or an error for each method: `answers` maps a method to what stands
/// in its answer beside the id, such as "\"result\":\"0x1\"".
struct FakeNode {
  std::string chain_id = "0xaa36a7";  // Sepolia
  bool takes_batches = true;
  std::map<std::string, std::string> answers;

  std::string answer_one(const base::Json& call) {
    const std::string method = call["method"].as_string();
    std::string answer = "\"result\":\"" + chain_id + "\"";
    if (method != "eth_chainId") {
      const auto known = answers.find(method);
      answer = known != answers.end()
                   ? known->second
                   : "\"error\":{\"code\":-32601,\"message\":\"the method does not exist\"}";
    }
    return R"({"jsonrpc":"2.0","id":)" + call["id"].dump() + "," + answer + "}";
  }

  net::Response answer(const net::Request& request) {
    const base::Json body = base::Json::parse(request.body, "request");
    const std::lock_guard lock(mutex);
    std::string names;
    if (!body.is_array()) {
      asked.push_back(body["method"].as_string());
      return make_response(200, answer_one(body));
    }
    // The last call first: answers may come in any order.
    std::string answers_text;
    for (const base::Json& call : body.elements()) {
      if (!names.empty()) names += ",";
      names += call["method"].as_string();
      answers_text = answer_one(call) + (answers_text.empty() ? "" : ",") + answers_text;
    }
    asked.push_back("[" + names + "]");
    if (!takes_batches) {
      return make_response(
          200, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}})");
    }
    return make_response(200, "[" + answers_text + "]");
  }

  FakeTransport::Handler handler() {
    return [this](const net::Request& request) { return answer(request); };
  }

  std::mutex mutex;
  std::vector<std::string> asked;  ///< a request each: "eth_call" or "[eth_chainId,eth_call]"
};

}  // namespace ecloud::testing
