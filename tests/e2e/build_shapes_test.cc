// Every member of what the Build API answers, in every shape.

#include "e2e/answer_shapes.h"
#include "support/catch.h"

using namespace ecloud;
using namespace ecloud::testing;
using base::Json;

namespace {

Json build_record() {
  return Json::object({{"build_id", "b-1"},
                       {"billing_address", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"},
                       {"repo_url", "https://github.com/me/app"},
                       {"git_ref", std::string(40, 'a')},
                       {"status", "success"},
                       {"build_type", "application"},
                       {"image_name", "eigenlayer/eigencloud-containers"},
                       {"image_url", "docker.io/eigenlayer/eigencloud-containers:a-1"},
                       {"image_digest", "sha256:" + std::string(64, '5')},
                       {"provenance_json", R"({"_type":"https://in-toto.io/Statement/v0.1"})"},
                       {"provenance_signature", "MEUCIQ"},
                       {"error_message", "none"},
                       {"created_at", "1800000000"},
                       {"updated_at", 1'800'000'060},
                       {"dependencies", Json::object()}});
}

Rules build_rules(const std::string& at, const std::string& to) {
  Rules rules;
  const std::pair<const char*, const char*> kFeeds[] = {
      {"build_id", "buildId"},
      {"billing_address", "account"},
      {"repo_url", "repo"},
      {"git_ref", "commit"},
      {"status", "status"},
      {"build_type", "buildType"},
      {"image_name", "imageName"},
      {"image_url", "imageUrl"},
      {"image_digest", "imageDigest"},
      {"provenance_json", "provenance"},
      {"error_message", "error"},
      {"provenance_signature", "provenanceSignature"},
      {"created_at", "createdAt"},
      {"updated_at", "updatedAt"},
      {"dependencies", "dependencies"}};
  for (const auto& [member, output] : kFeeds) rules.feeds[at + member] = {to + output};
  // Under the names of the TypeScript CLI too.
  rules.feeds[at + "repo_url"].push_back(to + "repoUrl");
  rules.feeds[at + "git_ref"].push_back(to + "gitRef");
  rules.feeds[at + "error_message"].push_back(to + "errorMessage");
  return rules;
}

}  // namespace

TEST_CASE("Every member of a build, in every shape", "[e2e][shapes]") {
  World world;
  const std::size_t before = answers_tried();
  SECTION("build info") {
    Rules rules = build_rules("", "");
    check_case(
        world,
        {"build info", {"compute", "build", "info", "b-1"}, "/builds/b-1", build_record(), [&] {
           // The one that was asked for; where it is missing it is taken for granted.
           rules.required = {};
           return rules;
         }()});
  }
  SECTION("build list") {
    check_case(world, {"build list",
                       {"compute", "build", "list"},
                       "/builds?",
                       Json::object({{"builds", Json::array({build_record()})}}),
                       [] {
                         Rules rules = build_rules("builds[].", "[0].");
                         rules.feeds["builds[]"] = {"["};
                         rules.required = {"builds"};
                         return rules;
                       }()});
  }
  SECTION("build verify") {
    const RunResult built =
        world.user.run({"compute", "build", "submit", "--repo", "https://github.com/me/app",
                        "--commit", std::string(40, 'a'), "--json"});
    INFO(built.describe());
    REQUIRE(built.code == 0);
    const Words verify = {"compute", "build", "verify", built.json()["buildId"].as_string()};
    const Case one{"build verify", verify, "/builds/verify/",
                   true_answer(world, verify, "/builds/verify/"), Rules{}};
    const RunResult intact = run_with(world, one, one.answer);
    REQUIRE(intact.code == 0);
    for (const auto& [member, value] : one.answer.members()) {
      for (const Variation& variation : variations()) {
        const RunResult run =
            run_with(world, one, changed(one.answer, {member}, 0, variation.change));
        INFO(member << ": " << variation.name << "\n" << run.describe());
        if (variation.harmless) {
          CHECK(run.code == 0);
          CHECK(run.json().equals(intact.json()));
        } else if (member == "status") {
          CHECK(is_named_error(run));
        } else {
          // What is judged fails the verification; the rest is missing in the output.
          CHECK((run.code == 0 || run.code == 9));
        }
      }
    }
  }
  SECTION("build status") {
    Rules rules = build_rules("", "");
    rules.required = {"status"};
    check_case(world, {"build status",
                       {"compute", "build", "status", "b-1"},
                       "/builds/b-1",
                       build_record(),
                       rules});
  }
  WARN("/builds: " << answers_tried() - before << " answers");
}
