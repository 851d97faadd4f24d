#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>

#include "ecloud/base/concurrent.h"
#include "support/catch.h"

using ecloud::base::run_concurrently;

TEST_CASE("No more tasks than allowed are under way at a time and all are run", "[base]") {
  std::atomic<int> now{0}, most{0}, done{0};
  std::vector<std::function<void()>> tasks(50, [&] {
    const int here = ++now;
    int seen = most;
    while (here > seen && !most.compare_exchange_weak(seen, here)) {
    }
    std::this_thread::yield();
    --now;
    ++done;
  });
  run_concurrently(tasks, 3);
  CHECK(done == 50);
  CHECK(most <= 3);
  run_concurrently(std::vector<std::function<void()>>(), 3);
  run_concurrently(tasks, 0);
  CHECK(done == 100);
}

TEST_CASE("After a failure no more tasks are begun", "[base]") {
  std::atomic<int> begun{0};
  std::vector<std::function<void()>> tasks(20, [&] {
    if (++begun == 5) throw std::runtime_error("the fifth");
  });
  CHECK_THROWS_AS(run_concurrently(tasks, 1), std::runtime_error);
  CHECK(begun == 5);
}
