// Preloaded into a program under test: counts what it does to files below one folder and to the
// network, and at one of these steps kills it or lets the call fail. Variables:
//   ECLOUD_FAULT_HOME  the folder
//   ECLOUD_FAULT_LOG   a file outside of it that gets a line for each step: its name and the path
//   ECLOUD_FAULT_AT    the number of the step, counted from 1
//   ECLOUD_FAULT_HOW   "kill": the process dies before the call; "kill-after": after it;
//                      "kill-half": after half of a write; "errno N": the call fails so;
//                      "errno-lasting N": and so do all later ones that N can befall
// Nothing here allocates memory or uses the C++ library: it runs inside of every call.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>

namespace {

enum class How { kNothing, kKill, kKillAfter, kKillHalf, kFail, kFailLasting };

/// What a step does, which tells the errors that can befall it.
enum class Kind { kCreate, kWrite, kSync, kMove, kRemove, kNetwork };

struct Plan {
  char home[PATH_MAX] = "";
  size_t home_size = 0;
  int log = -1;
  long at = 0;
  How how = How::kNothing;
  int error = 0;
};

std::atomic<long> step_count{0};

How how_of(const char* word) {
  if (strcmp(word, "kill") == 0) return How::kKill;
  if (strcmp(word, "kill-after") == 0) return How::kKillAfter;
  if (strcmp(word, "kill-half") == 0) return How::kKillHalf;
  if (strncmp(word, "errno-lasting ", 14) == 0) return How::kFailLasting;
  if (strncmp(word, "errno ", 6) == 0) return How::kFail;
  return How::kNothing;
}

Plan read_plan() {
  Plan plan;
  const char* home = getenv("ECLOUD_FAULT_HOME");
  if (home == nullptr) return plan;
  snprintf(plan.home, sizeof plan.home, "%s/", home);
  plan.home_size = strlen(plan.home);
  if (const char* log = getenv("ECLOUD_FAULT_LOG")) {
    plan.log = static_cast<int>(
        syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }
  if (const char* at = getenv("ECLOUD_FAULT_AT")) plan.at = strtol(at, nullptr, 10);
  if (const char* how = getenv("ECLOUD_FAULT_HOW")) {
    plan.how = how_of(how);
    const char* number = strchr(how, ' ');
    if (number != nullptr) plan.error = static_cast<int>(strtol(number, nullptr, 10));
  }
  return plan;
}

const Plan& plan() {
  static const Plan kPlan = read_plan();
  return kPlan;
}

bool is_below_home(const char* path) {
  return plan().home_size != 0 && path != nullptr &&
         strncmp(path, plan().home, plan().home_size) == 0;
}

/// The path of an open file, when it is below the folder.
bool find_path(int descriptor, char* out, size_t size) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, out, size - 1);
  if (length < 0) return false;
  out[length] = '\0';
  return is_below_home(out);
}

bool can_befall(int error, Kind kind) {
  if (kind == Kind::kNetwork) return false;
  if (error == ENOSPC) return kind != Kind::kRemove;
  if (error == EROFS) return kind != Kind::kSync;
  return true;
}

[[noreturn]] void die() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

enum class Verdict { kGoOn, kFail, kDieAfter, kDieHalf };

/// Counts a step, and says what becomes of it. With kFail errno is set.
Verdict take_step(Kind kind, const char* name, const char* what) {
  const int kept = errno;
  const long number = ++step_count;
  if (plan().log >= 0) {
    char line[PATH_MAX + 64];
    const int size = snprintf(line, sizeof line, "%s\t%s\n", name, what);
    syscall(SYS_write, plan().log, line, static_cast<size_t>(size));
  }
  errno = kept;
  const bool now = number == plan().at;
  switch (plan().how) {
    case How::kKill:
      if (now) die();
      return Verdict::kGoOn;
    case How::kKillAfter:
      return now ? Verdict::kDieAfter : Verdict::kGoOn;
    case How::kKillHalf:
      return now ? Verdict::kDieHalf : Verdict::kGoOn;
    case How::kFail:
    case How::kFailLasting: {
      const bool later = plan().how == How::kFailLasting && number > plan().at;
      if ((!now && !later) || !can_befall(plan().error, kind)) return Verdict::kGoOn;
      errno = plan().error;
      return Verdict::kFail;
    }
    case How::kNothing:
      return Verdict::kGoOn;
  }
  return Verdict::kGoOn;
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

/// A call that either happens as a whole or not at all.
template <typename Call>
auto guarded(Kind kind, const char* name, const char* what, Call call) -> decltype(call()) {
  const Verdict verdict = take_step(kind, name, what);
  if (verdict == Verdict::kFail) return -1;
  const auto result = call();
  if (verdict != Verdict::kGoOn) die();
  return result;
}

template <typename Call>
int guarded_path(Kind kind, const char* name, const char* path, Call call) {
  return is_below_home(path) ? guarded(kind, name, path, call) : call();
}

template <typename Call>
int guarded_file(Kind kind, const char* name, int descriptor, Call call) {
  char path[PATH_MAX];
  return find_path(descriptor, path, sizeof path) ? guarded(kind, name, path, call) : call();
}

template <typename Write>
ssize_t guarded_write(int descriptor, size_t size, Write write_some) {
  char path[PATH_MAX];
  if (!find_path(descriptor, path, sizeof path)) return write_some(size);
  switch (take_step(Kind::kWrite, "write", path)) {
    case Verdict::kFail:
      return -1;
    case Verdict::kDieHalf:
      write_some(size / 2);
      die();
    case Verdict::kDieAfter:
      write_some(size);
      die();
    case Verdict::kGoOn:
      break;
  }
  return write_some(size);
}

template <typename Open>
int guarded_open(const char* path, int flags, Open open_it) {
  const bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0;
  return writes ? guarded_path(Kind::kCreate, "open", path, open_it) : open_it();
}

/// Not the pair of sockets by which threads wake each other.
template <typename Call>
auto guarded_socket(const char* name, int descriptor, Call call) -> decltype(call()) {
  int domain = 0;
  socklen_t size = sizeof domain;
  const bool inet = getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
                    (domain == AF_INET || domain == AF_INET6);
  return inet && plan().home_size != 0 ? guarded(Kind::kNetwork, name, "", call) : call();
}

mode_t mode_argument(int flags, va_list list) {
  return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(list, int)) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_argument(flags, list);
  va_end(list);
  return guarded_open(path, flags, [&] {
    return static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, flags, mode));
  });
}

int open64(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_argument(flags, list);
  va_end(list);
  return open(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_argument(flags, list);
  va_end(list);
  return guarded_open(path, flags, [&] {
    return static_cast<int>(syscall(SYS_openat, folder, path, flags, mode));
  });
}

int openat64(int folder, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_argument(flags, list);
  va_end(list);
  return openat(folder, path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
  const auto real = next<FILE*(const char*, const char*)>("fopen");
  if (mode[0] == 'r' && strchr(mode, '+') == nullptr) return real(path, mode);
  if (!is_below_home(path)) return real(path, mode);
  const Verdict verdict = take_step(Kind::kCreate, "open", path);
  if (verdict == Verdict::kFail) return nullptr;
  FILE* file = real(path, mode);
  if (verdict != Verdict::kGoOn) die();
  return file;
}

FILE* fopen64(const char* path, const char* mode) {
  return fopen(path, mode);
}

int mkostemp(char* pattern, int flags) {
  const auto real = next<int(char*, int)>("mkostemp");
  return guarded_path(Kind::kCreate, "mkostemp", pattern, [&] { return real(pattern, flags); });
}

int mkostemp64(char* pattern, int flags) {
  return mkostemp(pattern, flags);
}

int mkstemp(char* pattern) {
  return mkostemp(pattern, 0);
}

char* mkdtemp(char* pattern) noexcept {
  const auto real = next<char*(char*)>("mkdtemp");
  if (!is_below_home(pattern)) return real(pattern);
  const Verdict verdict = take_step(Kind::kCreate, "mkdtemp", pattern);
  if (verdict == Verdict::kFail) return nullptr;
  char* made = real(pattern);
  if (verdict != Verdict::kGoOn) die();
  return made;
}

ssize_t write(int descriptor, const void* data, size_t size) {
  return guarded_write(descriptor, size,
                       [&](size_t some) { return syscall(SYS_write, descriptor, data, some); });
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t offset) {
  return guarded_write(descriptor, size, [&](size_t some) {
    return syscall(SYS_pwrite64, descriptor, data, some, offset);
  });
}

ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t offset) {
  return pwrite(descriptor, data, size, offset);
}

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
  return guarded_write(descriptor, static_cast<size_t>(count), [&](size_t some) {
    return syscall(SYS_writev, descriptor, parts, static_cast<int>(some));
  });
}

int fsync(int descriptor) {
  return guarded_file(Kind::kSync, "fsync", descriptor,
                      [&] { return static_cast<int>(syscall(SYS_fsync, descriptor)); });
}

int fdatasync(int descriptor) {
  return guarded_file(Kind::kSync, "fsync", descriptor,
                      [&] { return static_cast<int>(syscall(SYS_fdatasync, descriptor)); });
}

int ftruncate(int descriptor, off_t size) noexcept {
  return guarded_file(Kind::kWrite, "ftruncate", descriptor,
                      [&] { return static_cast<int>(syscall(SYS_ftruncate, descriptor, size)); });
}

int fchmod(int descriptor, mode_t mode) noexcept {
  return guarded_file(Kind::kWrite, "fchmod", descriptor,
                      [&] { return static_cast<int>(syscall(SYS_fchmod, descriptor, mode)); });
}

int rename(const char* from, const char* to) noexcept {
  return guarded_path(Kind::kMove, "rename", to, [&] {
    return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
  });
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned int flags) noexcept {
  return guarded_path(Kind::kMove, "rename", to, [&] {
    return static_cast<int>(syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
  });
}

int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
  return guarded_path(Kind::kMove, "link", to, [&] {
    return static_cast<int>(syscall(SYS_linkat, from_folder, from, to_folder, to, flags));
  });
}

int link(const char* from, const char* to) noexcept {
  return guarded_path(Kind::kMove, "link", to, [&] {
    return static_cast<int>(syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
  });
}

int unlink(const char* path) noexcept {
  return guarded_path(Kind::kRemove, "unlink", path,
                      [&] { return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, 0)); });
}

int unlinkat(int folder, const char* path, int flags) noexcept {
  return guarded_path(Kind::kRemove, "unlink", path,
                      [&] { return static_cast<int>(syscall(SYS_unlinkat, folder, path, flags)); });
}

int remove(const char* path) noexcept {
  const auto real = next<int(const char*)>("remove");
  return guarded_path(Kind::kRemove, "unlink", path, [&] { return real(path); });
}

int rmdir(const char* path) noexcept {
  return guarded_path(Kind::kRemove, "rmdir", path, [&] {
    return static_cast<int>(syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR));
  });
}

int mkdir(const char* path, mode_t mode) noexcept {
  return guarded_path(Kind::kCreate, "mkdir", path,
                      [&] { return static_cast<int>(syscall(SYS_mkdirat, AT_FDCWD, path, mode)); });
}

int connect(int descriptor, const struct sockaddr* address, socklen_t size) {
  return guarded_socket("connect", descriptor, [&] {
    return static_cast<int>(syscall(SYS_connect, descriptor, address, size));
  });
}

ssize_t send(int descriptor, const void* data, size_t size, int flags) {
  return guarded_socket("send", descriptor, [&] {
    return syscall(SYS_sendto, descriptor, data, size, flags, nullptr, 0);
  });
}

}  // extern "C"
