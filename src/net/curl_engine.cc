#include "net/curl_engine.h"

#include <pthread.h>
#include <signal.h>

#include "ecloud/base/error.h"

namespace ecloud::net {
namespace {

/// How long the thread sleeps when nothing happens; every event wakes it earlier.
constexpr int kIdleMilliseconds = 60'000;

/// Open connections that are kept. libcurl's own rule, four times the transfers under way, closes
/// most of them as soon as a burst is over.
constexpr long kMaxIdleConnections = 32;

/// Signals are for the main thread; and SIGPIPE of a TLS write then stays unseen.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

CurlEngine::CurlEngine(const CurlLibrary& curl, const base::CancelToken& cancel)
    : curl_(curl), cancel_(cancel), multi_(curl.multi_init()) {
  if (multi_ == nullptr) {
    throw Error(Category::kFailure, "net.no_libcurl", "libcurl does not start");
  }
  curl_.multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kMaxIdleConnections);
  const AllSignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
}

CurlEngine::~CurlEngine() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  curl_.multi_wakeup(multi_);
  thread_.join();
  curl_.multi_cleanup(multi_);
}

CURLcode CurlEngine::perform(CURL* easy) {
  Job job;
  job.easy = easy;
  std::unique_lock lock(mutex_);
  waiting_.push_back(&job);
  curl_.multi_wakeup(multi_);
  finished_.wait(lock, [&] { return job.done; });
  if (job.interrupted) throw Error(Category::kInterrupted, "interrupted", "interrupted");
  return job.result;
}

void CurlEngine::run() {
  while (take_waiting()) {
    // Once cancelled, the descriptor is readable for ever, so it is watched until that was seen
    // here.
    const bool cancelled = cancel_.cancelled();
    if (cancelled) interrupt_all();
    int still_running = 0;
    curl_.multi_perform(multi_, &still_running);
    collect_finished();
    wait_for_events(!cancelled);
  }
  interrupt_all();
}

bool CurlEngine::take_waiting() {
  std::vector<Job*> jobs;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    jobs.swap(waiting_);
    stopping = stopping_;
  }
  for (Job* job : jobs) {
    if (curl_.multi_add_handle(multi_, job->easy) == CURLM_OK) {
      running_[job->easy] = job;
    } else {
      finish(*job, CURLE_FAILED_INIT, false);
    }
  }
  return !stopping;
}

void CurlEngine::collect_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_.multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode result = message->data.result;
    const auto place = running_.find(easy);
    curl_.multi_remove_handle(multi_, easy);
    Job* job = place->second;
    running_.erase(place);
    finish(*job, result, false);
  }
}

void CurlEngine::interrupt_all() {
  for (const auto& [easy, job] : running_) {
    curl_.multi_remove_handle(multi_, easy);
    finish(*job, CURLE_ABORTED_BY_CALLBACK, true);
  }
  running_.clear();
}

/// `job` dies with the wait of its owner: not to be touched afterwards.
void CurlEngine::finish(Job& job, CURLcode result, bool interrupted) {
  const std::lock_guard lock(mutex_);
  job.result = result;
  job.interrupted = interrupted;
  job.done = true;
  finished_.notify_all();
}

void CurlEngine::wait_for_events(bool watch_cancel) {
  curl_waitfd cancelled{};
  cancelled.fd = cancel_.descriptor();
  cancelled.events = CURL_WAIT_POLLIN;
  curl_.multi_poll(multi_, &cancelled, watch_cancel ? 1 : 0, kIdleMilliseconds, nullptr);
}

}  // namespace ecloud::net
