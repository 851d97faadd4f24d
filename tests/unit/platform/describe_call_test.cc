#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "platform_support.h"

namespace ecloud::platform {
namespace {

using testing::unhex;
using testing::vector_text;

const Environment& sepolia() {
  return builtin_environments().at(0);
}

/// "CONTRACT.FUNCTION(NAME=VALUE, …)".
std::string in_words(const eth::Address& target, base::Bytes data) {
  const DecodedCall call = describe_call({target, {}, std::move(data)}, sepolia());
  std::string out = call.contract + "." + call.function + "(";
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    out += (i > 0 ? ", " : "") + call.arguments[i].first + "=" + call.arguments[i].second;
  }
  return out + ")";
}

std::string in_words(const eth::Address& target, std::string_view vector) {
  return in_words(target, unhex(vector_text("calls", vector)));
}

const std::string kReleaseWords =
    "image=docker.io/library/nginx@sha256:"
    "abababababababababababababababababababababababababababababababab, "
    "upgradeByTime=1800003600, publicEnv=46 bytes, encryptedEnv=19 bytes)";
const std::string kApp = "0x1111222233334444555566667777888899990000";

TEST_CASE("releases are described in both generations", "[platform]") {
  for (const std::string generation : {" before 1.5.0", " from 1.5.0"}) {
    CHECK(in_words(sepolia().app_controller, "createApp" + generation) ==
          "AppController.createApp(salt="
          "0x5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a, " +
              kReleaseWords);
    CHECK(in_words(sepolia().app_controller, "upgradeApp" + generation) ==
          "AppController.upgradeApp(app=" + kApp + ", " + kReleaseWords);
  }
}

TEST_CASE("calls about an app are described", "[platform]") {
  const eth::Address& controller = sepolia().app_controller;
  CHECK(in_words(controller, "startApp") == "AppController.startApp(app=" + kApp + ")");
  CHECK(in_words(controller, "stopApp") == "AppController.stopApp(app=" + kApp + ")");
  CHECK(in_words(controller, "terminateApp") == "AppController.terminateApp(app=" + kApp + ")");
  CHECK(in_words(sepolia().permission_controller, "acceptAdmin") ==
        "PermissionController.acceptAdmin(account=" + kApp + ")");
}

TEST_CASE("permissions are described by name where they are known", "[platform]") {
  const eth::Address& permissions = sepolia().permission_controller;
  const std::string everybody =
      "(app=" + kApp + ", appointee=anyone, target=platform API, permission=view logs)";
  CHECK(in_words(permissions, "setAppointee") == "PermissionController.setAppointee" + everybody);
  CHECK(in_words(permissions, "removeAppointee") ==
        "PermissionController.removeAppointee" + everybody);
  const auto granted = [&](const base::FixedBytes<4>& permission) {
    return in_words(permissions, encode_set_appointee(testing::sample_app(), testing::other_app(),
                                                      sepolia().app_controller, permission));
  };
  const std::string start = "PermissionController.setAppointee(app=" + kApp +
                            ", appointee=0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa, "
                            "target=0x0dd810a6ffba6a9820a10d97b659f07d8d23d4E2, permission=";
  CHECK(granted(kViewInfoPermission) == start + "view app info)");
  CHECK(granted(kUpdateProfilePermission) == start + "update profile)");
  CHECK(granted({0xde, 0xad, 0xbe, 0xef}) == start + "0xdeadbeef)");
}

TEST_CASE("what is not known is shown by address and selector", "[platform]") {
  CHECK(in_words(testing::other_app(), unhex("0xdeadbeef00")) ==
        "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa.0xdeadbeef()");
  CHECK(in_words(testing::other_app(), base::Bytes{}) ==
        "0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa.transfer()");
}

TEST_CASE("a registry name from the chain cannot move the cursor", "[platform]") {
  Release release;
  release.artifacts = {{{}, "evil\x1b[2J\nname"}};
  CHECK(in_words(sepolia().app_controller,
                 encode_upgrade_app(Generation::kFourFields, testing::sample_app(), release))
            .find("image=evil?[2J name@sha256:") != std::string::npos);
}

}  // namespace
}  // namespace ecloud::platform
