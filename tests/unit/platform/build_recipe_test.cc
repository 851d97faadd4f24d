#include "ecloud/platform/build_recipe.h"

#include "ecloud/base/error.h"
#include "support/catch.h"
#include "unit/platform/recipe_support.h"

namespace ecloud::platform {
namespace {

using testing::extract_deps;
using testing::kDevKmsClient;
using testing::kDevTlsClient;
using testing::kToolsRepo;
using testing::sepolia_dev;

const std::string kOther = "sha256:" + std::string(64, 'e');

BuildRecipe read(const std::string& extract) {
  return read_build_recipe(testing::payload_of(testing::statement(extract, "#!/bin/sh\n")),
                           kToolsRepo);
}

/// "kms=… tls=…", or why it is refused.
std::string tools(const std::string& extract) {
  try {
    std::string out;
    for (const auto& [program, digest] : read(extract).tools) {
      out += (out.empty() ? "" : " ") + program + "=" +
             (digest.to_string() == kDevKmsClient   ? "kms"
              : digest.to_string() == kDevTlsClient ? "tls"
                                                    : "other");
    }
    return out;
  } catch (const Error& error) {
    CHECK(error.code() == "build.bad_recipe");
    CHECK(error.category() == Category::kVerification);
    return error.message();
  }
}

std::string create(const std::string& digest, const std::string& variable = "cid") {
  return variable + "=$(docker create " + std::string(kToolsRepo) + "@" + digest + ")\n";
}
std::string copy(const std::string& program = "kms-client", const std::string& variable = "cid") {
  return "docker cp \"$" + variable + ":/eigen/bin/" + program + "\" /workspace/" + program + "\n";
}

const std::string kNothing =
    "the build's recipe cannot be used: no command of the step extract-deps copies kms-client out "
    "of an image";
const std::string kElsewhere =
    "the build's recipe cannot be used: kms-client is copied from something that is not an image "
    "of docker.io/eigenlayer/eigencloud-containers by its digest";

TEST_CASE("The tools are those of the commands", "[platform][recipe]") {
  CHECK(tools(extract_deps()) == "kms-client=kms tls-client=tls");
  const std::string kms = create(kDevKmsClient) + copy();
  CHECK(tools(kms) == "kms-client=kms");

  SECTION("whatever the comments say") {
    std::string text = extract_deps();
    text.replace(text.find(kDevKmsClient), kOther.size(), kOther);
    CHECK(tools(text) == "kms-client=kms tls-client=tls");
    CHECK(tools(kms + "# " + create(kOther) + "#" + copy()) == "kms-client=kms");
    CHECK(tools(create(kDevKmsClient) + "true # " + create(kOther) + copy()) == "kms-client=kms");
  }
  SECTION("whatever quoted text says") {
    CHECK(tools(kms + "echo '" + create(kOther) + copy() + "'\n") == "kms-client=kms");
    CHECK(tools(kms + "echo \"" + "a\nb\n" + "docker cp x:/eigen/bin/kms-client y\n\"\n") ==
          "kms-client=kms");
    CHECK(tools(kms + "echo cid=docker create " + std::string(kToolsRepo) + "@" + kOther + "\n" +
                "echo docker cp '$cid:/eigen/bin/kms-client' x\n") == "kms-client=kms");
    CHECK(tools("echo '\n" + kms + "'\n") == kNothing);
    CHECK(tools("cat <<END\n" + kms + "END\n") == kNothing);
    CHECK(tools("cat <<-'END' >x\n" + kms + "\tEND\n" + kms) == "kms-client=kms");
  }
  SECTION("in the forms that shells take") {
    CHECK(tools("cid=\"$(docker create --platform linux/amd64 " + std::string(kToolsRepo) + "@" +
                kDevKmsClient + " true)\" || exit 1\n" + copy()) == "kms-client=kms");
    CHECK(tools("cid=`docker create --pull=always \\\n  " + std::string(kToolsRepo) + "@" +
                kDevKmsClient + "`; docker cp -q ${cid}:/eigen/bin/kms-client .\n") ==
          "kms-client=kms");
    CHECK(tools("if ! cid=$(docker create eigenlayer/eigencloud-containers:t@" +
                std::string(kDevKmsClient) + "); then exit 1; fi\n" + copy()) == "kms-client=kms");
    // Cloud Build writes a dollar sign twice.
    CHECK(tools("cid=$$(docker create " + std::string(kToolsRepo) + "@" + kDevKmsClient +
                ")\ndocker cp \"$$cid:/eigen/bin/kms-client\" x\n") == "kms-client=kms");
  }
  SECTION("with Windows' line ends") {
    std::string text;
    for (const char c : extract_deps()) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    CHECK(tools(text) == "kms-client=kms tls-client=tls");
  }
  SECTION("of the container that the variable holds when it is copied") {
    CHECK(tools(create(kOther) + create(kDevKmsClient) + copy()) == "kms-client=kms");
    CHECK(tools(create(kDevKmsClient, "a") + create(kDevTlsClient, "b") + copy("kms-client", "a") +
                copy("tls-client", "b")) == "kms-client=kms tls-client=tls");
    CHECK(tools(create(kDevKmsClient) + "cid=$(docker create caddy:2)\n" + copy()) == kElsewhere);
    CHECK(tools(create(kDevKmsClient) + "cid=x\n" + copy()) == kElsewhere);
    CHECK(tools(create(kDevKmsClient) + "export cid=x\n" + copy()) == kElsewhere);
  }
}

TEST_CASE("Programs from another place are refused", "[platform][recipe]") {
  const auto from = [](const std::string& image) {
    return tools("cid=$(docker create " + image + ")\n" + copy());
  };
  const std::string at = "@" + std::string(kDevKmsClient);
  CHECK(from("evil.example/eigenlayer/eigencloud-containers" + at) == kElsewhere);
  CHECK(from("docker.io/eigenlayer/eigencloud-containers2" + at) == kElsewhere);
  CHECK(from("docker.io/evil/eigencloud-containers" + at) == kElsewhere);
  CHECK(from("docker.io/eigenlayer/eigencloud-containers:latest") == kElsewhere);
  CHECK(from("docker.io/eigenlayer/eigencloud-containers@sha256:12") == kElsewhere);
  CHECK(from("$IMAGE") == kElsewhere);
  CHECK(from("--entrypoint " + std::string(kToolsRepo) + at + " evil/image") == kElsewhere);
  CHECK(tools(copy()) == kElsewhere);
  CHECK(tools("docker create " + std::string(kToolsRepo) + at + "\n" + copy()) == kElsewhere);
  CHECK(tools("docker cp kms:/eigen/bin/kms-client x\n") == kElsewhere);
  CHECK(tools(create(kDevKmsClient) + "docker cp '$cid:/eigen/bin/kms-client' x\n") == kElsewhere);
  CHECK(tools(create(kDevKmsClient) + "docker cp \"\\$cid:/eigen/bin/kms-client\" x\n") ==
        kElsewhere);
  CHECK(tools("cid=$(echo x; docker create " + std::string(kToolsRepo) + at + ")\n" + copy()) ==
        kElsewhere);
}

TEST_CASE("A recipe that is not certain is refused", "[platform][recipe]") {
  const auto refused = [](const std::string& extract, const std::string& why) {
    INFO(extract);
    CHECK(tools(extract) == "the build's recipe cannot be used: " + why);
  };
  const std::string kms = create(kDevKmsClient) + copy();
  refused(kms + create(kOther) + copy(),
          "kms-client is copied from two images: " + std::string(kDevKmsClient) + " and " + kOther);
  refused(kms + "echo '", "the step extract-deps cannot be read: a quote is not closed");
  refused(kms + "echo \"", "the step extract-deps cannot be read: a quote is not closed");
  refused(kms + "echo $(", "the step extract-deps cannot be read: a substitution is not closed");
  refused(kms + "cat <<E\nx\n", "the step extract-deps cannot be read: a here-document has no end");
  // What one program takes for the end of a comment, a shell does not.
  refused("# x\r" + kms, "the step extract-deps cannot be read: it holds a control character");
  refused(kms + std::string(1, '\0'),
          "the step extract-deps cannot be read: it holds a control character");
  refused(kms + "\n#" + std::string(300'000, 'x'),
          "the step extract-deps cannot be read: it is longer than 256 KiB");
  std::string words;
  for (int i = 0; i < 10'001; ++i) words += "a ";
  refused(kms + words, "the step extract-deps cannot be read: it has more than 10,000 words");
  std::string deep;
  for (int i = 0; i < 5'000; ++i) deep += "$(";
  refused(kms + "echo " + deep,
          "the step extract-deps cannot be read: its substitutions are nested too deeply");
  CHECK(tools("docker pull x\n") == kNothing);
  CHECK(tools("") == kNothing);
  CHECK(tools(create(kDevKmsClient) + "docker cp \"$cid:/eigen/bin/kms-clients\" x\n") == kNothing);
}

TEST_CASE("Steps are found by their id, in any order", "[platform][recipe]") {
  const base::Json good = testing::statement(extract_deps(), testing::write_entrypoint());
  const base::Json steps = good["predicate"]["recipe"]["arguments"]["steps"];
  const auto with = [&](std::vector<base::Json> list) {
    const base::Json recipe = base::Json::object(
        {{"arguments", base::Json::object({{"steps", base::Json::array(std::move(list))}})}});
    base::Json out = base::Json::parse(good.dump(), "statement");
    out.set("predicate", base::Json::object({{"recipe", recipe}}));
    try {
      const BuildRecipe found = read_build_recipe(testing::payload_of(out), kToolsRepo);
      return found.tools.size() == 2 && recipe_problem(found, sepolia_dev()).empty()
                 ? std::string("good")
                 : std::string("other");
    } catch (const Error& error) {
      return error.message().substr(error.message().find(": ") + 2);
    }
  };
  const base::Json entrypoint = steps.at(0), user = steps.at(1), extract = steps.at(2);
  CHECK(with({entrypoint, user, extract}) == "good");
  CHECK(with({extract, user, entrypoint}) == "good");
  CHECK(with({user, extract}) == "it has no step write-entrypoint");
  CHECK(with({entrypoint, user}) == "it has no step extract-deps");
  CHECK(with({entrypoint, extract, extract}) == "it has two steps extract-deps");
  CHECK(with({}) == "it has no step extract-deps");
  base::Json odd = base::Json::parse(extract.dump(), "step");
  odd.set("args", base::Json::strings({"create", "x", "y"}));
  CHECK(with({entrypoint, odd}) == "the step extract-deps is not a shell script");
  CHECK(with(std::vector<base::Json>(101, user)) == "it has more than 100 steps");
  base::Json without = base::Json::parse(good.dump(), "statement");
  without.set("predicate", base::Json::object());
  CHECK_THROWS_AS(read_build_recipe(testing::payload_of(without), kToolsRepo), Error);
}

std::string problem(const std::string& script) {
  return recipe_problem({.tools = {}, .start_script = script}, sepolia_dev());
}

TEST_CASE("A recipe is of the environment that its start script names", "[platform][recipe]") {
  const std::string script = testing::write_entrypoint();
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string out = script;
    for (std::size_t at = out.find(from); at != std::string::npos;
         at = out.find(from, at + to.size())) {
      out.replace(at, from.size(), to);
    }
    return problem(out);
  };
  const std::string kms = "http://10.128.0.57:8080";
  const std::string no_kms =
      "its start script does not name the KMS URL of environment sepolia-dev, " + kms;
  CHECK(problem(script).empty());
  Environment proxied = sepolia_dev();
  proxied.own_user_api_url = proxied.user_api_url;
  proxied.user_api_url = "http://127.0.0.1:9000";
  CHECK(recipe_problem({.tools = {}, .start_script = script}, proxied).empty());
  CHECK(replaced(kms, "http://10.128.0.2:8080") == no_kms);
  CHECK(replaced(kms, kms + "1") == no_kms);
  CHECK(replaced(kms, "http://evil/" + kms) == no_kms);
  CHECK(replaced(kms, kms + "@evil.example") == no_kms);
  CHECK(replaced(kms, kms + "/").empty());
  CHECK(replaced("https://userapi-compute-sepolia-dev.eigencloud.xyz",
                 "https://userapi-compute-sepolia-dev.eigencloud.xyz.evil.example") ==
        "its start script does not name the UserAPI URL of environment sepolia-dev, "
        "https://userapi-compute-sepolia-dev.eigencloud.xyz");
  const std::string no_key =
      "its start script does not name the KMS signing key of environment sepolia-dev";
  CHECK(replaced("MFkwEw", "MFkwEx") == no_key);
  CHECK(replaced("BEGIN PUBLIC KEY", "BEGIN KEY") == no_key);
  // The right one does not excuse another one.
  CHECK(problem(script + "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n") == no_key);
  // As one line of text with "\n" in it.
  std::string key = sepolia_dev().kms_signing_key, line;
  for (const char c : key) line += c == '\n' ? std::string("\\n") : std::string(1, c);
  CHECK(replaced(key, line).empty());
  // A comment says nothing of what runs.
  CHECK(problem("# " + kms + "\n" + "true # " + kms + "\n") == no_kms);
  CHECK(problem("") == no_kms);
}

TEST_CASE("Tool images are of the platform's repository", "[platform][recipe]") {
  Environment environment = sepolia_dev();
  CHECK(tools_repository(environment) == kToolsRepo);
  environment.kms_client_image = "ghcr.io/me/tools@" + kOther;
  CHECK(tools_repository(environment) == kToolsRepo);
  environment.kms_client_image = "127.0.0.1:5000/eigenlayer/tools@" + kOther;
  CHECK(tools_repository(environment) == "127.0.0.1:5000/eigenlayer/tools");
}

}  // namespace
}  // namespace ecloud::platform
