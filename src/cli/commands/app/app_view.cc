#include "cli/commands/app/app_view.h"

#include <fmt/format.h>

#include "ecloud/base/clock.h"
#include "ecloud/base/error.h"

namespace ecloud::cli {
namespace {

base::Json address_list(const std::vector<platform::DerivedAddress>& addresses, std::size_t most) {
  base::Json out = base::Json::array();
  for (std::size_t i = 0; i < addresses.size() && i < most; ++i) {
    out.push(base::Json::object(
        {{"address", addresses[i].address}, {"path", addresses[i].derivation_path}}));
  }
  return out;
}

}  // namespace

std::string show_percent(const std::optional<double>& percent) {
  return percent ? fmt::format("{:.1f} %", *percent) : std::string();
}

std::string show_bytes(const std::optional<std::uint64_t>& bytes) {
  if (!bytes) return {};
  double value = static_cast<double>(*bytes);
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", *bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string show_memory(const platform::AppMetrics& metrics) {
  const std::string total = show_bytes(metrics.memory_total_bytes);
  const std::string used = show_bytes(metrics.memory_used_bytes);
  return used.empty() || total.empty() ? used : used + " of " + total;
}

std::string show_server_time(const Terminal& terminal, const std::string& text, std::int64_t now) {
  const auto time = base::parse_rfc3339(text);
  return time ? show_time(terminal, *time, now) : text;
}

std::string show_image(const std::string& name, const std::string& digest) {
  if (name.empty() || digest.empty()) return name + digest;
  return name + "@" + digest;
}

std::vector<std::string> unread_members(const platform::AppInfo& info) {
  std::vector<std::string> out;
  if (!info.state_problem.empty()) out.push_back("the run state is unknown: " + info.state_problem);
  if (info.addresses_unread) {
    out.push_back("the KMS's wallet addresses are not shown: " + *info.addresses_unread);
  }
  return out;
}

std::vector<std::string> variable_names(const platform::ReleaseRecord& release) {
  std::vector<std::string> names;
  for (const auto& [name, value] : release.public_variables) names.push_back(name);
  return names;
}

std::string show_build(const std::optional<platform::ReleaseBuild>& build) {
  if (!build) return {};
  std::string text = build->repository.empty() ? build->id : build->repository;
  if (!build->commit.empty()) text += " at " + build->commit;
  return text + " (" + (build->status.empty() ? "state unknown" : build->status) +
         (build->has_provenance ? ", with provenance)" : ")");
}

base::Json build_document(const std::optional<platform::ReleaseBuild>& build) {
  if (!build) return {};
  return base::Json::object({{"id", build->id},
                             {"status", text_or_null(build->status)},
                             {"repoUrl", text_or_null(build->repository)},
                             {"gitRef", text_or_null(build->commit)},
                             {"imageDigest", text_or_null(build->image_digest)},
                             {"repository", text_or_null(build->repository)},
                             {"commit", text_or_null(build->commit)},
                             {"provenance", build->has_provenance}});
}

Option address_count_option(const std::string& default_text) {
  return {.name = "address-count",
          .kind = Kind::kNumber,
          .value_name = "N",
          .help = "How many addresses of each kind to show, at most 5",
          .default_text = default_text};
}

std::size_t read_address_count(const Values& values) {
  const std::uint64_t count = values.number("address-count").value_or(1);
  if (count >= 1 && count <= 5) return count;
  throw Error(Category::kUsage, "cli.bad_value",
              "--address-count takes a number from 1 to 5, not " + std::to_string(count),
              "the platform derives up to five addresses of each kind");
}

base::Json profile_document(const std::optional<platform::AppProfile>& profile) {
  if (!profile) return {};
  return base::Json::object({{"name", profile->name},
                             {"website", profile->website},
                             {"description", profile->description},
                             {"xUrl", profile->x_url},
                             {"imageUrl", profile->image_url}});
}

base::Json metrics_document(const platform::AppMetrics& metrics) {
  return base::Json::object({{"cpuPercent", number_or_null(metrics.cpu_percent)},
                             {"memoryPercent", number_or_null(metrics.memory_percent)},
                             {"memoryUsedBytes", number_or_null(metrics.memory_used_bytes)},
                             {"memoryTotalBytes", number_or_null(metrics.memory_total_bytes)}});
}

base::Json addresses_document(const platform::AppInfo& info, std::size_t most) {
  if (!info.addresses) return {};
  return base::Json::object({{"verified", true},
                             {"namesApp", info.addresses->names_app},
                             {"evm", address_list(info.addresses->evm, most)},
                             {"solana", address_list(info.addresses->solana, most)}});
}

}  // namespace ecloud::cli
