#include "cli/error_catalogue.h"

namespace ecloud::cli {
namespace {

constexpr auto kFailure = Category::kFailure;
constexpr auto kUsage = Category::kUsage;
constexpr auto kCredentials = Category::kCredentials;
constexpr auto kVerification = Category::kVerification;

}  // namespace

std::vector<ErrorEntry> key_errors() {
  return {
      {"auth.malformed_key",
       {kUsage},
       "What was given as a private key is none.",
       "A private key is 64 hex digits, with or without 0x before them; a digit was lost, or "
       "something else was given, such as an address or a phrase.",
       "Check the source that the message names; the key itself is never shown."},
      {"auth.no_key",
       {kCredentials},
       "The command needs the deployer's private key and has none.",
       "No option, variable or file gave one.",
       "Set ECLOUD_PRIVATE_KEY or give --private-key-file FILE; `ecloud auth generate --out FILE` "
       "makes a new one."},
      {"crypto.invalid_extended_key",
       {kUsage},
       "A text is no extended private key (xprv).",
       "It was cut off, or it is an extended public key.",
       "Copy it anew from where it was made."},
      {"crypto.invalid_path",
       {kUsage},
       "A derivation path is malformed.",
       "A path looks like m/44'/60'/0'/0/0.",
       "Correct the path."},
      {"crypto.invalid_private_key",
       {kUsage},
       "A private key in PEM cannot be read.",
       "The file is another one, of another kind, or has a password.",
       "Check what the file holds: openssl pkey -in FILE -noout."},
      {"crypto.invalid_public_key",
       {kUsage},
       "A public key in PEM cannot be read.",
       "kmsEncryptionKey or kmsSigningKey of an environment of your own names another file.",
       "Compare with `ecloud compute environment show sepolia`."},
      {"crypto.invalid_seed",
       {kUsage},
       "A seed has a length that no wallet uses.",
       "It was cut off.",
       "Copy it anew from where it was made."},
      {"crypto.jwe",
       {kVerification},
       "An encrypted text was refused.",
       "It was made for another key, or changed on the way.",
       "Encrypt it anew for the right key."},
      {"crypto.no_entropy",
       {kFailure},
       "The system gave no random numbers.",
       "The sandbox or container hides /dev/urandom and getrandom().",
       "Run it where the system's random numbers can be read."},
      {"wallet.bad_mnemonic",
       {kUsage},
       "MNEMONIC in the env file is no valid phrase.",
       "A word is mistyped or missing, or the words are in another order: the last one is a "
       "checksum.",
       "Correct it, or leave out --wallet env to have a new wallet made."},
      {"wallet.damaged",
       {kVerification},
       "The file with an app's wallet does not open.",
       "It was changed or cut off on the disk.",
       "Restore it from a backup of the state directory (`ecloud config path`)."},
      {"wallet.no_mnemonic",
       {kUsage},
       "--wallet env was given, and the env file has no MNEMONIC.",
       "The phrase of the app's wallet is taken from that line.",
       "Add MNEMONIC=\"…\" to the file, or leave out --wallet env."},
      {"wallet.not_stored",
       {kFailure},
       "The wallet of the new app could not be read back.",
       "The disk is full or failing. Nothing was sent: a wallet that cannot be read back would be "
       "lost.",
       "Check the disk with the state directory (`ecloud config path`), then run it again."},
      {"wallet.wrong_key",
       {kCredentials},
       "The wallet of the app belongs to another key.",
       "The file is encrypted with the key that deployed the app.",
       "Give the key that deployed the app."},
      {"journal.damaged",
       {kFailure},
       "The record of an unfinished deployment cannot be read.",
       "It was changed or cut off on the disk. It may speak of a transaction that was paid for, so "
       "it is not passed over.",
       "Restore the file from a backup, or look for the transaction of your account on the chain "
       "and move the file away."},
  };
}

}  // namespace ecloud::cli
