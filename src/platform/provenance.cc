#include "ecloud/platform/provenance.h"

#include <algorithm>
#include <optional>

#include "ecloud/base/base64.h"
#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/build_api.h"
#include "platform/provenance_statement.h"

namespace ecloud::platform {
namespace {

Error unreadable(const std::string& why) {
  return Error(Category::kVerification, "build.bad_provenance",
               "the provenance cannot be read: " + why,
               "nothing was checked; do not rely on this image");
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string plain(base::trim(text));
  auto bytes = base::from_base64(plain);
  while (!bytes && plain.ends_with("=")) plain.pop_back();
  if (!bytes) bytes = base::from_base64url(plain);
  if (!bytes) return std::nullopt;
  return std::string(base::as_chars(*bytes));
}

/// The statement inside `payload`, through at most this many wrappings.
base::Json unwrapped(std::string_view payload, int wrappings) {
  auto document = base::Json::try_parse(payload);
  if (!document) {
    const auto decoded = decode_base64(payload);
    document = decoded ? base::Json::try_parse(*decoded) : std::nullopt;
  }
  if (!document) throw unreadable("it is neither JSON nor base64 of it");
  if ((*document)["subject"].is_array()) return *document;
  if (wrappings == 0) throw unreadable("it is no in-toto statement");
  if (document->is_string()) return unwrapped(document->as_string(), wrappings - 1);
  if ((*document)["payload"].is_string()) {
    return unwrapped((*document)["payload"].as_string(), wrappings - 1);
  }
  throw unreadable("it is no in-toto statement");
}

void add(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

bool is_any(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// One text of the predicate. SLSA names the source in configSource, materials and
/// resolvedDependencies ("uri", "digest"); the platform in its parameters.
void read_text(std::string_view name, const std::string& text, Provenance& out) {
  if (is_any(name, {"git_ref", "gitCommit", "sha1", "commit", "revision", "sourceCommit"}) &&
      is_commit(text)) {
    add(out.commits, base::to_lower(text));
  }
  const bool source_uri = is_any(name, {"uri", "source"}) && text.starts_with("git+");
  if (source_uri || is_any(name, {"repo_url", "repository", "repo", "repoUrl", "sourceRepo"})) {
    add(out.repositories, base::printable_line(text, 2000));
  }
  if (name == "dockerfile_path") out.dockerfile = base::printable_line(text);
  if (name == "build_context_path") out.context = base::printable_line(text);
  if (name == "caddyfile_path") out.caddyfile = base::printable_line(text);
}

void walk(const base::Json& value, Provenance& out) {
  if (value.is_array()) {
    for (const base::Json& element : value.elements()) walk(element, out);
    return;
  }
  if (!value.is_object()) return;
  if (value["dockerfile_path"].is_string() && value["build_context_path"].is_string()) {
    out.names_request = true;
    if (value["dependencies"].is_array()) {
      for (const base::Json& entry : value["dependencies"].elements()) {
        const auto digest = oci::Digest::parse(entry.opt_string().value_or(""));
        if (digest) out.dependencies.push_back(*digest);
      }
    }
  }
  for (const auto& [name, member] : value.members()) {
    if (member.is_string()) {
      read_text(name, member.as_string(), out);
    } else {
      walk(member, out);
    }
  }
}

}  // namespace

base::Json find_statement(std::string_view payload) {
  if (base::trim(payload).empty()) throw unreadable("it is empty");
  return unwrapped(payload, 3);
}

bool Provenance::is_about(const oci::Digest& digest) const {
  return std::find(subjects.begin(), subjects.end(), digest) != subjects.end();
}

bool Provenance::names_commit(std::string_view commit) const {
  return std::find(commits.begin(), commits.end(), base::to_lower(commit)) != commits.end();
}

bool Provenance::names_repository(std::string_view url) const {
  return std::any_of(repositories.begin(), repositories.end(), [&](const std::string& written) {
    return repository_key(written) == repository_key(url);
  });
}

Provenance read_provenance(std::string_view payload) {
  const base::Json statement = find_statement(payload);
  Provenance out;
  out.predicate_type = base::printable_line(statement["predicateType"].is_string()
                                                ? statement["predicateType"].as_string()
                                                : std::string());
  for (const base::Json& subject : statement["subject"].elements()) {
    const base::Json hex = subject["digest"]["sha256"];
    const auto digest = hex.is_string()
                            ? oci::Digest::parse("sha256:" + base::to_lower(hex.as_string()))
                            : std::nullopt;
    if (digest && !out.is_about(*digest)) out.subjects.push_back(*digest);
  }
  walk(statement["predicate"], out);
  return out;
}

}  // namespace ecloud::platform
