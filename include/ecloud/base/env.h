#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ecloud::base {

/// The environment variables of the process, taken once at the start and handed down, so that
/// nothing else reads them and tests give their own.
class Env {
 public:
  Env() = default;
  explicit Env(std::map<std::string, std::string, std::less<>> values);
  /// A copy of the process environment.
  static Env of_process();

  /// Nothing when unset or empty: an empty variable means "not given" everywhere in ecloud.
  std::optional<std::string> get(std::string_view name) const;
  void set(std::string name, std::string value);
  void unset(std::string_view name);
  const std::map<std::string, std::string, std::less<>>& values() const { return values_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace ecloud::base
