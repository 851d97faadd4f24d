#pragma once

#include "fault/network_faults.h"
#include "support/catch.h"

/// A test case for each kind of fault that strikes the requests of that workflow. The names are
/// those of name_of().
#define ECLOUD_NETWORK_FAULTS(workflow)                                                    \
  ECLOUD_NETWORK_FAULT(workflow, kRefused, "connection refused")                           \
  ECLOUD_NETWORK_FAULT(workflow, kResetBefore, "connection reset before the server acted") \
  ECLOUD_NETWORK_FAULT(workflow, kResetAfter, "connection reset after the server acted")   \
  ECLOUD_NETWORK_FAULT(workflow, kSlow, "slow beyond the time limit")                      \
  ECLOUD_NETWORK_FAULT(workflow, kLateAnswer, "answer beyond the time limit")              \
  ECLOUD_NETWORK_FAULT(workflow, kTooManyFor, "429 with Retry-After")                      \
  ECLOUD_NETWORK_FAULT(workflow, kTooMany, "429 without Retry-After")                      \
  ECLOUD_NETWORK_FAULT(workflow, kServerError, "500")                                      \
  ECLOUD_NETWORK_FAULT(workflow, kBadGateway, "502")                                       \
  ECLOUD_NETWORK_FAULT(workflow, kCut, "truncated answer")                                 \
  ECLOUD_NETWORK_FAULT(workflow, kGarbage, "garbage")                                      \
  ECLOUD_NETWORK_FAULT(workflow, kWrongShape, "JSON of the wrong shape")                   \
  ECLOUD_NETWORK_FAULT(workflow, kErrorAnswer, "JSON-RPC error")                           \
  ECLOUD_NETWORK_FAULT(workflow, kNullAnswer, "JSON-RPC null")                             \
  ECLOUD_NETWORK_FAULT(workflow, kWrongId, "wrong JSON-RPC id")                            \
  ECLOUD_NETWORK_FAULT(workflow, kDuplicate, "request delivered twice")

#define ECLOUD_NETWORK_FAULT(workflow, fault, words)                               \
  TEST_CASE(workflow " - " words, "[fault]") {                                     \
    ecloud::testing::check_network_fault(workflow, ecloud::testing::Fault::fault); \
  }
