#include "ecloud/base/standard_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

namespace ecloud::base {

void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest free number is `descriptor`: all below it are open by now. Without /dev/null there
    // is nothing to write to either; going on would put output into the next file.
    const int access = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", access) != descriptor) ::_exit(1);
  }
}

}  // namespace ecloud::base
