#pragma once

// ECLOUD_SANITIZED: with the address or the thread sanitizer. The program reserves far more memory
// than it uses, so that a limit on its data cannot be set, and takes no preloaded library.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ECLOUD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ECLOUD_SANITIZED 1
#endif
#endif
