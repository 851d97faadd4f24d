// What the platform's services answer.
#include <string>

#include "ecloud/base/base64.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/rpc_client.h"
#include "ecloud/crypto/pem_keys.h"
#include "ecloud/oci/push.h"
#include "ecloud/oci/registry.h"
#include "ecloud/platform/billing_api.h"
#include "ecloud/platform/build_api.h"
#include "ecloud/platform/kms.h"
#include "ecloud/platform/provenance.h"
#include "ecloud/platform/user_api.h"
#include "fuzz/scripted.h"
#include "fuzz/targets.h"
#include "support/manual_clock.h"

namespace ecloud::fuzz {
namespace {

const eth::Address& app() {
  static const auto address = *eth::Address::parse("0x5fbdb2315678afecb367f032d93f642f64180aa3");
  return address;
}

const platform::Environment& sepolia() {
  return platform::builtin_environments().front();
}

/// What is shown to people moves no cursor.
void require_line(const std::string& text) {
  require(base::printable_line(text, text.size()) == text, "a server's words are one line");
}

/// The answer as it is, and as the reason of a refusal.
template <typename Ask>
void ask_all(base::ByteView input, Ask ask) {
  for (const int status : {200, 403}) {
    OneAnswer transport({status, {}, std::string(base::as_chars(input)), ""});
    testing::ManualClock clock;
    ask(transport, clock);
  }
}

void run_user_api(base::ByteView input) {
  ask_all(input, [](net::Transport& transport, base::Clock& clock) {
    platform::UserApi api(transport, clock, sepolia(), nullptr, {});
    accepts([&] {
      for (const auto& info : api.info({app()})) {
        require_line(info.state_word);
        require_line(info.ip.value_or(""));
        require(!info.addresses, "nobody here has the KMS's key");
      }
    });
    accepts([&] { require_line(api.status({app()}).at(0).state_word); });
    accepts([&] { api.skus(); });
    accepts([&] {
      for (const auto& release : api.details(app()).releases) require_line(release.image_digest);
    });
    accepts([&] { api.replace_profile(app(), {"name", "", "", "", ""}); });
  });
}

void run_billing(base::ByteView input) {
  ask_all(input, [](net::Transport& transport, base::Clock& clock) {
    platform::BillingApi api(transport, clock, sepolia(), fuzz_key());
    accepts([&] { require_line(api.subscription().status); });
    accepts([&] { require_line(api.open_checkout()); });
    accepts([&] { api.cancel(); });
  });
}

void run_build_api(base::ByteView input) {
  ask_all(input, [](net::Transport& transport, base::Clock& clock) {
    platform::BuildApi api(transport, clock, sepolia(), nullptr);
    accepts([&] { platform::check_build_id(api.submit({"https://github.com/a/b", "0"})); });
    accepts([&] { require_line(api.build("b-1").error_message); });
    accepts([&] { api.of_image(oci::Digest::of({})); });
    accepts([&] { api.list(app(), 20, 0); });
    accepts([&] {
      const auto verdict = api.verify("b-1");
      platform::read_provenance(verdict.payload);
    });
  });
}

void run_kms(base::ByteView input) {
  static const crypto::PemKeyPair key = crypto::generate_p256();
  auto document = base::Json::try_parse(base::as_chars(input));
  if (!document) return;
  accepts([&] { platform::verify_addresses(*document, app(), key.public_key); });
  accepts([&] {
    const std::string text = platform::kms_signed_text((*document)["data"]);
    const auto signature = crypto::p256_sign(key.private_key, base::as_bytes(text));
    document->set("signature", base::to_base64(signature));
    const auto found = platform::verify_addresses(*document, app(), key.public_key);
    for (const auto& address : found.evm) require_line(address.address);
  });
}

void run_nodes(base::ByteView input) {
  ScriptedAnswers transport(base::as_chars(input));
  testing::ManualClock clock;
  const base::Log log;
  chain::RpcClient client(transport, clock, log, {{"https://a.example", "https://b.example"}, 17});
  accepts([&] {
    client.batch({{"eth_blockNumber", base::Json::array()}, {"eth_gasPrice", base::Json::array()}});
  });
  accepts([&] { client.call("eth_blockNumber", base::Json::array()); });
  accepts([&] { client.send_raw_transaction(base::to_bytes("\x02raw")); });
}

/// Credentials for one host.
class OneLogin final : public oci::CredentialSource {
 public:
  std::optional<oci::Credentials> find(const std::string& name) override {
    if (!name.starts_with("ghcr.io/")) return std::nullopt;
    return oci::Credentials{"me", base::Secret(std::string("secret"))};
  }
};

void run_registry(base::ByteView input) {
  ScriptedAnswers transport(base::as_chars(input));
  OneLogin login;
  oci::RegistryClient client(transport, login);
  const auto reference = oci::Reference::parse("ghcr.io/you/app:1");
  accepts([&] {
    const oci::FetchedImage found = client.fetch(reference);
    require(found.image.digest == oci::Digest::of(base::as_bytes(found.image.manifest)),
            "a digest is that of the octets");
    for (const auto& layer : found.image.layers) {
      client.read_blob(reference, layer, [](base::ByteView) { return true; });
    }
  });
  accepts([&] { client.resolve(oci::Reference::parse("nginx:none")); });
}

class Unwatched final : public oci::PushObserver {
 public:
  void blob(const oci::Descriptor&, oci::BlobStep, std::uint64_t) override {}
};

void run_push(base::ByteView input) {
  ScriptedAnswers transport(base::as_chars(input));
  OneLogin login;
  oci::RegistryClient client(transport, login);
  const std::string config = "{}";
  oci::PushRequest request;
  request.target = oci::Reference::parse("ghcr.io/you/app:1");
  request.blobs.push_back(
      {{std::string(oci::kOciConfigType), oci::Digest::of(base::as_bytes(config)), config.size()},
       oci::content_of(config),
       std::nullopt});
  request.manifest = "{}";
  request.manifest_type = oci::kOciManifestType;
  request.spool_directory = scratch_folder();
  Unwatched observer;
  accepts([&] {
    const oci::PushReport report = client.push(request, observer);
    require(report.digest == oci::Digest::of(base::as_bytes(request.manifest)),
            "what was pushed is what was asked for");
  });
}

}  // namespace

std::vector<Target> service_targets() {
  return {{"billing", run_billing},  {"build_api", run_build_api}, {"kms", run_kms},
          {"nodes", run_nodes},      {"push", run_push},           {"registry", run_registry},
          {"user_api", run_user_api}};
}

}  // namespace ecloud::fuzz
