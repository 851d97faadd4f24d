// Our registry client against the devnet's registry, through a proxy that cuts connections. Unlike
// Debian's docker-registry it can tell what it has of an upload that was cut.

#include <algorithm>
#include <mutex>
#include <thread>

#include "ecloud/base/log.h"
#include "ecloud/net/curl_transport.h"
#include "ecloud/oci/push.h"
#include "ecloud/oci/registry.h"
#include "support/cutting_proxy.h"
#include "support/temp_dir.h"
#include "unit/devnet/devnet_fixture.h"

namespace ecloud::testing {
namespace {

using oci::Descriptor;
using oci::Digest;

class Nobody final : public oci::CredentialSource {
 public:
  std::optional<oci::Credentials> find(const std::string&) override { return std::nullopt; }
};

class Steps final : public oci::PushObserver {
 public:
  void blob(const Descriptor&, oci::BlobStep step, std::uint64_t done) override {
    const std::lock_guard lock(mutex_);
    if (step == oci::BlobStep::kSending) sending.push_back(done);
  }
  std::vector<std::uint64_t> sending;

 private:
  std::mutex mutex_;
};

Descriptor descriptor_of(std::string_view type, const std::string& octets) {
  return {std::string(type), Digest::of(base::as_bytes(octets)), octets.size()};
}

std::string json_of(const Descriptor& blob) {
  return R"({"mediaType":")" + blob.media_type + R"(","digest":")" + blob.digest.to_string() +
         R"(","size":)" + std::to_string(blob.size_bytes) + "}";
}

class ClientFixture : public DevnetFixture {
 public:
  ClientFixture() : proxy(devnet.port()) {}

  oci::PushRequest request(const std::string& tag) const {
    const std::string name = "127.0.0.1:" + std::to_string(proxy.port()) + "/you/app:" + tag;
    const Descriptor config_blob = descriptor_of(oci::kOciConfigType, config);
    const Descriptor layer_blob = descriptor_of(oci::kOciLayerType, layer);
    const std::string type(oci::kOciManifestType);
    return {oci::Reference::parse(name),
            {{layer_blob, oci::content_of(layer), std::nullopt},
             {config_blob, oci::content_of(config), std::nullopt}},
            R"({"schemaVersion":2,"mediaType":")" + type + R"(","config":)" + json_of(config_blob) +
                R"(,"layers":[)" + json_of(layer_blob) + "]}",
            type,
            {}};
  }
  std::string failure(const oci::PushRequest& what) {
    try {
      client.push(what, steps);
    } catch (const Error& error) {
      return error.code();
    }
    return "none";
  }
  bool has_tag(const std::string& tag) const {
    return get("/v2/you/app/manifests/" + tag).status == 200;
  }

  std::string config = R"({"os":"linux","architecture":"amd64"})";
  std::string layer = std::string(3'000'000, 'a') + "end";
  CuttingProxy proxy;
  Steps steps;
  base::CancelToken cancel;
  base::Log log;
  Nobody nobody;
  std::unique_ptr<net::Transport> transport = net::make_curl_transport({}, cancel, log);
  oci::RegistryClient client{*transport, nobody, with_clock()};

 private:
  oci::RegistryOptions with_clock() {
    oci::RegistryOptions out;
    out.clock = &clock;
    return out;
  }
};

TEST_CASE("a cut upload goes on where it ended", "[devnet][push]") {
  ClientFixture net;
  // The pause before the next attempt is there for this: the registry sees the end a little later.
  net.clock.on_sleep([&](base::Milliseconds) {
    const auto is_over = [](const devnet::RequestRecord& record) {
      return record.method == "PATCH" && record.status != 0;
    };
    for (bool seen = false; !seen;) {
      const auto requests = net.devnet.requests();
      seen = std::any_of(requests.begin(), requests.end(), is_over);
      std::this_thread::yield();
    }
  });
  net.proxy.cut_after_sent(1'700'000);
  const oci::PushReport report = net.client.push(net.request("1"), net.steps);
  CHECK(net.proxy.cuts() == 1);
  CHECK(report.sent == 2);
  CHECK(net.has_tag("1"));
  CHECK(net.devnet.count("registry:/uploads/patch") == 2);
  CHECK(net.devnet.count("registry:/uploads/get") == 1);
  CHECK(net.devnet.count("registry:/uploads/post") == 2);
  // At most what had not arrived at 1,700,000 octets, headers among them, is sent twice.
  CHECK(report.sent_bytes >= net.layer.size() + net.config.size());
  CHECK(report.sent_bytes < net.layer.size() + net.config.size() + 1'310'000);
  std::string read;
  const oci::PushRequest pushed = net.request("1");
  net.client.read_blob(pushed.target, pushed.blobs[0].descriptor, [&](base::ByteView octets) {
    read.append(base::as_chars(octets));
    return true;
  });
  CHECK(read == net.layer);
}

TEST_CASE("an upload whose answer got lost is not sent again", "[devnet][push]") {
  ClientFixture net;
  net.devnet.add_fault({.kind = "registry:/uploads/put",
                        .action = devnet::FaultAction::kClose,
                        .times = 2,
                        .after_acting = true});
  const oci::PushReport report = net.client.push(net.request("1"), net.steps);
  CHECK(report.sent_bytes == net.layer.size() + net.config.size());
  CHECK(net.has_tag("1"));
}

TEST_CASE("an upload that fails and passes goes on", "[devnet][push]") {
  ClientFixture net;
  const auto action = GENERATE(devnet::FaultAction::kStatus, devnet::FaultAction::kReset);
  net.devnet.add_fault({.kind = "registry:/uploads/patch", .action = action, .after_acting = true});
  net.client.push(net.request("1"), net.steps);
  CHECK(net.has_tag("1"));
  CHECK(net.devnet.count("registry:/uploads/patch") == 1);
}

TEST_CASE("a registry that goes on failing leaves no tag", "[devnet][push]") {
  struct Case {
    const char* kind;
    devnet::FaultAction action;
    int status;
    const char* body;
    const char* code;
  };
  const Case cases[] = {
      {"registry:/uploads/patch", devnet::FaultAction::kStatus, 500, "", "image.registry_failed"},
      {"registry:/uploads/put", devnet::FaultAction::kStatus, 429, "", "image.registry_failed"},
      {"registry:/uploads/post", devnet::FaultAction::kStatus, 403, "", "image.unauthorized"},
      {"registry:/uploads/post", devnet::FaultAction::kStatus, 405, "", "image.push_failed"},
      {"registry:/uploads/patch", devnet::FaultAction::kStatus, 413, "", "image.push_failed"},
      {"registry:/uploads/post", devnet::FaultAction::kBody, 200, "<html>",
       "image.registry_failed"},
      {"registry:/uploads/post", devnet::FaultAction::kBody, 202, "{}", "image.registry_failed"},
      {"registry:/uploads/patch", devnet::FaultAction::kClose, 0, "", "net.closed"},
      {"registry:/blobs", devnet::FaultAction::kStatus, 500, "", "image.registry_failed"},
      {"registry:/manifests/put", devnet::FaultAction::kStatus, 500, "", "image.registry_failed"},
      {"registry:/manifests/put", devnet::FaultAction::kBody, 200, "<html>",
       "image.registry_failed"},
      {"registry:/manifests/put", devnet::FaultAction::kClose, 0, "", "net.closed"},
  };
  for (const Case& each : cases) {
    INFO(each.kind << " " << each.status << each.body);
    ClientFixture net;
    net.devnet.add_fault({.kind = each.kind,
                          .action = each.action,
                          .times = 0,
                          .status = each.status,
                          .body = each.body});
    CHECK(net.failure(net.request("1")) == each.code);
    CHECK_FALSE(net.has_tag("1"));
  }
}

TEST_CASE("content that is not what it is called is refused", "[devnet][push]") {
  ClientFixture net;
  oci::PushRequest request = net.request("1");
  SECTION("by its size") {
    request.blobs[0].content = oci::content_of("short");
    CHECK(net.failure(request) == "image.digest_mismatch");
  }
  SECTION("by its digest") {
    request.blobs[0].content = oci::content_of(std::string(net.layer.size(), 'b'));
    CHECK(net.failure(request) == "image.push_failed");
  }
  CHECK_FALSE(net.has_tag("1"));
}

}  // namespace
}  // namespace ecloud::testing
