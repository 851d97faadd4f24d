#include "deploy/drift_variables.h"

#include <map>
#include <utility>

#include "ecloud/base/text.h"
#include "ecloud/platform/app_environment.h"

namespace ecloud::deploy {
namespace {

using Texts = std::map<std::string, std::string>;

class VariableComparison {
 public:
  VariableComparison(const Signer* signer, const DriftRequest& request, const CurrentApp& current,
                     DriftReport& report)
      : signer_(signer), request_(request), current_(current), report_(report) {}

  void run() {
    compare_public();
    compare_private();
    for (const std::string& name : request_.wanted_names) compare_wanted(name);
  }

 private:
  void find(std::string what, std::string expected, std::string found) {
    report_.findings.push_back({std::move(what), std::move(expected), std::move(found)});
  }
  void not_checked(std::string line) { report_.not_checked.push_back(std::move(line)); }

  /// As the chain's are read: on one printable line.
  std::optional<Texts> wanted_public() const {
    if (request_.variables) {
      Texts out;
      for (const auto& [name, value] : request_.variables->public_variables) {
        out[name] = base::printable_line(value);
      }
      return out;
    }
    return request_.locked ? request_.locked->public_variables : std::nullopt;
  }

  void compare_public() {
    if (!current_.release) return;
    const std::optional<Texts> wanted = wanted_public();
    if (!wanted) {
      if (request_.locked) {
        not_checked("public variables: there is no env file, and ecloud.lock does not say them");
      }
      return;
    }
    for (const auto& [name, value] : *wanted) {
      const auto found = current_.public_variables.find(name);
      if (found == current_.public_variables.end()) {
        find("chain-variables", name + "=" + value, "no " + name);
      } else if (found->second != value) {
        find("chain-variables", name + "=" + value, name + "=" + found->second);
      }
    }
    for (const auto& [name, value] : current_.public_variables) {
      if (!wanted->contains(name)) find("chain-variables", "no " + name, name + "=" + value);
    }
  }

  void compare_private() {
    if (!request_.locked) return;
    if (!request_.locked->private_variables) {
      return not_checked("private variables: ecloud.lock does not know those of the release");
    }
    const Texts& locked = *request_.locked->private_variables;
    if (request_.variables) return compare_private(locked, request_.variables->private_variables);
    if (!locked.empty()) {
      not_checked("the values of private variables: there is no env file");
    }
  }

  void compare_private(const Texts& locked, const std::map<std::string, base::Secret>& wanted) {
    const std::string why_names_alone = trouble_with_values();
    for (const auto& [name, value] : wanted) {
      const auto print = locked.find(name);
      if (print == locked.end()) {
        find("variables-private", name, "no " + name);
      } else if (why_names_alone.empty() &&
                 variable_fingerprint(*signer_, request_.app, name, value) != print->second) {
        find("variables-private", name + " as in the env file", name + " with another value");
      }
    }
    for (const auto& [name, print] : locked) {
      if (!wanted.contains(name)) find("variables-private", "no " + name, name);
    }
    if (!locked.empty() && !why_names_alone.empty()) {
      not_checked("the values of private variables: " + why_names_alone);
    }
  }

  /// Fingerprints say something to the key alone that they were made with. Empty: nothing is wrong.
  std::string trouble_with_values() const {
    if (signer_ == nullptr) return "without the account's key their names alone are compared";
    const eth::Address& account = request_.locked->account;
    if (account == signer_->address) return {};
    if (account.is_zero()) {
      return "ecloud.lock does not say whose key its fingerprints are of; their names alone are "
             "compared";
    }
    return "the fingerprints in ecloud.lock are of the key of " + account.to_string() +
           ", and this is the one of " + signer_->address.to_string() +
           "; their names alone are compared";
  }

  /// What ecloud.yaml lists; what the env file has was compared with the rest of it.
  void compare_wanted(const std::string& name) {
    if (base::equal_ignoring_case(name, platform::kMnemonicVariable)) return;
    const auto& file = request_.variables;
    if (file && (file->public_variables.contains(name) || file->private_variables.contains(name))) {
      return;
    }
    if (platform::is_public_name(name)) {
      if (!current_.release || current_.public_variables.contains(name)) return;
      return find("chain-variables", name, "no " + name);
    }
    const bool is_known = request_.locked && request_.locked->private_variables;
    if (!is_known || request_.locked->private_variables->contains(name)) return;
    find("variables-private", name, "no " + name);
  }

  const Signer* signer_;
  const DriftRequest& request_;
  const CurrentApp& current_;
  DriftReport& report_;
};

}  // namespace

void compare_variables(const Signer* signer, const DriftRequest& request, const CurrentApp& current,
                       DriftReport& report) {
  VariableComparison(signer, request, current, report).run();
}

}  // namespace ecloud::deploy
