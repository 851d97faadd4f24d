#include "fault/network_faults.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <iterator>
#include <mutex>
#include <stdexcept>

#include "fault/end_state.h"
#include "fault/outcome.h"
#include "fault/report.h"
#include "support/catch.h"
#include "support/sanitizers.h"

namespace ecloud::testing {
namespace {

/// With sanitizers, which make them several times as slow, only some of the cases: they differ in
/// which request fails, and hardly in which of our code runs.
#ifdef ECLOUD_SANITIZED
constexpr std::size_t kEvery = 8;
#else
constexpr std::size_t kEvery = 1;
#endif

/// Longer than a request to the devnet takes on a busy machine, short enough for hundreds of waits.
constexpr base::Milliseconds kPatience{60};

/// A port of this machine at which nobody listens and which nobody else gets.
class ClosedPort {
 public:
  ClosedPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, generic, size) != 0 || ::getsockname(socket_, generic, &size) != 0) {
      throw std::runtime_error("no port on 127.0.0.1");
    }
    port_ = ntohs(address.sin_port);
  }
  ~ClosedPort() { ::close(socket_); }
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;
  int number() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

/// What the client's side sees and does: keeps the labels of requests, and lets some of them find
/// nobody.
class ClientSide {
 public:
  void refuse(const Target& target) {
    rules_.add({.kind = target.kind, .nth = target.nth, .times = target.lasting ? 0U : 1U});
  }
  Lines labels() const {
    const std::lock_guard lock(mutex_);
    return labels_;
  }
  TransportWrapper wrapper() {
    return [this](std::unique_ptr<net::Transport> inner) -> std::unique_ptr<net::Transport> {
      return std::make_unique<Through>(*this, std::move(inner));
    };
  }

 private:
  class Through final : public net::Transport {
   public:
    Through(ClientSide& side, std::unique_ptr<net::Transport> inner)
        : side_(side), inner_(std::move(inner)) {}
    net::Response send(const net::Request& request) override {
      const std::string label = label_of(request.method, request.url, request.body);
      side_.note(label);
      if (!side_.rules_.take(label)) return inner_->send(request);
      net::Request astray = request;
      astray.url = "http://127.0.0.1:" + std::to_string(side_.port_.number()) + "/";
      return inner_->send(astray);
    }

   private:
    ClientSide& side_;
    std::unique_ptr<net::Transport> inner_;
  };

  void note(const std::string& label) {
    const std::lock_guard lock(mutex_);
    labels_.push_back(label);
  }

  ClosedPort port_;
  devnet::FaultRules rules_;
  mutable std::mutex mutex_;
  Lines labels_;
};

/// What a run without faults asks and leaves.
struct Clean {
  Course course;
  Lines end;
};

Clean run_clean(const Workflow& flow) {
  World world;
  flow.prepare(world);
  world.devnet.clear_requests();
  ClientSide client;
  world.user.wrap_transport(client.wrapper());
  const RunResult run = world.user.run(flow.command(world));
  world.user.wrap_transport({});
  INFO(run.describe());
  REQUIRE(run.code == 0);
  Clean out{.course = {world.devnet.requests(), client.labels()}, .end = {}};
  REQUIRE(wallet_problems(world, run.out + run.err) == Lines{});
  out.end = end_state(world);
  return out;
}

/// Waits take no time, but requests that are waited for in vain do: fewer of them.
void hurry(World& world) {
  world.clock.on_sleep([&world](base::Milliseconds) {
    thread_local bool inside = false;
    if (inside) return;
    inside = true;
    world.clock.sleep(std::chrono::seconds(10));
    inside = false;
  });
}

RunResult run_with_fault(World& world, const Workflow& flow, Fault fault, const Target& target) {
  ClientSide client;
  if (fault == Fault::kRefused) {
    client.refuse(target);
  } else {
    world.devnet.add_fault(rule_of(fault, target));
  }
  const bool waits = fault == Fault::kSlow || fault == Fault::kLateAnswer;
  if (waits) world.user.set_request_timeout(kPatience);
  if (waits && target.lasting) hurry(world);
  world.user.wrap_transport(client.wrapper());
  RunResult run = world.user.run(flow.command(world));
  world.user.wrap_transport({});
  world.user.set_request_timeout(std::nullopt);
  world.clock.on_sleep({});
  world.devnet.clear_faults();
  world.devnet.settle();
  return run;
}

Outcome outcome_of(const RunResult& run) {
  return {.code = run.code, .out = run.out, .err = run.err};
}

void add(Lines& problems, Lines more) {
  problems.insert(problems.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
}

Lines run_case(const Workflow& flow, Fault fault, const Target& target, const Clean& clean) {
  World world;
  flow.prepare(world);
  world.devnet.clear_requests();
  Lines problems;
  const Outcome first = outcome_of(run_with_fault(world, flow, fault, target));
  std::string said = first.out + first.err;
  if (first.code != 0) add(problems, problems_of_failure(first));
  if (first.code != 0 || flow.repeatable) {
    const Outcome second = outcome_of(world.user.run(flow.command(world)));
    said += second.out + second.err;
    add(problems, problems_of_second(first, second));
  }
  add(problems, torn_files(world));
  add(problems, wallet_problems(world, said));
  add(problems, differences(clean.end, end_state(world)));
  if (!problems.empty()) problems.push_back("first: " + first.describe());
  return problems;
}

}  // namespace

void check_network_fault(const std::string& workflow_name, Fault fault) {
  const Workflow flow = workflow(workflow_name);
  const Clean clean = run_clean(flow);
  int cases = 0;
  int right = 0;
  std::size_t number = 0;
  for (const Target& target : targets_of(fault, clean.course, flow.thorough)) {
    if (!is_wanted(target.describe()) || number++ % kEvery != 0) continue;
    ++cases;
    INFO("ECLOUD_FAULT_ONLY=" + target.describe());
    const Lines problems = run_case(flow, fault, target, clean);
    CHECK(problems == Lines{});
    if (problems.empty()) ++right;
  }
  record_result(flow.name, std::string(name_of(fault)), cases, right);
}

}  // namespace ecloud::testing
