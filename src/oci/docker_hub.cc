#include "docker_hub.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "registry_errors.h"

namespace ecloud::oci {
namespace {

constexpr std::size_t kMaxTagsBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxTagsShown = 5;
constexpr base::Milliseconds kTagsTimeout{5'000};

/// Nothing when Docker Hub could not be asked.
std::optional<net::Response> ask_for_tags(net::Transport& transport,
                                          const std::string& docker_hub_url,
                                          const Reference& reference) {
  net::Request request;
  request.url = docker_hub_url + "/v2/repositories/" + reference.repository + "/tags?page_size=100";
  request.purpose = "the tags of " + reference.name();
  request.timeout = kTagsTimeout;
  request.max_response_bytes = kMaxTagsBytes;
  // An error in the explanation must not hide what it explains, nor delay it.
  request.safe_to_repeat = false;
  try {
    return transport.send(request);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return std::nullopt;
  }
}

std::vector<std::string> read_tags(const std::string& body) {
  std::vector<std::string> out;
  const auto document = base::Json::try_parse(body);
  if (!document || !(*document)["results"].is_array()) return out;
  for (const base::Json& tag : (*document)["results"].elements()) {
    const base::Json name = tag["name"];
    if (name.is_string()) out.push_back(base::printable_line(name.as_string(), 128));
  }
  return out;
}

std::string tags_hint(const Reference& reference, std::vector<std::string> tags) {
  if (const auto similar = base::closest(reference.tag, tags)) {
    return "did you mean " + reference.name() + ":" + *similar;
  }
  tags.resize(std::min(tags.size(), kMaxTagsShown));
  return "its latest tags are " + base::join(tags, ", ");
}

}  // namespace

Error explain_not_found(net::Transport& transport, const std::string& docker_hub_url,
                        const Reference& reference, const net::Response& answer) {
  const Error plain = image_not_found(reference, answer);
  if (!reference.is_docker_hub() || reference.digest) return plain;
  const auto response = ask_for_tags(transport, docker_hub_url, reference);
  if (!response) return plain;
  if (response->status == 404) {
    return {
        plain.category(), plain.code(),
        "Docker Hub has no public repository " + reference.repository,
        "check the name, or push the image: docker push " + reference.name() + ":" + reference.tag};
  }
  std::vector<std::string> tags;
  if (response->ok()) tags = read_tags(response->body);
  return tags.empty() ? plain : plain.with_hint(tags_hint(reference, std::move(tags)));
}

}  // namespace ecloud::oci
