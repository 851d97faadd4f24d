#include <algorithm>

#include "cli/commands/commands.h"
#include "cli/workflow.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/find_app.h"
#include "ecloud/deploy/name_cache.h"

namespace ecloud::cli {
namespace {

/// A person waits for the key that was pressed.
constexpr base::Milliseconds kPatience{800};

/// Sends while there is time left.
class HurriedTransport final : public net::Transport {
 public:
  HurriedTransport(net::Transport& inner, base::Clock& clock)
      : inner_(inner), clock_(clock), end_(clock.monotonic() + kPatience) {}

  net::Response send(const net::Request& request) override {
    const base::Milliseconds left = end_ - clock_.monotonic();
    if (left.count() <= 0) throw Error(Category::kNetwork, "net.timeout", "no time is left");
    net::Request shorter = request;
    shorter.timeout = std::min(request.timeout, left);
    shorter.connect_timeout = std::min(request.connect_timeout, left);
    return inner_.send(shorter);
  }

 private:
  net::Transport& inner_;
  base::Clock& clock_;
  const base::Milliseconds end_;
};

/// The environment that the words of a command line name; nothing when they name none.
std::optional<std::string> named_environment(const std::vector<std::string>& words) {
  constexpr std::string_view kOption = "--environment";
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.starts_with(std::string(kOption) + "=")) return word.substr(kOption.size() + 1);
    if (word != kOption || i + 1 >= words.size()) continue;
    // bash takes "--environment=NAME" for three words.
    const std::size_t next = words[i + 1] == "=" ? i + 2 : i + 1;
    if (next < words.size()) return words[next];
  }
  return std::nullopt;
}

/// Names come from servers, and shells expand what completions offer: letters, digits and a few
/// marks alone are passed on.
bool is_harmless(const std::string& name) {
  static constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  if (name.empty() || kLetters.find(name.front()) == std::string_view::npos) return false;
  return name.find_first_not_of(std::string(kLetters) + "._-") == std::string::npos;
}

/// One quick look at the platform, when nothing is known and the key is at hand without a question.
void learn(Context& context) {
  if (!context.env().get("ECLOUD_PRIVATE_KEY")) return;
  // Nothing is signed for servers that the folder names, just because Tab was pressed in it.
  const std::string prefix = "environments." + context.environment().name + ".";
  for (const auto& [key, value] : context.project_config().values()) {
    if (key.starts_with(prefix)) return;
  }
  Workflow workflow(context);
  HurriedTransport transport(context.direct_transport(), context.clock());
  chain::RpcOptions options;
  options.urls = context.environment().rpc_urls;
  options.chain_id = context.environment().chain_id;
  options.max_attempts = 1;
  chain::RpcClient rpc(transport, context.clock(), context.log(), std::move(options));
  const deploy::Services& usual = workflow.services();
  const deploy::Services services{usual.environment, usual.paths, transport,    rpc,
                                  usual.registry,    usual.clock, usual.random, usual.observer};
  deploy::list_apps(services, workflow.signer(), {});
}

void print_apps(Context& context, const std::optional<std::string>& named) {
  const std::string environment = named ? *named : context.environment().name;
  if (!is_harmless(environment)) return;
  const deploy::NameCache cache(context.paths().state, environment);
  std::vector<deploy::CachedName> names = cache.all();
  if (names.empty() && (!named || *named == context.environment().name)) {
    learn(context);
    names = cache.all();
  }
  std::vector<std::string> out;
  for (const deploy::CachedName& name : names) out.push_back(name.name);
  for (const auto& record : deploy::AppRecords(context.paths().state, environment).all()) {
    out.push_back(record.name);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  for (const std::string& name : out) {
    if (is_harmless(name)) context.terminal().line(name);
  }
}

void run_complete(Context& context, const Values& values) {
  context.terminal().forbid_prompts();
  try {
    print_apps(context, named_environment(values.arguments("WORDS")));
  } catch (const Error&) {
    // Nothing to offer is an answer too; a message would stand in the line that is being typed.
  }
}

}  // namespace

Command make_complete_command() {
  Command command;
  command.name = "__complete";
  command.hidden = true;
  command.summary = "Print what a shell may offer";
  command.description =
      "Prints the names of the apps that this machine knows, one a line, for the completion "
      "scripts. The words of the command line say which environment is meant.";
  command.positionals = {
      {.name = "WHAT", .help = "What to print", .required = true, .choices = {"app"}},
      {.name = "WORDS", .help = "The command line so far, after --", .repeated = true}};
  command.examples = {{"Names of apps", "ecloud __complete app"}};
  command.run = run_complete;
  return command;
}

}  // namespace ecloud::cli
