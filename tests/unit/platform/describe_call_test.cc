#include "ecloud/platform/controller.h"
#include "ecloud/platform/environment.h"
#include "ecloud/platform/permissions.h"
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
  const auto granted = [&](const eth::Address& target, const base::FixedBytes<4>& permission) {
    const std::string words = in_words(
        permissions,
        encode_set_appointee(testing::sample_app(), testing::other_app(), target, permission));
    const std::string start = "PermissionController.setAppointee(app=" + kApp +
                              ", appointee=0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa, target=";
    REQUIRE(words.starts_with(start));
    return words.substr(start.size());
  };
  const eth::Address api = api_permission_target();
  CHECK(granted(api, kViewInfoPermission) == "platform API, permission=view app info)");
  CHECK(granted(api, kUpdateProfilePermission) == "platform API, permission=update profile)");
  CHECK(granted(api, {0xde, 0xad, 0xbe, 0xef}) == "platform API, permission=0xdeadbeef)");
  // The selectors of the two generations' upgradeApp, and the API's one where it means nothing.
  const eth::Address& controller = sepolia().app_controller;
  CHECK(granted(controller, {0xd8, 0x0a, 0x95, 0x6b}) == "AppController, permission=upgrade)");
  CHECK(granted(controller, {0xe7, 0x1a, 0xd4, 0x04}) == "AppController, permission=upgrade)");
  CHECK(granted(controller, {0xe7, 0x0b, 0x81, 0xb1}) == "AppController, permission=stop)");
  CHECK(granted(controller, kViewInfoPermission) == "AppController, permission=0x0e67b22f)");
}

TEST_CASE("changes of the admins are described", "[platform]") {
  const eth::Address& permissions = sepolia().permission_controller;
  const std::string who = "(app=" + kApp + ", admin=0xaAaAaAaaAaAaAaaAaAAAAAAAAaaaAaAaAaaAaaAa)";
  const eth::Address app = testing::sample_app();
  const eth::Address admin = testing::other_app();
  CHECK(in_words(permissions, encode_add_pending_admin(app, admin)) ==
        "PermissionController.addPendingAdmin" + who);
  CHECK(in_words(permissions, encode_remove_pending_admin(app, admin)) ==
        "PermissionController.removePendingAdmin" + who);
  CHECK(in_words(permissions, encode_remove_admin(app, admin)) ==
        "PermissionController.removeAdmin" + who);
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
