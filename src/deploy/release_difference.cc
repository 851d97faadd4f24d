#include "ecloud/deploy/release_difference.h"

#include <utility>

#include "ecloud/base/error.h"
#include "ecloud/base/json.h"

namespace ecloud::deploy {
namespace {

using Kind = ReleaseChange::Kind;
using Texts = std::map<std::string, std::string>;

std::string words_of(const std::vector<std::string>& arguments) {
  return base::Json::strings(arguments).dump();
}

class Comparison {
 public:
  void compare(Kind kind, const std::string& before, const std::string& after) {
    if (before != after) add(kind, {}, before, after);
  }
  void compare(Kind kind, const Texts& before, const Texts& after) {
    Texts names = before;
    names.insert(after.begin(), after.end());
    for (const auto& [name, unused] : names) {
      const auto old = find(before, name), now = find(after, name);
      if (old != now) add(kind, name, old, now);
    }
  }
  /// By fingerprint, of which nothing is shown.
  void compare_private(const Texts& before, const Texts& after) {
    Comparison prints;
    prints.compare(Kind::kPrivateVariable, before, after);
    for (ReleaseChange& change : prints.out_.changes) {
      if (change.before) change.before = "";
      if (change.after) change.after = "";
      out_.changes.push_back(std::move(change));
    }
  }
  void cannot(std::string why) { out_.unknown.push_back(std::move(why)); }
  ReleaseDifference take() { return std::move(out_); }

 private:
  static std::optional<std::string> find(const Texts& texts, const std::string& name) {
    const auto found = texts.find(name);
    return found == texts.end() ? std::nullopt : std::optional(found->second);
  }
  void add(Kind kind, std::string name, std::optional<std::string> before,
           std::optional<std::string> after) {
    out_.changes.push_back({kind, std::move(name), std::move(before), std::move(after)});
  }

  ReleaseDifference out_;
};

void compare_images(const Services& services, const CurrentApp& current, const UpgradePlan& plan,
                    Comparison& out) {
  if (current.image_name.empty()) {
    return out.cannot("the image that runs: the node does not give the release's event");
  }
  const std::string running = current.image_name + "@" + current.image_digest;
  out.compare(Kind::kImage, running, plan.reference.name() + "@" + plan.image.digest.to_string());
  if (plan.image.digest.to_string() == current.image_digest) return;
  try {
    const oci::ResolvedImage before = services.registry.resolve(oci::Reference::parse(running));
    out.compare(Kind::kEntrypoint, words_of(before.entrypoint), words_of(plan.image.entrypoint));
    out.compare(Kind::kCommand, words_of(before.command), words_of(plan.image.command));
    out.compare(Kind::kLabel, before.labels, plan.image.labels);
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    out.cannot("entrypoint and labels of the image that runs: " + error.message());
  }
}

Texts names_of(const Texts& variables) {
  Texts out;
  for (const auto& [name, unused] : variables) out[name] = "";
  return out;
}

void compare_private_variables(const Signer& signer, const CurrentApp& current,
                               const UpgradeRequest& request,
                               const std::optional<LockedApp>& locked, Comparison& out) {
  const auto unknown = [&](const std::string& why) {
    out.cannot("which private variables change: ecloud.lock " + why);
  };
  if (!locked) return unknown("says nothing of this app");
  if (locked->block != current.release_block) {
    return unknown("speaks of another release than the one that runs");
  }
  if (!locked->private_variables) return unknown("does not know those of the release that runs");
  const Texts prints = variable_fingerprints(signer, request.app, request.variables);
  if (locked->account == signer.address) {
    return out.compare_private(*locked->private_variables, prints);
  }
  // Fingerprints say something to the key alone that they were made with.
  out.compare_private(names_of(*locked->private_variables), names_of(prints));
  if (locked->private_variables->empty()) return;
  out.cannot("the values of private variables: the fingerprints in ecloud.lock are of the key of " +
             (locked->account.is_zero() ? "an unknown account" : locked->account.to_string()));
}

}  // namespace

std::string_view to_string(ReleaseChange::Kind kind) {
  switch (kind) {
    case Kind::kImage:
      return "image";
    case Kind::kEntrypoint:
      return "entrypoint";
    case Kind::kCommand:
      return "command";
    case Kind::kLabel:
      return "label";
    case Kind::kPublicVariable:
      return "publicVariable";
    case Kind::kPrivateVariable:
      return "privateVariable";
    case Kind::kInstanceType:
      return "instanceType";
    case Kind::kLogVisibility:
      return "logVisibility";
  }
  fail_bug("a change of no kind");
}

std::optional<ReleaseChange::Kind> release_change_kind_of(std::string_view word) {
  for (const Kind kind :
       {Kind::kImage, Kind::kEntrypoint, Kind::kCommand, Kind::kLabel, Kind::kPublicVariable,
        Kind::kPrivateVariable, Kind::kInstanceType, Kind::kLogVisibility}) {
    if (word == to_string(kind)) return kind;
  }
  return std::nullopt;
}

ReleaseDifference compare_with_running(const Services& services, const Signer& signer,
                                       const CurrentApp& current, const UpgradeRequest& request,
                                       const UpgradePlan& plan,
                                       const std::optional<LockedApp>& locked,
                                       bool image_is_known) {
  Comparison out;
  if (image_is_known) {
    compare_images(services, current, plan, out);
  } else {
    out.cannot("the image: it is still to be built");
  }
  const bool keeps_variables = request.wallet.keeps_release;
  if (current.release) {
    if (!keeps_variables) {
      out.compare(Kind::kPublicVariable, current.public_variables,
                  request.variables.public_variables);
    }
    out.compare(Kind::kInstanceType, current.instance_type, plan.instance_type);
  } else {
    out.cannot("public variables and instance type: the node does not give the release's event");
  }
  if (!keeps_variables) compare_private_variables(signer, current, request, locked, out);
  const bool becomes_public = plan.log_visibility == LogVisibility::kPublic;
  out.compare(Kind::kLogVisibility, current.logs_are_public ? "public" : "not public",
              becomes_public ? "public" : "not public");
  return out.take();
}

}  // namespace ecloud::deploy
