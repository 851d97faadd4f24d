#include "devnet/state_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::devnet {
namespace {

constexpr std::size_t kMaxJournalBytes = std::size_t{1} << 30;

std::filesystem::path prepared(const std::filesystem::path& directory) {
  base::make_private_directories(directory);
  return directory / "lock";
}

[[noreturn]] void fail(const std::filesystem::path& file) {
  throw Error(Category::kFailure, "file.unwritable",
              file.string() + " cannot be written: " + std::strerror(errno));
}

}  // namespace

StateStore::StateStore(std::filesystem::path directory)
    : directory_(std::move(directory)), lock_(prepared(directory_)) {}

StateStore::~StateStore() {
  if (journal_ >= 0) ::close(journal_);
}

void StateStore::open() {
  if (journal_ >= 0) ::close(journal_);
  const auto file = directory_ / "journal.jsonl";
  journal_ = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, base::kPrivateFile);
  if (journal_ < 0) fail(file);
}

std::vector<base::Json> StateStore::load() {
  const auto file = directory_ / "journal.jsonl";
  const std::string text = base::read_file_if_exists(file, kMaxJournalBytes).value_or("");
  std::vector<base::Json> lines;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = text.find('\n', start);
    if (end == std::string::npos) break;
    const auto line = base::Json::try_parse(std::string_view(text).substr(start, end - start));
    if (!line || !line->is_object()) {
      throw Error(Category::kUsage, "devnet.state",
                  file.string() + " is damaged in line " + std::to_string(lines.size() + 1),
                  "ecloud devnet reset, or choose another --state directory");
    }
    lines.push_back(*line);
    start = end + 1;
  }
  if (!lines.empty() && !lines[0]["ecloudDevnet"].exists()) {
    throw Error(Category::kUsage, "devnet.state", file.string() + " is no journal of a devnet",
                "choose another --state directory");
  }
  open();
  // A torn last line would swallow the next one.
  if (start < text.size() && ::ftruncate(journal_, static_cast<off_t>(start)) != 0) fail(file);
  return lines;
}

void StateStore::append(const base::Json& line) {
  const std::string text = line.dump() + "\n";
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(journal_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(directory_ / "journal.jsonl");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fdatasync(journal_) != 0) fail(directory_ / "journal.jsonl");
}

void StateStore::restart(const base::Json& header) {
  base::write_file_atomic(directory_ / "journal.jsonl", header.dump() + "\n", base::kPrivateFile);
  open();
}

std::optional<std::uint16_t> StateStore::last_port() const {
  const auto text = base::read_file_if_exists(directory_ / "port", 64);
  const auto port = text ? base::parse_decimal(base::trim(*text)) : std::nullopt;
  if (!port || *port == 0 || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

void StateStore::remember_port(std::uint16_t port) {
  if (last_port() == port) return;
  base::write_file_atomic(directory_ / "port", std::to_string(port) + "\n", base::kPublicFile);
}

}  // namespace ecloud::devnet
