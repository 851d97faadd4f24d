// The program as a user starts it, killed or left without a disk at each of its steps.

#include "fault/process_faults.h"
#include "support/catch.h"

#define ECLOUD_PROCESS_FAULT(workflow, blow, words)                              \
  TEST_CASE(workflow " - " words, "[fault][process]") {                          \
    ecloud::testing::check_process_fault(workflow, ecloud::testing::Blow::blow); \
  }

/// A test case for each blow. The names are those of name_of().
#define ECLOUD_PROCESS_FAULTS(workflow)                                        \
  ECLOUD_PROCESS_FAULT(workflow, kKill, "killed before a step")                \
  ECLOUD_PROCESS_FAULT(workflow, kKillHalf, "killed in the middle of a write") \
  ECLOUD_PROCESS_FAULT(workflow, kKillSent, "killed after sending")            \
  ECLOUD_PROCESS_FAULT(workflow, kDiskFull, "disk full for good")              \
  ECLOUD_PROCESS_FAULT(workflow, kFullOnce, "disk full for a moment")          \
  ECLOUD_PROCESS_FAULT(workflow, kReadOnly, "disk read-only")                  \
  ECLOUD_PROCESS_FAULT(workflow, kDiskBroken, "input output error")

ECLOUD_PROCESS_FAULTS("deploy")
ECLOUD_PROCESS_FAULTS("deploy with layering")
ECLOUD_PROCESS_FAULTS("upgrade")
ECLOUD_PROCESS_FAULTS("stop")
ECLOUD_PROCESS_FAULTS("permissions grant")
ECLOUD_PROCESS_FAULTS("rollback")
ECLOUD_PROCESS_FAULTS("apply of a deployment")
ECLOUD_PROCESS_FAULTS("apply of an upgrade")
ECLOUD_PROCESS_FAULTS("image push")
ECLOUD_PROCESS_FAULTS("top-up")
ECLOUD_PROCESS_FAULTS("wallet import")

// What a key file costs to derive is a second for each run: only the blows that differ most.
ECLOUD_PROCESS_FAULT("auth login", kKill, "killed before a step")
ECLOUD_PROCESS_FAULT("auth login", kDiskFull, "disk full for good")
