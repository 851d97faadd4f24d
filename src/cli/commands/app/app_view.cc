#include "cli/commands/app/app_view.h"

#include <fmt/format.h>

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
