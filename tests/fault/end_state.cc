#include "fault/end_state.h"

#include <algorithm>
#include <regex>
#include <set>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/journal.h"
#include "ecloud/platform/permissions.h"

namespace ecloud::testing {
namespace {

namespace fs = std::filesystem;

/// Names of files without what differs from run to run.
std::string without_ids(const std::string& text) {
  static const std::regex kHash("0x[0-9a-fA-F]{64}");
  static const std::regex kId("0x[0-9a-fA-F]{40}");
  static const std::regex kDigest("[0-9a-f]{64}");
  static const std::regex kPort("127\\.0\\.0\\.1[:_]?[0-9]+");
  std::string out = std::regex_replace(text, kHash, "HASH");
  out = std::regex_replace(out, kId, "ID");
  out = std::regex_replace(out, kDigest, "DIGEST");
  return std::regex_replace(out, kPort, "HOST");
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::string mode_of(const fs::path& path) {
  return fs::is_directory(path) ? "/" : "";
}

void add_files(World& world, std::vector<std::string>& out) {
  std::set<std::string> names;
  for (const fs::path& path : files_below(world.user.home())) {
    // Names for completion, learnt from whatever answer held them.
    if (path.string().find("/state/ecloud/completion") != std::string::npos) continue;
    names.insert("file " + without_ids(path.lexically_relative(world.user.home()).string()) +
                 mode_of(path));
  }
  out.insert(out.end(), names.begin(), names.end());
}

void add_locks(World& world, std::vector<std::string>& out) {
  for (const fs::path& path : files_below(world.user.home())) {
    if (path.extension() != ".lock") continue;
    try {
      const base::FileLock free(path);
    } catch (const Error&) {
      out.push_back("held: " + without_ids(path.filename().string()));
    }
  }
}

void add_journal(World& world, std::vector<std::string>& out) {
  for (const char* environment : {"devnet", "credits-31337"}) {
    for (const auto& entry : deploy::Journal(world.user.state(), environment).all_unfinished()) {
      out.push_back("open: " + std::string(deploy::to_string(entry.operation)) + " " +
                    std::string(deploy::to_string(entry.step)));
    }
  }
}

std::string variables_of(World& world, const eth::Address& app) {
  std::string out;
  for (const auto& [name, value] : world.devnet.tee_environment(app)) {
    const bool random = name == "MNEMONIC";
    out += " " + name + "=" + (random ? "(words)" : std::string(value.reveal_text()));
  }
  return out;
}

/// What the second account was granted.
std::string rights_of(World& world, const eth::Address& app) {
  const eth::Address other = devnet::Devnet::accounts().at(1).address;
  std::string out;
  for (const platform::NamedPermission& one :
       platform::named_permissions(world.devnet.environment())) {
    const auto& [target, selector] = one.permission;
    if (world.devnet.can_call(app, other, target, selector)) out += " grants " + one.name;
  }
  return out;
}

std::string line_of(World& world, const devnet::AppView& view) {
  const bool shows_logs =
      world.devnet.can_call(view.app, platform::anyone_appointee(),
                            platform::api_permission_target(), platform::kViewLogsPermission);
  return "app " + std::string(platform::to_string(view.chain_status)) + " " + view.run_state +
         " image " + without_ids(view.image) + " profile " + view.profile_name +
         " release of block " + std::to_string(view.latest_release_block) + " pending " +
         std::to_string(view.pending_release_block) + (shows_logs ? " logs public" : "") +
         rights_of(world, view.app) + variables_of(world, view.app);
}

}  // namespace

std::vector<std::string> end_state(World& world) {
  // What the platform does by itself is over.
  world.clock.sleep(std::chrono::minutes(10));
  const eth::Address account = world.account();
  std::vector<std::string> out = {
      "blocks " + std::to_string(world.devnet.block_number()),
      "nonce " + std::to_string(world.devnet.nonce(account)),
      "usdc " + world.devnet.usdc_balance(account).to_decimal(),
      "allowance " + world.devnet.usdc_allowance(account).to_decimal(),
      "credits " + world.devnet.credits(account).to_decimal(),
      world.devnet.code(account).empty() ? "not delegated" : "delegated",
  };
  for (const auto& view : world.devnet.apps()) out.push_back(line_of(world, view));
  for (const auto& image : world.devnet.info()["images"].elements()) {
    out.push_back("image " + without_ids(image.as_string()));
  }
  add_journal(world, out);
  add_locks(world, out);
  add_files(world, out);
  return out;
}

std::vector<std::string> wallet_problems(World& world, const std::string& said) {
  std::vector<std::string> out;
  for (const auto& view : world.devnet.apps()) {
    for (const auto& [name, value] : world.devnet.tee_environment(view.app)) {
      const bool is_public = name.ends_with("_PUBLIC");
      if (!is_public && said.find(value.reveal_text()) != std::string::npos) {
        out.push_back("printed: " + name);
      }
      if (name != "MNEMONIC") continue;
      const RunResult exported = world.user.run(
          {"compute", "app", "wallet", "export", view.app.to_string(), "--yes", "--json"});
      if (exported.code != 0) {
        out.push_back("wallet: " + exported.describe());
      } else if (exported.json()["words"].as_string() != value.reveal_text()) {
        out.push_back("wallet: the TEE has other words than this machine");
      }
    }
  }
  return out;
}

std::vector<std::string> torn_files(World& world) {
  std::vector<std::string> out;
  for (const fs::path& path : files_below(world.user.home())) {
    if (path.extension() != ".json") continue;
    if (!base::Json::try_parse(base::read_file(path, std::size_t{1} << 24))) {
      out.push_back("torn: " + without_ids(path.lexically_relative(world.user.home()).string()));
    }
  }
  return out;
}

}  // namespace ecloud::testing
