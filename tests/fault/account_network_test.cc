// Names, the account and its credits, and requests that go wrong.

#include "fault/network_tests.h"

ECLOUD_NETWORK_FAULTS("rename")
ECLOUD_NETWORK_FAULTS("profile set")
ECLOUD_NETWORK_FAULTS("undelegate")
ECLOUD_NETWORK_FAULTS("top-up")
