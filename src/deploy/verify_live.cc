// What the app itself answers.
#include "deploy/verify_links.h"
#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/certificate.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/eth/signing.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;

constexpr const char* kNames[] = {"live-answer", "live-signature",  "live-address",
                                  "live-nonce",  "tls-certificate", "live-channel"};

struct Proof {
  eth::Address claimed;
  base::Bytes signature;
};

Proof read_proof(const std::string& body) {
  const base::Json answer = base::Json::parse(body, "the app's answer");
  const auto claimed = eth::Address::parse(answer["address"].as_string());
  const auto signature = base::from_hex(answer["signature"].as_string());
  if (!claimed) throw answer["address"].error("is no address");
  if (!signature) throw answer["signature"].error("is not in hex");
  return {*claimed, *signature};
}

std::optional<eth::Address> signer_of(const Proof& proof, const std::string& message) {
  const auto signature = crypto::RecoverableSignature::from_v27(proof.signature);
  if (!signature) return std::nullopt;
  return eth::recover_address(eth::personal_message_hash(base::as_bytes(message)), *signature);
}

/// The first address of the wallet that this machine brought for the app; empty without one. What a
/// bundle says of it would be the word of its maker, and let any signer pass.
std::string brought_wallet(const VerifyState& state) {
  const auto record =
      AppRecords(state.policy.paths.state, state.policy.environment.name).find(state.material.app);
  return record && record->wallet != WalletSource::kKms ? record->evm_address : std::string();
}

void check_address(Evidence& evidence, const VerifyState& state, const eth::Address& signer) {
  if (base::equal_ignoring_case(brought_wallet(state), signer.to_string())) {
    return evidence.not_checked("live-address",
                                signer.to_string() +
                                    " has signed, of the wallet that was brought for the app: its "
                                    "words are known outside of the TEE, so that it need not be "
                                    "the TEE that signed");
  }
  if (state.evm_addresses.empty()) {
    return evidence.not_checked("live-address",
                                signer.to_string() +
                                    " has signed, and which addresses are the app's is not "
                                    "verified (link addresses)");
  }
  bool known = false;
  for (const std::string& one : state.evm_addresses) {
    known = known || base::equal_ignoring_case(one, signer.to_string());
  }
  evidence.compared("live-address", known,
                    known ? signer.to_string() + " is an address of the app, as the KMS says"
                          : signer.to_string() + " has signed, and the KMS derives for the app " +
                                base::join(state.evm_addresses, ", ") +
                                "; an app whose wallet was brought, and is not the KMS's, looks "
                                "the same, and proves no TEE either",
                    {"live-signature"});
}

/// The nonce is in what was signed; that it is ours is what makes the answer fresh.
void check_nonce(Evidence& evidence, const VerifyState& state, const LiveEvidence& live) {
  if (live.message.find(live.nonce) == std::string::npos || live.nonce.size() != 64) {
    return evidence.failed("live-nonce", "what was to be signed does not hold the nonce");
  }
  if (state.material.from_bundle) {
    return evidence.not_checked("live-nonce",
                                "the nonce was that of the bundle's maker: ask the app again, "
                                "without --offline");
  }
  evidence.compared("live-nonce", true, "signed over a nonce made for this request",
                    {"live-signature"});
}

void check_certificate(Evidence& evidence, const VerifyState& state, const LiveEvidence& live) {
  if (live.certificates.empty()) {
    return evidence.not_checked("tls-certificate",
                                live.url.starts_with("https")
                                    ? "the connection did not show the certificate"
                                    : "plain http: there is no certificate");
  }
  const auto read = crypto::Certificate::from_pem(live.certificates.front());
  if (!read || read->empty()) return evidence.failed("tls-certificate", "it cannot be read");
  const crypto::Certificate& leaf = read->front();
  const std::string text = "SHA-256 " + base::to_hex(crypto::sha256(leaf.der())) + ", for " +
                           leaf.common_name() + ", issued by " + leaf.issuer_common_name() +
                           ", valid from " + base::format_rfc3339(leaf.not_before()) + " to " +
                           base::format_rfc3339(leaf.not_after());
  const std::int64_t at = state.material.taken_at;
  if (at < leaf.not_before() || at > leaf.not_after()) {
    return evidence.failed("tls-certificate",
                           text + "; it was not valid at " + base::format_rfc3339(at));
  }
  if (state.material.from_bundle) {
    return evidence.not_checked("tls-certificate",
                                text + "; the bundle's maker says that the server showed it");
  }
  evidence.verified("tls-certificate",
                    text +
                        "; this machine's authorities vouch for it, and nothing here shows that "
                        "its key is in the TEE");
}

/// That it was the app who signed does not show that it is the app who answers there.
void check_channel(Evidence& evidence, const LiveEvidence& live) {
  const bool named = !live.host.empty() && live.host == proof_host(live.url) &&
                     live.message.find(live.host) != std::string::npos;
  evidence.not_checked(
      "live-channel",
      named ? "the text that is signed names " + live.host +
                  ", so that the app can refuse to sign for another site's visitors; whether its "
                  "code does, and whether who has that name or its certificate passes requests on "
                  "from outside of the TEE, is not shown"
            : std::string("the text that is signed does not name the host: a site that only passes "
                          "the question on to the app gives the same answer"));
}

std::vector<attest::Finding> judge(const VerifyState& state) {
  Evidence evidence;
  const auto& live = state.material.live;
  const auto leave = [&] {
    const std::string why = evidence.missing({"live-answer", "live-signature"});
    for (const char* name : kNames) {
      if (attest::find_finding(evidence.findings(), name) == nullptr) {
        evidence.not_checked(name, why);
      }
    }
    return evidence.take();
  };
  if (!live) {
    evidence.not_checked("live-answer", "no URL of the app was given: --url URL");
    return leave();
  }
  if (live->absence) {
    add_absence(evidence, "live-answer", *live->absence);
    return leave();
  }
  std::optional<Proof> proof;
  try {
    proof = read_proof(live->answer);
    evidence.verified("live-answer", base::printable_line(live->url));
  } catch (const Error& error) {
    evidence.failed("live-answer", error.message());
  }
  if (proof) {
    const auto signer = signer_of(*proof, live->message);
    const bool holds = signer == proof->claimed;
    evidence.compared(
        "live-signature", holds,
        holds ? signer->to_string() + " has signed \"" + live->message + "\""
              : (signer ? "the signature is of " + signer->to_string() + ", or of another text: "
                        : std::string("it is no signature: ")) +
                    "the app calls it one of " + proof->claimed.to_string() + " over \"" +
                    live->message + "\"",
        {"live-answer"});
    if (holds) {
      check_address(evidence, state, *signer);
      check_nonce(evidence, state, *live);
    }
  }
  check_certificate(evidence, state, *live);
  check_channel(evidence, *live);
  return leave();
}

}  // namespace

std::vector<attest::Finding> judge_live(VerifyState& state) {
  std::vector<attest::Finding> out = judge(state);
  if (state.material.from_bundle) {
    demote(out, "live-answer",
           "the bundle's maker says that the answer came from there; ask the app itself, without "
           "--offline");
  }
  return out;
}

}  // namespace ecloud::deploy
