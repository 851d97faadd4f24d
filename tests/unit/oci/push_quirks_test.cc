// Pushing to registries that differ from the specification where other clients do not mind.

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "ecloud/oci/push.h"
#include "registry_fixture.h"
#include "support/failure.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace ecloud::oci {
namespace {

using testing::make_response;

const std::string kBase = "https://reg.example/v2/team/app/blobs/uploads/";

/// The bytes of a request's body.
std::string body_of(const net::Request& request) {
  if (!request.upload) return request.body;
  std::string out(request.upload->size_bytes, '\0');
  std::size_t at = 0;
  while (at < out.size()) at += request.upload->read(at, out.data() + at, out.size() - at);
  return out;
}

/// A registry that keeps what it gets; `twist` may change an answer or refuse a request.
class QuirkyRegistry final : public net::Transport {
 public:
  using Twist = std::function<void(const net::Request&, net::Response&)>;

  std::function<bool(const net::Request&, net::Response&)> refuse;
  Twist twist;
  std::vector<std::string> asked;
  std::string upload, blob, manifest;
  /// How many bytes of a PATCH it keeps.
  std::size_t keeps = std::string::npos;

  net::Response send(const net::Request& request) override {
    asked.push_back(request.method + " " + request.url.substr(0, request.url.find('?')));
    net::Response response = make_response(404, "");
    if (refuse && refuse(request, response)) return response;
    response = answer(request);
    if (twist) twist(request, response);
    return response;
  }

 private:
  net::Response answer(const net::Request& request) {
    const std::string path = request.url.substr(0, request.url.find('?'));
    if (request.method == "POST") {
      upload.clear();
      return make_response(202, "", {{"Location", "/v2/team/app/blobs/uploads/u1"}});
    }
    if (request.method == "GET" && path.find("/manifests/") != std::string::npos) {
      return make_response(manifest.empty() ? 404 : 200, manifest);
    }
    if (request.method == "PUT" && path.find("/manifests/") != std::string::npos) {
      manifest = body_of(request);
      return make_response(201, "");
    }
    if (path != kBase + "u1") return make_response(404, "");
    const std::string body = body_of(request);
    if (request.method == "PATCH") {
      upload += body.substr(0, keeps);
      return make_response(202, "", {{"Location", kBase + "u1"}, {"Range", range()}});
    }
    const Digest digest = Digest::of(base::as_bytes(upload + body));
    if (request.url.find(digest.to_string().substr(7)) == std::string::npos) {
      return make_response(400, R"({"errors":[{"code":"DIGEST_INVALID"}]})");
    }
    blob = upload + body;
    return make_response(201, "");
  }
  std::string range() const { return "0-" + std::to_string(upload.size() - 1); }
};

class Quiet final : public PushObserver {
 public:
  void blob(const Descriptor&, BlobStep, std::uint64_t) override {}
};

class QuirksFixture {
 public:
  QuirkyRegistry registry;
  std::string layer = std::string(2'500'000, 'q') + "end";

  void push() {
    const Descriptor blob{std::string(kOciLayerType), Digest::of(base::as_bytes(layer)),
                          layer.size()};
    PushRequest request{Reference::parse("reg.example/team/app:7"),
                        {{blob, content_of(layer), std::nullopt}},
                        R"({"schemaVersion":2})",
                        std::string(kOciManifestType),
                        spool_.path()};
    RegistryOptions options;
    options.clock = &clock_;
    Quiet quiet;
    RegistryClient(registry, nobody_, options).push(request, quiet);
  }
  void check_pushed() {
    push();
    CHECK(registry.blob == layer);
    CHECK(registry.manifest == R"({"schemaVersion":2})");
  }
  std::size_t count(const std::string& method) const {
    return static_cast<std::size_t>(
        std::count_if(registry.asked.begin(), registry.asked.end(),
                      [&](const std::string& line) { return line.starts_with(method + " "); }));
  }

 private:
  testing::ManualClock clock_;
  testing::TempDir spool_;
  NoCredentials nobody_;
};

net::Header* find_header(net::Response& response, const std::string& name) {
  for (net::Header& header : response.headers) {
    if (header.name == name) return &header;
  }
  return nullptr;
}

TEST_CASE("Whatever range a registry tells after a PATCH, the push continues", "[oci][push]") {
  QuirksFixture push;
  const std::string range =
      GENERATE("0-0", "0-1", "bytes=0-0", "0-2500003", "0-2499999", "bytes 0-9", "5-9", "nonsense",
               "0-99999999999999999999", "none");
  INFO(range);
  push.registry.twist = [&](const net::Request& request, net::Response& response) {
    if (request.method != "PATCH") return;
    if (range == "none") {
      response.headers.pop_back();
    } else {
      find_header(response, "Range")->value = range;
    }
  };
  push.check_pushed();
  CHECK(push.count("PATCH") == 1);
}

TEST_CASE("A registry that takes a part of a PATCH gets the rest", "[oci][push]") {
  QuirksFixture push;
  push.registry.keeps = 1'000'000;
  push.check_pushed();
  // The end is refused, and the second upload follows the ranges.
  CHECK(push.count("POST") == 2);
  CHECK(push.count("PATCH") == 4);
}

TEST_CASE("The place of an upload may be relative to the request", "[oci][push]") {
  QuirksFixture push;
  push.layer = GENERATE(std::string("small"), std::string(1'200'000, 'l'));
  const std::string location =
      GENERATE("u1", "./u1", "../uploads/u1", "u1?_state=a/b", "/v2/team/app/blobs/uploads/u1",
               "//reg.example/v2/team/app/blobs/uploads/u1");
  INFO(location);
  push.registry.twist = [&](const net::Request& request, net::Response& response) {
    if (request.method == "POST" || request.method == "PATCH") {
      find_header(response, "Location")->value = location;
    }
  };
  push.check_pushed();
}

TEST_CASE("An upload that was opened or continued with another success continues", "[oci][push]") {
  QuirksFixture push;
  const int status = GENERATE(200, 201, 202, 204);
  push.registry.twist = [&](const net::Request& request, net::Response& response) {
    if (request.method == "HEAD" || !response.ok()) return;
    if (request.url.find("/manifests/") != std::string::npos && request.method == "GET") return;
    response.status = status;
    // A PATCH without a place continues at the old one.
    if (request.method == "PATCH") response.headers.clear();
  };
  push.check_pushed();
}

TEST_CASE("A registry that forbids the question for a blob gets the blob", "[oci][push]") {
  QuirksFixture push;
  const int status = GENERATE(400, 403, 405);
  push.registry.refuse = [&](const net::Request& request, net::Response& response) {
    response.status = status;
    return request.method == "HEAD";
  };
  push.check_pushed();
}

TEST_CASE("A manifest that a registry took without a word is asked for", "[oci][push]") {
  QuirksFixture push;
  push.registry.twist = [&](const net::Request& request, net::Response& response) {
    const bool of_manifest = request.url.find("/manifests/") != std::string::npos;
    if (of_manifest && request.method == "PUT") response.status = 202;
    if (of_manifest && request.method == "GET") response.body += "x";
  };
  CHECK(testing::failure_of([&] { push.push(); }).code() == "image.registry_failed");
}

TEST_CASE("A blob that is too large for a request goes in smaller pieces", "[oci][push]") {
  QuirksFixture push;
  std::vector<std::string> ranges;
  const std::size_t limit = GENERATE(std::size_t{1} << 20, std::size_t{2} << 20);
  push.registry.refuse = [&](const net::Request& request, net::Response& response) {
    if (!request.upload) return false;
    for (const net::Header& header : request.headers) {
      if (header.name == "Content-Range") ranges.push_back(header.value);
    }
    response = make_response(413, "<html><h1>413 Request Entity Too Large</h1></html>",
                             {{"Content-Type", "text/html"}});
    return request.upload->size_bytes > limit;
  };
  push.check_pushed();
  CHECK(ranges == std::vector<std::string>{"0-1048575", "1048576-2097151", "2097152-2500002"});
}

TEST_CASE("A registry that refuses every size is told with the proxy's limit", "[oci][push]") {
  QuirksFixture push;
  push.layer = GENERATE(std::string("small"), std::string(3'000'000, 'l'));
  push.registry.refuse = [&](const net::Request& request, net::Response& response) {
    response = make_response(413, "<html><h1>413 Request Entity Too Large</h1></html>",
                             {{"Content-Type", "text/html"}});
    return request.method == "PATCH" || request.method == "PUT";
  };
  const Error error = testing::failure_of([&] { push.push(); });
  CHECK(error.category() == Category::kImage);
  CHECK(error.code() == "image.push_failed");
  CHECK(error.message() ==
        "reg.example refuses the blob " + Digest::of(base::as_bytes(push.layer)).to_string() +
            " for reg.example/team/app: the request body is too large (HTTP 413)");
  CHECK(error.hint() ==
        "raise the size limit of the proxy in front of the registry (nginx: "
        "client_max_body_size), or push to another registry");
}

}  // namespace
}  // namespace ecloud::oci
