#include "ecloud/oci/push.h"

#include <algorithm>

#include "ecloud/net/location.h"
#include "registry_fixture.h"
#include "support/failure.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace ecloud::oci {
namespace {

using testing::make_response;

const std::string kLayer = "a layer";
const std::string kManifest = R"({"schemaVersion":2})";
const std::string kUploads = kRepo + "/blobs/uploads/";
const std::string kUpload = kUploads + "1";

Descriptor layer_blob() {
  return {std::string(kOciLayerType), Digest::of(base::as_bytes(kLayer)), kLayer.size()};
}

const std::string kBlobUrl = kRepo + "/blobs/" + layer_blob().digest.to_string();
const std::string kPut = "?digest=sha256%3A" + layer_blob().digest.to_string().substr(7);

class Quiet final : public PushObserver {
 public:
  void blob(const Descriptor&, BlobStep, std::uint64_t) override {}
};

class PushFixture : public RegistryFixture {
 public:
  PushFixture() { options.clock = &clock; }

  testing::ManualClock clock;
  testing::TempDir spool;
  Quiet quiet;

  PushReport push(std::optional<Reference> from = std::nullopt) {
    PushRequest request{Reference::parse("ghcr.io/you/app:1"),
                        {{layer_blob(), from ? nullptr : content_of(kLayer), from}},
                        kManifest,
                        std::string(kOciManifestType),
                        spool.path()};
    return RegistryClient(transport, credentials, options).push(request, quiet);
  }
  Error failure(std::optional<Reference> from = std::nullopt) {
    try {
      push(from);
    } catch (const Error& error) {
      // Whatever went wrong, nothing has a tag.
      for (const std::string& line : asked())
        CHECK_FALSE(line.starts_with("PUT " + kRepo + "/man"));
      return error;
    }
    FAIL("it was pushed");
    throw std::logic_error("unreachable");
  }
  void on(const std::string& method, const std::string& url, int status,
          std::vector<net::Header> headers = {}, const std::string& body = "") {
    transport.once(method, url, make_response(status, body, std::move(headers)));
  }
  void absent() { on("HEAD", kBlobUrl, 404); }
  void begins(const std::string& location) { on("POST", kUploads, 202, {{"Location", location}}); }
};

TEST_CASE("A blob is asked for, sent, and the manifest comes last", "[oci][push]") {
  PushFixture registry;
  registry.absent();
  registry.begins("/v2/you/app/blobs/uploads/1");
  registry.on("PUT", kUpload + kPut, 201);
  registry.on("PUT", kRepo + "/manifests/1", 201);
  const PushReport report = registry.push();
  CHECK(report.digest == Digest::of(base::as_bytes(kManifest)));
  CHECK(report.sent_bytes == kLayer.size());
  CHECK(registry.transport.complaints() == "");
  CHECK(registry.transport.requests()[2].body == kLayer);
  CHECK(registry.sent(3, "Content-Type") == kOciManifestType);
  CHECK(registry.transport.requests()[3].body == kManifest);
}

TEST_CASE("A token to push is asked for, whatever the challenge says", "[oci][push]") {
  PushFixture registry;
  registry.on("HEAD", kBlobUrl, 401,
              {{"WWW-Authenticate",
                R"(Bearer realm="https://ghcr.io/token",scope="repository:you/app:pull")"}});
  registry.answer("https://ghcr.io/token?scope=repository%3Ayou%2Fapp%3Apull%2Cpush", 200,
                  R"({"token":"t"})");
  registry.absent();
  SECTION("and the rest goes with it, but to other hosts") {
    registry.begins("https://storage.example/put?x=1");
    registry.on("PUT", "https://storage.example/put?x=1&" + kPut.substr(1), 201);
    registry.on("PUT", kRepo + "/manifests/1", 201);
    registry.push();
    CHECK(registry.sent(3, "Authorization") == "Bearer t");
    CHECK(registry.sent(4, "Authorization") == "none");
    CHECK(registry.sent(5, "Authorization") == "Bearer t");
  }
  SECTION("and may give less") {
    const std::string refusal = R"({"errors":[{"code":"DENIED","message":"no push"}]})";
    registry.on("POST", kUploads, 403, {}, refusal);
    const Error error = registry.failure();
    CHECK(error.code() == "image.unauthorized");
    CHECK(error.message() == "pushing to ghcr.io/you/app needs a login: DENIED: no push");
    CHECK(error.hint() == "log in with: docker login ghcr.io");
  }
}

TEST_CASE("A token that runs out between two requests is replaced", "[oci][push]") {
  PushFixture registry;
  const std::vector<net::Header> challenge = {
      {"WWW-Authenticate", R"(Bearer realm="https://ghcr.io/token")"}};
  const std::string token = "https://ghcr.io/token?scope=repository%3Ayou%2Fapp%3Apull%2Cpush";
  registry.on("HEAD", kBlobUrl, 401, challenge);
  registry.answer(token, 200, R"({"token":"old"})");
  registry.absent();
  registry.begins(kUpload);
  registry.on("PUT", kUpload + kPut, 401, challenge);
  registry.answer(token, 200, R"({"token":"new"})");
  registry.on("PUT", kUpload + kPut, 201);
  registry.on("PUT", kRepo + "/manifests/1", 201);
  registry.push();
  CHECK(registry.transport.complaints() == "");
  CHECK(registry.sent(6, "Authorization") == "Bearer new");
  CHECK(registry.transport.requests()[6].body == kLayer);
}

TEST_CASE("An upload does not go where it must not", "[oci][push]") {
  for (const std::string location : {"http://ghcr.io/upload", "https://10.0.0.1/upload",
                                     "https://127.0.0.1/upload", "ftp://ghcr.io/upload"}) {
    INFO(location);
    PushFixture registry;
    registry.absent();
    registry.begins(location);
    CHECK(registry.failure().code() == "net.redirect_refused");
    CHECK(registry.asked().size() == 2);
  }
}

TEST_CASE("Blobs of the same registry are mounted with a token for both", "[oci][push]") {
  PushFixture registry;
  const Reference from = Reference::parse("ghcr.io/base/image:1");
  const std::string mount = kUploads + "?mount=" + kPut.substr(8) + "&from=base%2Fimage";
  registry.absent();
  SECTION("which gives the blob") {
    registry.on("POST", mount, 401, {{"WWW-Authenticate", R"(Bearer realm="https://ghcr.io/t")"}});
    registry.answer(
        "https://ghcr.io/t?scope=repository%3Ayou%2Fapp%3Apull%2Cpush&scope=repository%3Abase%2F"
        "image%3Apull",
        200, R"({"token":"both"})");
    registry.on("POST", mount, 201);
    registry.on("PUT", kRepo + "/manifests/1", 201);
    const PushReport report = registry.push(from);
    CHECK(report.mounted == 1);
    CHECK(report.sent_bytes + report.fetched_bytes == 0);
    CHECK(registry.sent(3, "Authorization") == "Bearer both");
    CHECK(registry.sent(4, "Authorization") == "none");
  }
  SECTION("which gives an upload instead") {
    registry.on("POST", mount, 202, {{"Location", kUpload}});
    registry.answer("https://ghcr.io/v2/base/image/blobs/" + layer_blob().digest.to_string(), 200,
                    kLayer);
    registry.on("PUT", kUpload + kPut, 201);
    registry.on("PUT", kRepo + "/manifests/1", 201);
    const PushReport report = registry.push(from);
    CHECK(report.mounted == 0);
    CHECK(report.fetched_bytes == kLayer.size());
    CHECK(report.sent_bytes == kLayer.size());
  }
  SECTION("which is refused") {
    registry.on("POST", mount, 403);
    registry.answer("https://ghcr.io/v2/base/image/blobs/" + layer_blob().digest.to_string(), 200,
                    kLayer);
    registry.begins(kUpload);
    registry.on("PUT", kUpload + kPut, 201);
    registry.on("PUT", kRepo + "/manifests/1", 201);
    CHECK(registry.push(from).sent == 1);
  }
  SECTION("which is too much for its token service") {
    registry.on("POST", mount, 401, {{"WWW-Authenticate", R"(Bearer realm="https://ghcr.io/t")"}});
    registry.answer(
        "https://ghcr.io/t?scope=repository%3Ayou%2Fapp%3Apull%2Cpush&scope=repository%3Abase%2F"
        "image%3Apull",
        400, "");
    registry.answer("https://ghcr.io/v2/base/image/blobs/" + layer_blob().digest.to_string(), 200,
                    kLayer);
    registry.begins(kUpload);
    registry.on("PUT", kUpload + kPut, 201);
    registry.on("PUT", kRepo + "/manifests/1", 201);
    CHECK(registry.push(from).sent == 1);
  }
  CHECK(registry.transport.complaints() == "");
}

TEST_CASE("A registry that stores something else is told", "[oci][push]") {
  PushFixture registry;
  registry.absent();
  registry.begins(kUpload);
  const std::string other = "sha256:" + std::string(64, '0');
  registry.on("PUT", kUpload + kPut, 201, {{"Docker-Content-Digest", other}});
  const Error error = registry.failure();
  CHECK(error.code() == "image.digest_mismatch");
  CHECK(error.message() == "the registry stored the blob " + layer_blob().digest.to_string() +
                               " for ghcr.io/you/app as " + other);
}

TEST_CASE("A success of something that is no registry is no push", "[oci][push]") {
  PushFixture registry;
  registry.absent();
  registry.begins(kUpload);
  registry.on("PUT", kUpload + kPut, 201);
  SECTION("without the digest") {
    registry.on("PUT", kRepo + "/manifests/1", 200);
    registry.answer(kRepo + "/manifests/" + Digest::of(base::as_bytes(kManifest)).to_string(), 404,
                    "");
    const Error error = testing::failure_of([&] { registry.push(); });
    CHECK(error.category() == Category::kNetwork);
    CHECK(error.code() == "image.registry_failed");
  }
  SECTION("and one with the digest is a push") {
    registry.on("PUT", kRepo + "/manifests/1", 200,
                {{"Docker-Content-Digest", Digest::of(base::as_bytes(kManifest)).to_string()}});
    registry.push();
    CHECK(registry.transport.complaints() == "");
  }
}

TEST_CASE("An upload that the registry forgets begins anew twice", "[oci][push]") {
  PushFixture registry;
  for (int i = 0; i < 3; ++i) {
    registry.absent();
    registry.begins(kUpload);
    registry.on("PUT", kUpload + kPut, 404);
  }
  registry.absent();
  const Error error = registry.failure();
  CHECK(error.category() == Category::kNetwork);
  CHECK(error.message() ==
        "ghcr.io answered a push with HTTP 404: it forgets uploads while they are under way");
  CHECK(registry.transport.complaints() == "");
}

TEST_CASE("An upload waits as long as the registry asks for", "[oci][push]") {
  PushFixture registry;
  registry.absent();
  registry.begins(kUpload);
  registry.on("PUT", kUpload + kPut, 429, {{"Retry-After", "7"}});
  registry.absent();
  registry.begins(kUpload);
  registry.on("PUT", kUpload + kPut, 201);
  registry.on("PUT", kRepo + "/manifests/1", 201);
  registry.push();
  CHECK(registry.clock.sleeps() == std::vector<base::Milliseconds>{base::Milliseconds(7'000)});
}

class BlobFixture : public PushFixture {
 public:
  std::string read() {
    std::string out;
    RegistryClient(transport, credentials, options)
        .read_blob(Reference::parse("ghcr.io/you/app:1"), layer_blob(), [&](base::ByteView octets) {
          out.append(base::as_chars(octets));
          return out.size() < enough;
        });
    return out;
  }
  std::string error_of_read() {
    try {
      read();
    } catch (const Error& error) {
      return error.code() + ": " + error.message();
    }
    return "none";
  }
  /// Gives the first octets and cuts.
  void cut_after(std::size_t octets) {
    transport.once("GET", kBlobUrl, [octets](const net::Request& request) -> net::Response {
      request.on_answer(make_response(200, ""));
      request.sink(kLayer.substr(0, octets));
      throw Error(Category::kNetwork, "net.closed", "cut");
    });
  }
  std::size_t enough = SIZE_MAX;
};

const std::string kBlobName = "the blob " + layer_blob().digest.to_string() + " of ghcr.io/you/app";

TEST_CASE("A blob is read and checked", "[oci][push]") {
  BlobFixture registry;
  SECTION("whole") {
    registry.answer(kBlobUrl, 200, kLayer);
    CHECK(registry.read() == kLayer);
    CHECK(registry.sent(0, "Accept-Encoding") == "identity");
    CHECK(registry.sent(0, "Range") == "none");
    CHECK(registry.transport.requests()[0].stall_timeout == std::chrono::seconds(60));
  }
  SECTION("with other octets") {
    registry.answer(kBlobUrl, 200, "b layer");
    CHECK(registry.error_of_read().starts_with("image.digest_mismatch: " + kBlobName + " hashes"));
  }
  SECTION("with fewer octets") {
    registry.answer(kBlobUrl, 200, "a lay");
    CHECK(registry.error_of_read() ==
          "image.digest_mismatch: " + kBlobName + " has 5 bytes, and not 7 as announced");
  }
  SECTION("with more octets") {
    registry.answer(kBlobUrl, 200, kLayer + "!");
    CHECK(registry.error_of_read() ==
          "image.digest_mismatch: " + kBlobName + " has more than the 7 bytes that were announced");
  }
  SECTION("in part, when that is enough") {
    registry.enough = 1;
    registry.answer(kBlobUrl, 200, "b layer");
    CHECK(registry.read() == "b layer");
  }
  SECTION("that is missing") {
    registry.answer(kBlobUrl, 404, "");
    CHECK(registry.error_of_read() == "image.missing_layer: ghcr.io does not have " + kBlobName);
  }
  SECTION("of a web site") {
    registry.answer(kBlobUrl, 200, "<html>", {{"Content-Type", "text/html"}});
    CHECK(registry.error_of_read().starts_with("image.not_an_image: "));
  }
  SECTION("that is private") {
    registry.answer(kBlobUrl, 403, "");
    CHECK(registry.error_of_read().starts_with("image.unauthorized: "));
  }
}

TEST_CASE("Reading goes on after a cut", "[oci][push]") {
  BlobFixture registry;
  registry.cut_after(3);
  SECTION("with a range") {
    registry.answer(kBlobUrl, 206, kLayer.substr(3), {{"Content-Range", "bytes 3-6/7"}});
    CHECK(registry.read() == kLayer);
    CHECK(registry.sent(1, "Range") == "bytes=3-");
  }
  SECTION("where ranges are ignored") {
    registry.answer(kBlobUrl, 200, kLayer);
    CHECK(registry.read() == kLayer);
  }
  SECTION("where ranges are refused") {
    registry.answer(kBlobUrl, 416, "");
    registry.answer(kBlobUrl, 200, kLayer);
    CHECK(registry.read() == kLayer);
    CHECK(registry.sent(2, "Range") == "none");
  }
  SECTION("but not with another part") {
    registry.answer(kBlobUrl, 206, kLayer.substr(4), {{"Content-Range", "bytes 4-6/7"}});
    CHECK(registry.error_of_read().starts_with("image.registry_failed: ghcr.io gave another part"));
  }
  SECTION("and not for ever") {
    for (int i = 0; i < 4; ++i) registry.cut_after(3);
    CHECK(registry.error_of_read() == "net.closed: cut");
    CHECK(registry.clock.sleeps().size() == 4);
  }
}

}  // namespace
}  // namespace ecloud::oci
