#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "devnet/container.h"
#include "devnet/launcher.h"
#include "devnet/machines.h"
#include "ecloud/base/temporary.h"

namespace ecloud::devnet {

/// Really runs the apps, as the launcher of a TEE does: the image is unpacked, its start script is
/// process 1 of a container, and finds the variables where the KMS client of the right generation
/// asks for them, below /run/container_launcher. /mnt/disks/userdata survives upgrades with a disk.
/// Thread-safe.
class AppRunner final : public ContainerHost {
 public:
  struct Sources {
    std::function<std::optional<StoredImage>(const ReleaseData&)> image;
    /// The lines that the KMS's client writes.
    std::function<base::Secret(const eth::Address&, const ReleaseData&)> variables;
    std::function<bool()> has_disks;
  };
  /// Folders of the apps are below `directory`, which is made; nothing: a temporary one. Throws
  /// Error{kUsage, "devnet.run_apps"} where containers cannot be started.
  AppRunner(std::optional<std::filesystem::path> directory, Sources sources);

  void start(const eth::Address& app, const ReleaseData& release) override;
  void stop(const eth::Address& app) override;
  AppObservation observe(const eth::Address& app) override;
  void remove_disk(const eth::Address& app) override;
  /// Of the app's command; empty when it does not run.
  std::vector<std::pair<std::string, base::Secret>> environment(const eth::Address& app) const;

 private:
  struct App {
    std::unique_ptr<Container> container;
    std::string problem;  ///< why there is none
    bool told = false;
  };
  std::unique_ptr<Container> run(const eth::Address& app, const ReleaseData& release);
  std::filesystem::path folder(const eth::Address& app) const;

  std::unique_ptr<base::TemporaryDirectory> temporary_;
  std::filesystem::path directory_;
  Sources sources_;
  mutable std::mutex mutex_;
  std::map<eth::Address, App> apps_;
};

}  // namespace ecloud::devnet
