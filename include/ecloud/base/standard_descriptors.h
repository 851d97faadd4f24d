#pragma once

namespace ecloud::base {

/// Opens /dev/null on each of the descriptors 0, 1 and 2 that the process was started without, so
/// that no file, socket or pipe of ours can become one of them and receive what is written to the
/// terminal. The replacement of stdin cannot be read and those of stdout and stderr cannot be
/// written (EBADF), so that a result which nobody receives is still an error. To be called first
/// in main(), before anything else opens a descriptor.
void occupy_standard_descriptors();

}  // namespace ecloud::base
