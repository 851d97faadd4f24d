#include "ecloud/base/paths.h"

#include "ecloud/base/error.h"
#include "support/catch.h"

namespace ecloud::base {
namespace {

Paths paths_of(std::map<std::string, std::string, std::less<>> variables) {
  return Paths::from(Env(std::move(variables)));
}

TEST_CASE("without XDG variables everything is below HOME", "[base]") {
  const Paths paths = paths_of({{"HOME", "/home/ada"}});
  CHECK(paths.config == "/home/ada/.config/ecloud");
  CHECK(paths.state == "/home/ada/.local/state/ecloud");
  CHECK(paths.home == "/home/ada");
}

TEST_CASE("XDG variables win over HOME", "[base]") {
  const Paths paths = Paths::from(Env(
      {{"HOME", "/home/ada"}, {"XDG_CONFIG_HOME", "/etc/xdg"}, {"XDG_STATE_HOME", "/var/state"}}));
  CHECK(paths.config == "/etc/xdg/ecloud");
  CHECK(paths.state == "/var/state/ecloud");
}

TEST_CASE("a relative XDG directory is ignored", "[base]") {
  const Paths paths =
      paths_of({{"HOME", "/home/ada"}, {"XDG_CONFIG_HOME", "etc"}, {"XDG_STATE_HOME", ""}});
  CHECK(paths.config == "/home/ada/.config/ecloud");
  CHECK(paths.state == "/home/ada/.local/state/ecloud");
}

TEST_CASE("both XDG variables do without HOME", "[base]") {
  const Paths paths = paths_of({{"XDG_CONFIG_HOME", "/c"}, {"XDG_STATE_HOME", "/s"}});
  CHECK(paths.config == "/c/ecloud");
  CHECK(paths.home.empty());
}

TEST_CASE("with neither the error names both variables", "[base]") {
  try {
    paths_of({{"XDG_CONFIG_HOME", "/c"}});
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kUsage);
    CHECK(error.code() == "paths.no_home");
    CHECK(error.message() == "neither HOME nor XDG_STATE_HOME is set");
    CHECK(error.hint() == "set HOME to the directory that holds your configuration");
  }
}

}  // namespace
}  // namespace ecloud::base
