#include "ecloud/base/files.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::base {
namespace {

namespace fs = std::filesystem;
using testing::slurp;
using testing::TempDir;

constexpr std::size_t kLimit = 1 << 20;

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

/// The error that `action` throws; fails the test when there is none.
template <typename Action>
Error error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return {Category::kBug, "", ""};
}

/// Sets the umask for one test.
class Umask {
 public:
  explicit Umask(mode_t mask) : old_(::umask(mask)) {}
  ~Umask() { ::umask(old_); }

 private:
  mode_t old_;
};

TEST_CASE("a file is read as it is", "[base]") {
  const TempDir dir;
  const std::string content("a\0b\r\n\xff", 6);
  CHECK(read_file(dir.write("f", content), kLimit) == content);
  CHECK(read_file(dir.write("empty", ""), kLimit).empty());
  CHECK(read_file(dir.write("large", std::string(300000, 'x')), kLimit).size() == 300000);
}

TEST_CASE("a missing file is named", "[base]") {
  const TempDir dir;
  const fs::path path = dir / "none";
  const Error error = error_of([&] { read_file(path, kLimit); });
  CHECK(error.category() == Category::kUsage);
  CHECK(error.code() == "file.missing");
  CHECK(error.message() == "no such file: " + path.string());
  CHECK(error_of([&] { read_file(path, kLimit, Category::kFailure); }).category() ==
        Category::kFailure);
  CHECK_FALSE(read_file_if_exists(path, kLimit));
  CHECK_FALSE(read_file_if_exists(dir.write("f", "") / "below", kLimit));
  CHECK(read_file_if_exists(dir.write("g", "x"), kLimit) == "x");
}

TEST_CASE("a directory is no file", "[base]") {
  const TempDir dir;
  const Error error = error_of([&] { read_file(dir.path(), kLimit); });
  CHECK(error.code() == "file.directory");
  CHECK(error.message() == dir.path().string() + " is a directory, not a file");
  CHECK(error_of([&] { read_file_if_exists(dir.path(), kLimit); }).code() == "file.directory");
}

TEST_CASE("a file may have as many bytes as asked and no more", "[base]") {
  const TempDir dir;
  const fs::path path = dir.write("f", "12345");
  CHECK(read_file(path, 5) == "12345");
  const Error error = error_of([&] { read_file(path, 4); });
  CHECK(error.code() == "file.too_large");
  CHECK(error.message() == path.string() + " is larger than 4 bytes");
}

TEST_CASE("a FIFO is read where it was named and refused where nobody named it", "[base]") {
  const TempDir dir;
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  const Error error = error_of([&] { read_file_if_exists(dir / "fifo", kLimit); });
  CHECK(error.code() == "file.not_regular");
  CHECK(error.message() == (dir / "fifo").string() + " is a FIFO or a device, not a regular file");
  CHECK(error_of([&] { read_file_if_exists("/dev/zero", kLimit); }).code() == "file.not_regular");
  std::thread writer([&] { std::ofstream(dir / "fifo") << "through the pipe"; });
  CHECK(read_file(dir / "fifo", kLimit) == "through the pipe");
  writer.join();
}

TEST_CASE("a file that cannot be opened says why", "[base]") {
  const TempDir dir;
  fs::create_symlink(dir / "loop", dir / "loop");
  const Error error = error_of([&] { read_file(dir / "loop", kLimit); });
  CHECK(error.code() == "file.unreadable");
  CHECK(error.message() ==
        "cannot read " + (dir / "loop").string() + ": Too many levels of symbolic links");
}

TEST_CASE("a file is written with exactly its permissions, whatever the umask", "[base]") {
  const TempDir dir;
  for (const mode_t mask : {0, 022, 077, 0777}) {
    const Umask umask(mask);
    write_file_atomic(dir / "private", "secret", kPrivateFile);
    CHECK(mode_of(dir / "private") == 0600);
    write_file_atomic(dir / "public", "open", kPublicFile);
    CHECK(mode_of(dir / "public") == 0644);
  }
  CHECK(slurp(dir / "private") == "secret");
  CHECK(entries(dir.path()) == 2);
}

TEST_CASE("replacing a file replaces content and permissions", "[base]") {
  const TempDir dir;
  const fs::path path = dir / "f";
  write_file_atomic(path, "a long old content", kPublicFile);
  write_file_atomic(path, "new", kPrivateFile);
  CHECK(slurp(path) == "new");
  CHECK(mode_of(path) == 0600);
  CHECK(entries(dir.path()) == 1);
}

TEST_CASE("missing directories are made for their owner alone", "[base]") {
  const TempDir dir;
  const Umask umask(0);
  write_file_atomic(dir / "a/b/c/file", "x", kPrivateFile);
  CHECK(slurp(dir / "a/b/c/file") == "x");
  CHECK(mode_of(dir / "a") == 0700);
  CHECK(mode_of(dir / "a/b/c") == 0700);
  make_private_directories(dir / "d/e/");
  CHECK(mode_of(dir / "d/e") == 0700);
  CHECK_NOTHROW(make_private_directories(dir / "d/e"));
}

TEST_CASE("what cannot be written is an error and leaves nothing behind", "[base]") {
  const TempDir dir;
  dir.write("file", "x");
  const auto refused = [&](const fs::path& path, const std::string& reason) {
    const Error error = error_of([&] { write_file_atomic(path, "y", kPublicFile); });
    CHECK(error.category() == Category::kFailure);
    CHECK(error.code() == "file.unwritable");
    CHECK(error.message() == "cannot write " + path.string() + ": " + reason);
    CHECK(error.hint() == "check the permissions of the directory and the free space of the disk");
  };
  fs::create_directory(dir / "directory");
  refused(dir / "directory", "Is a directory");
  refused(dir / std::string(300, 'n'), "File name too long");
  CHECK(entries(dir.path()) == 2);
  CHECK(entries(dir / "directory") == 0);
}

TEST_CASE("a file in the place of a directory is an error", "[base]") {
  const TempDir dir;
  dir.write("file", "x");
  CHECK(error_of([&] { write_file_atomic(dir / "file/below", "y", kPublicFile); }).code() ==
        "file.unwritable");
  const Error error = error_of([&] { make_private_directories(dir / "file"); });
  CHECK(error.code() == "file.unwritable");
  CHECK(error.message() == "cannot write " + (dir / "file").string() + ": Not a directory");
  CHECK(error_of([&] { make_private_directories(dir / std::string(300, 'n') / "x"); }).code() ==
        "file.unwritable");
  CHECK(slurp(dir / "file") == "x");
}

TEST_CASE("a new file does not replace another", "[base]") {
  const TempDir dir;
  const fs::path path = dir / "keys/k.json";
  write_new_file(path, "first", kPrivateFile);
  CHECK(mode_of(path) == 0600);
  const Error error = error_of([&] { write_new_file(path, "second", kPrivateFile); });
  CHECK(error.category() == Category::kUsage);
  CHECK(error.code() == "file.exists");
  CHECK(error.message() == path.string() + " exists and is not replaced");
  CHECK(slurp(path) == "first");
  CHECK(entries(dir / "keys") == 1);
}

TEST_CASE("a dangling link is not written through", "[base]") {
  const TempDir dir;
  fs::create_symlink(dir / "target", dir / "link");
  CHECK(error_of([&] { write_new_file(dir / "link", "x", kPrivateFile); }).code() == "file.exists");
  CHECK_FALSE(fs::exists(dir / "target"));
}

TEST_CASE("a link stays a link and what it leads to is written", "[base]") {
  const TempDir dir;
  dir.write("dotfiles/ecloud/config.yaml", "old");
  fs::create_directory(dir / "config");
  fs::create_symlink("../dotfiles/ecloud/config.yaml", dir / "config/config.yaml");
  fs::create_symlink(dir / "config/config.yaml", dir / "second");
  write_file_atomic(dir / "second", "new", kPublicFile);
  CHECK(slurp(dir / "dotfiles/ecloud/config.yaml") == "new");
  CHECK(fs::is_symlink(dir / "config/config.yaml"));
  CHECK(fs::is_symlink(dir / "second"));
  CHECK(entries(dir / "config") == 1);
  CHECK(entries(dir / "dotfiles/ecloud") == 1);

  fs::create_symlink("made/for/it", dir / "dangling");
  write_file_atomic(dir / "dangling", "there", kPublicFile);
  CHECK(slurp(dir / "made/for/it") == "there");
  CHECK(fs::is_symlink(dir / "dangling"));

  fs::create_symlink(dir / "loop", dir / "loop");
  const Error error = error_of([&] { write_file_atomic(dir / "loop", "x", kPublicFile); });
  CHECK(error.message() ==
        "cannot write " + (dir / "loop").string() + ": Too many levels of symbolic links");
}

TEST_CASE("what is no regular file is not replaced by one", "[base]") {
  const TempDir dir;
  REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
  fs::create_symlink(dir / "fifo", dir / "link");
  for (const char* name : {"fifo", "link"}) {
    const Error error = error_of([&] { write_file_atomic(dir / name, "x", kPublicFile); });
    CHECK(error.message() == "cannot write " + (dir / name).string() + ": it is no regular file");
  }
  CHECK(fs::is_fifo(dir / "fifo"));
}

TEST_CASE("a reader sees the old content or the new one, never a mixture", "[base]") {
  const TempDir dir;
  const fs::path path = dir / "f";
  const std::string old_content(200000, 'a');
  const std::string new_content(150000, 'b');
  write_file_atomic(path, old_content, kPublicFile);
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) {
      write_file_atomic(path, i % 2 == 0 ? new_content : old_content, kPublicFile);
    }
    done = true;
  });
  bool whole = true;
  while (!done) {
    const std::string seen = read_file(path, kLimit);
    whole = whole && (seen == old_content || seen == new_content);
  }
  writer.join();
  CHECK(whole);
}

TEST_CASE("a lock is made with its directory, for its owner alone", "[base]") {
  const TempDir dir;
  const Umask umask(0);
  const FileLock lock(dir / "state/lock");
  CHECK(mode_of(dir / "state/lock") == 0600);
  CHECK(mode_of(dir / "state") == 0700);
}

TEST_CASE("a lock is free again once it is destroyed, and moves with its object", "[base]") {
  const TempDir dir;
  const fs::path path = dir / "lock";
  { const FileLock lock(path); }
  FileLock first(path);
  CHECK(error_of([&] { FileLock second(path); }).code() == "file.locked");
  {
    const FileLock moved(std::move(first));
    CHECK(error_of([&] { FileLock second(path); }).code() == "file.locked");
  }
  CHECK_NOTHROW(FileLock(path));
}

/// A child process that holds a lock until it is told to end.
class Holder {
 public:
  explicit Holder(const fs::path& path) {
    REQUIRE(::pipe(ready_) == 0);
    REQUIRE(::pipe(end_) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) hold(path);
    ::close(ready_[1]);
    ::close(end_[0]);
    char answer = 0;
    REQUIRE(::read(ready_[0], &answer, 1) == 1);
    REQUIRE(answer == 'y');
  }
  ~Holder() {
    ::close(end_[1]);
    ::waitpid(child_, nullptr, 0);
    ::close(ready_[0]);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

 private:
  [[noreturn]] void hold(const fs::path& path) {
    ::close(end_[1]);
    char wait = 0;
    try {
      const FileLock lock(path);
      if (::write(ready_[1], "y", 1) == 1 && ::read(end_[0], &wait, 1) >= 0) ::_exit(0);
    } catch (const Error&) {
      if (::write(ready_[1], "n", 1) != 1) ::_exit(2);
    }
    ::_exit(1);  // without destructors: a crashed process has none either
  }

  int ready_[2] = {-1, -1};
  int end_[2] = {-1, -1};
  pid_t child_ = -1;
};

TEST_CASE("a lock held by another process is refused until that process is gone", "[base]") {
  const TempDir dir;
  const fs::path path = dir / "lock";
  {
    const Holder holder(path);
    const Error error = error_of([&] { FileLock lock(path); });
    CHECK(error.category() == Category::kFailure);
    CHECK(error.code() == "file.locked");
    CHECK(error.message() == "another ecloud process is at work on " + path.string());
    CHECK(error.hint() == "wait until it has finished, then run the command again");
  }
  CHECK_NOTHROW(FileLock(path));
}

TEST_CASE("a lock where no file can be is an error of its own", "[base]") {
  const TempDir dir;
  CHECK(error_of([&] { FileLock lock(dir.path()); }).code() == "file.unwritable");
}

}  // namespace
}  // namespace ecloud::base
