#include "cli/commands/configure/commands.h"
#include "cli/context.h"
#include "cli/tls_files.h"
#include "ecloud/base/files.h"
#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

constexpr std::size_t kMaxOldBytes = std::size_t{1} << 20;

struct TlsFile {
  std::string name;
  std::string content;
  std::string state;  ///< "new", "replaced" or "unchanged"
};

std::string read_domain(const Values& values) {
  const std::string domain = values.text("domain").value_or("");
  const std::string problem = domain.empty() ? "" : domain_problem(domain);
  if (problem.empty()) return domain;
  throw Error(
      Category::kUsage, "tls.bad_domain",
      values.origin("domain").where + ": \"" + base::printable_line(domain, 80) + "\" " + problem,
      "give a name that you can set DNS records for: --domain app.example.com");
}

std::uint16_t read_port(const Values& values) {
  const std::uint64_t port = *values.number("port");
  const bool taken = port == 80 || port == 443;
  if (port >= 1 && port <= 65535 && !taken) return static_cast<std::uint16_t>(port);
  throw Error(Category::kUsage, "tls.bad_port",
              values.origin("port").where + ": the app cannot listen on port " +
                  std::to_string(port) + (taken ? ", which Caddy takes" : ""),
              "let it listen on another one, such as 8080, and give that with --port");
}

TlsFile plan_file(Context& context, std::string_view name, std::string content) {
  TlsFile file{std::string(name), std::move(content), "new"};
  const auto old = base::read_file_if_exists(context.absolute(file.name), kMaxOldBytes);
  if (!old) return file;
  file.state = *old == file.content ? "unchanged" : "replaced";
  if (name != kCaddyfile) return file;
  const std::string problem = caddyfile_problem(file.name, *old);
  if (!problem.empty()) {
    context.terminal().warning("the present file would be refused at the deployment: " + problem);
  }
  return file;
}

void confirm_replacing(Context& context, const std::vector<TlsFile>& files) {
  std::vector<std::string> names;
  for (const TlsFile& file : files) {
    if (file.state == "replaced") names.push_back(file.name);
  }
  if (names.empty()) return;
  context.terminal().confirm("Replace " + base::join(names, " and ") +
                             ", which differs from what would be written?");
}

void show_next_steps(Context& context, const std::string& domain) {
  const std::string name = domain.empty() ? std::string(kExampleDomain) : domain;
  context.terminal().write_error(
      "Next:\n"
      "  1. Find the app's IP address: ecloud compute app info APP --fields ip\n"
      "     (a new app has one after its first deployment, without DOMAIN)\n"
      "  2. Point the DNS A record of " +
      name +
      " to it, and wait for DNS to propagate\n"
      "  3. Copy the lines of .env.example.tls into .env\n"
      "  4. Deploy or upgrade the app: the Caddyfile goes into the platform layer\n");
}

void run_tls(Context& context, const Values& values) {
  const std::string domain = read_domain(values);
  const std::uint16_t port = read_port(values);
  const std::vector<TlsFile> files = {
      plan_file(context, kCaddyfile, make_caddyfile(port)),
      plan_file(context, kTlsVariables,
                make_tls_variables(domain.empty() ? kExampleDomain : domain, port))};
  const bool dry_run = values.flag("dry-run");
  if (!dry_run) {
    confirm_replacing(context, files);
    for (const TlsFile& file : files) {
      if (file.state == "unchanged") continue;
      base::write_file_atomic(context.absolute(file.name), file.content, base::kPublicFile);
    }
  }

  base::Json list = base::Json::array();
  Table table{{"FILE", "STATE"}, {}};
  for (const TlsFile& file : files) {
    list.push(base::Json::object({{"path", file.name}, {"state", file.state}}));
    table.rows.push_back({file.name, file.state});
  }
  const auto document =
      base::Json::object({{"domain", domain.empty() ? base::Json() : base::Json(domain)},
                          {"port", static_cast<int>(port)},
                          {"files", list},
                          {"dryRun", dry_run}});
  context.output().result(document, [&] {
    context.output().table(table);
    if (dry_run) return context.terminal().note("nothing is written (--dry-run)");
    show_next_steps(context, domain);
  });
}

}  // namespace

Command make_configure_tls_command() {
  Command command;
  command.name = "tls";
  command.summary = "Write the files that let an app serve TLS under its own domain";
  command.description =
      "Writes two files into the working directory: a Caddyfile, with which Caddy serves ports 80 "
      "and 443 and passes requests on to the app, and .env.example.tls, the variables that go with "
      "it. A deployment with DOMAIN uses the same Caddyfile when the project has none.\n\n"
      "Inside the TEE the start script gets a certificate for DOMAIN, and one for the platform's "
      "own name for the app. Their keys are derived from the app's recovery phrase and never leave "
      "the TEE. The domain must point to the app by then. Without DOMAIN, deploy with --tls to "
      "serve only the platform's name.\n\n"
      "Files that are there already and differ are replaced only after a confirmation, or with "
      "--yes.";
  command.options = {{.name = "domain",
                      .value_name = "NAME",
                      .help = "The domain that the app serves",
                      .default_note = "one to be filled in",
                      .project_key = "tls.domain"},
                     {.name = "port",
                      .kind = Kind::kNumber,
                      .value_name = "PORT",
                      .help = "Where the app itself listens",
                      .default_text = "8080",
                      .project_key = "port"}};
  command.examples = {{"For an app on port 3000",
                       "ecloud compute app configure tls --domain app.example.com --port 3000"}};
  command.json_fields = {{"domain", "the domain, or null"},
                         {"port", "where the app listens"},
                         {"files", "list of path and state: new, replaced or unchanged"},
                         {"dryRun", "true when nothing was written"}};
  command.exit_codes = {Category::kFailure};
  command.mutating = true;
  command.run = run_tls;
  return command;
}

}  // namespace ecloud::cli
