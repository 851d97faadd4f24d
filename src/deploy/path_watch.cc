#include "deploy/path_watch.h"

#include <algorithm>

#include "ecloud/base/text.h"

namespace ecloud::deploy {
namespace {

// OCI image specification 1.1, "Whiteouts".
constexpr char kWhiteout[] = ".wh.";
constexpr char kOpaque[] = ".wh..wh..opq";
constexpr std::size_t kLongestName = 120;

std::string last_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// With its slash; empty for what lies in the root.
std::string folder_of(const std::string& path) {
  return path.substr(0, path.size() - last_of(path).size());
}

/// The kernel's overlay file system takes such attributes for its own: they hide a directory, or
/// put another one in its place (Documentation/filesystems/overlayfs.rst).
bool is_of_overlay(const std::string& attribute) {
  return attribute.find(".overlay.") != std::string::npos;
}

}  // namespace

PathWatch::PathWatch(std::string path) : path_(std::move(path)) {
  for (std::size_t at = path_.find('/'); at != std::string::npos; at = path_.find('/', at + 1)) {
    parents_.push_back(path_.substr(0, at));
  }
}

void PathWatch::take(const LayerContent& layer, const std::string& name) {
  if (found_) return take_lower(layer, name);
  take_upper(layer, name);
}

void PathWatch::set_problem(const std::string& path, const std::string& name,
                            const std::string& words) {
  if (!problem_.empty()) return;
  problem_ = base::printable_line(path, kLongestName) + " in " + name + " " + words;
}

void PathWatch::take_upper(const LayerContent& layer, const std::string& name) {
  const auto own = layer.entries.find(path_);
  if (own != layer.entries.end()) {
    found_ = own->second;
    if (!found_->ambiguity.empty()) {
      set_problem(path_, name, "is read differently by programs: " + found_->ambiguity);
    }
    if (found_->repeated) set_problem(path_, name, "is there more than once");
    if (!found_->attribute.empty()) {
      set_problem(path_, name,
                  "has the attribute " + base::printable_line(found_->attribute, kLongestName));
    }
  }
  check_parents(layer, name);
  check_whiteouts(layer, name);
  for (const auto& [path, entry] : layer.entries) {
    if (!entry.ambiguity.empty()) {
      set_problem(path, name, "is read differently by programs: " + entry.ambiguity);
    }
    if (path != path_) check_other(path, entry, name);
  }
}

void PathWatch::check_parents(const LayerContent& layer, const std::string& name) {
  for (const std::string& parent : parents_) {
    const auto there = layer.entries.find(parent);
    if (there == layer.entries.end()) continue;
    const LayerEntry& entry = there->second;
    if (entry.type != oci::TarType::kDirectory) {
      set_problem(parent, name, "is no directory, and stands in the way to " + path_);
    }
    if (entry.repeated) set_problem(parent, name, "is there more than once");
    const bool after = found_ && entry.position > found_->position && layer.entries.contains(path_);
    if (after) set_problem(parent, name, "comes after " + path_ + " and may replace its folder");
    settled_.insert(parent);
  }
}

void PathWatch::check_whiteouts(const LayerContent& layer, const std::string& name) {
  const auto check = [&](const std::string& marker) {
    if (layer.entries.contains(marker)) set_problem(marker, name, "removes " + path_);
  };
  check(folder_of(path_) + kWhiteout + last_of(path_));
  for (const std::string& parent : parents_) check(folder_of(parent) + kWhiteout + last_of(parent));
  // It hides the layers below and not its own.
  if (found_) return;
  check(kOpaque);
  for (const std::string& parent : parents_) check(parent + "/" + kOpaque);
}

void PathWatch::check_other(const std::string& path, const LayerEntry& entry,
                            const std::string& name) {
  const auto doubt = [&](const std::string& words) {
    if (!doubt_.empty()) return;
    doubt_ = base::printable_line(path, kLongestName) + " in " + name + " " + words;
  };
  if (is_of_overlay(entry.attribute)) {
    set_problem(path, name,
                "has the attribute " + base::printable_line(entry.attribute, kLongestName));
  }
  if (entry.type == oci::TarType::kDirectory) return;
  if (std::find(parents_.begin(), parents_.end(), path) != parents_.end()) return;
  // Where a part of the way is a link of a layer below, another path leads to the same file.
  const std::string last = last_of(path);
  if (last == last_of(path_) || last == kWhiteout + last_of(path_)) {
    return doubt("may be the same place as " + path_ + ", by a link in a layer below");
  }
  if (entry.type != oci::TarType::kFile) {
    doubt("is a link or a device, and may stand in the way to " + path_);
  }
}

void PathWatch::take_lower(const LayerContent& layer, const std::string& name) {
  for (const std::string& parent : parents_) {
    const auto there = layer.entries.find(parent);
    if (there == layer.entries.end() || !settled_.insert(parent).second) continue;
    if (there->second.type == oci::TarType::kDirectory || !doubt_.empty()) continue;
    doubt_ = parent + " in " + name + " is no directory: where " + path_ +
             " is when the image runs has not been found out";
  }
}

}  // namespace ecloud::deploy
