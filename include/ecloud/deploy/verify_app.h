#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/attest/evidence.h"
#include "ecloud/crypto/certificate.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/deploy/services.h"
#include "ecloud/eth/address.h"
#include "ecloud/oci/reference.h"
#include "ecloud/platform/build_api.h"

namespace ecloud::deploy {

/// Walks the chain of evidence of an app, from the release on chain to the machine that runs it.
/// What has to be asked for is collected first, as raw as possible; all comparisons are made of
/// that, without a network, so that anyone can repeat the checks.

/// Why something is missing.
struct Absence {
  std::string reason;
  /// An answer came and cannot be true, such as octets of another digest: that is no lack of
  /// evidence, it is evidence.
  bool contradicts = false;
};

/// What one node of the chain said, asked alone.
struct NodeEvidence {
  std::string origin;  ///< scheme, host and port
  std::optional<Absence> absence;
  std::string creator;  ///< of the app; the zero address when there is none
  std::uint64_t latest_release_block = 0;
  std::uint64_t pending_release_block = 0;  ///< 0: none
  std::uint64_t asked_block = 0;            ///< of `logs`; 0: not asked, there is no release
  std::string logs;                         ///< the answer to eth_getLogs, JSON
};

/// An image's documents; their octets are among the blobs.
struct ImageEvidence {
  std::string reference;  ///< "docker.io/me/app@sha256:…"
  std::optional<Absence> absence;
  std::string manifest_type;
  std::string manifest;  ///< digest
  std::string config;    ///< digest
  /// Why the layers that are needed are not among the blobs.
  std::optional<Absence> layers_absence;
};

struct BuildEvidence {
  std::optional<Absence> absence;
  platform::BuildVerdict verdict;
};

struct AddressEvidence {
  std::optional<Absence> absence;
  std::string signed_addresses;  ///< JSON, as the UserAPI gave it
};

/// What a live app answered to a nonce.
struct LiveEvidence {
  std::optional<Absence> absence;
  std::string url;                        ///< without its query
  std::string nonce;                      ///< 64 hex digits
  std::string message;                    ///< what the app was to sign (EIP-191)
  std::string host;                       ///< as `message` names it; empty: it names none
  std::string answer;                     ///< the body
  std::vector<std::string> certificates;  ///< PEM, the server's own first; empty for plain http
};

/// What an attestation is compared with.
struct AttestationExpectation {
  std::string nonce, audience, project;  ///< empty: nothing
  std::vector<std::string> mr_td;        ///< accepted values, hex
  std::vector<std::string> rtmr;         ///< accepted values, as parse_rtmr() reads them
};

/// "2=HEX": the number of a runtime measurement register of TDX, 0 to 3, and a value of 48 octets.
std::optional<std::pair<std::size_t, base::FixedBytes<48>>> parse_rtmr(std::string_view text);

struct AttestationEvidence {
  std::optional<Absence> absence;
  std::string source;  ///< file or URL
  std::string octets;  ///< a JWT, or a quote in binary, base64 or hex
  std::optional<std::string> key_set;
  std::map<std::string, std::string> collateral;  ///< by the names of collateral_files()
  std::optional<std::string> event_log;           ///< of the quote's registers (CCEL)
  // What who took the evidence expected, as in AttestationExpectation.
  std::string nonce, audience, project;
  std::vector<std::string> mr_td, rtmr;
};

struct VerifyMaterial {
  eth::Address app;
  std::int64_t taken_at = 0;  ///< unix seconds
  std::string environment;    ///< its name
  std::uint64_t chain_id = 0;
  std::string app_controller;
  std::vector<NodeEvidence> nodes;
  std::optional<ImageEvidence> image, base;
  std::vector<ImageEvidence> tools;
  /// Octets by digest: documents and layers. The digests are checked whenever they are read.
  std::map<std::string, std::string> blobs;
  std::optional<BuildEvidence> build;
  std::optional<AddressEvidence> addresses;
  std::optional<LiveEvidence> live;
  std::optional<AttestationEvidence> attestation;
  bool from_bundle = false;
};

/// The files of a directory of collateral, each optional: pck.crl, root.crl, tcb-info.json,
/// tcb-info-chain.pem, qe-identity.json, qe-identity-chain.pem.
const std::vector<std::string>& collateral_files();

struct LiveRequest {
  std::string url;  ///< https, or http to this machine
  std::string path = "/.well-known/ecloud-proof";
  std::string message;  ///< empty: kDefaultProofMessage; {app}, {host} and {nonce} are replaced
};

/// What an app signs with the first account of its wallet: PATH?app=0x…&nonce=HEX is asked, and
/// {"address":"0x…","signature":"0x…"} is the answer. {host} is proof_host of the URL; the app has
/// to know its own and to sign for no other, or a site that passes the question on would be taken
/// for the app.
constexpr std::string_view kDefaultProofMessage =
    "ecloud proof of app {app} at {host}, nonce {nonce}";

/// "app.example.org", "127.0.0.1:8080": the authority of the URL in lower case, without the port
/// that is its scheme's own.
std::string proof_host(std::string_view url);

struct VerifyRequest {
  eth::Address app;
  const crypto::PrivateKey* key = nullptr;  ///< for the UserAPI; null: without
  std::optional<oci::Reference> base;       ///< the image before layering
  std::optional<LiveRequest> live;
  /// Without octets and with an http source, that is fetched.
  std::optional<AttestationEvidence> attestation;
};

/// Reads everything. What cannot be had is an absence in the material. Throws:
///   kNotFound    app.not_found      no node knows such an app
///   kNetwork     chain.wrong_chain  a node is on another chain
///   kInterrupted
VerifyMaterial collect_material(const Services& services, const VerifyRequest& request);

struct VerifiedLink {
  std::string name;  ///< release, image, client-binaries, provenance, addresses, live, attestation
  attest::Result result = attest::Result::kNotChecked;  ///< all findings together
  std::vector<attest::Finding> findings;
};

struct VerifyReport {
  std::vector<VerifiedLink> links;  ///< always all seven, in the order of VerifiedLink::name
  std::string image;                ///< "docker.io/me/app@sha256:…" of the release; may be empty
  std::uint64_t release_block = 0;
  std::vector<std::string> evm_addresses;  ///< as the KMS signed them; empty unless that verified
  /// The first link that failed with its first finding that did; null when none failed.
  const VerifiedLink* failed_link() const;
};

/// The reader's side of a judgement.
struct JudgePolicy {
  /// What the material says of its contracts and keys is only compared with this.
  const platform::Environment& environment;
  /// Files without a name lie in the cache meanwhile. The state tells which wallets this machine
  /// brought.
  const base::Paths& paths;
  std::int64_t now = 0;  ///< unix seconds
  /// Takes the place of the one that came with a bundle, which verifies nothing.
  std::optional<std::string> key_set;
  /// The reader's own, for a bundle. Where it is empty the attestation is compared with what the
  /// bundle's maker expected, and success is not checked. Other material has its own.
  AttestationExpectation expected = {};
  /// What quotes have to lead to; null: the root of Intel.
  const crypto::Certificate* quote_root = nullptr;
};

/// All comparisons, without a network. Documents with dates are judged as of
/// VerifyMaterial::taken_at; of those in a bundle only what holds at JudgePolicy::now too is
/// verified. Throws nothing about the material.
VerifyReport judge_material(const VerifyMaterial& material, const JudgePolicy& policy);

/// What --offline reads; a longer bundle is not made.
constexpr std::size_t kMaxBundleBytes = std::size_t{512} << 20;

/// The material as one JSON document: {"format":"ecloud-evidence","version":1,…}. Holds nothing
/// secret: no keys, of URLs of nodes the origin alone. Throws Error{kFailure,
/// "verify.bundle_too_large"} for one of more than `max_bytes`.
std::string format_bundle(const VerifyMaterial& material, std::size_t max_bytes = kMaxBundleBytes);
/// Throws Error{kVerification, "verify.bad_bundle"} for what is no bundle, or one that says it was
/// made after `now` (unix seconds).
VerifyMaterial parse_bundle(std::string_view text, std::int64_t now);

}  // namespace ecloud::deploy
