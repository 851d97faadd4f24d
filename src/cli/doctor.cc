#include "cli/doctor.h"

#include "ecloud/base/text.h"

namespace ecloud::cli {

std::string_view to_string(Health health) {
  static constexpr std::string_view kWords[] = {"ok", "warning", "failed", "skipped"};
  return kWords[static_cast<std::size_t>(health)];
}

Finding ok(std::string check, std::string message) {
  return {std::move(check), Health::kOk, std::move(message), {}, Category::kFailure};
}

Finding warn(std::string check, std::string message, std::string hint) {
  return {std::move(check), Health::kWarning, std::move(message), std::move(hint),
          Category::kFailure};
}

Finding fail(std::string check, Category category, std::string message, std::string hint) {
  return {std::move(check), Health::kFailed, std::move(message), std::move(hint), category};
}

Finding skip(std::string check, std::string reason) {
  return {std::move(check), Health::kSkipped, std::move(reason), {}, Category::kFailure};
}

Finding fail(std::string check, const Error& error) {
  return fail(std::move(check), error.category(), error.message(), error.hint());
}

std::vector<Finding> guarded(const std::string& name,
                             const std::function<std::vector<Finding>()>& check) {
  try {
    return check();
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    return {fail(name, error)};
  }
}

}  // namespace ecloud::cli
