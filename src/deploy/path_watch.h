#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "deploy/verify_layers.h"

namespace ecloud::deploy {

/// Finds what an image has at a path, walking down its layers as a container runtime puts them
/// together (OCI image specification 1.1, "Image Layer Filesystem Changeset"): of two entries the
/// upper counts, a whiteout or an opaque directory hides what is below, and an entry goes where the
/// links on its way lead.
class PathWatch {
 public:
  /// `path` as oci::TarEntry::path.
  explicit PathWatch(std::string path);

  /// The next layer below the last one; `name` is for people: "layer 3".
  void take(const LayerContent& layer, const std::string& name);

  const std::string& path() const { return path_; }
  /// The entry of the uppermost layer that has one.
  const std::optional<LayerEntry>& found() const { return found_; }
  /// Why the entry is not what is there when the image runs; empty: nothing says so.
  const std::string& problem() const { return problem_; }
  /// Why that cannot be told: another entry may lead to the same place. Empty: it can.
  const std::string& doubt() const { return doubt_; }

 private:
  void take_upper(const LayerContent& layer, const std::string& name);
  void take_lower(const LayerContent& layer, const std::string& name);
  void check_parents(const LayerContent& layer, const std::string& name);
  void check_whiteouts(const LayerContent& layer, const std::string& name);
  void check_other(const std::string& path, const LayerEntry& entry, const std::string& name);
  void set_problem(const std::string& path, const std::string& name, const std::string& words);

  std::string path_;
  std::vector<std::string> parents_;  // "usr", "usr/local", …
  std::optional<LayerEntry> found_;
  std::string problem_, doubt_;
  std::set<std::string> settled_;  // parents that a layer has as directories
};

}  // namespace ecloud::deploy
