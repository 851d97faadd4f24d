#include "net/curl_library.h"

#include <dlfcn.h>

#include <string>

#include "ecloud/base/error.h"

namespace ecloud::net {
namespace {

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, CurlLibrary& curl) {
  return find(library, "curl_global_init", curl.global_init) &&
         find(library, "curl_easy_init", curl.easy_init) &&
         find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
         find(library, "curl_easy_setopt", curl.easy_setopt) &&
         find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
         find(library, "curl_easy_strerror", curl.easy_strerror) &&
         find(library, "curl_slist_append", curl.slist_append) &&
         find(library, "curl_slist_free_all", curl.slist_free_all) &&
         find(library, "curl_multi_init", curl.multi_init) &&
         find(library, "curl_multi_setopt", curl.multi_setopt) &&
         find(library, "curl_multi_cleanup", curl.multi_cleanup) &&
         find(library, "curl_multi_add_handle", curl.multi_add_handle) &&
         find(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
         find(library, "curl_multi_perform", curl.multi_perform) &&
         find(library, "curl_multi_info_read", curl.multi_info_read) &&
         find(library, "curl_multi_poll", curl.multi_poll) &&
         find(library, "curl_multi_wakeup", curl.multi_wakeup);
}

const std::vector<const char*>& library_names() {
#ifdef __APPLE__
  static const std::vector<const char*> kNames = {"libcurl.4.dylib"};
#else
  static const std::vector<const char*> kNames = {"libcurl.so.4", "libcurl-gnutls.so.4"};
#endif
  return kNames;
}

}  // namespace

CurlLibrary open_curl_library(const std::vector<const char*>& names) {
  std::string tried;
  for (const char* name : names) {
    if (!tried.empty()) tried += ", ";
    tried += name;
    // Never closed: its threads and its TLS library have no way back.
    void* library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    CurlLibrary curl{};
    if (library != nullptr && find_all(library, curl)) return curl;
  }
  throw Error(
      Category::kFailure, "net.no_libcurl",
      "libcurl 7.68 or later is needed for the network and is not there (tried " + tried + ")",
      "on Debian and Ubuntu: apt-get install libcurl4");
}

const CurlLibrary& curl_library() {
  static const CurlLibrary kCurl = [] {
    const CurlLibrary curl = open_curl_library(library_names());
    if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      throw Error(Category::kFailure, "net.no_libcurl", "libcurl does not start");
    }
    return curl;
  }();
  return kCurl;
}

}  // namespace ecloud::net
