#include "ecloud/deploy/find_app.h"

#include <algorithm>

#include "ecloud/base/clock.h"
#include "ecloud/base/concurrent.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/platform/signatures.h"

namespace ecloud::deploy {
namespace {

/// An app that a name may mean, and who says so.
struct Candidate {
  eth::Address app;
  bool here = false;      ///< a record of this machine
  bool platform = false;  ///< its profile's name
};

/// How many of several apps are described when a name is ambiguous.
constexpr std::size_t kMaxDescribed = 10;

Error not_found(std::string_view name, const std::vector<std::string>& names,
                const std::string& incomplete) {
  const auto close = base::closest(name, names);
  return {Category::kNotFound, "app.not_found",
          "there is no app named " + base::printable_line(name),
          (close ? "did you mean " + *close + "?\n" : std::string()) +
              (incomplete.empty() ? std::string() : incomplete + ": give such an app's ID\n") +
              "see your apps: ecloud compute app list, or give the app's id"};
}

Error unknown_name(std::string_view name, const std::string& problem) {
  return {
      Category::kNetwork, "app.unknown_name",
      "whether an app is named " + base::printable_line(name) + " is unknown, because " + problem,
      "give the app's id, or try again in a moment"};
}

std::vector<eth::Address> named_here(const Services& services, const Signer* signer,
                                     std::string_view name, const std::vector<KnownName>& known) {
  std::vector<eth::Address> out;
  const auto add = [&](const eth::Address& app) {
    if (std::find(out.begin(), out.end(), app) == out.end()) out.push_back(app);
  };
  for (const AppRecord& record :
       AppRecords(services.paths.state, services.environment.name).all()) {
    const bool own = signer == nullptr || record.deployer == signer->address;
    if (own && record.name == name) add(record.app);
  }
  for (const KnownName& one : known) {
    if (one.name == name) add(one.app);
  }
  return out;
}

/// A name looked up among what the chain says are the signer's apps.
class Search {
 public:
  Search(const Services& services, const Signer& signer, std::string_view name,
         const std::vector<KnownName>& known)
      : services_(services), name_(name) {
    here_ = named_here(services, &signer, name, known);
    list_ = list_apps(services, signer, {.all = false});
  }

  eth::Address find() {
    collect();
    if (found_.size() > 1) throw ambiguous();
    if (found_.size() == 1) {
      if (!found_[0].platform && !list_.problem.empty()) {
        services_.observer.note("the name " + std::string(name_) +
                                " is this machine's word; the platform's could not be compared, "
                                "because " +
                                list_.problem);
      }
      note_other_name(found_[0]);
      return found_[0].app;
    }
    return find_past();
  }

  const AppList& list() const { return list_; }

  std::vector<Candidate> collect() {
    found_.clear();
    for (const ListedApp& app : list_.apps) {
      Candidate candidate{app.chain.app};
      candidate.here = is_here(app.chain.app);
      candidate.platform = app.info && app.info->profile && app.info->profile->name == name_;
      if (candidate.here || candidate.platform) found_.push_back(candidate);
    }
    return found_;
  }

 private:
  bool is_here(const eth::Address& app) const {
    return std::find(here_.begin(), here_.end(), app) != here_.end();
  }

  /// A name that only the platform gives to an app which this machine knows by another one.
  void note_other_name(const Candidate& candidate) const {
    if (candidate.here) return;
    const auto record =
        AppRecords(services_.paths.state, services_.environment.name).find(candidate.app);
    if (!record || record->name.empty()) return;
    services_.observer.note("app " + candidate.app.to_string() + " is named " + std::string(name_) +
                            " on the platform and was deployed from here as " + record->name);
  }

  /// Nothing alive has the name: apps of this machine's records that are terminated, or not the
  /// signer's.
  eth::Address find_past() {
    if (here_.size() == 1) return here_.front();
    if (here_.size() > 1) {
      for (const eth::Address& app : here_) found_.push_back({app, true, false});
      throw ambiguous();
    }
    if (!list_.problem.empty()) throw unknown_name(name_, list_.problem);
    std::vector<std::string> names;
    for (const ListedApp& app : list_.apps) names.push_back(app.name);
    throw not_found(name_, names, list_.incomplete);
  }

  const ListedApp* listed(const eth::Address& app) const {
    for (const ListedApp& one : list_.apps) {
      if (one.chain.app == app) return &one;
    }
    return nullptr;
  }

  std::string created(const eth::Address& app) const {
    const auto record = AppRecords(services_.paths.state, services_.environment.name).find(app);
    if (record && record->created_at > 0) return base::format_rfc3339(record->created_at);
    try {
      platform::UserApi api(services_.transport, services_.clock, services_.environment, nullptr,
                            {});
      const platform::AppDetails details = api.details(app);
      const bool tells = !details.releases.empty() && !details.releases.back().created_at.empty();
      if (tells) return details.releases.back().created_at;
    } catch (const Error& error) {
      if (error.category() == Category::kInterrupted) throw;
    }
    return "at an unknown time";
  }

  std::string describe(const Candidate& candidate) const {
    const ListedApp* app = listed(candidate.app);
    const std::string state = app == nullptr ? std::string("terminated or not yours")
                              : app->info && !app->info->state_word.empty()
                                  ? app->info->state_word
                                  : std::string(platform::to_string(app->chain.status));
    const char* who = candidate.here && candidate.platform ? "named so here and on the platform"
                      : candidate.here                     ? "named so on this machine"
                                                           : "named so on the platform";
    return candidate.app.to_string() + " (" + state + ", created " + created(candidate.app) + ", " +
           who + ")";
  }

  Error ambiguous() const {
    const std::size_t count = std::min(found_.size(), kMaxDescribed);
    std::vector<std::string> lines(count);
    std::vector<std::function<void()>> tasks;
    for (std::size_t i = 0; i < count; ++i) {
      tasks.emplace_back([this, &lines, i] { lines[i] = describe(found_[i]); });
    }
    base::run_concurrently(std::move(tasks));
    const bool disagree =
        std::any_of(found_.begin(), found_.end(), [](const Candidate& c) { return !c.here; }) &&
        std::any_of(found_.begin(), found_.end(), [](const Candidate& c) { return c.here; });
    const std::string name = base::printable_line(name_);
    return {Category::kUsage, "app.ambiguous",
            (disagree ? "this machine and the platform do not mean the same app by " + name + ": "
                      : "several apps are named " + name + ": ") +
                base::join(lines, ", "),
            "give the id instead of the name"};
  }

  const Services& services_;
  std::string_view name_;
  std::vector<eth::Address> here_;
  AppList list_;
  std::vector<Candidate> found_;
};

eth::Address find_without_key(const Services& services, std::string_view name,
                              const std::vector<KnownName>& known) {
  const std::vector<eth::Address> found = named_here(services, nullptr, name, known);
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    throw Error(Category::kNotFound, "app.not_found",
                "this machine knows no app named " + base::printable_line(name),
                "give the app's id, or a key (--private-key-file FILE), so that the platform can "
                "be asked");
  }
  std::vector<std::string> ids;
  for (const eth::Address& app : found) ids.push_back(app.to_string());
  throw Error(Category::kUsage, "app.ambiguous",
              "several apps are named " + base::printable_line(name) + ": " + base::join(ids, ", "),
              "give the id instead of the name");
}

}  // namespace

eth::Address find_app(const Services& services, const Signer* signer, std::string_view id_or_name,
                      const std::vector<KnownName>& known) {
  if (id_or_name.starts_with("0x")) {
    const auto id = eth::Address::parse(id_or_name);
    if (id) return *id;
    throw Error(
        Category::kUsage, "app.bad_id",
        base::printable_line(id_or_name) + " is no app id: it " + eth::Address::problem(id_or_name),
        "see your apps: ecloud compute app list");
  }
  if (signer == nullptr) return find_without_key(services, id_or_name, known);
  return Search(services, *signer, id_or_name, known).find();
}

std::optional<eth::Address> app_named(const Services& services, const Signer& signer,
                                      std::string_view name, const eth::Address& except) {
  Search search(services, signer, name, {});
  for (const Candidate& candidate : search.collect()) {
    if (!(candidate.app == except)) return candidate.app;
  }
  if (!search.list().problem.empty()) throw unknown_name(name, search.list().problem);
  return std::nullopt;
}

std::optional<AppRecord> last_deployment(const Services& services, const std::string& folder) {
  std::optional<AppRecord> last;
  const AppRecords records(services.paths.state, services.environment.name);
  for (AppRecord& record : records.all()) {
    if (record.folder == folder) last = std::move(record);
  }
  return last;
}

}  // namespace ecloud::deploy
