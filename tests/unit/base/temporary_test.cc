#include "ecloud/base/temporary.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "base/place_file.h"
#include "ecloud/base/files.h"
#include "support/catch.h"
#include "support/temp_dir.h"

namespace ecloud::base {
namespace {

namespace fs = std::filesystem;
using testing::slurp;
using testing::TempDir;

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

mode_t mode_of(const fs::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

/// A process that does something, waits in the middle of it, and is killed.
class Killed {
 public:
  explicit Killed(const std::function<void()>& action) {
    REQUIRE(::pipe(ready_) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      action();
      if (::write(ready_[1], "y", 1) == 1) ::pause();
      ::_exit(1);
    }
    char answer = 0;
    REQUIRE(::read(ready_[0], &answer, 1) == 1);
  }
  ~Killed() {
    end();
    ::close(ready_[0]);
    ::close(ready_[1]);
  }
  Killed(const Killed&) = delete;
  Killed& operator=(const Killed&) = delete;

  void end() {
    if (child_ < 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }

 private:
  int ready_[2] = {-1, -1};
  pid_t child_ = -1;
};

}  // namespace

TEST_CASE("What a killed process was writing is removed by the next that writes there", "[base]") {
  const TempDir dir;
  Killed writer([&] {
    auto* file = new TemporaryFile(dir.path(), "f");
    file->write("half of a secret");
    auto* folder = new TemporaryDirectory(dir.path());
    write_file_atomic(folder->path() / "deep/built", "an image", kPublicFile);
  });
  CHECK(entries(dir.path()) == 2);
  // It is at work: nothing of it may go.
  write_file_atomic(dir / "other", "x", kPublicFile);
  remove_leftovers(dir.path());
  CHECK(entries(dir.path()) == 3);

  writer.end();
  SECTION("a file") {
    write_file_atomic(dir / "other", "y", kPublicFile);
  }
  SECTION("a new file") {
    write_new_file(dir / "new", "y", kPublicFile);
    fs::remove(dir / "new");
  }
  SECTION("a directory") {
    const TemporaryDirectory folder(dir.path());
  }
  SECTION("from above") {
    remove_leftovers_below(dir.path().parent_path(), 1);
  }
  CHECK(entries(dir.path()) == 1);
  CHECK(fs::exists(dir / "other"));
}

TEST_CASE("Nothing is removed that could be somebody's", "[base]") {
  const TempDir dir;
  const TempDir elsewhere;
  elsewhere.write("kept", "x");
  for (const char* name : {".ecloud-tmp-", ".ecloud-tmp-abc", ".ecloud-tmp-abcdefg",
                           ".ecloud-tmp-ab.def", "x.ecloud-tmp-abcdef", "ecloud-tmp-abcdef",
                           ".ecloud-tmp-abcde~", "f.XXXXXX", "scratch-abcdef"}) {
    dir.write(name, "x");
  }
  fs::create_directory_symlink(elsewhere.path(), dir / ".ecloud-tmp-symlnk");
  REQUIRE(::mkfifo((dir / ".ecloud-tmp-afifo0").c_str(), 0600) == 0);
  const std::size_t before = entries(dir.path());
  remove_leftovers(dir.path());
  CHECK(entries(dir.path()) == before);
  CHECK(entries(elsewhere.path()) == 1);

  // A link inside a leftover goes, and what it leads to stays.
  fs::create_directory(dir / ".ecloud-tmp-Abc123");
  fs::create_directory_symlink(elsewhere.path(), dir / ".ecloud-tmp-Abc123/link");
  remove_leftovers(dir.path());
  CHECK(entries(dir.path()) == before);
  CHECK(entries(elsewhere.path()) == 1);
}

TEST_CASE("Levels below are tidied as deep as asked and no link is followed", "[base]") {
  const TempDir dir;
  const TempDir elsewhere;
  dir.write(".ecloud-tmp-level0", "x");
  dir.write("a/.ecloud-tmp-level1", "x");
  dir.write("a/b/.ecloud-tmp-level2", "x");
  dir.write("a/b/c/.ecloud-tmp-level3", "x");
  elsewhere.write(".ecloud-tmp-target", "x");
  fs::create_directory_symlink(elsewhere.path(), dir / "a/link");
  remove_leftovers_below(dir.path(), 2);
  CHECK_FALSE(fs::exists(dir / ".ecloud-tmp-level0"));
  CHECK_FALSE(fs::exists(dir / "a/.ecloud-tmp-level1"));
  CHECK_FALSE(fs::exists(dir / "a/b/.ecloud-tmp-level2"));
  CHECK(fs::exists(dir / "a/b/c/.ecloud-tmp-level3"));
  CHECK(fs::exists(elsewhere / ".ecloud-tmp-target"));
  CHECK_NOTHROW(remove_leftovers_below(dir / "none", 3));
  CHECK_NOTHROW(remove_leftovers(dir / "a/b/c/.ecloud-tmp-level3"));
}

TEST_CASE("Writers that tidy the same directory do not take each other's files", "[base]") {
  const TempDir dir;
  constexpr int kProcesses = 4;
  constexpr int kFiles = 100;
  for (int process = 0; process < kProcesses; ++process) {
    if (::fork() != 0) continue;
    try {
      for (int i = 0; i < kFiles; ++i) {
        write_file_atomic(dir / ("of-" + std::to_string(process)), std::to_string(i), 0600);
        const TemporaryDirectory folder(dir.path());
        write_new_file(folder.path() / "f", "x", 0600);
      }
    } catch (const Error&) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  for (int process = 0; process < kProcesses; ++process) {
    int status = 0;
    REQUIRE(::wait(&status) > 0);
    CHECK(status == 0);
  }
  CHECK(entries(dir.path()) == kProcesses);
}

TEST_CASE("A finished file gets a new name in every way, and takes no other's", "[base]") {
  const TempDir dir;
  const Placing way = GENERATE(Placing::kRename, Placing::kLink, Placing::kCopy);
  const fs::path source = dir.write("source", std::string(200'000, 'x'));
  fs::permissions(source, fs::perms::owner_read | fs::perms::owner_write);
  dir.write("taken", "old");
  fs::create_symlink(dir / "nowhere", dir / "dangling");
  const auto taken = place_file(way, source, dir / "taken");
  if (!taken) return;  // this file system knows no such way
  CHECK(taken == EEXIST);
  CHECK(place_file(way, source, dir / "dangling") == EEXIST);
  CHECK(place_file(way, source, dir / "none/target") == ENOENT);
  CHECK(slurp(dir / "taken") == "old");
  CHECK(fs::exists(source));

  CHECK(place_file(way, source, dir / "target") == 0);
  CHECK_FALSE(fs::exists(source));
  CHECK(slurp(dir / "target") == std::string(200'000, 'x'));
  CHECK(mode_of(dir / "target") == 0600);
  CHECK_FALSE(fs::exists(dir / "nowhere"));
}

TEST_CASE("A file without a name is gone with its descriptor", "[base]") {
  const TempDir dir;
  TemporaryFile file(dir / "made/for/it", "f");
  CHECK(mode_of(file.path()) == 0600);
  file.write("x");
  const int descriptor = file.release_unnamed();
  CHECK(entries(dir / "made/for/it") == 0);
  CHECK(::lseek(descriptor, 0, SEEK_END) == 1);
  ::close(descriptor);
}

TEST_CASE("A folder that has its place stays, and one that has not is gone", "[base]") {
  const TempDir dir;
  { const TemporaryDirectory folder(dir.path()); }
  CHECK(entries(dir.path()) == 0);
  {
    TemporaryDirectory folder(dir.path());
    write_file_atomic(folder.path() / "f", "x", kPublicFile);
    dir.write("full/other", "x");
    CHECK(folder.move_to(dir / "full") != 0);
    CHECK(folder.move_to(dir / "placed") == 0);
  }
  CHECK(slurp(dir / "placed/f") == "x");
  CHECK(entries(dir.path()) == 2);
}

}  // namespace ecloud::base
