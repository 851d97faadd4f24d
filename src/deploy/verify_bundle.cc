// Everything that was collected, as one file that others can judge.
#include <algorithm>

#include "deploy/verify_links.h"
#include "ecloud/base/base64.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/base/version.h"

namespace ecloud::deploy {
namespace {

using base::Json;

constexpr char kFormat[] = "ecloud-evidence";
constexpr std::uint64_t kVersionOfFormat = 1;
/// Two machines' clocks.
constexpr std::int64_t kClockTolerance = 300;

Json encoded(const std::string& octets) {
  return base::to_base64(base::as_bytes(octets));
}

std::string decoded(const Json& value) {
  const auto octets = base::from_base64(value.as_string());
  if (!octets) throw value.error("is no base64");
  return std::string(base::as_chars(*octets));
}

Json absence_json(const std::optional<Absence>& absence) {
  if (!absence) return nullptr;
  return Json::object({{"reason", absence->reason}, {"contradicts", absence->contradicts}});
}

std::optional<Absence> read_absence(const Json& value) {
  if (!value.exists() || value.is_null()) return std::nullopt;
  return Absence{value["reason"].as_string(), value["contradicts"].as_bool()};
}

Json node_json(const NodeEvidence& node) {
  return Json::object({{"origin", node.origin},
                       {"absence", absence_json(node.absence)},
                       {"creator", node.creator},
                       {"latestReleaseBlock", node.latest_release_block},
                       {"pendingReleaseBlock", node.pending_release_block},
                       {"block", node.asked_block},
                       {"logs", node.logs}});
}

NodeEvidence read_node(const Json& value) {
  return {.origin = base::printable_line(value["origin"].as_string()),
          .absence = read_absence(value["absence"]),
          .creator = base::printable_line(value["creator"].as_string()),
          .latest_release_block = value["latestReleaseBlock"].as_u64(),
          .pending_release_block = value["pendingReleaseBlock"].as_u64(),
          .asked_block = value["block"].as_u64(),
          .logs = value["logs"].as_string()};
}

Json image_json(const ImageEvidence& image) {
  return Json::object({{"reference", image.reference},
                       {"absence", absence_json(image.absence)},
                       {"manifestType", image.manifest_type},
                       {"manifest", image.manifest},
                       {"config", image.config},
                       {"layersAbsence", absence_json(image.layers_absence)}});
}

ImageEvidence read_image_evidence(const Json& value) {
  return {.reference = base::printable_line(value["reference"].as_string(), 1000),
          .absence = read_absence(value["absence"]),
          .manifest_type = value["manifestType"].as_string(),
          .manifest = base::printable_line(value["manifest"].as_string()),
          .config = base::printable_line(value["config"].as_string()),
          .layers_absence = read_absence(value["layersAbsence"])};
}

Json build_json(const BuildEvidence& build) {
  const platform::BuildVerdict& verdict = build.verdict;
  const auto& digest = verdict.build.image_digest;
  return Json::object({{"absence", absence_json(build.absence)},
                       {"verified", verdict.verified},
                       {"error", verdict.error},
                       {"buildId", verdict.build.id},
                       {"repo", verdict.build.repo},
                       {"commit", verdict.build.commit},
                       {"imageDigest", digest ? Json(digest->to_string()) : Json()},
                       {"provenanceSignature", verdict.build.provenance_signature},
                       {"payloadType", verdict.payload_type},
                       {"payload", verdict.payload}});
}

BuildEvidence read_build(const Json& value) {
  BuildEvidence out;
  out.absence = read_absence(value["absence"]);
  platform::BuildVerdict& verdict = out.verdict;
  const auto line = [&](const char* name) {
    return base::printable_line(value[name].as_string(), 2000);
  };
  verdict.verified = value["verified"].as_bool();
  verdict.error = line("error");
  verdict.build.id = line("buildId");
  verdict.build.repo = line("repo");
  verdict.build.commit = base::to_lower(line("commit"));
  if (const auto digest = value["imageDigest"].opt_string()) {
    verdict.build.image_digest = oci::Digest::parse(*digest);
    if (!verdict.build.image_digest) throw value["imageDigest"].error("is no sha256 digest");
  }
  verdict.build.provenance_signature = value["provenanceSignature"].as_string();
  verdict.payload_type = line("payloadType");
  verdict.payload = value["payload"].as_string();
  return out;
}

Json live_json(const LiveEvidence& live) {
  return Json::object({{"absence", absence_json(live.absence)},
                       {"url", live.url},
                       {"nonce", live.nonce},
                       {"message", live.message},
                       {"host", live.host},
                       {"answer", encoded(live.answer)},
                       {"certificates", Json::strings(live.certificates)}});
}

std::vector<std::string> read_strings(const Json& value) {
  std::vector<std::string> out;
  for (const Json& one : value.elements()) out.push_back(one.as_string());
  return out;
}

LiveEvidence read_live(const Json& value) {
  return {.absence = read_absence(value["absence"]),
          .url = value["url"].as_string(),
          .nonce = value["nonce"].as_string(),
          .message = value["message"].as_string(),
          .host = value["host"].as_string(),
          .answer = decoded(value["answer"]),
          .certificates = read_strings(value["certificates"])};
}

Json attestation_json(const AttestationEvidence& given) {
  Json collateral = Json::object();
  for (const auto& [name, octets] : given.collateral) collateral.set(name, encoded(octets));
  return Json::object({{"absence", absence_json(given.absence)},
                       {"source", given.source},
                       {"octets", encoded(given.octets)},
                       {"keySet", given.key_set ? encoded(*given.key_set) : Json()},
                       {"collateral", std::move(collateral)},
                       {"nonce", given.nonce},
                       {"audience", given.audience},
                       {"project", given.project},
                       {"mrTd", Json::strings(given.mr_td)},
                       {"rtmr", Json::strings(given.rtmr)},
                       {"eventLog", given.event_log ? encoded(*given.event_log) : Json()}});
}

AttestationEvidence read_attestation(const Json& value) {
  AttestationEvidence out;
  out.absence = read_absence(value["absence"]);
  out.source = base::printable_line(value["source"].as_string(), 2000);
  out.octets = decoded(value["octets"]);
  if (value["keySet"].is_string()) out.key_set = decoded(value["keySet"]);
  for (const auto& [name, octets] : value["collateral"].members()) {
    out.collateral[name] = decoded(octets);
  }
  out.nonce = value["nonce"].as_string();
  out.audience = value["audience"].as_string();
  out.project = value["project"].as_string();
  out.mr_td = read_strings(value["mrTd"]);
  out.rtmr = read_strings(value["rtmr"]);
  if (value["eventLog"].is_string()) out.event_log = decoded(value["eventLog"]);
  return out;
}

template <typename Part, typename Write>
Json part_json(const std::optional<Part>& part, Write write) {
  return part ? write(*part) : Json();
}

template <typename Part, typename Read>
void read_part(const Json& value, std::optional<Part>& out, Read read) {
  if (value.exists() && !value.is_null()) out = read(value);
}

Error bad_bundle(const std::string& why) {
  return Error(Category::kVerification, "verify.bad_bundle", "the bundle cannot be used: " + why,
               "make one with `ecloud compute app verify APP --bundle FILE`");
}

void read_parts(const Json& document, VerifyMaterial& out) {
  for (const Json& node : document["nodes"].elements()) out.nodes.push_back(read_node(node));
  read_part(document["image"], out.image, read_image_evidence);
  read_part(document["base"], out.base, read_image_evidence);
  for (const Json& tool : document["tools"].elements()) {
    out.tools.push_back(read_image_evidence(tool));
  }
  read_part(document["build"], out.build, read_build);
  read_part(document["addresses"], out.addresses, [](const Json& value) {
    return AddressEvidence{read_absence(value["absence"]), value["answer"].as_string()};
  });
  read_part(document["live"], out.live, read_live);
  read_part(document["attestation"], out.attestation, read_attestation);
  for (const auto& [digest, octets] : document["blobs"].members()) {
    out.blobs[digest] = decoded(octets);
  }
}

Error too_large(std::size_t max_bytes) {
  return Error(Category::kFailure, "verify.bundle_too_large",
               "the bundle would have more than " + std::to_string(max_bytes) +
                   " octets, and --offline reads no longer one",
               "judge the app without --bundle; if it helps, name what it was layered from with "
               "--base REF");
}

/// Before the octets are copied into a document: the blobs alone, in base64.
void require_room(const VerifyMaterial& material, std::size_t max_bytes) {
  std::size_t total = 0;
  for (const auto& [digest, octets] : material.blobs) {
    total += digest.size() + octets.size() / 3 * 4;
    if (total > max_bytes) throw too_large(max_bytes);
  }
}

}  // namespace

std::string format_bundle(const VerifyMaterial& material, std::size_t max_bytes) {
  require_room(material, max_bytes);
  Json nodes = Json::array(), tools = Json::array(), blobs = Json::object();
  for (const NodeEvidence& node : material.nodes) nodes.push(node_json(node));
  for (const ImageEvidence& tool : material.tools) tools.push(image_json(tool));
  for (const auto& [digest, octets] : material.blobs) blobs.set(digest, encoded(octets));
  const auto addresses = [](const AddressEvidence& given) {
    return Json::object(
        {{"absence", absence_json(given.absence)}, {"answer", given.signed_addresses}});
  };
  std::string out =
      Json::object({{"format", kFormat},
                    {"version", kVersionOfFormat},
                    {"madeBy", std::string("ecloud ") + kVersion},
                    {"takenAt", base::format_rfc3339(material.taken_at)},
                    {"appId", material.app.to_string()},
                    {"environment", material.environment},
                    {"chainId", material.chain_id},
                    {"appController", material.app_controller},
                    {"nodes", std::move(nodes)},
                    {"image", part_json(material.image, image_json)},
                    {"base", part_json(material.base, image_json)},
                    {"tools", std::move(tools)},
                    {"build", part_json(material.build, build_json)},
                    {"addresses", part_json(material.addresses, addresses)},
                    {"live", part_json(material.live, live_json)},
                    {"attestation", part_json(material.attestation, attestation_json)},
                    {"blobs", std::move(blobs)}})
          .dump() +
      "\n";
  if (out.size() > max_bytes) throw too_large(max_bytes);
  return out;
}

VerifyMaterial parse_bundle(std::string_view text, std::int64_t now) {
  VerifyMaterial out;
  out.from_bundle = true;
  try {
    const Json document = Json::parse(text, "bundle", Category::kVerification);
    if (document["format"].opt_string() != kFormat) {
      throw bad_bundle("it is no document of the format " + std::string(kFormat));
    }
    if (document["version"].as_u64() != kVersionOfFormat) {
      throw bad_bundle("its format has the version " +
                       std::to_string(document["version"].as_u64()) + ", and known is " +
                       std::to_string(kVersionOfFormat));
    }
    const auto app = eth::Address::parse(document["appId"].as_string());
    if (!app) throw document["appId"].error("is no id of an app");
    out.app = *app;
    const auto taken = base::parse_rfc3339(document["takenAt"].as_string());
    if (!taken) throw document["takenAt"].error("is no time");
    out.taken_at = *taken;
    out.environment = base::printable_line(document["environment"].as_string());
    out.chain_id = document["chainId"].as_u64();
    out.app_controller = base::printable_line(document["appController"].as_string());
    read_parts(document, out);
  } catch (const Error& error) {
    if (error.code() == "verify.bad_bundle") throw;
    throw bad_bundle(error.message());
  }
  if (out.taken_at > now + kClockTolerance) {
    throw bad_bundle("it says that it was made at " + base::format_rfc3339(out.taken_at) +
                     ", and it is " + base::format_rfc3339(now));
  }
  return out;
}

}  // namespace ecloud::deploy
