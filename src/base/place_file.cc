#include "base/place_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/descriptor.h"

namespace ecloud::base {
namespace {

namespace fs = std::filesystem;

bool is_unknown(int error) {
  return error == EINVAL || error == ENOSYS || error == EPERM || error == EOPNOTSUPP ||
         error == ENOTSUP || error == EMLINK;
}

std::optional<int> outcome_of(int result) {
  if (result == 0) return 0;
  const int error = errno;
  if (is_unknown(error)) return std::nullopt;
  return error;
}

std::optional<int> place_by_rename(const fs::path& source, const fs::path& target) {
#ifdef RENAME_NOREPLACE
  return outcome_of(
      ::renameat2(AT_FDCWD, source.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE));
#else
  (void)source;
  (void)target;
  return std::nullopt;
#endif
}

std::optional<int> place_by_link(const fs::path& source, const fs::path& target) {
  const auto outcome = outcome_of(::link(source.c_str(), target.c_str()));
  if (outcome == 0) ::unlink(source.c_str());
  return outcome;
}

int copy(int from, int to) {
  std::vector<char> chunk(64 * 1024);
  for (;;) {
    const ssize_t count = ::read(from, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 || ::fsync(to) != 0 ? errno : 0;
    for (ssize_t done = 0; done < count;) {
      const ssize_t written =
          ::write(to, chunk.data() + done, static_cast<std::size_t>(count - done));
      if (written < 0 && errno != EINTR) return errno;
      if (written > 0) done += written;
    }
  }
}

int place_by_copy(const fs::path& source, const fs::path& target) {
  const Descriptor from(::open(source.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!from.valid() || ::fstat(from.get(), &info) != 0) return errno;
  const Descriptor to(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!to.valid()) return errno;
  ::fchmod(to.get(), info.st_mode & 07777);  // as far as the file system knows permissions
  const int error = copy(from.get(), to.get());
  ::unlink(error == 0 ? source.c_str() : target.c_str());
  return error;
}

}  // namespace

std::optional<int> place_file(Placing way, const fs::path& source, const fs::path& target) {
  switch (way) {
    case Placing::kRename:
      return place_by_rename(source, target);
    case Placing::kLink:
      return place_by_link(source, target);
    case Placing::kCopy:
      break;
  }
  return place_by_copy(source, target);
}

}  // namespace ecloud::base
