#include "spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "ecloud/base/error.h"
#include "ecloud/base/files.h"

namespace ecloud::oci {
namespace {

class SpoolFile final : public Content {
 public:
  explicit SpoolFile(const std::filesystem::path& directory) : directory_(directory) {
    base::make_private_directories(directory);
    std::string name = (directory / "blob.XXXXXX").string();
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) fail("file.unwritable", "write to");
    ::unlink(name.c_str());
  }
  ~SpoolFile() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;

  void append(base::ByteView octets) {
    while (!octets.empty()) {
      const ssize_t written = ::write(descriptor_, octets.data(), octets.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail("file.unwritable", "write to");
      size_ += static_cast<std::uint64_t>(written);
      octets = octets.subspan(static_cast<std::size_t>(written));
    }
  }

  std::uint64_t size_bytes() const override { return size_; }
  std::size_t read(std::uint64_t offset, char* out, std::size_t size) const override {
    if (offset >= size_) return 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - offset));
    for (std::size_t done = 0; done < wanted;) {
      const ssize_t got =
          ::pread(descriptor_, out + done, wanted - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) fail("file.unreadable", "read back from");
      done += static_cast<std::size_t>(got);
    }
    return wanted;
  }

 private:
  [[noreturn]] void fail(const char* code, const std::string& what) const {
    throw Error(Category::kFailure, code,
                "cannot " + what + " " + directory_.string() + ": " + std::strerror(errno),
                "check the permissions of the directory and the free space of the disk");
  }

  const std::filesystem::path directory_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace

ContentPtr spool(const std::filesystem::path& directory,
                 const std::function<void(const OctetSink&)>& fill) {
  const auto file = std::make_shared<SpoolFile>(directory);
  fill([&](base::ByteView octets) {
    file->append(octets);
    return true;
  });
  return file;
}

}  // namespace ecloud::oci
