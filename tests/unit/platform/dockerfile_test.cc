#include "ecloud/platform/dockerfile.h"

#include "support/catch.h"

namespace ecloud::platform {
namespace {

constexpr char kFrom[] = "FROM --platform=linux/amd64 debian:12\n";

/// "LINE CODE" a finding, with a mark for fatal ones. A missing EXPOSE has its own test.
std::string findings(std::string_view text,
                     std::optional<std::string_view> dockerignore = std::nullopt) {
  std::string out;
  for (const DockerfileFinding& finding : check_dockerfile(text, dockerignore)) {
    CHECK(finding.code.starts_with("dockerfile."));
    if (finding.code == "dockerfile.no_expose") continue;
    CHECK(!finding.hint.empty());
    CHECK(finding.message.back() != '.');
    out += std::to_string(finding.line) + (finding.fatal ? " FATAL " : " ") +
           finding.code.substr(11) + "\n";
  }
  return out;
}

/// Findings of what follows a good FROM, which is line 1.
std::string after_from(const std::string& text) {
  return findings(kFrom + text);
}

TEST_CASE("a Dockerfile that keeps every rule has no finding", "[platform][dockerfile]") {
  CHECK(findings("# syntax=docker/dockerfile:1\n"
                 "FROM --platform=linux/amd64 node:20-slim AS build\n"
                 "WORKDIR /app\n"
                 "COPY . .\n"
                 "RUN npm ci && npm run build\n"
                 "\n"
                 "FROM --platform=linux/amd64 node:20-slim\n"
                 "COPY --from=build /app/.env /app/dist /app/\n"
                 "USER root\n"
                 "ENV HOST=0.0.0.0\n"
                 "EXPOSE 8080\n"
                 "CMD [\"node\", \"/app/main.js\", \"--host\", \"0.0.0.0\"]\n",
                 ".env\n") == "");
}

TEST_CASE("a Dockerfile without FROM is told so", "[platform][dockerfile]") {
  for (const char* text : {"", "# FROM x\n", "ARG A=1\nRUN echo FROM x\n", "\xef\xbb\xbf\r\n"}) {
    CHECK(findings(text) == "1 FATAL no_from\n");
  }
}

TEST_CASE("an image is linux/amd64 unless its Dockerfile names another platform",
          "[platform][dockerfile]") {
  for (const char* from :
       {"FROM debian:12", "from debian:12 AS x",  "FROM alpine@sha256:00",
        "FROM --platform=$TARGETPLATFORM debian:12", "FROM --platform=${TARGETPLATFORM} debian:12",
        "FROM --platform=$TARGETOS/$TARGETARCH debian:12", "FROM --platform=linux/amd64 debian:12",
        "FROM --platform=linux/amd64/v2 debian:12", "FROM --platform=linux/x86_64 debian:12",
        "FROM --platform=x86-64 debian:12", "FROM --platform=amd64 debian:12",
        "ARG P=linux/amd64\nFROM --platform=$P debian:12",
        "ARG P\nFROM --platform=${P:-linux/amd64} debian:12"}) {
    INFO(from);
    CHECK(findings(std::string(from) + "\n") == "");
  }
  for (const char* from :
       {"FROM --platform=linux/arm64 debian:12", "FROM --platform=aarch64 debian:12",
        "FROM --platform=windows/amd64 debian:12", "FROM --platform=$BUILDPLATFORM debian:12",
        "FROM --platform=linux debian:12"}) {
    INFO(from);
    CHECK(findings(std::string(from) + "\n") == "1 FATAL platform\n");
  }
  CHECK(findings("ARG P=linux/arm64\nFROM --platform=${P} debian:12\n") == "2 FATAL platform\n");
}

TEST_CASE("a finding about the platform says what to write", "[platform][dockerfile]") {
  const auto all =
      check_dockerfile("\n\nFROM --platform=$BUILDPLATFORM debian:12 AS base\nEXPOSE 80\n");
  REQUIRE(all.size() == 1);
  CHECK(all[0].line == 3);
  CHECK(all[0].code == "dockerfile.platform");
  CHECK(all[0].message ==
        "--platform=$BUILDPLATFORM depends on the machine that builds the image; the platform runs "
        "linux/amd64 only");
  CHECK(all[0].hint == "write FROM --platform=linux/amd64 debian:12 AS base");
}

TEST_CASE("a Dockerfile says which port is to be reached", "[platform][dockerfile]") {
  const auto missing = [](const std::string& text) {
    for (const DockerfileFinding& finding : check_dockerfile(text)) {
      if (finding.code == "dockerfile.no_expose") {
        CHECK_FALSE(finding.fatal);
        return std::to_string(finding.line) + ": " + finding.message + "; " + finding.hint;
      }
    }
    return std::string();
  };
  const std::string words =
      ": there is no EXPOSE: unless the base image has one, the firewall opens no port and nobody "
      "can reach the app; write EXPOSE 8080 with the port of the app";
  CHECK(missing(kFrom) == "1" + words);
  CHECK(missing(std::string(kFrom) + "EXPOSE 8080\n") == "");
  CHECK(missing(std::string(kFrom) + "expose 53/udp\n") == "");
  // A port of a stage that is only copied from is not the image's; one of a stage below is.
  CHECK(missing("FROM --platform=linux/amd64 a AS build\nEXPOSE 1\n"
                "FROM --platform=linux/amd64 b\nCMD [\"x\"]\n") == "3" + words);
  CHECK(missing("FROM --platform=linux/amd64 a AS base\nEXPOSE 1\nFROM base\n") == "");
}

TEST_CASE("a port that the launcher refuses is found", "[platform][dockerfile]") {
  for (const char* good : {"8080", "80/TCP 443/tcp", "8000-8010", "8000-8010/udp", "$UNKNOWN"}) {
    CHECK(after_from("EXPOSE " + std::string(good) + "\n") == "");
  }
  for (const char* bad : {"70000", "80/sctp", "http", "80/", "8000-70000", "80 -1"}) {
    INFO(bad);
    CHECK(after_from("EXPOSE " + std::string(bad) + "\n") == "2 FATAL port\n");
  }
  CHECK(after_from("ARG P=99999\nEXPOSE $P\n") == "3 FATAL port\n");
}

TEST_CASE("build stages may run elsewhere when they say so", "[platform][dockerfile]") {
  CHECK(findings("FROM --platform=$BUILDPLATFORM golang AS build\nFROM debian:12\n") == "");
  CHECK(findings("FROM golang AS build\nFROM --platform=linux/amd64 debian:12\n") == "");
  CHECK(findings("FROM --platform=linux/arm64 golang AS build\nFROM debian:12\n") ==
        "1 platform\n");
  // What the image begins with is part of it.
  CHECK(findings("FROM --platform=linux/arm64 golang AS Base\nFROM base\n") ==
        "1 FATAL platform\n");
  CHECK(findings("FROM golang AS base\nFROM base AS next\nFROM next\n") == "");
}

TEST_CASE("the last user of the image must be root", "[platform][dockerfile]") {
  CHECK(after_from("USER node\n") == "2 FATAL user\n");
  CHECK(after_from("USER 1000:1000\n") == "2 FATAL user\n");
  CHECK(after_from("user node\n") == "2 FATAL user\n");
  CHECK(after_from("USER node\nUSER root\n") == "");
  CHECK(after_from("USER root:root\n") == "");
  CHECK(after_from("USER 0\n") == "");
  CHECK(after_from("ARG WHO=node\nUSER $WHO\n") == "3 FATAL user\n");
  CHECK(after_from("ENV WHO root\nUSER ${WHO}\n") == "");
  CHECK(after_from("USER $UNKNOWN\n") == "");
  CHECK(findings("ARG WHO=app\nFROM --platform=linux/amd64 debian:12\nARG WHO\nUSER $WHO\n") ==
        "4 FATAL user\n");
  CHECK(findings("FROM --platform=linux/amd64 gcr.io/distroless/base:debug-nonroot\n") ==
        "1 FATAL user\n");
  CHECK(findings("FROM --platform=linux/amd64 gcr.io/distroless/base:debug-nonroot\nUSER 0\n") ==
        "");
}

TEST_CASE("the user of a stage that is not shipped does not matter", "[platform][dockerfile]") {
  CHECK(findings("FROM --platform=linux/amd64 golang AS build\nUSER builder\n"
                 "FROM --platform=linux/amd64 debian:12\n") == "");
  CHECK(findings("FROM --platform=linux/amd64 golang AS base\nUSER builder\nFROM base\n") ==
        "2 FATAL user\n");
  CHECK(findings("FROM --platform=linux/amd64 golang AS base\nUSER builder\n"
                 "FROM base\nUSER root\n") == "");
}

TEST_CASE("a server that listens on localhost is found", "[platform][dockerfile]") {
  CHECK(after_from("CMD [\"uvicorn\", \"main:app\", \"--host\", \"127.0.0.1\"]\n") ==
        "2 localhost\n");
  CHECK(after_from("CMD [\"serve\", \"--host=localhost\"]\n") == "2 localhost\n");
  CHECK(after_from("ENTRYPOINT [\"gunicorn\", \"-b\", \"127.0.0.1:8000\", \"app\"]\n") ==
        "2 localhost\n");
  CHECK(after_from("CMD [\"manage.py\", \"runserver\", \"localhost:8000\"]\n") == "2 localhost\n");
  CHECK(after_from("CMD [\"php\", \"-S\", \"[::1]:8000\"]\n") == "2 localhost\n");
  CHECK(after_from("ENV HOST=127.0.0.1\n") == "2 localhost\n");
  CHECK(after_from("ENV PORT=80 ASPNETCORE_URLS=http://localhost:80\n") == "2 localhost\n");
  CHECK(after_from("ARG WHERE=localhost\nENV HOST=$WHERE\n") == "3 localhost\n");
}

TEST_CASE("localhost as the address of something else is no finding", "[platform][dockerfile]") {
  CHECK(after_from("CMD [\"app\", \"--database\", \"localhost:5432\"]\n") == "");
  CHECK(after_from("ENV REDIS_URL=redis://localhost:6379\n") == "");
  CHECK(after_from("ENV HOST=localhost.example.com\n") == "");
  CHECK(after_from("HEALTHCHECK CMD [\"curl\", \"http://localhost/health\"]\n") == "");
  // Only the last command counts.
  CHECK(after_from("CMD [\"a\", \"--host\", \"localhost\"]\nCMD [\"a\"]\n") == "");
}

TEST_CASE("an env file in the image is found", "[platform][dockerfile]") {
  CHECK(after_from("COPY .env /app/\n") == "2 FATAL env_copied\n");
  CHECK(after_from("COPY --chown=1:1 package.json config/.env ./\n") == "2 FATAL env_copied\n");
  CHECK(after_from("ADD [\".env.production\", \"/app/\"]\n") == "2 FATAL env_copied\n");
  CHECK(after_from("COPY .env* ./\n") == "2 FATAL env_copied\n");
  CHECK(after_from("COPY .env.example ./\n") == "");
  CHECK(after_from("COPY .envrc ./\n") == "");
  CHECK(after_from("COPY template /app/.env\n") == "");
}

TEST_CASE("the whole context needs a .dockerignore that names .env", "[platform][dockerfile]") {
  const std::string text = std::string(kFrom) + "COPY . /app\n";
  CHECK(findings(text) == "2 context_copied\n");
  CHECK(findings(text, "node_modules\n") == "2 context_copied\n");
  CHECK(findings(text, "node_modules\r\n.env\r\n") == "");
  CHECK(findings(text, ".env\n!.env\n") == "2 context_copied\n");
  CHECK(after_from("ADD ./ /app\n") == "2 context_copied\n");
  CHECK(after_from("COPY src /app\n") == "");
  CHECK(after_from("COPY --from=other . /app\n") == "");
}

TEST_CASE("patterns of .dockerignore are read as docker reads them", "[platform][dockerfile]") {
  for (const char* pattern : {".env", "/.env", "./.env", "**/.env", ".env*", ".e?v", "*", "**",
                              ".[e]nv", "a\n  .env  ", "!x\n.env", "**/**/.env"}) {
    INFO(pattern);
    CHECK(dockerignore_excludes(pattern, ".env"));
  }
  for (const char* pattern :
       {"", "#.env", "env", "src/.env", ".env/x", "*.env.local", "*\n!.env*"}) {
    INFO(pattern);
    CHECK_FALSE(dockerignore_excludes(pattern, ".env"));
  }
  CHECK(dockerignore_excludes("secrets", "secrets/key.pem"));
  CHECK(dockerignore_excludes("**/key.*", "a/b/key.pem"));
  CHECK_FALSE(dockerignore_excludes("*.pem", "a/key.pem"));
}

TEST_CASE("a command that a shell runs is worth a look", "[platform][dockerfile]") {
  CHECK(after_from("CMD node main.js\n") == "2 shell_form\n");
  CHECK(after_from("ENTRYPOINT ./run.sh\nCMD [\"x\"]\n") == "2 shell_form\n");
  CHECK(after_from("CMD ['node', 'main.js']\n") == "2 shell_form\n");
  CHECK(after_from("CMD node --host=localhost\n") == "2 localhost\n2 shell_form\n");
  CHECK(after_from("CMD [ \"node\",\\\n  \"main.js\" ]\n") == "");
}

TEST_CASE("an image without a shell cannot start", "[platform][dockerfile]") {
  CHECK(findings("FROM --platform=linux/amd64 scratch\n") == "1 no_shell\n");
  CHECK(findings("FROM --platform=linux/amd64 gcr.io/distroless/static-debian12\n") ==
        "1 no_shell\n");
  CHECK(findings("FROM --platform=linux/amd64 scratch AS files\n"
                 "FROM --platform=linux/amd64 alpine:3.20\n") == "");
  CHECK(findings("FROM --platform=linux/amd64 scratch AS base\nFROM base\n") == "1 no_shell\n");
}

TEST_CASE("a volume keeps nothing, unless it is the persistent disk", "[platform][dockerfile]") {
  for (const char* paths : {"/data", "[\"/data\"]", "/mnt/disks/userdata /data", "/mnt/disks",
                            "[\"/mnt/disks/userdata2\"]", "$DATA"}) {
    INFO(paths);
    CHECK(after_from("VOLUME " + std::string(paths) + "\n") == "2 volume\n");
  }
  for (const char* paths : {"/mnt/disks/userdata", "[\"/mnt/disks/userdata\"]",
                            "[\"/mnt/disks/userdata/a\", \"/mnt/disks/userdata/b\"]"}) {
    INFO(paths);
    CHECK(after_from("VOLUME " + std::string(paths) + "\n") == "");
  }
}

TEST_CASE("continuation lines, comments and blanks between them", "[platform][dockerfile]") {
  CHECK(after_from("RUN apt-get update \\\n# USER node\n\n  && USER=x true\nUSER \\\n  node\n") ==
        "6 FATAL user\n");
  CHECK(after_from("  # USER node\n\tUSER root\n") == "");
  CHECK(findings("FROM \\\n  --platform=linux/amd64 \\\n  debian:12\n") == "");
  CHECK(findings("FROM --platform=linux/amd64 debian:12\r\nUSER node\r\n") == "2 FATAL user\n");
}

TEST_CASE("another escape character is obeyed where it is a directive", "[platform][dockerfile]") {
  const std::string windows = "RUN dir C:\\\nUSER node\n";
  CHECK(findings("# escape=`\n" + std::string(kFrom) + windows) == "4 FATAL user\n");
  CHECK(findings("# escape=`\n" + std::string(kFrom) + "USER `\nnode\n") == "3 FATAL user\n");
  // Behind anything else it is a comment, and the backslash continues the line.
  CHECK(findings("\n# escape=`\n" + std::string(kFrom) + windows) == "");
  CHECK(findings("# a comment\n# escape=`\n" + std::string(kFrom) + windows) == "");
}

TEST_CASE("the body of a heredoc holds no instructions", "[platform][dockerfile]") {
  CHECK(after_from("RUN <<EOF\nUSER node\nEOF\nUSER root\n") == "");
  CHECK(after_from("COPY <<\"A\" <<-B /x/\nUSER node\nA\nCMD x\n\tB\nUSER root\n") == "");
  CHECK(after_from("RUN <<EOF cat\ntrue\nEOF\nUSER node\n") == "5 FATAL user\n");
  // A shift, and a heredoc that never ends, hide nothing.
  CHECK(after_from("RUN echo $((1<<3))\nUSER node\n") == "3 FATAL user\n");
  CHECK(after_from("RUN <<EOF\nUSER node\n") == "3 FATAL user\n");
}

TEST_CASE("nonsense is read without harm", "[platform][dockerfile]") {
  for (const char* text : {"\\", "FROM", "FROM --platform", "FROM x\nCOPY\nUSER\nENV\nARG\nCMD\n",
                           "FROM x\nENV A=${B\nUSER ${\n", "FROM x\nCMD [\"a\", 1]\n",
                           "FROM x\nCOPY \"un closed\n", "FROM a AS a\nFROM a AS a\n"}) {
    INFO(text);
    CHECK_NOTHROW(findings(text));
  }
}

}  // namespace
}  // namespace ecloud::platform
