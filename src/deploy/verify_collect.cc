// What `verify` reads of the world.
#include "deploy/verify_collect.h"

#include <algorithm>
#include <memory>

#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/chain.h"
#include "ecloud/platform/controller.h"
#include "ecloud/platform/signatures.h"
#include "ecloud/platform/signed_addresses.h"

namespace ecloud::deploy {
namespace {

constexpr std::size_t kNonceBytes = 32;
constexpr std::size_t kMaxProofBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxAttestationBytes = std::size_t{1} << 20;

/// A node and the client that asks it alone.
struct Node {
  std::unique_ptr<chain::RpcClient> rpc;
  NodeEvidence evidence;
  std::string version;
};

std::uint64_t number_in(const chain::RpcResult& result) {
  const eth::U256 number =
      platform::decode_number(chain::read_data(chain::value_or_throw(result, "eth_call")));
  return number.fits_u64() ? number.to_u64() : 0;
}

void ask_views(const Services& services, const eth::Address& app, Node& node) {
  const auto view = [&](const base::Bytes& data) {
    return chain::eth_call(services.environment.app_controller, data);
  };
  const auto results =
      node.rpc->batch({view(platform::encode_version()), view(platform::encode_app_creator(app)),
                       view(platform::encode_latest_release_block(app)),
                       view(platform::encode_pending_release_block(app))});
  NodeEvidence& out = node.evidence;
  node.version =
      platform::decode_text(chain::read_data(chain::value_or_throw(results[0], "eth_call")));
  out.creator =
      platform::decode_address(chain::read_data(chain::value_or_throw(results[1], "eth_call")))
          .to_string();
  out.latest_release_block = number_in(results[2]);
  // The older contracts have no such function and revert.
  const bool has_pending = std::holds_alternative<base::Json>(results[3]);
  out.pending_release_block = has_pending ? number_in(results[3]) : 0;
  out.asked_block =
      out.latest_release_block > 0 ? out.latest_release_block : out.pending_release_block;
}

void ask_logs(const Services& services, const eth::Address& app, Node& node) {
  if (node.evidence.asked_block == 0) return;
  const auto results = node.rpc->batch(
      {chain::get_logs(services.environment.app_controller, node.evidence.asked_block,
                       {std::nullopt, platform::topic_of_address(app)})});
  node.evidence.logs = chain::value_or_throw(results[0], "eth_getLogs").dump();
}

void ask(const Services& services, const eth::Address& app, Node& node) {
  node.evidence.absence = attempt([&] {
    ask_views(services, app, node);
    ask_logs(services, app, node);
  });
}

std::vector<Node> make_nodes(const Services& services) {
  static const base::Log kSilent;
  std::vector<Node> out;
  for (const std::string& url : services.environment.rpc_urls) {
    Node node;
    node.evidence.origin = base::url_origin(url);
    node.rpc = std::make_unique<chain::RpcClient>(
        services.transport, services.clock, kSilent,
        chain::RpcOptions{
            .urls = {url}, .chain_id = services.environment.chain_id, .max_attempts = 1});
    out.push_back(std::move(node));
  }
  // Two at one host are told apart.
  for (std::size_t i = 0; i < out.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (out[j].evidence.origin == out[i].evidence.origin) {
        out[i].evidence.origin += " (" + std::to_string(i + 1) + ")";
        break;
      }
    }
  }
  return out;
}

void require_known(const Services& services, const eth::Address& app,
                   const std::vector<Node>& nodes) {
  bool heard = false;
  for (const Node& node : nodes) {
    if (node.evidence.absence) continue;
    heard = true;
    if (node.evidence.creator != eth::Address().to_string()) return;
  }
  if (!heard) return;
  throw Error(Category::kNotFound, "app.not_found",
              "there is no app " + app.to_string() + " on " +
                  platform::chain_name(services.environment.chain_id),
              "see your apps: ecloud compute app list, or check --environment");
}

std::optional<platform::Artifact> artifact_of(const VerifyMaterial& material,
                                              const Services& services) {
  for (const NodeEvidence& node : material.nodes) {
    if (node.absence || node.logs.empty()) continue;
    std::optional<platform::Release> release;
    attempt([&] {
      release =
          platform::find_app_upgraded(chain::read_logs(base::Json::parse(node.logs, node.origin)),
                                      services.environment.app_controller, material.app);
    });
    if (release && release->artifacts.size() == 1) return release->artifacts.front();
  }
  return std::nullopt;
}

BuildEvidence collect_build(const Services& services, const oci::Digest& digest) {
  BuildEvidence out;
  platform::BuildApi api(services.transport, services.clock, services.environment, nullptr);
  out.absence = attempt([&] { out.verdict = api.verify(digest.to_string()); });
  return out;
}

AddressEvidence collect_addresses(const Services& services, const VerifyRequest& request,
                                  const std::string& version) {
  AddressEvidence out;
  if (request.key != nullptr && version.empty()) {
    out.absence = Absence{"no node told the controller's version, which the request is signed for"};
    return out;
  }
  const base::Bytes32 separator =
      request.key == nullptr
          ? base::Bytes32{}
          : platform::controller_domain_separator(version, services.environment.chain_id,
                                                  services.environment.app_controller);
  out.absence = attempt([&] {
    out.signed_addresses =
        platform::fetch_signed_addresses(services.transport, services.clock, services.environment,
                                         request.key, separator, request.app);
  });
  if (out.absence && request.key == nullptr) {
    out.absence->reason +=
        "; a key that may see the app is needed: --private-key-file PATH, or "
        "`ecloud auth login`";
  }
  if (!out.absence && out.signed_addresses.empty()) {
    out.absence = Absence{"the platform gave no addresses of the app"};
  }
  return out;
}

void fetch_attestation(const Services& services, AttestationEvidence& out) {
  if (!out.octets.empty() || out.absence) return;
  out.absence = attempt([&] {
    net::Request asked;
    asked.url = out.source;
    asked.purpose = "the attestation";
    asked.max_response_bytes = kMaxAttestationBytes;
    const net::Response answer = services.transport.send(asked);
    if (!answer.ok()) {
      throw Error(Category::kNetwork, "net.protocol",
                  "the server answered " + std::to_string(answer.status) +
                      " to the request for the attestation");
    }
    out.octets = answer.body;
  });
  out.source = base::redact_url(out.source);
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

}  // namespace

std::string proof_host(std::string_view url) {
  const std::string origin = base::to_lower(base::url_origin(url));
  const std::size_t at = origin.find("://");
  std::string host = at == std::string::npos ? origin : origin.substr(at + 3);
  const std::string_view own = origin.starts_with("https://") ? ":443" : ":80";
  if (host.ends_with(own)) host.resize(host.size() - own.size());
  return host;
}

std::optional<Absence> attempt(const std::function<void()>& get, bool missing_contradicts) {
  try {
    get();
    return std::nullopt;
  } catch (const Error& error) {
    const std::string& code = error.code();
    if (error.category() == Category::kInterrupted || code == "chain.wrong_chain") throw;
    if (error.category() == Category::kBug) throw;
    const bool missing = code == "image.missing_layer" || code == "image.not_found";
    const bool wrong = code == "image.digest_mismatch" || code == "image.platform" ||
                       code == "image.not_an_image" || code == "chain.bad_answer";
    return Absence{error.message(), wrong || (missing && missing_contradicts)};
  }
}

std::vector<NodeEvidence> collect_nodes(const Services& services, const eth::Address& app,
                                        std::string& controller_version) {
  std::vector<Node> nodes = make_nodes(services);
  std::vector<std::function<void()>> tasks;
  for (Node& node : nodes) tasks.emplace_back([&, &one = node] { ask(services, app, one); });
  base::run_concurrently(std::move(tasks));
  std::uint64_t newest = 0;
  for (const Node& node : nodes) newest = std::max(newest, node.evidence.asked_block);
  for (Node& node : nodes) {
    if (node.evidence.absence || node.evidence.asked_block == newest) continue;
    // It may only be behind.
    node.rpc->require_block(newest);
    ask(services, app, node);
  }
  require_known(services, app, nodes);
  std::vector<NodeEvidence> out;
  for (Node& node : nodes) {
    if (controller_version.empty()) controller_version = node.version;
    out.push_back(std::move(node.evidence));
  }
  return out;
}

LiveEvidence collect_live(const Services& services, const eth::Address& app,
                          const LiveRequest& request) {
  LiveEvidence out;
  base::Bytes nonce(kNonceBytes);
  services.random.fill(nonce);
  out.nonce = base::to_hex(nonce);
  out.message = request.message.empty() ? std::string(kDefaultProofMessage) : request.message;
  if (out.message.find("{host}") != std::string::npos) out.host = proof_host(request.url);
  // The host last: it is not ours, and may not stand for anything else.
  out.message = replaced(std::move(out.message), "{app}", app.to_lower_hex());
  out.message = replaced(std::move(out.message), "{nonce}", out.nonce);
  out.message = replaced(std::move(out.message), "{host}", out.host);
  std::string origin = request.url;
  while (origin.ends_with("/")) origin.pop_back();
  const char joint = request.path.find('?') == std::string::npos ? '?' : '&';
  out.url = origin + request.path;
  out.absence = attempt([&] {
    net::Request asked;
    asked.url = out.url + joint + "app=" + app.to_lower_hex() + "&nonce=" + out.nonce;
    asked.purpose = "the app's proof";
    asked.max_response_bytes = kMaxProofBytes;
    asked.wants_certificates = true;
    const net::Response answer = services.transport.send(asked);
    out.certificates = answer.certificates;
    if (!answer.ok()) {
      throw Error(Category::kNetwork, "net.protocol",
                  "the app answered " + std::to_string(answer.status) + " at " + origin +
                      request.path + ": it gives no proof there (--proof-path)");
    }
    out.answer = answer.body;
  });
  return out;
}

VerifyMaterial collect_material(const Services& services, const VerifyRequest& request) {
  VerifyMaterial out;
  out.app = request.app;
  out.taken_at = services.clock.unix_seconds();
  out.environment = services.environment.name;
  out.chain_id = services.environment.chain_id;
  out.app_controller = services.environment.app_controller.to_string();
  services.observer.phase("reading the release of " + request.app.to_string());
  std::string version;
  out.nodes = collect_nodes(services, request.app, version);
  services.observer.phase("reading what the registry, the platform and the app say");
  const auto artifact = artifact_of(out, services);
  out.attestation = request.attestation;
  base::run_concurrently({
      [&] {
        if (artifact) collect_image(services, request.base, *artifact, out);
      },
      [&] {
        if (artifact) out.build = collect_build(services, oci::Digest(artifact->digest));
      },
      [&] { out.addresses = collect_addresses(services, request, version); },
      [&] {
        if (request.live) out.live = collect_live(services, request.app, *request.live);
      },
      [&] {
        if (out.attestation) fetch_attestation(services, *out.attestation);
      },
  });
  collect_recipe_tools(services, out);
  return out;
}

}  // namespace ecloud::deploy
