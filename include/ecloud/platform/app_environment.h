#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"
#include "ecloud/crypto/random.h"
#include "ecloud/eth/address.h"
#include "ecloud/platform/dotenv.h"

namespace ecloud::platform {

/// The variable that carries the instance type; a user may not set it.
constexpr std::string_view kMachineTypeVariable = "EIGEN_MACHINE_TYPE_PUBLIC";
constexpr std::string_view kMnemonicVariable = "MNEMONIC";
/// An older variable for the hardware; the KMS refuses an app where it is wrong.
constexpr std::string_view kPlatformVariable = "EIGEN_PLATFORM_PUBLIC";

/// Whether a variable is the platform's, and a user may set it neither in an env file nor
/// elsewhere.
bool is_reserved_name(std::string_view name);

/// Whether a variable goes on chain in clear: its name ends in _PUBLIC.
bool is_public_name(std::string_view name);

/// The variables of an app, cut in two as the platform does.
struct AppEnvironment {
  std::map<std::string, std::string> public_variables;
  std::map<std::string, base::Secret> private_variables;
  /// The variables whose backslashes are escapes for the shell in the TEE (DotenvEntry).
  std::set<std::string, std::less<>> shell_escaped;

  std::vector<std::string> public_names() const;
  std::vector<std::string> private_names() const;
  AppEnvironment clone() const;
};

/// Throws Error{kUsage, "dotenv.reserved"} when the file sets a reserved name. MNEMONIC, in any
/// case, is taken out; `mnemonic`, when given, receives the value and its line.
struct FoundMnemonic {
  base::Secret value;
  std::size_t line = 0;
  bool found = false;
};
AppEnvironment split_environment(const Dotenv& dotenv, std::string_view file,
                                 FoundMnemonic* mnemonic);

/// Inside the TEE the variables are written as `export NAME="VALUE"` without escaping, and a shell
/// reads them. The names of those whose value would be changed or executed there (it holds `"`,
/// `$`, a backquote or a backslash that is not escaped for the shell, or a line break), sorted; in
/// words why, without the value.
struct UnsafeVariable {
  std::string name;
  std::string reason;  ///< "holds a double quote"
};
std::vector<UnsafeVariable> shell_unsafe_variables(const AppEnvironment& environment);

/// The variables of the app that the platform sets as well, sorted, and what becomes of both.
struct SharedVariable {
  std::string name;
  std::string effect;  ///< "is overwritten in the TEE with …"
};
std::vector<SharedVariable> shared_variables(const AppEnvironment& environment);

/// Whether the app is to serve TLS: the variable DOMAIN is set and is not localhost. The image's
/// start script then fetches a certificate and starts Caddy.
bool wants_tls(const AppEnvironment& environment);

/// UTF-8 JSON object of the public variables and the instance type: the publicEnv of a release.
base::Bytes encode_public_environment(const AppEnvironment& environment,
                                      std::string_view instance_type);

/// The member of the protected header that binds an encryptedEnv to its app. The KMS compares it,
/// ignoring case, and ignores every member that it does not know.
constexpr std::string_view kAppIdMember = "x-eigenx-app-id";

/// Names and values of members of a protected header.
using HeaderMembers = std::vector<std::pair<std::string, std::string>>;

/// Compact JWE of the JSON object of the private variables, bound to the app by kAppIdMember, with
/// `more` members behind it: the encryptedEnv of a release. Everybody can read the members.
base::Bytes encrypt_private_environment(const AppEnvironment& environment, const eth::Address& app,
                                        std::string_view kms_encryption_key, crypto::Random& random,
                                        const HeaderMembers& more = {});

}  // namespace ecloud::platform
