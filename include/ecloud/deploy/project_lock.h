#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/chain/chain.h"
#include "ecloud/deploy/journal.h"
#include "ecloud/deploy/services.h"
#include "ecloud/platform/app_environment.h"

namespace ecloud::deploy {

/// What ecloud.lock says of an app: the release that this project put on it last.
struct LockedApp {
  std::string environment;
  eth::Address app;
  std::string name;                      ///< empty: none
  std::string image_reference;           ///< as it was asked for
  std::string image_name, image_digest;  ///< what stands on chain
  std::string instance_type, log_visibility;
  std::uint64_t block = 0;  ///< of the release
  std::string transaction;  ///< hash
  eth::Address account;     ///< that released it; its key made the fingerprints. Zero: unknown
  /// As they stand on chain; nothing: unknown.
  std::optional<std::map<std::string, std::string>> public_variables;
  /// Names of the private variables with their fingerprints; nothing: unknown, as of a release
  /// that was put back.
  std::optional<std::map<std::string, std::string>> private_variables;
};

/// ecloud.lock, beside a project's ecloud.yaml: for `drift`, on this machine and in CI. Holds no
/// secret and is made to be committed: the same content gives the same octets, an app a block of
/// lines. Reading throws Error{kUsage, "lock.malformed"} for a damaged file.
class ProjectLock {
 public:
  /// `state` is base::Paths::state, where changes are locked against other processes.
  ProjectLock(std::filesystem::path file, std::filesystem::path state);

  /// In the order of environment and id; empty without the file.
  std::vector<LockedApp> all() const;
  std::optional<LockedApp> find(const std::string& environment, const eth::Address& app) const;
  /// Puts the app in the place of what was there of it; one process at a time, written atomically.
  /// One that was deployed anew also takes the place of the older ones of its environment and name.
  void put(const LockedApp& app, bool deployed_anew = false);

 private:
  std::filesystem::path file_, state_;
};

/// Tells a private variable's value from another one, and nobody without the account's key can
/// guess values by it: 8 octets in hex of HKDF-SHA-256 (RFC 5869) over the key, the app, the name
/// and the value.
std::string variable_fingerprint(const Signer& signer, const eth::Address& app,
                                 const std::string& name, const base::Secret& value);
std::map<std::string, std::string> variable_fingerprints(const Signer& signer,
                                                         const eth::Address& app,
                                                         const platform::AppEnvironment& variables);

/// Writes into the entry's lock_file, when it has one, what its transaction has put on the app in
/// `block`; not over a later release. The public variables are asked of the chain, which has those
/// of a release that was put back, too. A failure is a warning: the release is there.
void lock_release(const Services& services, const JournalEntry& entry,
                  const chain::Receipt& receipt);

}  // namespace ecloud::deploy
