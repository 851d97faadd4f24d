#include "cli/tls_files.h"

#include <algorithm>
#include <cctype>

#include "ecloud/base/text.h"
#include "ecloud/platform/caddyfile.h"

namespace ecloud::cli {
namespace {

// {$NAME:default} is a variable of the environment, read when Caddy starts.
constexpr std::string_view kCaddyfileText =
    R"(# TLS in front of the app, under the platform's name for it and under its own. DOMAIN and APP_PORT
# are variables of the app: see .env.example.tls.
{
	# The start script gets the certificates before Caddy starts.
	auto_https off
	admin off
	log {
		output stdout
		format console
		level INFO
	}
}

(app) {
	log
	encode zstd gzip
	request_body {
		max_size 10MB
	}
	header {
		X-Content-Type-Options nosniff
		X-Frame-Options DENY
		X-XSS-Protection "1; mode=block"
		Referrer-Policy strict-origin-when-cross-origin
		-Server
	}
	# An app that answers /health with 200 can have Caddy watch it: health_uri /health.
	reverse_proxy localhost:{$APP_PORT:PORT}
}

https://{$ECLOUD_PLATFORM_HOST:localhost.platform.invalid} {
	tls /run/tls/platform/fullchain.pem /run/tls/platform/privkey.pem
	import app
}

https://{$DOMAIN:localhost.user.invalid} {
	tls /run/tls/domain/fullchain.pem /run/tls/domain/privkey.pem
	import app
}

http:// {
	handle /health {
		respond OK 200
	}
	handle {
		@named not host localhost localhost.platform.invalid localhost.user.invalid
		redir @named https://{host}{uri} permanent
	}
}
)";

constexpr std::string_view kVariablesText =
    R"(# For TLS: copy these lines into the env file of the deployment (.env).

# The name that the app serves. Its DNS A record must point to the app's IP address before the app
# starts. Without it, or with localhost, only the platform's own name for the app is served.
DOMAIN=NAME

# Where the app itself listens; Caddy has the ports 80 and 443.
APP_PORT=PORT

# true: Caddy's messages and requests go to the app's log.
ENABLE_CADDY_LOGS=false

# true: test certificates, which browsers do not trust, from the staging server of Let's Encrypt. The
# real one issues 5 certificates a week for a name: begin with true.
ACME_STAGING=false

# true: a new certificate at each start, also when the old one is good. For a change from staging.
ACME_FORCE_ISSUE=false
)";

std::string with(std::string_view text, std::string_view word, std::string_view value) {
  std::string out(text);
  out.replace(out.find(word), word.size(), value);
  return out;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](unsigned char c) {
           return c == '-' || (c < 0x80 && std::isalnum(c) != 0);
         });
}

}  // namespace

std::string make_caddyfile(std::uint16_t port) {
  return with(kCaddyfileText, ":PORT}", ":" + std::to_string(port) + "}");
}

std::string make_tls_variables(std::string_view domain, std::uint16_t port) {
  return with(with(kVariablesText, "=NAME", "=" + std::string(domain)), "=PORT",
              "=" + std::to_string(port));
}

std::string caddyfile_problem(const std::string& name, std::string_view text) {
  const auto problem = platform::find_caddyfile_problem(text);
  if (!problem) return {};
  return name + ":" + std::to_string(problem->line) + ": " + problem->message;
}

std::string domain_problem(std::string_view domain) {
  if (base::equal_ignoring_case(domain, "localhost")) return "gets no certificate";
  const std::vector<std::string> labels = base::split(domain, '.');
  // The limits of RFC 1035, section 2.3.4.
  if (domain.size() > 253 || !std::all_of(labels.begin(), labels.end(), is_label)) {
    return "is no domain name";
  }
  if (labels.size() < 2) return "has no dot";
  const std::string& top = labels.back();
  if (std::all_of(top.begin(), top.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) {
    return "is an address, not a domain name";
  }
  return {};
}

}  // namespace ecloud::cli
