#pragma once

// ECLOUD_RESERVES_MEMORY: the program reserves far more memory than it uses, for a sanitizer's
// shadow of it, so that a limit on its data cannot be set.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ECLOUD_RESERVES_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ECLOUD_RESERVES_MEMORY 1
#endif
#endif
