#include "cli/credentials.h"

#include <sys/stat.h>

#include <memory>

#include "cli/context.h"
#include "cli/key_store.h"
#include "cli/keyring.h"
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

FoundKey clear_key(std::string source, crypto::PrivateKey key) {
  const auto shared = std::make_shared<crypto::PrivateKey>(std::move(key));
  return {std::move(source), eth::Address::of(shared->public_key()), false,
          [shared](Context&) { return shared->clone(); }};
}

std::optional<FoundKey> from_option(Context& context) {
  const Values& values = context.values();
  if (values.origin("private-key").source != Source::kFlag) return std::nullopt;
  context.terminal().warning(
      "--private-key shows the key to other users of this machine, in the process list; use "
      "--private-key-file or ECLOUD_PRIVATE_KEY");
  const base::Secret text(values.text("private-key").value_or(""));
  return clear_key("--private-key", parse_private_key(text.reveal_text(), "--private-key"));
}

std::optional<FoundKey> from_file(Context& context) {
  const Values& values = context.values();
  const auto path = values.text("private-key-file");
  if (!path) return std::nullopt;
  if (*path != "-") warn_when_readable_by_others(context, context.absolute(*path));
  const base::Secret text(context.read_user_file(*path, kMaxKeyFileBytes));
  return clear_key(
      "--private-key-file",
      parse_private_key(text.reveal_text(), *path == "-" ? "the key on stdin" : *path));
}

std::optional<FoundKey> from_variable(Context& context, const char* variable) {
  auto value = context.env().get(variable);
  if (!value) return std::nullopt;
  const base::Secret text(std::move(*value));
  return clear_key(variable, parse_private_key(text.reveal_text(), variable));
}

FoundKey locked_key(Context& context, const std::filesystem::path& path) {
  if (path != "-") warn_when_readable_by_others(context, path);
  const auto file = std::make_shared<KeystoreFile>(KeystoreFile::read(context, path));
  return {"the key file " + path.string(), file->address(), true,
          [file](Context& at) { return file->open(at); }};
}

/// Named by the option, or by the variable: `wanted` says which of them counts here.
std::optional<FoundKey> from_keystore(Context& context, Source wanted) {
  const Values& values = context.values();
  if (values.origin("keystore").source != wanted) return std::nullopt;
  const std::string path = values.text("keystore").value_or("");
  if (path == "-") return locked_key(context, path);
  return locked_key(context, context.absolute(path));
}

std::optional<FoundKey> from_stored_file(Context& context) {
  // Containers often run without a home; then nothing is stored in one.
  const base::Env& env = context.env();
  if (!env.get("HOME") && !env.get("XDG_CONFIG_HOME")) return std::nullopt;
  const std::filesystem::path path = keystore_path(context);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  return locked_key(context, path);
}

std::optional<FoundKey> from_keyring(Context& context) {
  const Keyring keyring = system_keyring(context);
  if (!keyring.is_there()) return std::nullopt;
  const auto value = keyring.find(deployer_entry());
  if (!value) return std::nullopt;
  return clear_key("the keyring",
                   parse_private_key(value->reveal_text(), "the entry \"ecloud\" of the keyring"));
}

void refuse_two_options(const Values& values) {
  std::vector<std::string> given;
  for (const char* name : {"private-key", "private-key-file", "keystore"}) {
    if (values.origin(name).source == Source::kFlag) given.push_back(std::string("--") + name);
  }
  if (given.size() < 2) return;
  throw Error(Category::kUsage, "cli.conflicting_options",
              given[0] + " and " + given[1] + " exclude each other", "give one of them");
}

}  // namespace

crypto::PrivateKey parse_private_key(std::string_view text, std::string_view source) {
  std::string_view digits = base::trim_spaces(text);
  // Env files of Docker and some YAML files keep the quotes around a value.
  const char quote = digits.empty() ? '\0' : digits.front();
  if ((quote == '"' || quote == '\'') && digits.size() > 1 && digits.back() == quote) {
    digits = digits.substr(1, digits.size() - 2);
  }
  if (auto key = crypto::PrivateKey::from_hex(digits)) return std::move(*key);
  if (digits.substr(0, 2) == "0x" || digits.substr(0, 2) == "0X") digits.remove_prefix(2);
  throw Error(Category::kUsage, "auth.malformed_key",
              std::string(source) + ": the private key " + key_problem(digits),
              "a private key is 64 hex digits, with or without 0x before them");
}

const std::vector<KeySource>& key_sources() {
  static const std::vector<KeySource> sources = {
      {"--private-key", from_option},
      {"--private-key-file", from_file},
      {"--keystore", [](Context& c) { return from_keystore(c, Source::kFlag); }},
      {"ECLOUD_PRIVATE_KEY", [](Context& c) { return from_variable(c, "ECLOUD_PRIVATE_KEY"); }},
      {"EIGENCOMPUTE_PRIVATE_KEY",
       [](Context& c) { return from_variable(c, "EIGENCOMPUTE_PRIVATE_KEY"); }},
      {"EIGENX_PRIVATE_KEY", [](Context& c) { return from_variable(c, "EIGENX_PRIVATE_KEY"); }},
      {"ECLOUD_KEYSTORE", [](Context& c) { return from_keystore(c, Source::kVariable); }},
      {"the key file", from_stored_file, true},
      {"the keyring", from_keyring, true},
  };
  return sources;
}

Error no_key_error() {
  return Error(Category::kCredentials, "auth.no_key",
               "no private key was given, and none is stored",
               "`ecloud auth login` stores one, `ecloud auth generate` makes a new one\n"
               "or set ECLOUD_PRIVATE_KEY, or give --private-key-file FILE (- is stdin)");
}

std::optional<FoundKey> find_key(Context& context) {
  refuse_two_options(context.values());
  for (const KeySource& source : key_sources()) {
    auto found = source.find(context);
    if (!found) continue;
    const std::string address = found->address ? found->address->to_string() : "unknown";
    // Shortened: scripts take the first whole address of all that is printed for the app's.
    const std::string shown = address.substr(0, 6) + "…" + address.substr(address.size() - 4);
    context.log().write("config", "deployer = " + shown + " (" + found->source + ")");
    return found;
  }
  return std::nullopt;
}

Deployer open_key(Context& context, const FoundKey& found) {
  crypto::PrivateKey key = found.open(context);
  const eth::Address address = eth::Address::of(key.public_key());
  return {std::move(key), address, found.source};
}

}  // namespace ecloud::cli
