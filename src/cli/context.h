#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/credentials.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "cli/values.h"
#include "ecloud/base/log.h"
#include "ecloud/base/paths.h"
#include "ecloud/chain/rpc_client.h"
#include "ecloud/cli/program.h"
#include "ecloud/net/retry.h"
#include "ecloud/platform/environment.h"

namespace ecloud::cli {

/// What a command works with. Everything costly is made when first asked for: `ecloud version`
/// reads no file and opens no library. Not thread-safe; what it hands out is, where its type says
/// so.
class Context {
 public:
  /// All outlive the object.
  Context(Host& host, const Command& root, const Parsed& parsed, TerminalOptions options);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Terminal& terminal() { return terminal_; }
  Output& output() { return *output_; }
  const Values& values() const { return *values_; }
  const Command& root() const { return root_; }

  const base::Env& env() const { return host_.env; }
  const base::Paths& paths();
  base::Clock& clock() { return host_.clock; }
  crypto::Random& random() { return host_.random; }
  base::CancelToken& cancel() { return host_.cancel; }
  const base::Log& log() const { return log_; }
  const std::filesystem::path& working_directory() const { return host_.working_directory; }
  const std::filesystem::path& executable() const { return host_.executable; }
  /// `path` as the user means it: relative ones start at the working directory.
  std::filesystem::path absolute(const std::filesystem::path& path) const;
  /// The content of a file that the user named; "-" is stdin, and descriptors that were
  /// handed down (/dev/fd/63) work too.
  std::string read_user_file(std::string_view path, std::size_t max_bytes);

  /// libcurl under the retry policy; shared by all.
  net::Transport& transport();
  /// The transport without the retry policy: for callers that have their own.
  net::Transport& direct_transport();
  /// The nodes of environment().
  chain::RpcClient& rpc();

  /// The project's ecloud.yaml; empty when there is none and none was named.
  const ConfigFile& project_config();
  std::filesystem::path project_config_path();
  /// The user's config.yaml; empty when there is none.
  const ConfigFile& user_config();
  std::filesystem::path user_config_path();

  /// --environment and the rest of its sources, with overridden URLs.
  const platform::Environment& environment();
  /// Lets environment() name these tools from now on, as the configuration that was just saved
  /// does; what is empty stays.
  void use_tools(const std::string& kms_client_image, const std::string& tls_client_image,
                 platform::RuntimeGeneration runtime);

  /// Opens the key, and asks for its password when it has one that nobody gave. Throws
  /// Error{kCredentials, "auth.no_key"} naming all ways to give one, and what opening throws.
  const Deployer& deployer();
  const crypto::PrivateKey& deployer_key() { return deployer().key; }
  /// For what a key only makes better: asks nothing. Nothing when no source has a key, when its
  /// password would have to be asked for (deployer() does), and when the keyring fails.
  const Deployer* find_deployer();
  /// The key that deployer() would open; null when no source has one. Throws as the source does.
  const FoundKey* found_key();
  /// The account, without a password where the key file names it; nothing when no source has a key.
  std::optional<eth::Address> deployer_address();

  /// --password-file or ECLOUD_KEYSTORE_PASSWORD, read once; null when neither is given.
  const base::Secret* keystore_password();
  const crypto::ScryptCost& keystore_cost() const { return host_.keystore_cost; }
  base::Milliseconds keyring_limit() const { return host_.keyring_limit; }

 private:
  void make_log();

  Host& host_;
  const Command& root_;
  const Parsed& parsed_;
  Terminal terminal_;
  base::Log log_;
  std::unique_ptr<Values> values_;
  std::unique_ptr<Output> output_;
  std::optional<base::Paths> paths_;
  std::unique_ptr<ConfigFile> project_config_;
  std::unique_ptr<ConfigFile> user_config_;
  std::unique_ptr<net::Transport> curl_;
  std::unique_ptr<net::RetryingTransport> retrying_;
  std::optional<platform::Environment> environment_;
  std::unique_ptr<chain::RpcClient> rpc_;
  bool key_looked_up_ = false;
  std::optional<FoundKey> found_key_;
  bool password_looked_up_ = false;
  std::optional<base::Secret> password_;
  std::optional<Deployer> deployer_;
};

}  // namespace ecloud::cli
