// Images that are made and pushed on the way, and requests that go wrong.

#include "fault/network_tests.h"

ECLOUD_NETWORK_FAULTS("deploy with layering")
ECLOUD_NETWORK_FAULTS("upgrade with layering")
ECLOUD_NETWORK_FAULTS("image push")
