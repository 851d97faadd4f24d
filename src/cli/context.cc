#include "cli/context.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/environments.h"
#include "cli/key_store.h"
#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"
#include "ecloud/base/version.h"

namespace ecloud::cli {
namespace {

constexpr char kProjectFile[] = "ecloud.yaml";
constexpr char kUserFile[] = "config.yaml";
constexpr std::uint64_t kMaxDescriptor = 1'000'000;

/// The number in /dev/stdin and /dev/fd/N, which is what bash makes of <(command). A process that
/// must not be dumped cannot open them by path, because /proc then belongs to root.
std::optional<int> inherited_descriptor(std::string_view path) {
  if (path == "/dev/stdin") return STDIN_FILENO;
  for (const std::string_view directory : {"/dev/fd/", "/proc/self/fd/"}) {
    if (path.substr(0, directory.size()) != directory) continue;
    const auto number = base::parse_decimal(path.substr(directory.size()));
    if (number && *number <= kMaxDescriptor) return static_cast<int>(*number);
  }
  return std::nullopt;
}

std::string read_inherited(int descriptor, std::string_view path, std::size_t max_bytes) {
  std::string all;
  char buffer[4096];
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      throw Error(Category::kUsage, "file.unreadable",
                  "cannot read " + std::string(path) + ": " + std::strerror(errno));
    }
    if (got == 0) return all;
    all.append(buffer, static_cast<std::size_t>(got));
    if (all.size() > max_bytes) {
      throw Error(Category::kUsage, "file.too_large",
                  std::string(path) + " holds more than " + std::to_string(max_bytes) + " bytes");
    }
  }
}

std::vector<std::string> fields_of(const Parsed& parsed) {
  std::vector<std::string> fields;
  const auto given = parsed.options.find("fields");
  if (given == parsed.options.end()) return fields;
  for (const std::string& part : base::split(given->second.back(), ',')) {
    if (const auto name = base::trim(part); !name.empty()) fields.emplace_back(name);
  }
  check_fields(*parsed.path.command, fields);
  return fields;
}

/// The settings of ecloud's predecessor (eigenx-cli, pkg/common/global_config.go), for who has none
/// of ecloud yet. A file that cannot be read says nothing.
ConfigFile settings_of_eigenx(const std::filesystem::path& path) {
  try {
    const auto text = base::read_file_if_exists(path, kMaxConfigBytes);
    if (text) return ConfigFile::parse(*text, path.string(), ConfigFile::Which::kUser);
  } catch (const Error&) {
  }
  return {};
}

}  // namespace

Context::Context(Host& host, const Command& root, const Parsed& parsed, TerminalOptions options)
    : host_(host), root_(root), parsed_(parsed), terminal_(host.console, host.env, options) {
  make_log();
  values_ = std::make_unique<Values>(parsed_, *this);
  output_ = std::make_unique<Output>(terminal_, *parsed_.path.command, fields_of(parsed_));
}

Context::~Context() = default;

void Context::make_log() {
  const std::vector<std::string> topics =
      base::split(host_.env.get("ECLOUD_DEBUG").value_or(""), ',');
  const bool all = terminal_.options().verbose;
  if (!all && topics == std::vector<std::string>{""}) return;
  log_ = base::Log([this, all, topics](std::string_view topic, std::string_view line) {
    bool wanted = all;
    for (const std::string& name : topics) wanted = wanted || name == topic;
    if (wanted) terminal_.debug(topic, line);
  });
}

const base::Paths& Context::paths() {
  if (!paths_) paths_ = base::Paths::from(host_.env);
  return *paths_;
}

std::filesystem::path Context::absolute(const std::filesystem::path& path) const {
  return path.is_absolute() ? path : host_.working_directory / path;
}

std::string Context::read_user_file(std::string_view path, std::size_t max_bytes) {
  if (path == "-") return terminal_.read_input(max_bytes);
  if (const auto descriptor = inherited_descriptor(path)) {
    return read_inherited(*descriptor, path, max_bytes);
  }
  return base::read_file(absolute(path), max_bytes);
}

net::Transport& Context::direct_transport() {
  if (!curl_) {
    net::CurlOptions options;
    options.user_agent = std::string("ecloud-cli/v") + kVersion;
    options.allow_plain_http = values_->flag("allow-http");
    options.ca_file = host_.env.get("SSL_CERT_FILE").value_or("");
    options.env = host_.env;
    curl_ = host_.make_transport(options, host_.cancel, log_);
  }
  return *curl_;
}

net::Transport& Context::transport() {
  if (!retrying_) {
    retrying_ = std::make_unique<net::RetryingTransport>(direct_transport(), host_.clock, log_);
  }
  return *retrying_;
}

chain::RpcClient& Context::rpc() {
  if (!rpc_) {
    chain::RpcOptions options;
    options.urls = environment().rpc_urls;
    options.chain_id = environment().chain_id;
    rpc_ = std::make_unique<chain::RpcClient>(direct_transport(), host_.clock, log_,
                                              std::move(options));
  }
  return *rpc_;
}

std::filesystem::path Context::project_config_path() {
  // Not through Values, which asks this file for its values.
  const auto given = parsed_.options.find("config");
  if (given != parsed_.options.end()) return absolute(given->second.back());
  if (const auto named = host_.env.get("ECLOUD_CONFIG")) return absolute(*named);
  return host_.working_directory / kProjectFile;
}

const ConfigFile& Context::project_config() {
  if (project_config_) return *project_config_;
  const std::filesystem::path path = project_config_path();
  const bool named = parsed_.options.count("config") > 0 || host_.env.get("ECLOUD_CONFIG");
  std::optional<std::string> text;
  if (parsed_.options.count("config") > 0 && parsed_.options.at("config").back() == "-") {
    text = terminal_.read_input(kMaxConfigBytes);
  } else {
    text = named ? base::read_file(path, kMaxConfigBytes)
                 : base::read_file_if_exists(path, kMaxConfigBytes);
  }
  if (text) host_.console.hide_input_text(*text);
  const std::string name = named ? path.string() : kProjectFile;
  project_config_ = std::make_unique<ConfigFile>(
      text ? ConfigFile::parse(*text, name, ConfigFile::Which::kProject) : ConfigFile());
  return *project_config_;
}

std::filesystem::path Context::user_config_path() {
  return paths().config / kUserFile;
}

const ConfigFile& Context::user_config() {
  if (user_config_) return *user_config_;
  // Containers often run without a home; then there is no file of the user either.
  if (!host_.env.get("HOME") && !host_.env.get("XDG_CONFIG_HOME")) {
    user_config_ = std::make_unique<ConfigFile>();
    return *user_config_;
  }
  const std::filesystem::path path = user_config_path();
  const auto text = base::read_file_if_exists(path, kMaxConfigBytes);
  if (text) host_.console.hide_input_text(*text);
  user_config_ = std::make_unique<ConfigFile>(
      text ? ConfigFile::parse(*text, path.string(), ConfigFile::Which::kUser)
           : settings_of_eigenx(paths().config.parent_path() / "eigenx" / kUserFile));
  for (const std::string& warning : user_config_->warnings()) terminal_.warning(warning);
  return *user_config_;
}

void Context::use_tools(const std::string& kms_client_image, const std::string& tls_client_image,
                        platform::RuntimeGeneration runtime) {
  environment();
  if (!kms_client_image.empty()) environment_->kms_client_image = kms_client_image;
  if (!tls_client_image.empty()) environment_->tls_client_image = tls_client_image;
  environment_->runtime = runtime;
  environment_->runtime_origin = platform::RuntimeOrigin::kConfigured;
}

const platform::Environment& Context::environment() {
  if (!environment_) environment_ = selected_environment(*this);
  return *environment_;
}

const FoundKey* Context::found_key() {
  if (!key_looked_up_) {
    found_key_ = find_key(*this);
    key_looked_up_ = true;
  }
  return found_key_ ? &*found_key_ : nullptr;
}

std::optional<eth::Address> Context::deployer_address() {
  const FoundKey* found = found_key();
  if (found == nullptr) return std::nullopt;
  return found->address ? found->address : deployer().address;
}

const Deployer* Context::find_deployer() {
  if (deployer_) return &*deployer_;
  try {
    const FoundKey* found = found_key();
    if (found == nullptr || (found->has_password && keystore_password() == nullptr)) return nullptr;
    return &deployer();
  } catch (const Error& error) {
    if (!error.code().starts_with("auth.keyring_")) throw;
    terminal_.warning(error.message() + "; going on without a key");
    key_looked_up_ = true;
    return nullptr;
  }
}

const Deployer& Context::deployer() {
  if (deployer_) return *deployer_;
  const FoundKey* found = found_key();
  if (found == nullptr) throw no_key_error();
  deployer_ = open_key(*this, *found);
  return *deployer_;
}

const base::Secret* Context::keystore_password() {
  if (!password_looked_up_) {
    password_ = given_password(*this);
    password_looked_up_ = true;
  }
  return password_ ? &*password_ : nullptr;
}

}  // namespace ecloud::cli
