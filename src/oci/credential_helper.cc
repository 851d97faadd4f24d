#include "credential_helper.h"

#include <fmt/format.h>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"
#include "ecloud/base/subprocess.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

constexpr std::size_t kMaxAnswerBytes = std::size_t{64} << 10;
constexpr std::size_t kMaxServerBytes = 512;
constexpr std::string_view kNotFoundWords = "credentials not found in native keychain";
constexpr std::string_view kIdentityTokenUser = "<token>";

Error helper_error(const std::string& program, const std::string& reason) {
  return {Category::kCredentials, "image.credential_helper", program + " " + reason,
          "run it by hand, or remove it from Docker's config.json: " + program + " list"};
}

/// The program's standard output; throws for everything but an exit.
base::ProgramAnswer run_helper(const std::string& program, const std::string& server,
                               const base::Env& env, base::Milliseconds time_limit) {
  const auto path = base::find_program(program, env);
  if (!path) throw helper_error(program, "is not installed");
  const base::Env given = base::without_own_variables(env);
  base::ProgramAnswer answer = base::run_program({.program = *path,
                                                  .arguments = {"get"},
                                                  .input = base::as_bytes(server),
                                                  .env = &given,
                                                  .time_limit = time_limit,
                                                  .max_output = kMaxAnswerBytes});
  switch (answer.end) {
    case base::ProgramEnd::kExited:
      break;
    case base::ProgramEnd::kNotStarted:
      throw helper_error(program, "cannot be run: " + answer.reason);
    case base::ProgramEnd::kTooMuchOutput:
      throw helper_error(program, "answered more than 64 KiB");
    case base::ProgramEnd::kTimedOut:
      const double seconds = static_cast<double>(time_limit.count()) / 1000;
      throw helper_error(program, fmt::format("did not answer within {} s", seconds));
  }
  return answer;
}

bool is_sound_name(const std::string& name) {
  return !name.empty() && name.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
}

std::optional<Credentials> read_credentials(const std::string& program, std::string_view answer) {
  const auto document = base::Json::try_parse(answer);
  if (!document || !(*document)["Username"].is_string() || !(*document)["Secret"].is_string()) {
    throw helper_error(program, "answered something other than credentials");
  }
  Credentials out{(*document)["Username"].as_string(),
                  base::Secret((*document)["Secret"].as_string())};
  if (out.username.empty() && out.password.empty()) return std::nullopt;
  if (out.username == kIdentityTokenUser) out.username.clear();
  return out;
}

}  // namespace

std::optional<Credentials> ask_credential_helper(const std::string& name, const std::string& server,
                                                 const base::Env& env,
                                                 base::Milliseconds time_limit) {
  const std::string program = "docker-credential-" + base::printable_line(name, 60);
  if (!is_sound_name(name)) throw helper_error(program, "is not the name of a credential helper");
  if (server.size() > kMaxServerBytes) throw helper_error(program, "cannot take so long a host");
  const base::ProgramAnswer ended = run_helper(program, server, env, time_limit);
  const base::Secret& answer = ended.output;
  const int status = ended.status;
  if (status == 0) return read_credentials(program, answer.reveal_text());
  const std::string words = base::printable_line(base::trim(answer.reveal_text()), 200);
  if (words.find(kNotFoundWords) != std::string::npos) return std::nullopt;
  throw helper_error(program, "failed with status " + std::to_string(status) +
                                  (words.empty() ? "" : ": " + words));
}

}  // namespace ecloud::oci
