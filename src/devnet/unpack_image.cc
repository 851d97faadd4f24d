#include "devnet/unpack_image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "ecloud/base/error.h"
#ifdef __linux__
#include <linux/openat2.h>
#include <sys/syscall.h>
#endif

namespace ecloud::devnet {
namespace {

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

[[noreturn]] void fail(const std::string& path) {
  throw Error(Category::kFailure, "devnet.unpack",
              "cannot unpack " + path + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  void reset(int number) {
    if (number_ >= 0) ::close(number_);
    number_ = number;
  }

 private:
  int number_;
};

int open_in_root(int root, const std::string& path) {
#ifdef __linux__
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(
      ::syscall(SYS_openat2, root, path.empty() ? "." : path.c_str(), &how, sizeof how));
#else
  errno = ENOSYS;
  static_cast<void>(root), static_cast<void>(path);
  return -1;
#endif
}

class Unpacker final : public oci::TarVisitor {
 public:
  explicit Unpacker(int root) : root_(root), directory_(-1), file_(-1) {}

  oci::TarWish entry(const oci::TarEntry& entry) override {
    if (entry.path.empty()) return oci::TarWish::kNext;
    path_ = entry.path;
    const std::size_t slash = path_.rfind('/');
    const std::string parent = slash == std::string::npos ? "" : path_.substr(0, slash);
    name_ = slash == std::string::npos ? path_ : path_.substr(slash + 1);
    directory_.reset(open_directory_in(root_, parent, true));
    if (directory_.get() < 0) fail(path_);
    if (name_ == kOpaque) {
      empty_directory(parent);
    } else if (name_.starts_with(kWhiteout)) {
      remove(name_.substr(kWhiteout.size()));
    } else {
      seen_.insert(path_);
      return put(entry);
    }
    return oci::TarWish::kNext;
  }

  bool content(base::ByteView piece) override {
    while (!piece.empty()) {
      const ssize_t count = ::write(file_.get(), piece.data(), piece.size());
      if (count < 0 && errno != EINTR) fail(path_);
      if (count > 0) piece = piece.subspan(static_cast<std::size_t>(count));
    }
    return true;
  }

 private:
  std::filesystem::path here(const std::string& name) const {
    return "/proc/self/fd/" + std::to_string(directory_.get()) + "/" + name;
  }
  void remove(const std::string& name) const {
    if (name.empty() || name == "." || name == "..") return;
    std::error_code ignored;
    std::filesystem::remove_all(here(name), ignored);
  }
  /// Of what lower layers brought.
  void empty_directory(const std::string& parent) const {
    for (const auto& item : std::filesystem::directory_iterator(here("."))) {
      const std::string name = item.path().filename().string();
      if (!seen_.contains(parent.empty() ? name : parent + "/" + name)) remove(name);
    }
  }
  void own(const oci::TarEntry& entry) const {
    const int at = directory_.get();
    if (::fchownat(at, name_.c_str(), static_cast<uid_t>(entry.uid), static_cast<gid_t>(entry.gid),
                   AT_SYMLINK_NOFOLLOW) != 0) {
      fail(path_);
    }
    if (entry.type == oci::TarType::kSymbolicLink) return;
    if (::fchmodat(at, name_.c_str(), static_cast<mode_t>(entry.mode), 0) != 0) fail(path_);
  }
  oci::TarWish put(const oci::TarEntry& entry) {
    const int at = directory_.get();
    if (entry.type == oci::TarType::kOther) return oci::TarWish::kNext;
    if (entry.type == oci::TarType::kDirectory) {
      struct stat found {};
      const bool there =
          ::fstatat(at, name_.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(found.st_mode);
      if (!there) {
        remove(name_);
        if (::mkdirat(at, name_.c_str(), 0755) != 0) fail(path_);
      }
      own(entry);
      return oci::TarWish::kNext;
    }
    remove(name_);
    if (entry.type == oci::TarType::kHardLink) {
      link(entry);
      return oci::TarWish::kNext;
    }
    if (entry.type == oci::TarType::kSymbolicLink) {
      if (::symlinkat(entry.link_target.c_str(), at, name_.c_str()) != 0) fail(path_);
      own(entry);
      return oci::TarWish::kNext;
    }
    file_.reset(
        ::openat(at, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file_.get() < 0) fail(path_);
    own(entry);
    return oci::TarWish::kContent;
  }
  void link(const oci::TarEntry& entry) const {
    const std::size_t slash = entry.link_target.rfind('/');
    const bool at_root = slash == std::string::npos;
    const Descriptor source(
        open_directory_in(root_, at_root ? "" : entry.link_target.substr(0, slash), false));
    const std::string name = at_root ? entry.link_target : entry.link_target.substr(slash + 1);
    if (source.get() < 0 ||
        ::linkat(source.get(), name.c_str(), directory_.get(), name_.c_str(), 0) != 0) {
      fail(path_);
    }
  }

  int root_;
  Descriptor directory_, file_;
  std::string path_, name_;
  std::set<std::string> seen_;  // what this layer has brought
};

}  // namespace

int open_directory_in(int root, const std::string& path, bool make) {
  const int found = open_in_root(root, path);
  if (found >= 0 || !make || errno != ENOENT || path.empty()) return found;
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const Descriptor above(open_directory_in(root, parent, true));
  if (above.get() < 0) return -1;
  if (::mkdirat(above.get(), name.c_str(), 0755) != 0 && errno != EEXIST) return -1;
  return open_in_root(root, path);
}

void unpack_image(const StoredImage& image, const std::filesystem::path& root) {
  const Descriptor directory(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0) fail(root.string());
  for (std::size_t layer = 0; layer < image.layers.size(); ++layer) {
    Unpacker unpacker(directory.get());
    read_layer(image, layer, unpacker);
  }
}

}  // namespace ecloud::devnet
