#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ecloud::cli {

constexpr std::string_view kCaddyfile = "Caddyfile";
constexpr std::string_view kTlsVariables = ".env.example.tls";
/// Stands in .env.example.tls until somebody writes the real one.
constexpr std::string_view kExampleDomain = "app.example.com";

/// The configuration of Caddy (2.x): TLS on 443 with the certificate that the platform's start
/// script fetched, HTTP sent on to it, requests passed to the app. It takes domain and port from
/// the variables DOMAIN and APP_PORT; `port` is the one when APP_PORT is not set.
std::string make_caddyfile(std::uint16_t port);

/// The variables that go with it, to be copied into the env file, with what each is for.
std::string make_tls_variables(std::string_view domain, std::uint16_t port);

/// Why `domain` is none that a certificate can be made for; empty when it is one.
std::string domain_problem(std::string_view domain);

}  // namespace ecloud::cli
