// Deployments whose requests go wrong.

#include "fault/network_tests.h"

ECLOUD_NETWORK_FAULTS("deploy")
ECLOUD_NETWORK_FAULTS("deploy by a delegated account")
ECLOUD_NETWORK_FAULTS("deploy with public logs")
