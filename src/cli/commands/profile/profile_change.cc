#include "cli/commands/profile/profile_change.h"

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/app_permissions.h"
#include "ecloud/deploy/app_records.h"
#include "ecloud/deploy/find_app.h"
#include "ecloud/deploy/name_cache.h"

namespace ecloud::cli {
namespace {

/// What the platform takes, in octets.
constexpr std::size_t kMaxDescriptionBytes = 1000;

void check_name(Workflow& workflow, const eth::Address& app, const std::string& name) {
  const std::string problem = platform::profile_name_problem(name);
  if (!problem.empty()) {
    throw Error(Category::kUsage, "profile.bad_name",
                "the name \"" + base::printable_line(name, 60) + "\" " + problem,
                "choose a name of at most 50 characters without blanks");
  }
  const auto other = deploy::app_named(workflow.services(), workflow.signer(), name, app);
  if (!other) return;
  throw Error(
      Category::kUsage, "app.name_taken",
      "app " + other->to_string() + " is named " + name + " already",
      "choose another name, or see that app: ecloud compute app info " + other->to_string());
}

void check_description(const std::string& description) {
  if (description.size() <= kMaxDescriptionBytes) return;
  throw Error(Category::kUsage, "profile.bad_description",
              "the description has " + std::to_string(description.size()) +
                  " bytes; the platform takes 1000",
              "shorten --description");
}

/// The platform would refuse too, but only when the new profile is sent.
void require_right(Workflow& workflow, const eth::Address& app) {
  deploy::require_permission(
      workflow.services(), workflow.signer().address, app,
      {.permission = {platform::api_permission_target(), platform::kUpdateProfilePermission},
       .name = "profile",
       .action = "change the profile of app " + app.to_string()});
}

deploy::AppRecords records_of(Workflow& workflow) {
  const deploy::Services& services = workflow.services();
  return {services.paths.state, services.environment.name};
}

std::vector<ProfileDifference> differences_of(const ProfilePlan& plan) {
  std::vector<ProfileDifference> out;
  const auto compare = [&](const char* field, const std::string& from, const std::string& to) {
    if (from != to) out.push_back({field, from, to});
  };
  compare("name", plan.before.name, plan.after.name);
  compare("website", plan.before.website, plan.after.website);
  compare("description", plan.before.description, plan.after.description);
  compare("xUrl", plan.before.x_url, plan.after.x_url);
  if (plan.image) {
    out.push_back({"image", plan.before.image_url,
                   plan.image->file_name + " (" + plan.image->content_type + ", " +
                       std::to_string(plan.image->content.size()) + " bytes)"});
  }
  return out;
}

void remember_name(Workflow& workflow, const ProfilePlan& plan, bool rename_record) {
  const deploy::Services& services = workflow.services();
  deploy::NameCache(services.paths.state, services.environment.name)
      .learn(workflow.signer().address, {plan.app, plan.after.name});
  if (!rename_record) return;
  records_of(workflow).change(plan.app, [&](std::optional<deploy::AppRecord> record) {
    if (record) record->name = plan.after.name;
    return record;
  });
}

}  // namespace

ProfilePlan plan_profile(Workflow& workflow, const eth::Address& app, ProfileChange change) {
  ProfilePlan plan;
  plan.app = app;
  if (change.description) check_description(*change.description);
  if (change.name) check_name(workflow, app, *change.name);
  require_right(workflow, app);
  const platform::AppInfo info = workflow.user_api(true).info({app}).front();
  plan.before = info.profile.value_or(platform::AppProfile{});
  plan.after = plan.before;
  if (plan.after.name.empty()) {
    if (const auto record = records_of(workflow).find(app)) plan.after.name = record->name;
  }
  const auto lay_over = [](const std::optional<std::string>& given, std::string& field) {
    if (given) field = *given;
  };
  lay_over(change.name, plan.after.name);
  lay_over(change.website, plan.after.website);
  lay_over(change.description, plan.after.description);
  lay_over(change.x_url, plan.after.x_url);
  plan.image = std::move(change.image);
  if (plan.after.name.empty()) {
    throw Error(Category::kUsage, "profile.name_needed",
                "app " + app.to_string() + " has no profile yet, and a profile needs a name",
                "give one: ecloud compute app profile set " + app.to_string() + " --name NAME");
  }
  plan.differences = differences_of(plan);
  return plan;
}

platform::AppProfile apply_profile(Workflow& workflow, const ProfilePlan& plan,
                                   bool rename_record) {
  platform::UserApi api = workflow.user_api(true);
  const platform::AppProfile now = api.replace_profile(plan.app, plan.after, plan.image);
  const auto compare = [&](const char* what, const std::string& wanted, const std::string& got) {
    if (wanted == got) return;
    workflow.warning(std::string("the platform did not take the ") + what + "; it is \"" +
                     base::printable_line(got, 100) + "\"");
  };
  compare("name", plan.after.name, now.name);
  compare("website", plan.after.website, now.website);
  compare("description", plan.after.description, now.description);
  compare("X account", plan.after.x_url, now.x_url);
  remember_name(workflow, plan, rename_record);
  return now;
}

base::Json differences_document(const std::vector<ProfileDifference>& differences) {
  base::Json out = base::Json::array();
  for (const ProfileDifference& one : differences) {
    out.push(base::Json::object({{"field", one.field}, {"from", one.from}, {"to", one.to}}));
  }
  return out;
}

std::string format_differences(const std::vector<ProfileDifference>& differences) {
  std::string out;
  for (const ProfileDifference& one : differences) {
    out += one.field + ": " + (one.from.empty() ? "(none)" : base::printable_line(one.from)) +
           " -> " + (one.to.empty() ? "(none)" : base::printable_line(one.to)) + "\n";
  }
  return out;
}

}  // namespace ecloud::cli
