#include "ecloud/base/env.h"

#include <stdlib.h>

#include "support/catch.h"

namespace ecloud::base {
namespace {

TEST_CASE("an empty variable counts as not given", "[base]") {
  Env env({{"A", "1"}, {"EMPTY", ""}, {"BLANK", " "}});
  CHECK(env.get("A") == "1");
  CHECK_FALSE(env.get("EMPTY"));
  CHECK_FALSE(env.get("MISSING"));
  CHECK_FALSE(env.get("a"));
  CHECK(env.get("BLANK") == " ");
}

TEST_CASE("variables are set, replaced and removed", "[base]") {
  Env env;
  env.set("A", "1");
  env.set("A", "2");
  CHECK(env.get("A") == "2");
  env.unset("A");
  env.unset("A");
  CHECK_FALSE(env.get("A"));
  CHECK(env.values().empty());
}

TEST_CASE("the environment of the process is copied", "[base]") {
  ::setenv("ECLOUD_TEST_VARIABLE", "a=b=c", 1);
  const Env env = Env::of_process();
  ::setenv("ECLOUD_TEST_VARIABLE", "later", 1);
  CHECK(env.get("ECLOUD_TEST_VARIABLE") == "a=b=c");
  ::unsetenv("ECLOUD_TEST_VARIABLE");
  CHECK(env.get("ECLOUD_TEST_VARIABLE") == "a=b=c");
}

}  // namespace
}  // namespace ecloud::base
