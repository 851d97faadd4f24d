// Changes of an app that is there, and requests that go wrong.

#include "fault/network_tests.h"

ECLOUD_NETWORK_FAULTS("upgrade")
ECLOUD_NETWORK_FAULTS("start")
ECLOUD_NETWORK_FAULTS("stop")
ECLOUD_NETWORK_FAULTS("terminate")
ECLOUD_NETWORK_FAULTS("permissions grant")
ECLOUD_NETWORK_FAULTS("rollback")
ECLOUD_NETWORK_FAULTS("apply of a deployment")
