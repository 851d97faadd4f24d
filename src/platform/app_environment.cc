#include "ecloud/platform/app_environment.h"

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/jwe.h"

namespace ecloud::platform {
namespace {

bool is_resolved_by_shell(char c) {
  return c == '\\' || c == '"' || c == '$' || c == '`';
}

/// What a shell would change in "VALUE". `escaped`: the backslashes were written for the shell.
std::string unsafe_reason(std::string_view value, bool escaped) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool last = i + 1 == value.size();
    switch (value[i]) {
      case '"':
        return "holds a double quote";
      case '$':
        return "holds a dollar sign";
      case '`':
        return "holds a backquote";
      case '\\':
        if (!last && !is_resolved_by_shell(value[i + 1])) break;
        if (last || !escaped) return "holds a backslash";
        ++i;
        break;
      case '\n':
      case '\r':
        return "holds a line break";
      default:
        break;
    }
  }
  return {};
}

std::string reserved_hint(std::string_view name) {
  return name == kMachineTypeVariable
             ? "remove the line, and choose the machine with --instance-type"
             : "remove the line: the KMS refuses the app when the value is not that of its machine";
}

template <typename Map>
std::vector<std::string> names_of(const Map& variables) {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) names.push_back(name);
  return names;
}

void append_json_string(std::string& out, std::string_view text) {
  std::string quoted = base::Json(text).dump();
  out += quoted;
  base::wipe(quoted.data(), quoted.size());
}

}  // namespace

bool is_reserved_name(std::string_view name) {
  return name == kMachineTypeVariable || name == kPlatformVariable;
}

bool is_public_name(std::string_view name) {
  return name.ends_with("_PUBLIC");
}

std::vector<std::string> AppEnvironment::public_names() const {
  return names_of(public_variables);
}
AppEnvironment AppEnvironment::clone() const {
  AppEnvironment out;
  out.public_variables = public_variables;
  out.shell_escaped = shell_escaped;
  for (const auto& [name, value] : private_variables) out.private_variables[name] = value.clone();
  return out;
}

std::vector<std::string> AppEnvironment::private_names() const {
  return names_of(private_variables);
}

AppEnvironment split_environment(const Dotenv& dotenv, std::string_view file,
                                 FoundMnemonic* mnemonic) {
  AppEnvironment out;
  for (const DotenvEntry& entry : dotenv.entries) {
    if (is_reserved_name(entry.name)) {
      throw Error(Category::kUsage, "dotenv.reserved",
                  std::string(file) + ":" + std::to_string(entry.line) + ": " + entry.name +
                      " is set by the platform",
                  reserved_hint(entry.name));
    }
    if (entry.shell_escaped) out.shell_escaped.insert(entry.name);
    if (base::equal_ignoring_case(entry.name, kMnemonicVariable)) {
      if (mnemonic != nullptr) *mnemonic = {entry.value.clone(), entry.line, true};
    } else if (is_public_name(entry.name)) {
      out.public_variables[entry.name] = std::string(entry.value.reveal_text());
    } else {
      out.private_variables[entry.name] = entry.value.clone();
    }
  }
  return out;
}

std::vector<UnsafeVariable> shell_unsafe_variables(const AppEnvironment& environment) {
  std::map<std::string, std::string> found;
  for (const auto& [name, value] : environment.public_variables) {
    found[name] = unsafe_reason(value, environment.shell_escaped.contains(name));
  }
  for (const auto& [name, value] : environment.private_variables) {
    found[name] = unsafe_reason(value.reveal_text(), environment.shell_escaped.contains(name));
  }
  std::vector<UnsafeVariable> out;
  for (const auto& [name, reason] : found) {
    if (!reason.empty()) out.push_back({name, reason});
  }
  return out;
}

std::vector<SharedVariable> shared_variables(const AppEnvironment& environment) {
  // The start script exports the first two after the app's variables, the launcher sets the others
  // before them.
  constexpr std::pair<const char*, const char*> kShared[] = {
      {"HOSTNAME", "replaces the platform's value, whose end is the app's ID"},
      {"KMS_PUBLIC_KEY", "is overwritten in the TEE with the KMS's signing key"},
      {"KMS_SERVER_URL", "is overwritten in the TEE with the URL of the KMS"},
      {"USER_PERSISTENT_DATA_PATH",
       "replaces the platform's value, the directory /mnt/disks/userdata"},
  };
  std::vector<SharedVariable> out;
  for (const auto& [name, effect] : kShared) {
    if (environment.private_variables.contains(name)) out.push_back({name, effect});
  }
  return out;
}

bool wants_tls(const AppEnvironment& environment) {
  const auto domain = environment.private_variables.find("DOMAIN");
  if (domain == environment.private_variables.end()) return false;
  const std::string_view value = base::trim(domain->second.reveal_text());
  return !value.empty() && !base::equal_ignoring_case(value, "localhost");
}

base::Bytes encode_public_environment(const AppEnvironment& environment,
                                      std::string_view instance_type) {
  std::map<std::string, std::string> all = environment.public_variables;
  all[std::string(kMachineTypeVariable)] = std::string(instance_type);
  base::Json object = base::Json::object();
  for (const auto& [name, value] : all) object.set(name, value);
  return base::to_bytes(object.dump());
}

base::Bytes encrypt_private_environment(const AppEnvironment& environment, const eth::Address& app,
                                        std::string_view kms_encryption_key, crypto::Random& random,
                                        const HeaderMembers& more) {
  // Put together by hand, because a JSON library would leave copies of the values behind.
  std::string plain = "{";
  for (const auto& [name, value] : environment.private_variables) {
    if (plain.size() > 1) plain += ",";
    append_json_string(plain, name);
    plain += ":";
    append_json_string(plain, value.reveal_text());
  }
  plain += "}";
  const base::Secret secret(std::move(plain));
  HeaderMembers members = {{std::string(kAppIdMember), app.to_string()}};
  members.insert(members.end(), more.begin(), more.end());
  return base::to_bytes(crypto::jwe_encrypt(kms_encryption_key, secret.reveal(), members, random));
}

}  // namespace ecloud::platform
