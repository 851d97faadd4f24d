#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/workflow.h"
#include "ecloud/platform/user_api.h"

namespace ecloud::cli {

/// What of a profile is to be another one; what is absent stays. An empty text clears.
struct ProfileChange {
  std::optional<std::string> name, website, description, x_url;
  std::optional<platform::ProfileImage> image;
};

/// One field that changes.
struct ProfileDifference {
  std::string field;  ///< as in the JSON document: "xUrl"
  std::string from, to;
};

struct ProfilePlan {
  eth::Address app;
  platform::AppProfile before, after;
  std::optional<platform::ProfileImage> image;
  std::vector<ProfileDifference> differences;
};

/// Reads the present profile and lays the change over it. The present name, else the one that it
/// was deployed with from this machine, is kept when no other is given, because the platform wants
/// one. Throws Error{kUsage}: profile.name_needed, profile.bad_name, profile.bad_description,
/// app.name_taken (another app of the account has the name).
ProfilePlan plan_profile(Workflow& workflow, const eth::Address& app, ProfileChange change);

/// Sets the profile, and the name in this machine's record and name cache. Gives the profile that
/// the platform says it has now; warns of fields that it did not take.
platform::AppProfile apply_profile(Workflow& workflow, const ProfilePlan& plan, bool rename_record);

base::Json differences_document(const std::vector<ProfileDifference>& differences);
/// "name: old -> new", one a line.
std::string format_differences(const std::vector<ProfileDifference>& differences);

}  // namespace ecloud::cli
