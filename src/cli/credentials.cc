#include "cli/credentials.h"

#include <sys/stat.h>

#include "cli/context.h"
#include "ecloud/base/secret.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

/// A key file holds 66 characters and a line break; more is no key file.
constexpr std::size_t kMaxKeyFileBytes = 4'096;

/// What is wrong with a malformed key, in words that give nothing of it away.
std::string key_problem(std::string_view digits) {
  for (const char c : digits) {
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (!hex) return "holds characters that are no hex digits";
  }
  if (digits.size() != 64) return "has " + std::to_string(digits.size()) + " hex digits, not 64";
  return "is not below the order of secp256k1, or zero";
}

void warn_when_readable_by_others(Context& context, const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
  context.terminal().warning("other users of this machine may read " + path.string() +
                             "; `chmod 600 " + path.string() + "` changes that");
}

std::optional<crypto::PrivateKey> from_option(Context& context) {
  const Values& values = context.values();
  if (values.origin("private-key").source != Source::kFlag) return std::nullopt;
  if (values.given("private-key-file")) {
    throw Error(Category::kUsage, "cli.conflicting_options",
                "--private-key and --private-key-file exclude each other", "give one of them");
  }
  context.terminal().warning(
      "--private-key shows the key to other users of this machine, in the process list; use "
      "--private-key-file or ECLOUD_PRIVATE_KEY");
  const base::Secret text(values.text("private-key").value_or(""));
  return parse_private_key(text.reveal_text(), "--private-key");
}

std::optional<crypto::PrivateKey> from_file(Context& context) {
  const Values& values = context.values();
  const auto path = values.text("private-key-file");
  if (!path) return std::nullopt;
  if (*path != "-") warn_when_readable_by_others(context, context.absolute(*path));
  const base::Secret text(context.read_user_file(*path, kMaxKeyFileBytes));
  return parse_private_key(text.reveal_text(), *path == "-" ? "the key on stdin" : *path);
}

std::optional<crypto::PrivateKey> from_variable(Context& context, const char* variable) {
  auto value = context.env().get(variable);
  if (!value) return std::nullopt;
  const base::Secret text(std::move(*value));
  return parse_private_key(text.reveal_text(), variable);
}

}  // namespace

crypto::PrivateKey parse_private_key(std::string_view text, std::string_view source) {
  if (auto key = crypto::PrivateKey::from_hex(text)) return std::move(*key);
  std::string_view digits = base::trim(text);
  if (digits.substr(0, 2) == "0x" || digits.substr(0, 2) == "0X") digits.remove_prefix(2);
  throw Error(Category::kUsage, "auth.malformed_key",
              std::string(source) + ": the private key " + key_problem(digits),
              "a private key is 64 hex digits, with or without 0x before them");
}

const std::vector<KeySource>& key_sources() {
  static const std::vector<KeySource> sources = {
      {"--private-key", from_option},
      {"--private-key-file", from_file},
      {"ECLOUD_PRIVATE_KEY", [](Context& c) { return from_variable(c, "ECLOUD_PRIVATE_KEY"); }},
      {"EIGENCOMPUTE_PRIVATE_KEY",
       [](Context& c) { return from_variable(c, "EIGENCOMPUTE_PRIVATE_KEY"); }},
      {"EIGENX_PRIVATE_KEY", [](Context& c) { return from_variable(c, "EIGENX_PRIVATE_KEY"); }},
  };
  return sources;
}

Error no_key_error() {
  return Error(Category::kCredentials, "auth.no_key", "no private key was given",
               "set ECLOUD_PRIVATE_KEY, or give --private-key-file FILE (- is stdin)\n"
               "`ecloud auth generate --out FILE` makes a new one");
}

std::optional<Deployer> find_deployer_key(Context& context) {
  for (const KeySource& source : key_sources()) {
    std::optional<crypto::PrivateKey> key = source.find(context);
    if (!key) continue;
    const eth::Address address = eth::Address::of(key->public_key());
    context.log().write("config", "deployer = " + address.to_string() + " (" + source.name + ")");
    return Deployer{std::move(*key), address, source.name};
  }
  return std::nullopt;
}

}  // namespace ecloud::cli
