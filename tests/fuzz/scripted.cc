#include "fuzz/scripted.h"

#include "ecloud/base/text.h"
#include "support/temp_dir.h"

namespace ecloud::fuzz {
namespace {

net::Response read_answer(std::string_view text) {
  net::Response out;
  const std::size_t head_end = text.find("\n\n");
  const std::string head(text.substr(0, head_end));
  const std::vector<std::string> lines = base::split(head, '\n');
  out.status = static_cast<int>(base::parse_decimal(lines[0]).value_or(200) % 1000);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string::npos) continue;
    out.headers.push_back({lines[i].substr(0, colon),
                           std::string(base::trim(std::string_view(lines[i]).substr(colon + 1)))});
  }
  if (head_end != std::string_view::npos) out.body = text.substr(head_end + 2);
  return out;
}

/// What the real transport does with an answer that it was told to hand on or to bound.
net::Response deliver(const net::Request& request, net::Response answer) {
  answer.final_url = request.url;
  if (answer.body.size() > request.max_response_bytes) {
    throw Error(Category::kNetwork, "net.too_large", "the answer is too large");
  }
  if (request.upload) {
    char octets[16];
    request.upload->read(0, octets, sizeof octets);
  }
  if (!answer.ok()) return answer;
  if (request.on_answer) request.on_answer(answer);
  if (request.sink) {
    request.sink(answer.body);
    answer.body.clear();
  }
  return answer;
}

}  // namespace

std::vector<std::string_view> parts(std::string_view input, std::size_t limit) {
  std::vector<std::string_view> out;
  while (out.size() + 1 < limit) {
    const std::size_t end = input.find(kSeparator);
    if (end == std::string_view::npos) break;
    out.push_back(input.substr(0, end));
    input.remove_prefix(end + 1);
  }
  out.push_back(input);
  return out;
}

net::Response OneAnswer::send(const net::Request& request) {
  return deliver(request, answer_);
}

ScriptedAnswers::ScriptedAnswers(std::string_view input) : answers_(parts(input, 32)) {}

net::Response ScriptedAnswers::send(const net::Request& request) {
  const std::lock_guard lock(mutex_);
  if (next_ == answers_.size()) return deliver(request, {404, {}, "", ""});
  const std::string_view answer = answers_[next_++];
  if (answer.starts_with("-")) throw Error(Category::kNetwork, "net.closed", "it broke");
  return deliver(request, read_answer(answer));
}

const crypto::PrivateKey& fuzz_key() {
  static const crypto::PrivateKey key = [] {
    base::Bytes32 octets{};
    octets.back() = 1;
    return *crypto::PrivateKey::from_bytes(octets);
  }();
  return key;
}

const std::filesystem::path& scratch_folder() {
  static const testing::TempDir folder;
  return folder.path();
}

std::filesystem::path scratch_file(std::string_view name, std::string_view content) {
  static const testing::TempDir folder;
  return folder.write(name, content);
}

}  // namespace ecloud::fuzz
