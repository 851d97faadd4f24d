#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "ecloud/base/concurrent.h"
#include "net_bench.h"
#include "support/catch.h"
#include "support/scripted_server.h"

using namespace ecloud;
using testing::Fault;
using testing::NetBench;
using testing::Reply;
using testing::ScriptedServer;
using testing::ServerRequest;

namespace {

/// A door that opens when enough have arrived.
class Gate {
 public:
  void arrive() {
    const std::lock_guard lock(mutex_);
    ++arrived_;
    changed_.notify_all();
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
};

}  // namespace

TEST_CASE("many threads share one transport and get their own answers", "[net]") {
  ScriptedServer server([](const ServerRequest& request) {
    return testing::json_reply(request.path + " " + request.body);
  });
  NetBench bench;
  constexpr int kThreads = 8;
  constexpr int kRequests = 20;
  std::mutex mutex;
  int right = 0;
  std::vector<std::function<void()>> tasks;
  for (int thread = 0; thread < kThreads; ++thread) {
    tasks.push_back([&, thread] {
      for (int i = 0; i < kRequests; ++i) {
        net::Request request;
        request.method = "POST";
        request.body = std::to_string(i);
        const std::string path = "/" + std::to_string(thread);
        request.url = server.url(path);
        const net::Response response = bench.send(request);
        const std::lock_guard lock(mutex);
        right += response.body == path + " " + request.body ? 1 : 0;
      }
    });
  }
  base::run_concurrently(std::move(tasks));
  CHECK(right == kThreads * kRequests);
  CHECK(server.requests().size() == kThreads * kRequests);
  CHECK(server.connections() <= kThreads);
}

TEST_CASE("a silent server holds up nobody else", "[net]") {
  Gate asked;
  ScriptedServer silent([&](const ServerRequest&) {
    asked.arrive();
    return testing::faulty_reply(Fault::kSilence);
  });
  ScriptedServer server([](const ServerRequest&) { return testing::json_reply("{}"); });
  NetBench bench;
  std::string code;
  std::thread waiting([&] { code = bench.failure(silent.url()).code(); });
  asked.wait_for(1);
  CHECK(bench.get(server.url()).body == "{}");
  bench.cancel.cancel();
  waiting.join();
  CHECK(code == "interrupted");
}

TEST_CASE("Ctrl-C ends every request under way, and no other begins", "[net]") {
  Gate asked;
  ScriptedServer silent([&](const ServerRequest&) {
    asked.arrive();
    return testing::faulty_reply(Fault::kSilence);
  });
  NetBench bench;
  constexpr int kThreads = 4;
  std::mutex mutex;
  int interrupted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const Error error = bench.failure(silent.url());
      const std::lock_guard lock(mutex);
      interrupted += error.category() == Category::kInterrupted ? 1 : 0;
    });
  }
  asked.wait_for(kThreads);
  bench.cancel.cancel();
  for (std::thread& thread : threads) thread.join();
  CHECK(interrupted == kThreads);
  CHECK(bench.failure(silent.url()).code() == "interrupted");
  CHECK(silent.requests().size() == kThreads);
}

TEST_CASE("a transport that was never used ends, and so does an idle one", "[net]") {
  ScriptedServer server([](const ServerRequest&) { return testing::json_reply("{}"); });
  { const NetBench unused; }
  {
    NetBench idle;
    idle.get(server.url());
  }
  NetBench again;
  CHECK(again.get(server.url()).status == 200);
}
