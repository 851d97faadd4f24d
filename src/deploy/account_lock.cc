#include "ecloud/deploy/account_lock.h"

namespace ecloud::deploy {

base::FileLock lock_account(const Services& services, const eth::Address& account,
                            base::Milliseconds timeout) {
  const auto file = services.paths.state / "locks" /
                    ("chain-" + std::to_string(services.environment.chain_id) + "-" +
                     account.to_string() + ".lock");
  const base::Milliseconds end = services.clock.monotonic() + timeout;
  for (bool told = false;; told = true) {
    try {
      return base::FileLock(file);
    } catch (const Error& error) {
      if (error.code() != "file.locked" || services.clock.monotonic() >= end) throw;
    }
    if (!told) services.observer.note("waiting for another ecloud that uses this account");
    services.clock.sleep(base::Milliseconds(200));
  }
}

}  // namespace ecloud::deploy
