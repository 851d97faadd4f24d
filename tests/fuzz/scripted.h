#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/crypto/secp256k1.h"
#include "ecloud/net/transport.h"

namespace ecloud::fuzz {

/// Parts several texts in one input; stands in none of the forms that are read.
constexpr char kSeparator = '\x01';

/// The texts of an input, at least one and at most `limit`; the last one has the rest.
std::vector<std::string_view> parts(std::string_view input, std::size_t limit);

/// Gives the same answer to everybody.
class OneAnswer final : public net::Transport {
 public:
  explicit OneAnswer(net::Response answer) : answer_(std::move(answer)) {}
  net::Response send(const net::Request& request) override;

 private:
  net::Response answer_;
};

/// Gives the answers of an input in their order, then 404 for ever. Each is a status, headers in a
/// line each, an empty line, and the body; "-" instead of a status is a connection that breaks.
/// Thread-safe.
class ScriptedAnswers final : public net::Transport {
 public:
  explicit ScriptedAnswers(std::string_view input);
  net::Response send(const net::Request& request) override;

 private:
  std::vector<std::string_view> answers_;
  std::size_t next_ = 0;
  std::mutex mutex_;
};

/// A private key of no value.
const crypto::PrivateKey& fuzz_key();

/// A file of the process, in its own temporary folder, with that content.
std::filesystem::path scratch_file(std::string_view name, std::string_view content);
/// That folder.
const std::filesystem::path& scratch_folder();

}  // namespace ecloud::fuzz
