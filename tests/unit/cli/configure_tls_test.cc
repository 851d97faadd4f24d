#include <set>

#include "cli/tls_files.h"
#include "ecloud/base/json.h"
#include "ecloud/platform/dotenv.h"
#include "support/catch.h"
#include "unit/cli/cli_run.h"

namespace fs = std::filesystem;
using namespace ecloud;
using testing::CliRun;
using testing::slurp;

namespace {

const std::vector<std::string> kTls = {"compute", "app", "configure", "tls"};

std::vector<std::string> tls(std::vector<std::string> more = {}) {
  std::vector<std::string> all = kTls;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// The variables of the file as "NAME=VALUE" lines.
std::string variables_in(const CliRun& run) {
  std::string out;
  const auto dotenv = platform::parse_dotenv(slurp(run.directory / ".env.example.tls"), "file");
  CHECK(dotenv.warnings.empty());
  for (const auto& entry : dotenv.entries) {
    out += entry.name + "=" + std::string(entry.value.reveal_text()) + "\n";
  }
  return out;
}

bool caddyfile_holds(const CliRun& run, const std::string& text) {
  return slurp(run.directory / "Caddyfile").find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("configure tls writes a Caddyfile and its variables", "[cli][tls]") {
  CliRun run;
  CHECK(run(tls({"--domain", "app.example.org", "--port", "3000"})) == 0);
  CHECK(run.out() == "Caddyfile\tnew\n.env.example.tls\tnew\n");
  CHECK(run.err().find("ecloud compute app info APP --fields ip\n") != std::string::npos);
  CHECK(run.err().find("DNS A record of app.example.org") != std::string::npos);
  CHECK(variables_in(run) ==
        "DOMAIN=app.example.org\nAPP_PORT=3000\nENABLE_CADDY_LOGS=false\nACME_STAGING=false\n"
        "ACME_FORCE_ISSUE=false\n");
  CHECK(
      caddyfile_holds(run, "tls /run/tls/platform/fullchain.pem /run/tls/platform/privkey.pem\n"));
  CHECK(caddyfile_holds(run, "tls /run/tls/domain/fullchain.pem /run/tls/domain/privkey.pem\n"));
  CHECK(caddyfile_holds(run, "reverse_proxy localhost:{$APP_PORT:3000}\n"));
  CHECK(caddyfile_holds(run, "https://{$DOMAIN:localhost.user.invalid} {\n"));
  CHECK(caddyfile_holds(run, "https://{$ECLOUD_PLATFORM_HOST:localhost.platform.invalid} {\n"));
  CHECK(caddyfile_holds(run, "redir @named https://{host}{uri} permanent\n"));
  CHECK(cli::caddyfile_problem("Caddyfile", slurp(run.directory / "Caddyfile")) == "");
}

TEST_CASE("configure tls takes domain and port from ecloud.yaml", "[cli][tls]") {
  CliRun run;
  run.directory.write("ecloud.yaml", "port: 4000\ntls:\n  domain: from.file.org\n");
  CHECK(run(tls()) == 0);
  CHECK(variables_in(run).starts_with("DOMAIN=from.file.org\nAPP_PORT=4000\n"));
  CHECK(run(tls({"--domain", "flag.org", "--yes"})) == 0);
  CHECK(variables_in(run).starts_with("DOMAIN=flag.org\nAPP_PORT=4000\n"));
}

TEST_CASE("configure tls works without a domain and leaves one to fill in", "[cli][tls]") {
  CliRun run;
  CHECK(run(tls({"--json"})) == 0);
  CHECK(run.err().empty());
  CHECK(run.out() ==
        "{\"domain\":null,\"port\":8080,\"files\":[{\"path\":\"Caddyfile\",\"state\":\"new\"},"
        "{\"path\":\".env.example.tls\",\"state\":\"new\"}],\"dryRun\":false}\n");
  CHECK(variables_in(run).starts_with("DOMAIN=app.example.com\nAPP_PORT=8080\n"));
}

TEST_CASE("configure tls replaces nothing unasked", "[cli][tls]") {
  CliRun run;
  run.directory.write("Caddyfile", "mine\n");
  CHECK(run(tls()) == 2);
  CHECK(run.out().empty());
  CHECK(run.err() ==
        "error: this needs a confirmation: Replace Caddyfile, which differs from what would be "
        "written?\nhint: give --yes to agree without being asked\n");
  CHECK(slurp(run.directory / "Caddyfile") == "mine\n");
  CHECK_FALSE(fs::exists(run.directory / ".env.example.tls"));

  CHECK(run(tls({"--yes"})) == 0);
  CHECK(run.out() == "Caddyfile\treplaced\n.env.example.tls\tnew\n");
  CHECK(run(tls()) == 0);
  CHECK(run.out() == "Caddyfile\tunchanged\n.env.example.tls\tunchanged\n");
  // The domain stands in the variables alone.
  CHECK(run(tls({"--domain", "a.org", "--yes"})) == 0);
  CHECK(run.out() == "Caddyfile\tunchanged\n.env.example.tls\treplaced\n");
}

TEST_CASE("configure tls says what is wrong with the present Caddyfile", "[cli][tls]") {
  CliRun run;
  run.directory.write("Caddyfile", ":443 {\n\n");
  CHECK(run(tls({"--dry-run"})) == 0);
  CHECK(run.err() ==
        "warning: the present file would be refused at the deployment: Caddyfile:1: the { is never "
        "closed\nnote: nothing is written (--dry-run)\n");
}

TEST_CASE("configure tls asks a person, and no means no", "[cli][tls]") {
  CliRun run;
  run.at_terminal();
  run.directory.write("Caddyfile", "mine\n");
  run.console.lines = {"n"};
  CHECK(run(tls()) == 130);
  CHECK(slurp(run.directory / "Caddyfile") == "mine\n");
  run.console.lines = {"y"};
  CHECK(run(tls()) == 0);
  CHECK(caddyfile_holds(run, "reverse_proxy"));
}

TEST_CASE("a dry run of configure tls writes nothing and asks nothing", "[cli][tls]") {
  CliRun run;
  run.directory.write("Caddyfile", "mine\n");
  CHECK(run(tls({"--dry-run"})) == 0);
  CHECK(run.out() == "Caddyfile\treplaced\n.env.example.tls\tnew\n");
  CHECK(run.err() == "note: nothing is written (--dry-run)\n");
  CHECK(slurp(run.directory / "Caddyfile") == "mine\n");
  CHECK_FALSE(fs::exists(run.directory / ".env.example.tls"));
}

TEST_CASE("configure tls refuses what cannot work", "[cli][tls]") {
  CliRun run;
  CHECK(run(tls({"--domain", "https://a.org"})) == 2);
  CHECK(run.err() ==
        "error: --domain: \"https://a.org\" is no domain name\n"
        "hint: give a name that you can set DNS records for: --domain app.example.com\n");
  for (const char* port : {"0", "80", "443", "65536", "-1", "x"}) {
    INFO(port);
    CHECK(run(tls({"--port", port})) == 2);
  }
  run.directory.write("ecloud.yaml", "port: 443\n");
  CHECK(run(tls()) == 2);
  CHECK(run.err().starts_with("error: ecloud.yaml line 1: the app cannot listen on port 443, "));
  fs::create_directory(run.directory / "Caddyfile");
  CHECK(run(tls({"--port", "1", "--yes"})) == 2);
  CHECK(run.err().find("is a directory") != std::string::npos);
  CHECK_FALSE(fs::exists(run.directory / ".env.example.tls"));
}

TEST_CASE("domains that a certificate can be made for", "[cli][tls]") {
  for (const char* name : {"a.org", "APP.example.com", "xn--caf-dma.example", "a-b.c9.io"}) {
    INFO(name);
    CHECK(cli::domain_problem(name) == "");
  }
  CHECK(cli::domain_problem("localhost") == "gets no certificate");
  CHECK(cli::domain_problem("LOCALHOST") == "gets no certificate");
  CHECK(cli::domain_problem("intranet") == "has no dot");
  CHECK(cli::domain_problem("10.0.0.1") == "is an address, not a domain name");
  for (const std::string& name :
       {std::string(""), std::string("a..org"), std::string("-a.org"), std::string("a.org/"),
        std::string("a.org:80"), std::string("*.a.org"), std::string("caf\xc3\xa9.org"),
        std::string(64, 'a') + ".org", std::string("a b.org"), std::string("a.org\nX=1")}) {
    INFO(name);
    CHECK(cli::domain_problem(name) == "is no domain name");
  }
}
