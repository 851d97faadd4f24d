#include "cli/guide.h"

namespace ecloud::cli {

const Guide& trust_guide() {
  static const Guide guide = {
      .name = "trust",
      .summary = "who is trusted with what, and how to check it",
      .introduction =
          "An app in a TEE is worth as much as the chain of evidence from its source to the "
          "machine "
          "that runs it. This page goes along that chain: what is trusted at each point and why, "
          "which command checks it, and what nobody can check from outside. `ecloud compute app "
          "verify APP` walks all of it and calls nothing verified that it has not checked.",
      .sections = {
          {"WHAT IS CHECKED WITHOUT BEING ASKED",
           {{"The app's id",
             "It is computed here from account and salt (CREATE2) and compared with what the node "
             "says, before anything is encrypted for it."},
            {"The image", "Every digest is computed again from the octets that a registry sends."},
            {"The keys of the KMS",
             "The keys that variables are encrypted for, and that addresses are signed with, are "
             "part of this program; no server names them."},
            {"What is signed",
             "Transactions and permissions are made here; nothing that a server sends is signed. "
             "After a transaction its effect is looked for on chain."},
            {"Servers",
             "TLS is verified, chain ids are compared, redirects to private places are "
             "refused."}}},
          {"THE LINKS, AND THE COMMAND FOR EACH",
           {{"The release is on chain",
             "The event of the controller in the block that the controller names. A node could "
             "lie: "
             "give several with --rpc-url, and they have to agree. ecloud compute app verify APP"},
            {"The registry has that very image",
             "Manifest, configuration and layers hash to what is on chain; the platform's layer is "
             "computed again from the image below it. ecloud compute app verify APP, ecloud image "
             "inspect REF"},
            {"The platform's programs in it are the published ones",
             "They are compared with the images that this program names by digest. ecloud compute "
             "app verify APP"},
            {"The image was built from that source",
             "For builds by the platform, and as far as its record goes: the platform signs for "
             "itself. ecloud compute build verify DIGEST, ecloud compute app verify APP"},
            {"The wallet is the app's",
             "The KMS signs the addresses of each app. ecloud compute app wallet show APP, ecloud "
             "compute app verify APP"},
            {"The app that answers holds that wallet",
             "It signs a random number that was made a moment ago. ecloud compute app verify APP "
             "--url URL"},
            {"The machine is a TEE with that image",
             "An attestation token of Google Confidential Space or Intel Trust Authority, or a raw "
             "Intel TDX quote, bound to image and app. ecloud compute app verify APP --attestation "
             "FILE"},
            {"It stays like that", "For CI: ecloud compute app drift"}}},
          {"WHO HAS TO BE TRUSTED ALL THE SAME",
           {{"Intel",
             "That a TDX machine keeps its memory to itself, and signs only what it measured."},
            {"Google",
             "Confidential Space starts the image whose digest its token names; the token is "
             "Google's word."},
            {"The operator of the KMS",
             "One operator holds the keys that private variables are encrypted for and that the "
             "wallets of the KMS are derived from. That it gives them to attested machines alone "
             "cannot be seen from outside. A wallet with --wallet generated or --wallet env is in "
             "the variables too."},
            {"Whoever has the deployer key",
             "Releases carry the recovery phrase of a generated wallet, encrypted with that key, "
             "so "
             "that it recovers the wallet on any machine. Anyone who gets the key gets the wallet. "
             "They could take it without that, too, by releasing an image that prints the phrase. "
             "A stolen key also opens the phrases of old releases, which stay on chain. "
             "--wallet-backup none keeps the phrase off the chain, --wallet kms out of everybody's "
             "hands."},
            {"The owner of the app, and whom the owner lets act",
             "Whoever may upgrade it can put another image there. ecloud compute app permissions "
             "list APP names them all, ecloud compute app releases APP shows what was put, and a "
             "release that follows is seen by ecloud compute app drift."},
            {"The nodes",
             "What a single node says of the chain is its word; nothing here runs a light "
             "client."}}},
          {"WHAT CANNOT BE CHECKED",
           {{"What the code does",
             "A digest names the octets and says nothing about their intent. Read the source, and "
             "bind the image to it with a verifiable build."},
            {"What happens after the start",
             "An app that changes its own code at run time runs what nobody has measured."},
            {"Whether old secrets are still secret",
             "Releases stay on chain with their encrypted variables: whoever gets the KMS's key "
             "later reads them. A rollback brings the secrets of then back, also those that were "
             "replaced since because they had leaked. Change what was in them."},
            {"Side channels and physical access",
             "Attacks on the processor with the machine in hand are outside of what TDX promises."},
            {"Logs and answers",
             "What the app itself prints or sends out is protected by nothing."},
            {"Freshness of what Intel publishes",
             "Revocation lists and TCB levels are as new as the files that verify was given."}}}}};
  return guide;
}

}  // namespace ecloud::cli
