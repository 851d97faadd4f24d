#pragma once

#include <string>
#include <vector>

#include "e2e/session.h"
#include "ecloud/base/text.h"
#include "support/catch.h"
#include "support/jwt_maker.h"

namespace ecloud::testing {

using Words = std::vector<std::string>;

/// A copy of the document with another value at the place; members that are missing are made, array
/// elements are named by their number.
inline base::Json changed(const base::Json& document, std::vector<std::string> place,
                          base::Json value) {
  if (place.empty()) return value;
  const std::string first = place.front();
  place.erase(place.begin());
  if (document.is_array()) {
    base::Json out = base::Json::array();
    const auto elements = document.elements();
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const bool meant = std::to_string(i) == first;
      out.push(meant ? changed(elements[i], place, value) : elements[i]);
    }
    return out;
  }
  base::Json out =
      document.is_object() ? base::Json::object(document.members()) : base::Json::object();
  return out.set(first, changed(document[first], place, std::move(value)));
}

/// The findings of a document of `verify`.
class Findings {
 public:
  explicit Findings(const RunResult& run) : text_(run.describe()), document_(run.json()) {}

  /// "verified", "failed", "not checked"; of a link, or of a finding in it.
  std::string result(const std::string& link, const std::string& finding = {}) const {
    return place(link, finding)["result"].opt_string().value_or("(none)");
  }
  std::string text(const std::string& link, const std::string& finding) const {
    return place(link, finding)["text"].opt_string().value_or("(none)");
  }
  /// "LINK/FINDING" of all that failed.
  Words failed() const {
    Words out;
    for (const base::Json& link : document_["links"].elements()) {
      for (const base::Json& finding : link["findings"].elements()) {
        if (finding["result"].as_string() != "failed") continue;
        out.push_back(link["link"].as_string() + "/" + finding["name"].as_string());
      }
    }
    return out;
  }
  const base::Json& document() const { return document_; }
  /// A link with all its findings.
  base::Json link(const std::string& name) const { return place(name, {}); }
  const std::string& describe() const { return text_; }

 private:
  base::Json place(const std::string& name, const std::string& finding) const {
    for (const base::Json& link : document_["links"].elements()) {
      if (link["link"].as_string() != name) continue;
      if (finding.empty()) return link;
      for (const base::Json& one : link["findings"].elements()) {
        if (one["name"].as_string() == finding) return one;
      }
    }
    return document_["none"];
  }

  std::string text_;
  base::Json document_;
};

/// A world with an app whose image was layered here, and whose wallet is the KMS's.
struct VerifyWorld : World {
  explicit VerifyWorld(Words more = {"--wallet", "kms"},
                       const std::string& image = "sample/hello:1.0") {
    Words words = {"compute", "app", "deploy", "--name", "hello", "--json"};
    if (!image.empty()) words.insert(words.end(), {"--image-ref", devnet.image(image)});
    words.insert(words.end(), more.begin(), more.end());
    const RunResult run = user.run(words);
    INFO(run.describe());
    REQUIRE(run.code == 0);
    app = run.json()["appId"].as_string();
  }

  RunResult verify(Words more = {}) {
    Words words = {"compute", "app", "verify", app, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return user.run(words);
  }
  /// The evidence of now.
  base::Json bundle(Words more = {}) {
    const std::string name = "evidence-" + std::to_string(++bundles_) + ".json";
    more.insert(more.end(), {"--bundle", name});
    verify(more);
    return base::Json::parse(slurp(user.folder() / name), name);
  }
  RunResult offline(const base::Json& bundle, Words more = {}) {
    user.write("given.json", bundle.dump());
    Words words = {"compute", "app", "verify", "--offline", "given.json", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return user.run(words);
  }

  std::string app;

 private:
  int bundles_ = 0;
};

/// "sha256:…" of the release's image.
inline std::string release_digest(const Findings& found) {
  const std::string image = found.document()["image"].as_string();
  return image.substr(image.find('@') + 1);
}

/// What Google Confidential Space says of the app's machine, now.
inline base::Json token_claims(VerifyWorld& world, const std::string& digest) {
  using base::Json;
  const std::int64_t now = world.clock.unix_seconds();
  const Json submodules = Json::object(
      {{"confidential_space", Json::object({{"support_attributes", Json::strings({"STABLE"})}})},
       {"container", Json::object({{"image_digest", digest}})},
       {"gce", Json::object({{"project_id", "tee-compute-prod"},
                             {"instance_name", "tee-" + base::to_lower(world.app)}})}});
  return Json::object({{"aud", "https://verifier.example"},
                       {"iss", "https://confidentialcomputing.googleapis.com"},
                       {"iat", now - 60},
                       {"nbf", now - 60},
                       {"exp", now + 3540},
                       {"eat_nonce", "00112233445566778899"},
                       {"hwmodel", "GCP_INTEL_TDX"},
                       {"swname", "CONFIDENTIAL_SPACE"},
                       {"swversion", Json::strings({"250800"})},
                       {"attester_tcb", Json::strings({"INTEL"})},
                       {"dbgstat", "disabled-since-boot"},
                       {"tdx", Json::object({{"gcp_attester_tcb_status", "UpToDate"}})},
                       {"submods", submodules}});
}

inline const JwtSigner& token_signer() {
  static const JwtSigner signer("RS256", "google-1");
  return signer;
}

/// What fits token_claims.
inline Words token_expectations() {
  return {"--nonce",   "00112233445566778899", "--audience", "https://verifier.example",
          "--project", "tee-compute-prod"};
}
/// The same with the files token.jwt and jwks.json.
inline Words token_words() {
  Words out = {"--attestation", "token.jwt", "--jwks", "jwks.json"};
  const Words more = token_expectations();
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

/// One finding failed, and the exit code and the error on stderr say so.
inline void check_caught(const RunResult& run, const Words& findings) {
  INFO(run.describe());
  CHECK(run.code == 9);
  CHECK(Findings(run).failed() == findings);
  CHECK(run.error()["code"].as_string() == "verify.failed");
  const std::string first = findings.front();
  const std::string named = "the link " + first.substr(0, first.find('/')) +
                            " failed: " + first.substr(first.find('/') + 1) + ": ";
  CHECK(run.error()["message"].as_string().starts_with(named));
}

}  // namespace ecloud::testing
