#include "ecloud/base/concurrent.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "ecloud/base/error.h"
#include "support/catch.h"

namespace ecloud::base {
namespace {

TEST_CASE("all tasks run, and at the same time", "[base]") {
  // Each waits for all the others: one after the other they would never end.
  std::mutex mutex;
  std::condition_variable changed;
  int arrived = 0;
  const auto meet = [&] {
    std::unique_lock lock(mutex);
    ++arrived;
    changed.notify_all();
    changed.wait(lock, [&] { return arrived == 3; });
  };
  run_concurrently({meet, meet, meet});
  CHECK(arrived == 3);
}

TEST_CASE("no task and one task need no other thread", "[base]") {
  run_concurrently({});
  std::thread::id used;
  run_concurrently({[&] { used = std::this_thread::get_id(); }});
  CHECK(used == std::this_thread::get_id());
}

TEST_CASE("the first failure in order is thrown, after all have ended", "[base]") {
  std::atomic<int> ended{0};
  std::atomic<bool> last_failed{false};
  try {
    run_concurrently({[&] { ++ended; },
                      [&] {
                        while (!last_failed) std::this_thread::yield();
                        ++ended;
                        throw Error(Category::kNetwork, "second", "second");
                      },
                      [&] {
                        ++ended;
                        last_failed = true;
                        throw std::runtime_error("third");
                      }});
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.code() == "second");
  }
  CHECK(ended == 3);
}

}  // namespace
}  // namespace ecloud::base
