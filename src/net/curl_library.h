#pragma once

#include <curl/curl.h>

#include <vector>

namespace ecloud::net {

/// The functions of libcurl, found at run time: linking it costs every start 9 ms, also of commands
/// that never use the network. The headers that it was compiled with are older than or of the same
/// age as the library, whose interface has been stable since version 7.16.
struct CurlLibrary {
  decltype(&curl_global_init) global_init;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_setopt) multi_setopt;
  decltype(&curl_multi_cleanup) multi_cleanup;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_perform) multi_perform;
  decltype(&curl_multi_info_read) multi_info_read;
  decltype(&curl_multi_poll) multi_poll;
  decltype(&curl_multi_wakeup) multi_wakeup;
};

/// Opens the first of `names` that is there and has all functions, and keeps it open. Throws
/// Error{kFailure, "net.no_libcurl"} when none is.
CurlLibrary open_curl_library(const std::vector<const char*>& names);

/// The library of the process, opened and initialised by the first call. Thread-safe.
const CurlLibrary& curl_library();

}  // namespace ecloud::net
