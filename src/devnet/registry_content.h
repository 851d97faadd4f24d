#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace ecloud::devnet {

/// What the devnet's registry holds, by repository. Digests are texts, "sha256:…".
class RegistryContent {
 public:
  using Octets = std::shared_ptr<const std::string>;
  struct Manifest {
    std::string media_type;
    Octets body;
  };
  struct Repository {
    std::map<std::string, std::string> tags;           ///< to digests
    std::map<std::string, Manifest> manifests;         ///< by digest
    std::map<std::string, Octets> blobs;               ///< by digest
    std::map<std::string, std::string> architectures;  ///< "linux/amd64", of images by digest
  };

  /// With a directory, what keep() says outlives the process; read_kept() finds it again.
  explicit RegistryContent(std::optional<std::filesystem::path> directory)
      : directory_(std::move(directory)) {}

  const std::map<std::string, Repository>& repositories() const { return repositories_; }
  /// Null when there is none.
  const Repository* find(const std::string& name) const;
  /// Made when there is none.
  Repository& at(const std::string& name) { return repositories_[name]; }

  /// Returns the digest.
  std::string add_blob(const std::string& repository, std::string octets);
  /// An image's platform is read from its configuration. Returns the digest.
  std::string add_manifest(const std::string& repository, std::string_view media_type,
                           std::string body);
  /// The digests that a tag or digest of the repository stands for; nothing when there is none.
  static std::optional<std::string> resolve(const Repository& repository,
                                            const std::string& reference);

  /// Writes a repository, as it is, to the directory: its octets as files of their digests, and the
  /// rest as repositories/NAME.json.
  void keep(const std::string& repository) const;
  /// Throws Error{kUsage, "devnet.state"} when a file is none of ours.
  void read_kept();

 private:
  void keep_octets(const std::string& digest, const std::string& octets) const;
  Octets read_octets(const std::string& digest) const;

  std::optional<std::filesystem::path> directory_;
  std::map<std::string, Repository> repositories_;
};

}  // namespace ecloud::devnet
