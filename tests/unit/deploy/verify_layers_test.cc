#include "deploy/verify_layers.h"

#include "deploy/verify_links.h"
#include "ecloud/base/error.h"
#include "ecloud/oci/compression.h"
#include "support/catch.h"

namespace ecloud::deploy {
namespace {

using Words = std::vector<std::string>;

/// Blobs of a material, and what describes the only one.
struct OneLayer {
  explicit OneLayer(const std::vector<oci::NewTarEntry>& entries) {
    const std::string octets = oci::gzip_stable(oci::write_tar(entries));
    descriptor = {"", oci::Digest::of(base::as_bytes(octets)), octets.size()};
    material.blobs[descriptor.digest.to_string()] = octets;
  }
  LayerContent read(const std::string& wanted = "") {
    MaterialBlobs blobs(material);
    return read_layer(descriptor, blobs, "the layer", wanted);
  }
  VerifyMaterial material;
  oci::Descriptor descriptor{"", oci::Digest({}), 0};
};

const std::vector<oci::AddedFile> kExpected = {{"a/one", 0755, oci::content_of("1")},
                                               {"a/two", 0644, oci::content_of("")}};

Words differences(const std::vector<oci::NewTarEntry>& entries) {
  return layer_differences(kExpected, OneLayer(entries).read());
}

TEST_CASE("A layer is compared file by file", "[deploy][verify]") {
  CHECK(differences({{"a/one", 0755, "1", false}, {"a/two", 0644, "", false}}) == Words{});
  // Other clients write the directories on the way.
  CHECK(differences(
            {{"a", 0755, "", true}, {"a/one", 0755, "1", false}, {"a/two", 0644, "", false}}) ==
        Words{});
  CHECK(differences(
            {{"a", 0777, "", true}, {"a/one", 0755, "1", false}, {"a/two", 0644, "", false}}) ==
        Words{"a was added"});
  CHECK(differences({{"a/two", 0644, "", false}}) == Words{"a/one is missing"});
  CHECK(differences({{"a/one", 04755, "1", false}, {"a/two", 0644, "", false}}) ==
        Words{"a/one has mode 4755 instead of 0755"});
  CHECK(differences({{"a/one", 0755, "", true}, {"a/two", 0644, "", false}}) ==
        Words{"a/one is no regular file"});
  // The digests are those of sha256sum.
  CHECK(differences({{"a/one", 0755, "2", false}, {"a/two", 0644, "", false}}) ==
        Words{"a/one is sha256:d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35 "
              "instead of "
              "sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"});
  // Of two entries of one name the last counts, as when it is unpacked.
  CHECK(differences({{"a/one", 0755, "1", false},
                     {"a/two", 0644, "", false},
                     {"a/one", 0644, "1", false}}) == Words{"a/one has mode 0644 instead of 0755"});
  CHECK(differences({{"a/one", 0755, "1", false},
                     {"a/two", 0644, "", false},
                     {"a/.wh.three", 0644, "", false}}) == Words{"a/.wh.three was added"});
}

TEST_CASE("Only the directories on the way to the files are no difference", "[deploy][verify]") {
  const oci::NewTarEntry one{"a/one", 0755, "1", false}, two{"a/two", 0644, "", false};
  CHECK(differences({{"", 0755, "", true}, {"a", 0755, "", true}, one, two}) == Words{});
  // They would take the place of what the base has there.
  CHECK(differences({{"etc", 0755, "", true}, one, two}) == Words{"etc was added"});
  CHECK(differences({{"a/one.d", 0755, "", true}, one, two}) == Words{"a/one.d was added"});
  CHECK(differences({one, {"a", 0755, "", true}, two}) == Words{"a was added"});
  CHECK(differences({{"a", 0644, "", false}, {"a", 0755, "", true}, one, two}) ==
        Words{"a was added"});
  CHECK(differences({one, two, one}) == Words{"a/one is there more than once"});
}

TEST_CASE("A file of a layer can be had and the layer has to be what its digest says",
          "[deploy][verify]") {
  OneLayer layer({{"etc/caddy/Caddyfile", 0644, ":443 {}\n", false}});
  CHECK(layer.read("etc/caddy/Caddyfile").wanted == ":443 {}\n");
  CHECK_FALSE(layer.read("etc/other").wanted.has_value());
  layer.material.blobs.begin()->second.back() ^= 1;
  CHECK_THROWS_AS(layer.read(), Error);
  layer.material.blobs.clear();
  CHECK_THROWS_AS(layer.read(), Error);
}

TEST_CASE("Configurations are compared in what makes a difference to what runs",
          "[deploy][verify]") {
  const auto compare = [](const std::string& found) {
    return configuration_differences(
        R"({"config":{"Cmd":["/a"],"Labels":{"x":"1"}},"os":"linux","created":"1970",)"
        R"("rootfs":{"diff_ids":["a","top"]},"history":[]})",
        found);
  };
  CHECK(compare(R"({"config":{"Labels":{"x":"1"},"Cmd":["/a"]},"os":"linux","created":"1999",)"
                R"("rootfs":{"diff_ids":["a","other"]},"history":[{}]})") == Words{});
  CHECK(compare(R"({"config":{"Labels":{"x":"2","y":"3"}},"os":"linux",)"
                R"("rootfs":{"diff_ids":["b","top"]}})") ==
        Words{"config.Cmd is nothing instead of [\"/a\"]",
              "config.Labels.x is \"2\" instead of \"1\"", "config.Labels.y was added: \"3\"",
              "diff_ids is [\"b\"] instead of [\"a\"]"});
}

// What Go's encoding/json makes of them is written in its documentation: names are matched without
// regard to case, and an object that comes twice is merged.
TEST_CASE("Members that are not read the same everywhere are found", "[deploy][verify]") {
  CHECK(ambiguous_members(R"({"a":[{"b":1},{"b":1}],"c":{"b":"\"a\":1"}})") == Words{});
  CHECK(ambiguous_members(R"({"config":{"Cmd":1,"Cmd":2}})") == Words{"config.Cmd"});
  CHECK(ambiguous_members(R"({"config":{},"config":{}})") == Words{"config"});
  CHECK(ambiguous_members(R"({"layers":[],"Layers" : []})") == Words{"Layers"});
  CHECK(ambiguous_members(R"({"layers":[{"digest":1,"Digest":2}]})") == Words{"layers.Digest"});
  CHECK(ambiguous_members(R"({"a":1,"\u0061":2})") == Words{"a"});
  CHECK(ambiguous_members("{\"user\":1,\"u\xc5\xbf"
                          "er\":2}") == Words{"u\xc5\xbf"
                                              "er"});
  // Labels are named freely; but not twice.
  CHECK(ambiguous_members(R"({"Labels":{"a":1,"A":2},"annotations":{"b":1,"B":1}})") == Words{});
  CHECK(ambiguous_members(R"({"Labels":{"a":1,"a":2}})") == Words{"Labels.a"});
  const std::string rest = R"(,"rootfs":{"type":"layers","diff_ids":[]}})";
  CHECK(configuration_differences(R"({"config":{"User":"root"})" + rest,
                                  R"({"config":{"User":"x","User":"root"})" + rest) ==
        Words{"config.User is there more than once"});
}

TEST_CASE("The label with the base counts only on an image that was layered here",
          "[deploy][verify]") {
  const auto base_of = [](const std::string& history, const std::string& label) {
    const std::string config = R"({"architecture":"amd64","os":"linux","config":{"Labels":{)" +
                               label + R"(}},"history":[)" + history + "]}";
    const std::string digest = oci::Digest::of(base::as_bytes(config)).to_string();
    const std::string layer = R"({"digest":"sha256:)" + std::string(64, '1') + R"(","size":1})";
    return named_base(oci::read_image(
        "image", std::string(oci::kOciManifestType),
        R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json",)"
        R"("digest":")" +
            digest + R"(","size":)" + std::to_string(config.size()) + R"(},"layers":[)" + layer +
            "," + layer + "]}",
        config));
  };
  const std::string label = R"("org.opencontainers.image.base.digest":"sha256:22")";
  const std::string below = R"({"created_by":"COPY app"},{"created_by":"CMD","empty_layer":true},)";
  const std::string ours = "{\"created_by\":\"ecloud image layer (1.0.0)\"}";
  CHECK(base_of(below + ours, label) == "sha256:22");
  CHECK(base_of(below + ours, "").empty());
  CHECK(base_of(below + R"({"created_by":"COPY kms-client"})", label).empty());
  // A history that does not tell the layers was not continued.
  CHECK(base_of("", label) == "sha256:22");
}

TEST_CASE("Many differences are counted and not all listed", "[deploy][verify]") {
  CHECK(listed({"a", "b"}) == "a; b");
  CHECK(listed({"a", "b", "c", "d", "e", "f", "g"}) == "a; b; c; d; e; and 2 more");
}

TEST_CASE("Everything in a bundle comes back as it went in", "[deploy][verify]") {
  VerifyMaterial material;
  material.app = *eth::Address::parse("0x00000000000000000000000000000000000a9900");
  material.taken_at = 1'800'000'000;
  material.environment = "devnet";
  material.chain_id = 17;
  material.nodes = {{.origin = "http://a", .absence = Absence{"no", true}}, {.origin = "http://b"}};
  material.image = ImageEvidence{.reference = "r", .layers_absence = Absence{"why", false}};
  material.base.emplace();
  material.tools = {{.reference = "t"}};
  material.blobs["sha256:00"] = std::string("\0\xff", 2);
  material.build.emplace();
  material.build->verdict.build.image_digest = oci::Digest::of({});
  material.addresses = AddressEvidence{.signed_addresses = "{}"};
  material.live = LiveEvidence{.answer = "\xff", .certificates = {"a", "b"}};
  material.attestation = AttestationEvidence{.octets = std::string("\0q", 2),
                                             .key_set = "k",
                                             .collateral = {{"pck.crl", "c"}},
                                             .mr_td = {"00"}};
  const std::string text = format_bundle(material);
  const VerifyMaterial again = parse_bundle(text, material.taken_at);
  CHECK(again.from_bundle);
  CHECK(again.nodes[0].absence->contradicts);
  CHECK(again.blobs == material.blobs);
  CHECK(again.attestation->octets == material.attestation->octets);
  CHECK(format_bundle(again) == text);
}

}  // namespace
}  // namespace ecloud::deploy
