#include "cli/tls_files.h"

#include <algorithm>
#include <cctype>

#include "ecloud/base/text.h"

namespace ecloud::cli {
namespace {

// {$NAME:default} is a variable of the environment, read when Caddy starts.
constexpr std::string_view kCaddyfileText =
    R"(# TLS in front of the app. DOMAIN and APP_PORT are variables of the app: see .env.example.tls.
{
	# The platform fetches the certificate before Caddy starts.
	auto_https off
	admin off
}

http://{$DOMAIN} {
	redir https://{host}{uri} permanent
}

https://{$DOMAIN} {
	tls /run/tls/fullchain.pem /run/tls/privkey.pem
	# Shown in the app's log when ENABLE_CADDY_LOGS is true.
	log
	encode zstd gzip
	reverse_proxy localhost:{$APP_PORT:PORT}
}
)";

constexpr std::string_view kVariablesText =
    R"(# For TLS: copy these lines into the env file of the deployment (.env).

# The name that the app serves. Its DNS A record points to the app's IP address. TLS is off while this
# is not set, or localhost.
DOMAIN=NAME

# Where the app itself listens; Caddy has the ports 80 and 443.
APP_PORT=PORT

# true: Caddy's messages and requests go to the app's log.
ENABLE_CADDY_LOGS=false

# true: certificates for trying out, which browsers do not trust, from the staging server of Let's
# Encrypt. The real one gives a domain a few certificates a week only: begin with true.
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
