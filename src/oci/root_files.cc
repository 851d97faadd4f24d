#include "ecloud/oci/root_files.h"

#include <algorithm>
#include <vector>

#include "layer_reader.h"

namespace ecloud::oci {
namespace {

// OCI image specification 1.1, "Whiteouts".
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
// As the kernel's (MAXSYMLINKS).
constexpr int kMaxLinks = 40;
// Together, of all layers; more would take too much memory.
constexpr std::size_t kMaxFiles = 1'000'000;
constexpr std::uint64_t kMaxSmallFile = std::uint64_t{1} << 20;

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    if (!part.empty() && part != ".") out.emplace_back(part);
  }
  return out;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

std::string join_path(const std::string& directory, std::string_view name) {
  return directory.empty() ? std::string(name) : directory + "/" + std::string(name);
}

}  // namespace

std::optional<std::string> RootFiles::real_path(std::string_view path, bool follow_last) const {
  // What is still to walk, the next part at the end.
  std::vector<std::string> ahead = parts_of(path);
  std::reverse(ahead.begin(), ahead.end());
  std::string here;
  for (int links = 0; !ahead.empty();) {
    const std::string part = std::move(ahead.back());
    ahead.pop_back();
    if (part == "..") {
      here = parent_of(here);
      continue;
    }
    const std::string next = join_path(here, part);
    const auto file = files_.find(next);
    const bool follow = !ahead.empty() || follow_last;
    if (file == files_.end() || file->second.type != TarType::kSymbolicLink || !follow) {
      here = next;
      continue;
    }
    if (++links > kMaxLinks) return std::nullopt;
    const std::string& target = file->second.link_target;
    if (target.starts_with('/')) here.clear();
    std::vector<std::string> more = parts_of(target);
    ahead.insert(ahead.end(), more.rbegin(), more.rend());
  }
  return here;
}

std::optional<RootFiles::File> RootFiles::resolve(std::string_view path) const {
  const auto real = real_path(path, true);
  if (!real) return std::nullopt;
  if (real->empty()) return File{};
  const auto file = files_.find(*real);
  return file == files_.end() ? std::nullopt : std::optional(file->second);
}

void RootFiles::remove_below(const std::string& path, std::size_t older_than_layer) {
  const std::string prefix = path.empty() ? std::string() : path + "/";
  for (auto file = files_.lower_bound(prefix);
       file != files_.end() && file->first.starts_with(prefix);) {
    file = file->second.layer < older_than_layer ? files_.erase(file) : std::next(file);
  }
}

void RootFiles::white_out(std::size_t layer, const std::string& directory, std::string_view name) {
  if (name == kOpaque) return remove_below(directory, layer);
  const std::string path = join_path(directory, name.substr(kWhiteout.size()));
  const auto file = files_.find(path);
  if (file != files_.end() && file->second.layer < layer) files_.erase(file);
  remove_below(path, layer);
}

void RootFiles::make_parents(std::size_t layer, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const auto [file, added] = files_.try_emplace(path.substr(0, slash));
    // A directory in the place of a file: a path below a file means that.
    if (!added && file->second.type != TarType::kDirectory) file->second = {};
    if (added) file->second.layer = layer;
  }
}

void RootFiles::add(std::size_t layer, const TarEntry& entry) {
  if (entry.path.empty()) return;
  const auto path = real_path(entry.path, false);
  if (!path || path->empty()) return;
  const std::string directory = parent_of(*path);
  const std::string name = path->substr(directory.empty() ? 0 : directory.size() + 1);
  if (name.starts_with(kWhiteout)) return white_out(layer, directory, name);
  File file;
  if (entry.type == TarType::kHardLink) {
    const auto target = real_path(entry.link_target, false);
    const auto linked = target ? files_.find(*target) : files_.end();
    // A link to nothing breaks the unpacking; here it is only something that is not known.
    if (linked != files_.end()) {
      file = linked->second;
    } else {
      file.type = TarType::kOther;
    }
  } else {
    file = {entry.type,       entry.mode,        entry.uid, entry.gid,
            entry.size_bytes, entry.link_target, layer,     entry.content_offset};
  }
  make_parents(layer, *path);
  if (file.type != TarType::kDirectory) remove_below(*path, layer);
  files_.insert_or_assign(*path, std::move(file));
}

namespace {

/// Collects the files of a layer until the shell is there.
class ShellSearch final : public TarVisitor {
 public:
  TarWish entry(const TarEntry& entry) override {
    files.add(layer, entry);
    if (files.size() > kMaxFiles) return TarWish::kStop;
    if (entry.type == TarType::kDirectory) return TarWish::kNext;
    const auto shell = files.resolve("/bin/sh");
    found = shell && shell->type == TarType::kFile;
    return found ? TarWish::kStop : TarWish::kNext;
  }
  bool content(base::ByteView) override { return true; }

  RootFiles files;
  std::size_t layer = 0;
  bool found = false;
};

/// Looks for a name in one layer, and for the whiteout that removes it from those below.
class NameSearch final : public TarVisitor {
 public:
  explicit NameSearch(std::string wanted) : wanted_(std::move(wanted)) {
    const std::string directory = parent_of(wanted_);
    whiteout_ =
        join_path(directory, std::string(kWhiteout) +
                                 wanted_.substr(directory.empty() ? 0 : directory.size() + 1));
  }

  TarWish entry(const TarEntry& entry) override {
    if (entry.path == wanted_) {
      answer_ = entry.type == TarType::kDirectory ? FileAnswer::kNone : FileAnswer::kFound;
    } else if (entry.path == whiteout_) {
      answer_ = FileAnswer::kNone;
    }
    return answer_ ? TarWish::kStop : TarWish::kNext;
  }
  bool content(base::ByteView) override { return true; }
  const std::optional<FileAnswer>& answer() const { return answer_; }

 private:
  std::string wanted_, whiteout_;
  std::optional<FileAnswer> answer_;
};

/// Collects the files of all layers, and the content of those of one name.
class FileSearch final : public TarVisitor {
 public:
  explicit FileSearch(std::string wanted) : wanted_(std::move(wanted)) {}

  TarWish entry(const TarEntry& entry) override {
    files.add(layer, entry);
    if (files.size() > kMaxFiles) return TarWish::kStop;
    if (entry.path != wanted_ || entry.type != TarType::kFile) return TarWish::kNext;
    found_ = layer;
    offset_ = entry.content_offset;
    content_.clear();
    return entry.size_bytes <= kMaxSmallFile ? TarWish::kContent : TarWish::kNext;
  }
  bool content(base::ByteView piece) override {
    content_ += base::as_chars(piece);
    return true;
  }

  std::optional<std::string> answer() const {
    const auto file = files.resolve(wanted_);
    const bool is_it = file && file->type == TarType::kFile && found_ == file->layer &&
                       offset_ == file->content_offset && content_.size() == file->size_bytes;
    return is_it ? std::optional(content_) : std::nullopt;
  }

  RootFiles files;
  std::size_t layer = 0;

 private:
  const std::string wanted_;
  std::optional<std::size_t> found_;
  std::uint64_t offset_ = 0;
  std::string content_;
};

}  // namespace

ShellAnswer find_shell(const Image& image, BlobSource& blobs, std::uint64_t budget_bytes) {
  ShellSearch search;
  for (search.layer = 0; search.layer < image.layers.size(); ++search.layer) {
    const LayerEnd end = read_layer(image, search.layer, blobs, search, budget_bytes);
    if (search.found) return ShellAnswer::kFound;
    if (end != LayerEnd::kComplete) return ShellAnswer::kUnknown;
  }
  return ShellAnswer::kNone;
}

FileAnswer find_added_file(const Image& image, BlobSource& blobs, std::string_view path,
                           std::uint64_t budget_bytes) {
  const std::string wanted = normal_tar_path(path, image.name);
  for (std::size_t layer = image.layers.size(); layer-- > 0;) {
    NameSearch search(wanted);
    const LayerEnd end = read_layer(image, layer, blobs, search, budget_bytes);
    if (search.answer()) return *search.answer();
    if (end != LayerEnd::kComplete) return FileAnswer::kUnknown;
  }
  return FileAnswer::kNone;
}

std::optional<std::string> read_root_file(const Image& image, BlobSource& blobs,
                                          std::string_view path, std::uint64_t budget_bytes) {
  FileSearch search(normal_tar_path(path, image.name));
  for (search.layer = 0; search.layer < image.layers.size(); ++search.layer) {
    const LayerEnd end = read_layer(image, search.layer, blobs, search, budget_bytes);
    if (end != LayerEnd::kComplete) return std::nullopt;
  }
  return search.answer();
}

}  // namespace ecloud::oci
