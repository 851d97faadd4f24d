#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ecloud::cli {

constexpr std::string_view kCaddyfile = "Caddyfile";
constexpr std::string_view kTlsVariables = ".env.example.tls";
/// The placeholder in .env.example.tls, until the real name is written there.
constexpr std::string_view kExampleDomain = "app.example.com";

/// What an app listens on when APP_PORT is not set and no port is given.
constexpr std::uint16_t kDefaultAppPort = 3000;

/// The configuration of Caddy (2.x): TLS on 443 for the platform's name (ECLOUD_PLATFORM_HOST) and
/// the app's own (DOMAIN) with the certificates that the start script gets, HTTP redirected to it,
/// requests passed to the app on APP_PORT; `port` is the one when APP_PORT is not set. Used for
/// projects without a Caddyfile too.
std::string make_caddyfile(std::uint16_t port);

/// "Caddyfile:3: …" for one that Caddy would not take (platform::find_caddyfile_problem); else
/// empty.
std::string caddyfile_problem(const std::string& name, std::string_view text);

/// The variables that go with it, to be copied into the env file, with what each is for.
std::string make_tls_variables(std::string_view domain, std::uint16_t port);

/// Why `domain` is none that a certificate can be made for; empty when it is one.
std::string domain_problem(std::string_view domain);

}  // namespace ecloud::cli
