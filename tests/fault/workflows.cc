#include "fault/workflows.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "support/docker_archive.h"

namespace ecloud::testing {
namespace {

using Arguments = std::vector<std::string>;

constexpr char kDotenv[] =
    "API_TOKEN=s3cret-marker\n"
    "GREETING_PUBLIC=hello\n";

Arguments app_command(const char* verb, const Arguments& more = {}) {
  Arguments out = {"compute", "app", verb, "hello"};
  out.insert(out.end(), more.begin(), more.end());
  out.emplace_back("--json");
  return out;
}

Arguments wait_a_minute(Arguments arguments) {
  arguments.insert(arguments.end(), {"--timeout", "60", "--json"});
  return arguments;
}

void must(const RunResult& result) {
  if (result.code != 0) throw std::runtime_error("preparation failed: " + result.describe());
}

void write_env_file(World& world) {
  world.user.write(".env", kDotenv);
}

void delegate(World& world) {
  world.devnet.set_delegate(world.account(), world.devnet.environment().delegator);
}

void deploy_app(World& world) {
  write_env_file(world);
  must(world.user.run(world.deploy({"--json"})));
}

void deploy_and_stop(World& world) {
  deploy_app(world);
  must(world.user.run(app_command("stop")));
}

Workflow deploy_workflow() {
  return {.name = "deploy", .prepare = write_env_file, .command = [](const World& world) {
            return wait_a_minute(world.deploy({"--website", "https://example.com"}));
          }};
}

Workflow deploy_delegated_workflow() {
  return {.name = "deploy by a delegated account",
          .prepare =
              [](World& world) {
                write_env_file(world);
                delegate(world);
              },
          .command = [](const World& world) { return wait_a_minute(world.deploy()); },
          .thorough = false};
}

Workflow deploy_public_workflow() {
  return {.name = "deploy with public logs",
          .prepare = write_env_file,
          .command =
              [](const World& world) {
                return wait_a_minute(world.deploy({"--log-visibility", "public"}));
              },
          .thorough = false};
}

Workflow deploy_layering_workflow() {
  return {.name = "deploy with layering",
          .prepare = write_env_file,
          .command =
              [](const World& world) {
                return wait_a_minute({"compute", "app", "deploy", "--name", "hello", "--image-ref",
                                      world.devnet.image("sample/hello:1.0")});
              },
          .thorough = false};
}

Workflow upgrade_workflow() {
  return {.name = "upgrade",
          .prepare =
              [](World& world) {
                deploy_app(world);
                world.user.write(".env", "API_TOKEN=another-marker\nGREETING_PUBLIC=bye\n");
              },
          .command =
              [](const World& world) {
                return wait_a_minute({"compute", "app", "upgrade", "hello",
                                      world.devnet.image("sample/layered:1.0"), "--log-visibility",
                                      "public"});
              },
          .repeatable = false};
}

Workflow upgrade_layering_workflow() {
  return {.name = "upgrade with layering",
          .prepare = deploy_app,
          .command =
              [](const World& world) {
                return wait_a_minute(
                    {"compute", "app", "upgrade", "hello", world.devnet.image("sample/hello:1.0")});
              },
          .repeatable = false,
          .thorough = false};
}

Workflow stop_workflow() {
  return {.name = "stop", .prepare = deploy_app, .command = [](const World&) {
            return wait_a_minute({"compute", "app", "stop", "hello"});
          }};
}

Workflow start_workflow() {
  return {.name = "start",
          .prepare = deploy_and_stop,
          .command =
              [](const World&) {
                return wait_a_minute({"compute", "app", "start", "hello"});
              },
          .thorough = false};
}

Workflow terminate_workflow() {
  return {.name = "terminate",
          .prepare = deploy_app,
          .command =
              [](const World&) {
                return wait_a_minute({"compute", "app", "terminate", "hello", "--yes"});
              },
          .thorough = false};
}

Workflow rename_workflow() {
  return {.name = "rename", .prepare = deploy_app, .command = [](const World& world) {
            return Arguments{"compute", "app",
                             "rename",  world.devnet.apps().front().app.to_string(),
                             "better",  "--json"};
          }};
}

Workflow profile_workflow() {
  return {.name = "profile set",
          .prepare = deploy_app,
          .command =
              [](const World&) {
                return Arguments{"compute", "app",       "profile",
                                 "set",     "hello",     "--description",
                                 "Says so", "--website", "https://example.com",
                                 "--json"};
              },
          .thorough = false};
}

Workflow grant_workflow() {
  return {.name = "permissions grant",
          .prepare = deploy_app,
          .command =
              [](const World&) {
                return Arguments{
                    "compute", "app",          "permissions",
                    "grant",   "hello",        devnet::Devnet::accounts().at(1).address.to_string(),
                    "--allow", "upgrade,logs", "--admin",
                    "--json"};
              },
          .thorough = false};
}

Workflow rollback_workflow() {
  return {.name = "rollback",
          .prepare =
              [](World& world) {
                deploy_app(world);
                world.user.write(".env", "API_TOKEN=another-marker\nGREETING_PUBLIC=bye\n");
                must(world.user.run(app_command("upgrade")));
              },
          .command =
              [](const World&) {
                return wait_a_minute({"compute", "app", "rollback", "hello", "--to", "1", "--yes"});
              },
          .thorough = false};
}

Workflow apply_deploy_workflow() {
  return {.name = "apply of a deployment",
          .prepare =
              [](World& world) {
                write_env_file(world);
                must(world.user.run(world.deploy({"--plan-out", "my.plan", "--json"})));
              },
          .command =
              [](const World&) {
                return wait_a_minute({"compute", "app", "apply", "my.plan"});
              },
          .thorough = false};
}

Workflow apply_upgrade_workflow() {
  return {.name = "apply of an upgrade",
          .prepare =
              [](World& world) {
                deploy_app(world);
                world.user.write(".env", "API_TOKEN=another-marker\nGREETING_PUBLIC=bye\n");
                must(world.user.run(
                    app_command("plan", {"--log-visibility", "public", "--plan-out", "my.plan"})));
              },
          .command =
              [](const World&) {
                return wait_a_minute({"compute", "app", "apply", "my.plan"});
              },
          .thorough = false};
}

Workflow undelegate_workflow() {
  return {.name = "undelegate", .prepare = deploy_app, .command = [](const World&) {
            return Arguments{"compute", "undelegate", "--yes", "--json"};
          }};
}

Workflow push_workflow() {
  return {.name = "image push",
          .prepare = [](World& world) { world.user.write("image.tar", docker_archive()); },
          .command =
              [](const World& world) {
                return Arguments{"image", "push", "image.tar", world.devnet.image("mine/plain:1"),
                                 "--json"};
              },
          .thorough = false};
}

Workflow top_up_workflow() {
  return {.name = "top-up",
          .prepare = [](World&) {},
          .command =
              [](const World&) {
                return wait_a_minute(
                    {"billing", "top-up", "--method", "usdc", "--amount", "50", "--yes"});
              },
          .repeatable = false};
}

/// The words of the only app, in a file, and not in the store any more.
void move_wallet_away(World& world) {
  deploy_app(world);
  const RunResult run = world.user.run({"compute", "app", "wallet", "export", "hello", "--yes"});
  must(run);
  world.user.write("my.words", run.out);
  std::filesystem::remove_all(world.user.state() / "wallets");
}

Workflow import_workflow() {
  return {.name = "wallet import", .prepare = move_wallet_away, .command = [](const World&) {
            return Arguments{"compute", "app",          "wallet",   "import",
                             "hello",   "--words-file", "my.words", "--json"};
          }};
}

Workflow login_workflow() {
  return {.name = "auth login",
          .prepare = [](World& world) { world.user.set("ECLOUD_KEYSTORE_PASSWORD", "pass word"); },
          .command =
              [](const World&) {
                return Arguments{"auth", "login", "--store", "file", "--yes", "--json"};
              }};
}

}  // namespace

std::vector<std::string> without_waiting(std::vector<std::string> command) {
  const auto found = std::find(command.begin(), command.end(), "--timeout");
  if (found == command.end()) return command;
  const auto place = command.erase(found, found + 2);
  command.insert(place, "--no-wait");
  return command;
}

Workflow workflow(std::string_view name) {
  for (const auto make : {deploy_workflow,        deploy_delegated_workflow,
                          deploy_public_workflow, deploy_layering_workflow,
                          upgrade_workflow,       upgrade_layering_workflow,
                          stop_workflow,          start_workflow,
                          terminate_workflow,     rename_workflow,
                          profile_workflow,       grant_workflow,
                          undelegate_workflow,    rollback_workflow,
                          apply_deploy_workflow,  apply_upgrade_workflow,
                          push_workflow,          top_up_workflow,
                          import_workflow,        login_workflow}) {
    Workflow one = make();
    if (one.name == name) return one;
  }
  throw std::logic_error("no workflow " + std::string(name));
}

}  // namespace ecloud::testing
