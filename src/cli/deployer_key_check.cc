#include "cli/deployer_key_check.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>

#include "ecloud/base/error.h"
#include "ecloud/crypto/secp256k1.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kKeyDigits = 64;
/// A value is searched that far; a key is not behind a megabyte of hex digits.
constexpr std::size_t kMaxRuns = 1'000;

/// Whether 64 hex digits in a row of `value`, and no more, are the key of `account`.
bool contains_key_of(std::string_view value, const eth::Address& account) {
  std::size_t runs = 0;
  for (std::size_t at = 0; at < value.size() && runs < kMaxRuns;) {
    std::size_t end = at;
    while (end < value.size() && std::isxdigit(static_cast<unsigned char>(value[end])) != 0) ++end;
    if (end - at == kKeyDigits) {
      ++runs;
      const auto key = crypto::PrivateKey::from_hex(value.substr(at, kKeyDigits));
      if (key && eth::Address::of(key->public_key()) == account) return true;
    }
    at = end + 1;
  }
  return false;
}

std::optional<eth::Address> account_of(Context& context) {
  const FoundKey* found = context.found_key();
  return found == nullptr ? std::nullopt : found->address;
}

void warn_of_own_variables(Context& context, const platform::AppEnvironment& variables,
                           const std::string& file) {
  for (const char* name :
       {"ECLOUD_PRIVATE_KEY", "EIGENCOMPUTE_PRIVATE_KEY", "EIGENX_PRIVATE_KEY"}) {
    if (!variables.private_variables.contains(name)) continue;
    context.terminal().warning(std::string(name) + " in " + file +
                               " is sent to the app; ecloud itself takes its key from the "
                               "environment of the shell, not from this file");
  }
}

}  // namespace

void check_deployer_key(Context& context, const platform::AppEnvironment& variables,
                        const std::string& file, const std::vector<std::string>& allowed) {
  warn_of_own_variables(context, variables, file);
  const std::optional<eth::Address> account = account_of(context);
  if (!account) return;
  const auto check = [&](const std::string& name, std::string_view value) {
    const bool is_allowed = std::any_of(allowed.begin(), allowed.end(), [&](const auto& word) {
      return word == name || word == "all";
    });
    if (is_allowed || !contains_key_of(value, *account)) return;
    throw Error(Category::kUsage, "dotenv.deployer_key",
                name + " in " + file + " contains the private key that deploys this app (" +
                    account->to_string() + ")",
                "remove the line: whoever gets into the app could take over the account and the "
                "app\nto send it to the app anyway, pass --allow-leak " +
                    name);
  };
  for (const auto& [name, value] : variables.private_variables) check(name, value.reveal_text());
  for (const auto& [name, value] : variables.public_variables) check(name, value);
}

}  // namespace ecloud::cli
