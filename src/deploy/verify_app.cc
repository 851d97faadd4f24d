#include "ecloud/deploy/verify_app.h"

#include <iterator>

#include "deploy/verify_links.h"
#include "ecloud/base/error.h"

namespace ecloud::deploy {

using attest::Result;

const std::string kNoRelease = "which image the release names is not known";

const std::vector<std::string>& collateral_files() {
  static const std::vector<std::string> names = {"pck.crl",          "root.crl",
                                                 "tcb-info.json",    "tcb-info-chain.pem",
                                                 "qe-identity.json", "qe-identity-chain.pem"};
  return names;
}

const std::string& MaterialBlobs::get(const std::string& digest) const {
  const auto found = material_.blobs.find(digest);
  if (found == material_.blobs.end()) {
    throw Error(Category::kImage, "image.missing_layer", "there are no octets of " + digest);
  }
  if (oci::Digest::of(base::as_bytes(found->second)).to_string() != digest) {
    throw Error(Category::kImage, "image.digest_mismatch",
                "the octets that stand for " + digest + " have the digest " +
                    oci::Digest::of(base::as_bytes(found->second)).to_string());
  }
  return found->second;
}

void MaterialBlobs::read(const oci::Descriptor& blob, const oci::OctetSink& sink) {
  const std::string& octets = get(blob.digest.to_string());
  if (octets.size() != blob.size_bytes) {
    throw Error(Category::kImage, "image.digest_mismatch",
                blob.digest.to_string() + " has " + std::to_string(octets.size()) +
                    " octets, and the manifest says " + std::to_string(blob.size_bytes));
  }
  sink(base::as_bytes(octets));
}

oci::Image open_image(const ImageEvidence& evidence, const MaterialBlobs& blobs) {
  return oci::read_image(evidence.reference, evidence.manifest_type, blobs.get(evidence.manifest),
                         blobs.get(evidence.config));
}

void add_absence(attest::Evidence& evidence, const std::string& name, const Absence& absence) {
  if (absence.contradicts) return evidence.failed(name, absence.reason);
  evidence.not_checked(name, absence.reason);
}

void demote(std::vector<attest::Finding>& findings, std::string_view name, const std::string& why) {
  for (attest::Finding& finding : findings) {
    if (finding.name != name || finding.result != Result::kVerified) continue;
    finding.result = Result::kNotChecked;
    finding.text += "; " + why;
  }
}

namespace {

/// The findings about the image, and before them that its digest may not be that of the release.
std::vector<attest::Finding> of_release(const VerifyState& state,
                                        std::vector<attest::Finding> findings) {
  if (!state.digest || state.release_gap.empty()) return findings;
  attest::Evidence first;
  first.not_checked("release-digest",
                    "this is about " + state.digest->to_string() + ", " + state.release_gap);
  std::vector<attest::Finding> out = first.take();
  out.insert(out.end(), std::make_move_iterator(findings.begin()),
             std::make_move_iterator(findings.end()));
  return out;
}

}  // namespace

const VerifiedLink* VerifyReport::failed_link() const {
  for (const VerifiedLink& link : links) {
    if (link.result == Result::kFailed) return &link;
  }
  return nullptr;
}

VerifyReport judge_material(const VerifyMaterial& material, const JudgePolicy& policy) {
  VerifyState state{.material = material,
                    .policy = policy,
                    .blobs = std::make_shared<MaterialBlobs>(material),
                    .release = {},
                    .release_gap = {},
                    .digest = {},
                    .image_name = {},
                    .image = {},
                    .evm_addresses = {}};
  VerifyReport report;
  const auto add = [&](const char* name, std::vector<attest::Finding> findings) {
    const Result result = attest::fold(findings);
    report.links.push_back({name, result, std::move(findings)});
  };
  add("release", judge_release(state));
  state.release_gap = attest::missing_evidence(report.links.front().findings, {"release-event"});
  if (!state.release_gap.empty() && material.from_bundle) {
    state.release_gap = "which the bundle names: " + state.release_gap;
  }
  add("image", of_release(state, judge_image(state)));
  add("client-binaries", of_release(state, judge_binaries(state)));
  add("provenance", judge_provenance(state));
  add("addresses", judge_addresses(state));
  add("live", judge_live(state));
  add("attestation", judge_attestation(state));
  if (state.digest) report.image = state.image_name + "@" + state.digest->to_string();
  report.release_block = state.release_block;
  report.evm_addresses = std::move(state.evm_addresses);
  return report;
}

}  // namespace ecloud::deploy
