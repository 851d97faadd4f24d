#include "registry_errors.h"

#include <vector>

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kTooLarge = 413;
constexpr int kTooManyRequests = 429;
constexpr std::size_t kMaxWordsBytes = 300;
constexpr std::string_view kOnlyPublic =
    "is the image public? the platform can only pull public images";

std::string text_of(const base::Json& value) {
  return value.is_string() ? value.as_string() : "";
}

/// "CODE: message" of one element of the list of the distribution specification, "Error Codes".
std::string words_of_entry(const base::Json& entry) {
  std::vector<std::string> parts;
  for (const char* member : {"code", "message"}) {
    const std::string text = text_of(entry[member]);
    if (!text.empty()) parts.push_back(text);
  }
  return base::join(parts, ": ");
}

std::string words_of_json(const base::Json& body) {
  std::vector<std::string> out;
  if (body["errors"].is_array()) {
    for (const base::Json& entry : body["errors"].elements()) {
      const std::string words = words_of_entry(entry);
      if (!words.empty()) out.push_back(words);
    }
  }
  for (const char* member : {"details", "message", "error_description", "error"}) {
    if (out.empty() && !text_of(body[member]).empty()) out.push_back(text_of(body[member]));
  }
  return base::join(out, "; ");
}

bool says(const net::Response& response, std::string_view code) {
  const auto body = base::Json::try_parse(response.body);
  if (!body || !(*body)["errors"].is_array()) return false;
  for (const base::Json& entry : (*body)["errors"].elements()) {
    if (text_of(entry["code"]) == code) return true;
  }
  return false;
}

std::string with_words(std::string message, const net::Response& response) {
  const std::string words = error_words(response);
  return words.empty() ? message : message + ": " + words;
}

std::string hub_page(const Reference& reference) {
  return "https://hub.docker.com/r/" + reference.repository;
}

std::string access_hint(const Reference& reference) {
  if (reference.is_docker_hub() && reference.repository.starts_with("library/")) {
    return "check the name: a name without a user is that of an official image";
  }
  const std::string check = "check the name; " + std::string(kOnlyPublic);
  if (reference.is_docker_hub()) return check + ", see " + hub_page(reference);
  return check + " (to read a private one: " + login_command(reference) + ")";
}

std::string tag_or_digest(const Reference& reference) {
  return reference.digest ? "image " + reference.digest->to_string() : "tag " + reference.tag;
}

Error rate_limited(const Reference& reference, const net::Response& response) {
  if (reference.is_docker_hub()) {
    return {Category::kNetwork, "image.registry_failed",
            with_words("Docker Hub refuses more pulls for now", response),
            "raise the limit with: docker login, then try again"};
  }
  return {Category::kNetwork, "image.registry_failed",
          with_words(reference.host + " refuses more requests for now", response),
          "try again later, or raise the limit with: " + login_command(reference)};
}

}  // namespace

std::string login_command(const Reference& reference) {
  return reference.is_docker_hub() ? "docker login" : "docker login " + reference.host;
}

std::string error_words(const net::Response& response) {
  if (is_html(response)) return "an HTML page";
  if (const auto body = base::Json::try_parse(response.body)) {
    return base::printable_line(words_of_json(*body), kMaxWordsBytes);
  }
  return base::printable_line(base::trim(response.body), kMaxWordsBytes);
}

bool is_html(const net::Response& response) {
  const std::string type = base::to_lower(response.header("Content-Type").value_or(""));
  if (type.starts_with("text/html")) return true;
  const std::string start =
      base::to_lower(base::trim(std::string_view(response.body).substr(0, 200)));
  return start.starts_with("<!doctype html") || start.starts_with("<html");
}

Error refused_credentials(const Reference& reference, const Identity& identity,
                          const net::Response& response) {
  const std::string whose =
      identity.username.empty()
          ? "your identity token"
          : "the credentials of \"" + base::printable_line(identity.username, 100) + '"';
  return {Category::kCredentials, "image.unauthorized",
          with_words(reference.host + " refuses " + whose, response),
          "log in again with: " + login_command(reference)};
}

Error refused_access(const Reference& reference, const Identity& identity,
                     const net::Response& response, Access access) {
  // Without a token service in between nobody but the password's check says 401.
  const std::string asked = base::to_lower(response.header("WWW-Authenticate").value_or(""));
  if (identity.with_credentials && response.status == kUnauthorized && asked.starts_with("basic")) {
    return refused_credentials(reference, identity, response);
  }
  const bool pull = access == Access::kPull;
  std::string message = pull ? reference.to_string() + " is private, or there is no such repository"
                             : "pushing to " + reference.name() + " needs a login";
  std::string hint = pull ? access_hint(reference) : "log in with: " + login_command(reference);
  if (identity.with_credentials) {
    const std::string who = identity.username.empty()
                                ? "your login"
                                : '"' + base::printable_line(identity.username, 100) + '"';
    message =
        who + (pull ? " may not pull " + reference.to_string() + ", or there is no such repository"
                    : " may not push to " + reference.name());
    if (!pull) {
      hint = "push to a repository of yours, or log in as a user with push access: " +
             login_command(reference);
    }
  }
  message = with_words(message, response);
  if (!identity.note.empty()) message += " (" + identity.note + ")";
  if (!identity.note_hint.empty()) hint = identity.note_hint;
  return {Category::kCredentials, "image.unauthorized", message, hint};
}

Error html_answer(const Reference& reference, const net::Response& response) {
  return {Category::kImage, "image.not_an_image",
          reference.host + " answered with an HTML page (HTTP " + std::to_string(response.status) +
              "): a web site and not a registry",
          "check the host in " + reference.to_string()};
}

Error refused_push(const Reference& reference, const Identity& identity, std::string_view what,
                   const net::Response& response) {
  const std::string status = "HTTP " + std::to_string(response.status);
  if (response.status == kTooManyRequests) {
    return {Category::kNetwork, "image.registry_failed",
            with_words(reference.host + " refuses more requests for now", response),
            "try again later, or raise the limit with: " + login_command(reference)};
  }
  if (response.status >= 500) {
    return {
        Category::kNetwork, "image.registry_failed",
        with_words(reference.host + " answered " + status + " to " + std::string(what), response),
        "try again in a few minutes"};
  }
  if (response.status == kUnauthorized || response.status == kForbidden) {
    return refused_access(reference, identity, response, Access::kPush);
  }
  if (response.status == kTooLarge) {
    return {Category::kImage, "image.push_failed",
            reference.host + " refuses " + std::string(what) +
                ": the request body is too large (HTTP 413)",
            "raise the size limit of the proxy in front of the registry (nginx: "
            "client_max_body_size), or push to another registry"};
  }
  if (is_html(response)) {
    return {Category::kNetwork, "image.registry_failed",
            reference.host + " answered with an HTML page (" + status +
                "): a web site and not a registry, or a page in front of it",
            "check the host in " + reference.to_string()};
  }
  if (response.status < 400) {
    return senseless_answer(reference, status + " when asked for " + std::string(what));
  }
  const bool unknown = says(response, "NAME_UNKNOWN");
  return {
      Category::kImage, "image.push_failed",
      with_words(reference.host + " refuses " + std::string(what) + " with " + status, response),
      unknown ? "create the repository " + reference.repository + " at " + reference.host +
                    " first, or check its name"
              : "run it again with --verbose to see the requests, or push somewhere else"};
}

Error senseless_answer(const Reference& reference, const std::string& why) {
  return {Category::kNetwork, "image.registry_failed",
          reference.host + " answered a push with " + why,
          "try again in a few minutes, or push to another registry"};
}

Error wrong_octets(std::string message) {
  return {Category::kImage, "image.digest_mismatch", std::move(message),
          "do not deploy it: the registry, or something on the way to it, changed the image"};
}

Error image_not_found(const Reference& reference, const net::Response& response) {
  if (says(response, "NAME_UNKNOWN")) {
    return {Category::kNotFound, "image.not_found",
            reference.host + " has no repository " + reference.repository,
            "check the name, or push the image: docker push " + reference.name() + ":" +
                (reference.tag.empty() ? "TAG" : reference.tag)};
  }
  return {Category::kNotFound, "image.not_found",
          reference.name() + " has no " + tag_or_digest(reference),
          reference.digest ? "check the digest with: docker buildx imagetools inspect " +
                                 reference.name() + ":TAG"
                           : "check the tag, or push the image: docker push " + reference.name() +
                                 ":" + reference.tag};
}

Error failed_answer(const Reference& reference, std::string_view what,
                    const net::Response& response) {
  if (response.status == kTooManyRequests) return rate_limited(reference, response);
  const std::string message = reference.host + " answered HTTP " + std::to_string(response.status) +
                              " when asked for " + std::string(what);
  return {Category::kNetwork, "image.registry_failed", with_words(message, response),
          response.status >= 500 ? "try again in a few minutes"
                                 : "run it again with --verbose to see the requests"};
}

}  // namespace ecloud::oci
