#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "ecloud/base/cancel.h"
#include "net/curl_library.h"

namespace ecloud::net {

/// One thread that runs one curl multi handle: the transfers of all threads share its connections.
class CurlEngine {
 public:
  /// Both outlive the engine. Throws Error{kFailure, "net.no_libcurl"} when libcurl gives nothing.
  CurlEngine(const CurlLibrary& curl, const base::CancelToken& cancel);
  /// Ends the thread. No perform() may be under way.
  ~CurlEngine();
  CurlEngine(const CurlEngine&) = delete;
  CurlEngine& operator=(const CurlEngine&) = delete;

  /// Runs a transfer that the caller has set up and owns, to its end. Throws Error{kInterrupted}
  /// when cancelled meanwhile; the handle is the caller's again in either case. Thread-safe.
  CURLcode perform(CURL* easy);

 private:
  struct Job {
    CURL* easy = nullptr;
    CURLcode result = CURLE_OK;
    bool done = false;
    bool interrupted = false;
  };

  void run();
  /// False when the thread shall end.
  bool take_waiting();
  void collect_finished();
  void interrupt_all();
  void finish(Job& job, CURLcode result, bool interrupted);
  void wait_for_events(bool watch_cancel);

  const CurlLibrary& curl_;
  const base::CancelToken& cancel_;
  CURLM* multi_;
  std::mutex mutex_;
  std::condition_variable finished_;
  std::vector<Job*> waiting_;
  bool stopping_ = false;
  std::map<CURL*, Job*> running_;  // of the thread alone
  std::thread thread_;
};

}  // namespace ecloud::net
