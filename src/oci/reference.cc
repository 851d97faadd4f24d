#include "ecloud/oci/reference.h"

#include <algorithm>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

// The limits of the distribution specification 1.1, "Pulling manifests", and of Docker's grammar
// for host and repository together.
constexpr std::size_t kMaxNameChars = 255;
constexpr std::size_t kMaxTagChars = 128;
constexpr std::size_t kImageIdChars = 64;
constexpr std::uint64_t kMaxPort = 65535;

constexpr std::string_view kDockerHub = "docker.io";
constexpr std::string_view kExampleHint =
    "write it as NAME:TAG or NAME@sha256:DIGEST, for example ghcr.io/you/app:1.0";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_alphanumeric(char c) {
  return is_digit(c) || is_lower(c) || is_upper(c);
}
bool is_lower_alphanumeric(char c) {
  return is_digit(c) || is_lower(c);
}
bool is_lower_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}
bool is_blank_or_unprintable(char c) {
  return c <= ' ' || c > '~';
}
bool has_upper(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_upper);
}

std::string quoted(std::string_view text) {
  return '"' + base::printable_line(text, 200) + '"';
}

/// Throws what is wrong with the reference that it was made for.
class Complaint {
 public:
  explicit Complaint(std::string_view text) : text_(text) {}

  [[noreturn]] void fail(const std::string& reason, std::string_view hint = kExampleHint) const {
    throw Error(Category::kUsage, "image.invalid_reference",
                quoted(text_) + " is not an image reference: " + reason, std::string(hint));
  }

 private:
  std::string_view text_;
};

bool is_host_name(std::string_view host) {
  for (const std::string& label : base::split(host, '.')) {
    const bool letters = std::all_of(label.begin(), label.end(),
                                     [](char c) { return is_alphanumeric(c) || c == '-'; });
    if (label.empty() || !letters || label.front() == '-' || label.back() == '-') return false;
  }
  return true;
}

bool is_ipv6_literal(std::string_view host) {
  if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
  host = host.substr(1, host.size() - 2);
  return std::all_of(host.begin(), host.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.';
  });
}

void check_host(std::string_view host, const Complaint& complaint) {
  std::string_view name = host;
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (has_port) {
    name = host.substr(0, colon);
    const std::string_view port = host.substr(colon + 1);
    const auto number = base::parse_decimal(port);
    if (!number || *number == 0 || *number > kMaxPort) {
      complaint.fail("the port " + quoted(port) +
                     " of the registry is not a number from 1 to 65535");
    }
  }
  if (!is_host_name(name) && !is_ipv6_literal(name)) {
    complaint.fail("the registry " + quoted(host) + " is not a host name");
  }
}

std::string canonical_host(std::string_view host) {
  std::string lower = base::to_lower(host);
  if (lower == "index.docker.io" || lower == "registry-1.docker.io") return std::string(kDockerHub);
  return lower;
}

/// Between letters and digits: one '.', one or two '_', or any number of '-'.
bool is_separator(std::string_view run) {
  return run == "." || run == "_" || run == "__" ||
         std::all_of(run.begin(), run.end(), [](char c) { return c == '-'; });
}

void check_component(std::string_view component, const Complaint& complaint) {
  if (component.empty()) complaint.fail("a part of its path between slashes is empty");
  for (const char c : component) {
    if (!is_lower_alphanumeric(c) && c != '.' && c != '_' && c != '-') {
      complaint.fail("its path has the character " + quoted({&c, 1}) +
                     "; allowed are a-z, 0-9, '.', '_' and '-'");
    }
  }
  if (!is_lower_alphanumeric(component.front()) || !is_lower_alphanumeric(component.back())) {
    complaint.fail(quoted(component) + " has to begin and end with a letter or a digit");
  }
  for (std::size_t i = 0; i < component.size();) {
    std::size_t end = i;
    while (end < component.size() && !is_lower_alphanumeric(component[end])) ++end;
    if (end > i && !is_separator(component.substr(i, end - i))) {
      complaint.fail(quoted(component.substr(i, end - i)) + " cannot stand between letters");
    }
    i = end + 1;
  }
}

void check_repository(std::string_view repository, const Complaint& complaint) {
  for (const std::string& component : base::split(repository, '/')) {
    check_component(component, complaint);
  }
}

void check_tag(std::string_view tag, const Complaint& complaint) {
  if (tag.empty()) complaint.fail("the tag after ':' is empty");
  if (tag.size() > kMaxTagChars) complaint.fail("its tag is longer than 128 characters");
  for (const char c : tag) {
    if (!is_alphanumeric(c) && c != '_' && c != '.' && c != '-') {
      complaint.fail("its tag has the character " + quoted({&c, 1}) +
                     "; allowed are letters, digits, '_', '.' and '-'");
    }
  }
  if (tag.front() == '.' || tag.front() == '-') {
    complaint.fail("its tag begins with " + quoted(tag.substr(0, 1)));
  }
}

Digest checked_digest(std::string_view text, const Complaint& complaint) {
  const auto digest = Digest::parse(text);
  if (digest) return *digest;
  if (!text.starts_with("sha256:") && text.find(':') != std::string_view::npos) {
    complaint.fail("its digest is " + quoted(text.substr(0, text.find(':'))) +
                   ", and only sha256 goes on chain");
  }
  complaint.fail("the digest " + quoted(text) + " is not sha256: and 64 lower-case hex digits");
}

/// Mistakes that the grammar would report in a way that helps nobody.
void check_as_a_whole(std::string_view text, const Complaint& complaint) {
  if (text.empty()) {
    throw Error(Category::kUsage, "image.invalid_reference", "the image reference is empty",
                std::string(kExampleHint));
  }
  if (std::any_of(text.begin(), text.end(), is_blank_or_unprintable)) {
    complaint.fail("it has a blank or an unprintable character");
  }
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos) {
    const std::string_view rest = text.substr(scheme + 3);
    complaint.fail("it begins with " + quoted(text.substr(0, scheme + 3)),
                   "leave out the scheme" + (rest.empty() ? "" : ": " + std::string(rest)));
  }
  if (Digest::parse(text)) {
    complaint.fail("it is a digest without a repository", "write it as NAME@" + std::string(text));
  }
  if (text.size() == kImageIdChars && std::all_of(text.begin(), text.end(), is_lower_hex)) {
    complaint.fail("it is the id of a local image",
                   "push the image to a registry and give its name there");
  }
}

bool names_a_host(std::string_view first) {
  return first == "localhost" || first.find_first_of(".:") != std::string_view::npos;
}

/// Takes "@sha256:…" and ":tag" off the end of `rest`.
void take_suffixes(std::string_view& rest, Reference& out, const Complaint& complaint) {
  const std::size_t at = rest.find('@');
  if (at != std::string_view::npos) {
    out.digest = checked_digest(rest.substr(at + 1), complaint);
    rest = rest.substr(0, at);
  }
  const std::size_t slash = rest.rfind('/');
  const std::size_t colon = rest.find(':', slash == std::string_view::npos ? 0 : slash);
  if (colon != std::string_view::npos) {
    out.tag = std::string(rest.substr(colon + 1));
    check_tag(out.tag, complaint);
    rest = rest.substr(0, colon);
  } else if (!out.digest) {
    out.tag = "latest";
  }
}

}  // namespace

Reference Reference::parse(std::string_view text) {
  const Complaint complaint(text);
  check_as_a_whole(text, complaint);
  Reference out;
  std::string_view rest = text;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos && names_a_host(text.substr(0, slash))) {
    check_host(text.substr(0, slash), complaint);
    out.host = canonical_host(text.substr(0, slash));
    rest = text.substr(slash + 1);
  } else {
    out.host = std::string(kDockerHub);
  }
  take_suffixes(rest, out, complaint);
  if (rest.empty()) complaint.fail("it names no repository");
  if (has_upper(rest)) {
    Reference lower = out;
    lower.repository = base::to_lower(rest);
    complaint.fail("the repository " + quoted(rest) + " has upper-case letters",
                   "write it in lower case: " + lower.to_string());
  }
  check_repository(rest, complaint);
  const bool is_official = out.is_docker_hub() && rest.find('/') == std::string_view::npos;
  out.repository = (is_official ? "library/" : "") + std::string(rest);
  if (out.name().size() > kMaxNameChars) {
    complaint.fail("host and repository are longer than 255 characters");
  }
  return out;
}

std::string Reference::to_string() const {
  return name() + (tag.empty() ? "" : ":" + tag) + (digest ? "@" + digest->to_string() : "");
}

std::string Reference::api_host() const {
  return is_docker_hub() ? "registry-1.docker.io" : host;
}

}  // namespace ecloud::oci
