#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/deploy/wallets.h"
#include "ecloud/eth/address.h"
#include "ecloud/eth/u256.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::deploy {

/// What a transaction of the account is for.
enum class Operation {
  kDeploy,
  kUpgrade,
  kStart,
  kStop,
  kTerminate,
  kUndelegate,
  kPurchase,
  kGrant,   ///< rights to act for an app
  kRevoke,  ///< the same
  kAccept,  ///< being an admin of an app
  kRollback,
};
std::string_view to_string(Operation operation);  ///< "deploy", "upgrade", …
/// What comes between "began to" and "app 0x…": "stop", "grant rights on".
std::string_view infinitive(Operation operation);
/// Whether its transaction is sent only by the command that was asked for it, or after a question:
/// what spends money, cannot be undone, gives access to an account, or restores old secrets.
bool needs_consent(Operation operation);
/// Whether the platform acts on it, so that there is something to wait for.
bool concerns_platform(Operation operation);
std::optional<Operation> operation_of(std::string_view word);

/// How far an operation has come.
enum class Step {
  kSigned,     ///< written before the transaction is sent: it may or may not be out
  kMined,      ///< it has had its effect on chain
  kDone,       ///< nothing is left to do
  kAbandoned,  ///< the transaction can never be mined, or reverted: it has had no effect
};
std::string_view to_string(Step step);

/// What Operation::kPurchase pays.
struct Purchase {
  eth::Address account;  ///< the account that gets the credits
  eth::Address token;    ///< what is paid with
  eth::U256 amount;      ///< millionths of a dollar
  /// Dollars of credits that the billing service showed before; nothing when it was not asked.
  std::optional<double> credits_before;
};

/// What Operation::kRollback puts back.
struct RestoredRelease {
  std::uint64_t id = 0;     ///< the chain's count
  std::uint64_t block = 0;  ///< where it was released
};

/// A transaction that was signed to take the place of the one before it: same account, same nonce,
/// higher fees.
struct Replacement {
  bool cancels = false;  ///< it does nothing; otherwise it does the same
  base::Bytes raw_transaction;
  base::Bytes32 transaction_hash{};
  std::string max_cost_wei;
  std::int64_t created_at = 0;  ///< unix seconds
};

/// The record of one operation. Holds no secret: the environment in the transaction is encrypted,
/// the wallet's words are in the WalletStore. What an operation has no use for is empty.
struct JournalEntry {
  Operation operation = Operation::kDeploy;
  Step step = Step::kSigned;
  eth::Address deployer;
  eth::Address app;  ///< zero for kUndelegate and kPurchase
  base::Bytes32 salt{};
  std::string name;
  WalletSource wallet = WalletSource::kGenerated;
  std::string evm_address, solana_address;  ///< of the wallet; empty for kKms
  std::string image_reference;              ///< as the user gave it
  std::string image_name, image_digest;     ///< what goes on chain
  std::string instance_type, log_visibility;
  std::string folder;
  std::optional<platform::AppProfile> profile;  ///< that a deployment sets when the app exists
  std::string picture;                          ///< file of the profile's picture, or empty
  std::string lock_file;                        ///< the project's ecloud.lock, or empty
  std::map<std::string, std::string> private_variables;  ///< names and fingerprints
  /// The private variables are those of the release before, and not known here.
  bool keeps_variables = false;
  std::uint64_t chain_id = 0;
  std::uint64_t nonce = 0;
  std::uint64_t gas_limit = 0;
  std::string max_cost_wei;
  base::Bytes raw_transaction;
  base::Bytes32 transaction_hash{};         ///< of the first one, also when another one was mined
  std::vector<Replacement> replacements;    ///< oldest first
  std::optional<base::Bytes32> mined_hash;  ///< which of them all was mined
  std::uint64_t block_number = 0;           ///< where; 0 until then
  std::int64_t created_at = 0;              ///< unix seconds
  std::optional<Purchase> purchase;         ///< for kPurchase alone
  std::optional<RestoredRelease> restored;  ///< for kRollback alone

  /// What is sent: the last replacement, else the first transaction.
  const base::Bytes& latest_raw_transaction() const;
  const base::Bytes32& latest_hash() const;
  /// Of all that have been signed, oldest first.
  std::vector<base::Bytes32> hashes() const;
  bool is_open() const { return step == Step::kSigned || step == Step::kMined; }
};

/// STATE/journal/ENVIRONMENT/, one file an operation (mode 0600), written atomically and synced
/// before anything that depends on it happens, and kept afterwards: APPID.json for a deployment,
/// OPERATION-APPID-ACCOUNT.json for the last one of its kind, undelegate-ACCOUNT.json,
/// purchase-TRANSACTION.json for every purchase. Purchases are kept by the chain that sells
/// credits: see credits_environment(). Reading throws Error{kFailure, "journal.damaged"} for a file
/// that cannot be read: it may speak of money.
class Journal {
 public:
  Journal(const std::filesystem::path& state, const std::string& environment);

  void write(const JournalEntry& entry);
  /// Oldest first.
  std::vector<JournalEntry> all() const;
  /// The newest deployment of that name (of that image, when the name is empty) by that account
  /// that is neither done nor abandoned.
  std::optional<JournalEntry> unfinished(const eth::Address& deployer, const std::string& name,
                                         const std::string& image_reference) const;
  /// What the account does to an app that is there, or (app zero) to itself, and is neither done
  /// nor abandoned; oldest first.
  std::vector<JournalEntry> open_changes(const eth::Address& deployer,
                                         const eth::Address& app) const;
  /// What that account has begun to pay and not seen through, oldest first.
  std::vector<JournalEntry> open_purchases(const eth::Address& payer) const;

  /// All of them, by whomever, oldest first. Throws as unfinished().
  std::vector<JournalEntry> all_unfinished() const;
  /// The hashes of all that the account has signed, sorted: what another process signs meanwhile
  /// changes them.
  std::vector<base::Bytes32> signed_by(const eth::Address& account) const;

 private:
  std::filesystem::path directory_;
};

}  // namespace ecloud::deploy
