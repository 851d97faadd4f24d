#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/oci/registry.h"
#include "sample_image.h"
#include "support/catch.h"
#include "support/fake_transport.h"

namespace ecloud::oci {

/// Credentials for one host, and a list of the repositories that were asked for.
class FixedCredentials final : public CredentialSource {
 public:
  std::string host;
  std::string username;
  std::string password;
  std::string origin;
  std::optional<Error> failure;
  std::vector<std::string> asked;

  std::optional<Credentials> find(const std::string& wanted) override {
    asked.push_back(wanted);
    if (failure) throw *failure;
    if (!wanted.starts_with(host + "/")) return std::nullopt;
    return Credentials{username, base::Secret(base::as_bytes(password)), origin};
  }
};

/// A client before a fake registry.
class RegistryFixture {
 public:
  testing::FakeTransport transport;
  FixedCredentials credentials;
  std::vector<std::string> warnings;
  RegistryOptions options{.warn = [this](const std::string& text) { warnings.push_back(text); }};

  ResolvedImage resolve(const std::string& reference) {
    if (!client_) client_.emplace(transport, credentials, options);
    return client_->resolve(Reference::parse(reference));
  }
  Error failure(const std::string& reference) {
    std::string found;
    try {
      found = resolve(reference).digest.to_string();
    } catch (const Error& error) {
      return error;
    }
    FAIL("resolved to " + found);
    throw std::logic_error("unreachable");
  }
  /// "GET https://…" of every request.
  std::vector<std::string> asked() const {
    std::vector<std::string> out;
    for (const net::Request& request : transport.requests()) {
      out.push_back(request.method + " " + request.url);
    }
    return out;
  }
  /// The value of a header of the n-th request; "none" without it.
  std::string sent(std::size_t request, const std::string& name) const {
    const net::Request found = transport.requests().at(request);
    for (const net::Header& header : found.headers) {
      if (header.name == name) return header.value;
    }
    return "none";
  }

  void manifest(const std::string& url, const std::string& body,
                std::vector<net::Header> headers = {}) {
    transport.once("GET", url, testing::make_response(200, body, std::move(headers)));
  }
  void answer(const std::string& url, int status, const std::string& body,
              std::vector<net::Header> headers = {}) {
    transport.once("GET", url, testing::make_response(status, body, std::move(headers)));
  }

 private:
  std::optional<RegistryClient> client_;
};

inline const std::string kRepo = "https://ghcr.io/v2/you/app";
inline const std::string kConfigUrl = kRepo + "/blobs/" + kAmd64ConfigDigest;

}  // namespace ecloud::oci
