#include "e2e/liar.h"

#include "ecloud/base/text.h"
#include "support/http_probe.h"

namespace ecloud::testing {
namespace {

bool is_of_connection(std::string_view name) {
  for (const char* own : {"Host", "Connection", "Content-Length", "Transfer-Encoding",
                          "Accept-Encoding", "Expect", "Date"}) {
    if (base::equal_ignoring_case(name, own)) return true;
  }
  return false;
}

base::Json with_lie(const RpcLie& lie, const base::Json& call, const base::Json& answer) {
  const auto other = lie(call["method"].as_string(), call["params"], answer["result"]);
  if (!other) return answer;
  return base::Json::object({{"jsonrpc", "2.0"}, {"id", call["id"]}, {"result", *other}});
}

}  // namespace

Liar::Liar(const devnet::Devnet& devnet, Lie lie)
    : devnet_port_(devnet.port()),
      lie_(std::move(lie)),
      server_([this](const ServerRequest& request) {
        Reply reply = pass_on(request);
        lie_(request, reply);
        return reply;
      }) {}

Reply Liar::pass_on(const ServerRequest& request) const {
  ProbeHeaders headers;
  for (const net::Header& header : request.headers) {
    if (!is_of_connection(header.name)) headers.emplace_back(header.name, header.value);
  }
  const ProbeAnswer answer =
      probe(devnet_port_, request.method, request.path, headers, request.body);
  Reply reply;
  reply.status = answer.status;
  reply.body = answer.body;
  for (const auto& [name, value] : answer.headers) {
    if (!is_of_connection(name)) reply.headers.push_back({name, value});
  }
  if (request.method == "HEAD") {
    reply.headers.push_back({"Content-Length", answer.header("content-length")});
  }
  return reply;
}

std::string Liar::everything() {
  std::string out;
  for (const ServerRequest& request : requests()) {
    out += request.method + " " + request.path + "\n";
    for (const net::Header& header : request.headers) {
      out += header.name + ": " + header.value + "\n";
    }
    out += request.body + "\n";
  }
  return out;
}

Liar::Lie lies_of_node(RpcLie lie) {
  return [lie = std::move(lie)](const ServerRequest& request, Reply& reply) {
    const auto asked = base::Json::try_parse(request.body);
    const auto answered = base::Json::try_parse(reply.body);
    if (!asked || !answered) return;
    if (!asked->is_array()) {
      reply.body = with_lie(lie, *asked, *answered).dump();
      return;
    }
    // The devnet answers in the order of the calls.
    base::Json answers = base::Json::array();
    for (std::size_t i = 0; i < asked->size(); ++i) {
      answers.push(with_lie(lie, asked->at(i), answered->at(i)));
    }
    reply.body = answers.dump();
  };
}

std::string call_data(const std::string& method, const base::Json& params) {
  if (method != "eth_call") return {};
  return params.at(0)["data"].opt_string().value_or("0x").substr(2);
}

}  // namespace ecloud::testing
