#include "cli/keyring.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/context.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kMaxValueBytes = 4'096;
/// errSecItemNotFound (-25300) as an exit code of `security`.
constexpr int kSecurityNotFound = 44;
constexpr char kWaysOut[] =
    "keep the key in a file with a password: ecloud auth login --store file\n"
    "or set ECLOUD_PRIVATE_KEY, or give --private-key-file FILE";

Error absent(const std::string& reason, const std::string& remedy = {}) {
  return Error(Category::kCredentials, "auth.keyring_absent", reason,
               remedy.empty() ? kWaysOut : remedy + "\n" + kWaysOut);
}

std::vector<std::string> attributes(const KeyringEntry& entry, const char* account_name) {
  return {"service", entry.service, account_name, entry.account};
}

std::vector<std::string> words(std::vector<std::string> first,
                               const std::vector<std::string>& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

class KeyringStore final : public KeyStore {
 public:
  explicit KeyringStore(Context& context) : keyring_(system_keyring(context)) {}

  StoreKind kind() const override { return StoreKind::kKeyring; }
  std::string name() const override { return "the keyring"; }
  bool holds_key() override { return keyring_.find(deployer_entry()).has_value(); }

  std::optional<eth::Address> address() override {
    const auto value = keyring_.find(deployer_entry());
    return value ? address_of(*value) : std::nullopt;
  }

  std::vector<std::optional<eth::Address>> removable() override {
    std::vector<std::optional<eth::Address>> out;
    for (const base::Secret& value : keyring_.find_all(deployer_entry())) {
      const auto address = address_of(value);
      if (std::find(out.begin(), out.end(), address) == out.end()) out.push_back(address);
    }
    return out;
  }

  void prepare_to_save() override {}

  void save(const crypto::PrivateKey& key) override {
    const base::Secret text(base::to_hex_prefixed(key.secret().reveal()));
    keyring_.store(deployer_entry(), text);
    const auto back = keyring_.find(deployer_entry());
    if (!back || !base::equal_constant_time(back->reveal(), text.reveal())) {
      throw Error(Category::kVerification, "auth.not_stored",
                  "the keyring did not give back the key that was put in", kWaysOut);
    }
  }

  bool remove() override { return keyring_.remove(deployer_entry()); }

 private:
  static std::optional<eth::Address> address_of(const base::Secret& value) {
    const auto key = crypto::PrivateKey::from_hex(value.reveal_text());
    if (!key) return std::nullopt;
    return eth::Address::of(key->public_key());
  }

  Keyring keyring_;
};

}  // namespace

Keyring::Tool Keyring::system_tool() {
#ifdef __APPLE__
  return Tool::kSecurity;
#else
  return Tool::kSecretTool;
#endif
}

Keyring::Keyring(Tool tool, const base::Env& env, const base::CancelToken& cancel,
                 base::Milliseconds time_limit)
    : tool_(tool),
      name_(tool == Tool::kSecurity ? "security" : "secret-tool"),
      env_(base::without_own_variables(env)),
      cancel_(cancel),
      time_limit_(time_limit) {}

bool Keyring::has_session() const {
  if (tool_ == Tool::kSecurity) return true;
  // libdbus starts a session itself where there is a display.
  if (env_.get("DBUS_SESSION_BUS_ADDRESS") || env_.get("DISPLAY")) return true;
  const auto runtime = env_.get("XDG_RUNTIME_DIR");
  std::error_code ignored;
  return runtime && std::filesystem::exists(std::filesystem::path(*runtime) / "bus", ignored);
}

bool Keyring::is_there() const {
  return base::find_program(name_, env_).has_value() && has_session();
}

std::filesystem::path Keyring::program() const {
  const auto path = base::find_program(name_, env_);
  if (!path) {
    throw absent("the keyring cannot be reached: " + name_ + " is not installed",
                 tool_ == Tool::kSecretTool ? "install it (Debian and Ubuntu: libsecret-tools; "
                                              "Fedora and Arch: libsecret), and a keyring"
                                            : "");
  }
  if (!has_session()) {
    throw absent("there is no keyring here: no D-Bus session is running, as on most servers");
  }
  return *path;
}

base::ProgramAnswer Keyring::call(std::vector<std::string> arguments, base::ByteView input) const {
  base::ProgramAnswer answer = base::run_program({.program = program(),
                                                  .arguments = std::move(arguments),
                                                  .input = input,
                                                  .env = &env_,
                                                  .time_limit = time_limit_,
                                                  .max_output = kMaxValueBytes,
                                                  .cancel = &cancel_});
  cancel_.check();
  if (answer.end == base::ProgramEnd::kTimedOut) {
    const double seconds = static_cast<double>(time_limit_.count()) / 1000;
    throw Error(
        Category::kCredentials, "auth.keyring_timeout",
        fmt::format("the keyring did not answer within {} s", seconds),
        std::string("it may be locked: unlock it, and type the command again\n") + kWaysOut);
  }
  if (answer.end != base::ProgramEnd::kExited) throw failed(answer);
  return answer;
}

Error Keyring::failed(const base::ProgramAnswer& answer) const {
  std::string reason = answer.end == base::ProgramEnd::kNotStarted
                           ? "cannot be run: " + answer.reason
                           : "failed with status " + std::to_string(answer.status);
  if (answer.end == base::ProgramEnd::kTooMuchOutput) reason = "answered too much";
  const std::string said = base::printable_line(base::trim(answer.errors), 300);
  return Error(
      Category::kCredentials, "auth.keyring_failed",
      "the keyring cannot be used: " + name_ + " " + reason + (said.empty() ? "" : ": " + said),
      kWaysOut);
}

bool Keyring::is_missing(const base::ProgramAnswer& answer) const {
  if (tool_ == Tool::kSecurity) return answer.status == kSecurityNotFound;
  // secret-tool has no code of its own for it: it fails without a word.
  return answer.status == 1 && base::trim(answer.errors).empty();
}

std::optional<base::Secret> Keyring::look_up(std::vector<std::string> arguments) const {
  const base::ProgramAnswer answer = call(std::move(arguments), {});
  if (is_missing(answer)) return std::nullopt;
  if (answer.status != 0) throw failed(answer);
  return base::Secret(base::as_bytes(base::trim(answer.output.reveal_text())));
}

std::optional<base::Secret> Keyring::find(const KeyringEntry& entry) const {
  if (tool_ == Tool::kSecurity) {
    return look_up({"find-generic-password", "-s", entry.service, "-a", entry.account, "-w"});
  }
  if (auto found = look_up(words({"lookup"}, attributes(entry, "username")))) return found;
  return look_up(words({"lookup"}, attributes(entry, "account")));
}

std::vector<base::Secret> Keyring::find_all(const KeyringEntry& entry) const {
  std::vector<base::Secret> out;
  const auto add = [&](std::optional<base::Secret> found) {
    if (found) out.push_back(std::move(*found));
  };
  if (tool_ == Tool::kSecurity) {
    add(find(entry));
  } else {
    add(look_up(words({"lookup"}, attributes(entry, "username"))));
    add(look_up(words({"lookup"}, attributes(entry, "account"))));
  }
  return out;
}

void Keyring::store(const KeyringEntry& entry, const base::Secret& value) const {
  if (tool_ == Tool::kSecurity) {
    // Its arguments can be seen by everybody; the commands that -i reads cannot.
    const base::Secret command("add-generic-password -U -s " + entry.service + " -a " +
                               entry.account + " -w " + std::string(value.reveal_text()) + "\n");
    const base::ProgramAnswer answer = call({"-i"}, command.reveal());
    if (answer.status != 0) throw failed(answer);
    return;
  }
  std::vector<std::string> arguments = {"store", "--label=" + entry.service + " " + entry.account};
  arguments = words(std::move(arguments), attributes(entry, "username"));
  // Exactly the attributes of the reference CLI: with one more there would be two entries.
  arguments = words(std::move(arguments), {"target", "default", "application", "rust-keyring"});
  const base::ProgramAnswer answer = call(std::move(arguments), value.reveal());
  if (answer.status != 0) throw failed(answer);
}

bool Keyring::remove(const KeyringEntry& entry) const {
  const auto run = [&](std::vector<std::string> arguments) {
    const base::ProgramAnswer answer = call(std::move(arguments), {});
    if (is_missing(answer)) return false;
    if (answer.status != 0) throw failed(answer);
    return true;
  };
  if (tool_ == Tool::kSecurity) {
    return run({"delete-generic-password", "-s", entry.service, "-a", entry.account});
  }
  const bool by_username = run(words({"clear"}, attributes(entry, "username")));
  const bool by_account = run(words({"clear"}, attributes(entry, "account")));
  return by_username || by_account;
}

Keyring system_keyring(Context& context) {
  return Keyring(Keyring::system_tool(), context.env(), context.cancel(), context.keyring_limit());
}

const KeyringEntry& deployer_entry() {
  static const KeyringEntry entry{"ecloud", "key"};
  return entry;
}

std::unique_ptr<KeyStore> make_keyring_store(Context& context) {
  return std::make_unique<KeyringStore>(context);
}

}  // namespace ecloud::cli
