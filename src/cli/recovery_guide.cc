#include "cli/guide.h"

namespace ecloud::cli {

const Guide& recovery_guide() {
  static const Guide guide = {
      .name = "recovery",
      .summary = "what is left when a machine is lost",
      .introduction =
          "What is left of an app when the machine that deployed it is gone, or its disk. "
          "Everything "
          "below needs the key of the account that deployed, and nothing else: no file of the lost "
          "machine, and not even the app's id, which `ecloud compute app list` shows. A key that "
          "is lost "
          "as well cannot be replaced: nobody but another admin of the app, if there is one, can "
          "upgrade "
          "or terminate it.",
      .sections = {
          {"WHAT IS ON CHAIN AND CAN ALWAYS BE HAD",
           {{"The app",
             "Id, owner, status, and every release: ecloud compute app list, and ecloud "
             "compute app info APP."},
            {"A transaction that was sent",
             "It is mined without the machine that sent it. Look at the list before you deploy "
             "again: "
             "a second run on another machine does not know of the first one and makes a second "
             "app."},
            {"The image",
             "Its name and digest: ecloud compute app releases APP. An upgrade without an "
             "image keeps it."},
            {"Public variables",
             "Their names and values, by ecloud compute app releases APP --full."},
            {"Private variables",
             "They are on chain for the platform's KMS alone. Nobody outside the TEE reads them "
             "again, "
             "and an upgrade sends all of them anew: keep your .env."},
            {"The recovery phrase of a generated wallet",
             "Every release carries it, encrypted with the key that deployed the app: ecloud "
             "compute "
             "app wallet export APP, and every upgrade with that key, finds it there. Not in "
             "releases with --wallet-backup none and of other programs."}}},
          {"WHAT THE PLATFORM HAS",
           {{"Run state, IP address, logs",
             "ecloud compute app info APP, ecloud compute app logs APP. A "
             "private log needs the key."},
            {"The name",
             "Where the deployment came as far as giving the app its profile. When it did "
             "not, use the id, and name it: ecloud compute app profile set APP --name NAME."},
            {"A wallet that the KMS made",
             "An app that was deployed with --wallet kms has it. Its addresses, signed by the KMS: "
             "ecloud compute app wallet show APP. It stays with the app through upgrades that "
             "bring no "
             "words; nobody outside the TEE has its words, and it ends with the app."}}},
          {"WHAT WAS ON THE MACHINE ALONE",
           {{"A recovery phrase that is not on chain",
             "With --wallet-backup none, and of apps that early versions of ecloud deployed, the "
             "phrase is only in STATE/wallets (ecloud config path shows where STATE is), encrypted "
             "with the key. Without that file and without an export it is lost: what its addresses "
             "hold can be moved by the app itself and by nobody else."},
            {"MNEMONIC of an env file", "As long as you have the words the wallet is complete."},
            {"The journal",
             "What was signed and not finished, with which ecloud resume goes on here. "
             "Without it a transaction that no node has taken is lost, which costs "
             "nothing: deploy again."},
            {"The stored key", "The key file or the keyring: have a copy elsewhere."}}},
          {"BEFORE IT HAPPENS",
           {{"Export the recovery phrase",
             "ecloud compute app wallet export APP --out FILE, and keep FILE in a safe place: it "
             "opens the wallet also when the key is lost."},
            {"Have a second admin",
             "An account whose key is kept elsewhere: ecloud compute app permissions grant APP "
             "ADDRESS --admin, and it accepts."},
            {"Or copy the state",
             "STATE/wallets is of use to nobody without the key: it may go into any "
             "backup."}}},
          {"AFTERWARDS, ON A NEW MACHINE",
           {{"1. Give the key", "ecloud auth login, or ECLOUD_PRIVATE_KEY."},
            {"2. Look",
             "ecloud compute app list, ecloud compute app info APP, ecloud compute app wallet "
             "show APP: what is known, and what is not."},
            {"3. Release as before",
             "With the key that deployed the app an upgrade reads the recovery phrase from chain "
             "and keeps the wallet."},
            {"4. With an exported phrase",
             "Where the phrase is not on chain, or with another key: ecloud compute app wallet "
             "import APP --words-file FILE. From here on everything is as before: upgrades keep "
             "the "
             "wallet."},
            {"5. Without one",
             "The app goes on with its wallet until it gets other variables or is terminated; an "
             "upgrade without an env file keeps both. Let it move what its addresses hold, if its "
             "code can. Then give it another wallet: ecloud compute app upgrade APP --wallet kms, "
             "or "
             "--wallet env with MNEMONIC in the env file."}}}}};
  return guide;
}

}  // namespace ecloud::cli
