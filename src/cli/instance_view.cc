#include "cli/instance_view.h"

#include <fmt/format.h>

#include "cli/json_values.h"
#include "ecloud/base/error.h"
#include "ecloud/platform/instance_type.h"

namespace ecloud::cli {
namespace {

constexpr std::uint64_t kMegabytesPerGigabyte = 1024;

/// Null when nothing is known about it.
base::Json tee_or_null(platform::Hardware hardware) {
  return hardware == platform::Hardware::kUnknown ? base::Json()
                                                  : base::Json(platform::has_tee(hardware));
}

std::string price_words(const std::optional<platform::Sku>& offer) {
  if (!offer || (!offer->hourly_usd && !offer->monthly_usd)) {
    return "unknown (the platform does not report it)";
  }
  std::string out;
  if (offer->hourly_usd) out = show_price(offer->hourly_usd) + " USD an hour";
  if (offer->monthly_usd) {
    out += (out.empty() ? "" : ", ") + show_price(offer->monthly_usd) + " USD a month";
  }
  return out;
}

std::string size_words(const std::optional<platform::Sku>& offer) {
  std::string out;
  if (offer && offer->vcpus) out += ", " + std::to_string(*offer->vcpus) + " vCPU";
  if (offer && offer->memory_mb) out += ", " + show_memory_size(offer->memory_mb);
  return out;
}

}  // namespace

std::string show_price(const std::optional<double>& usd) {
  if (!usd) return "unknown";
  // A price below a cent must not read as nothing.
  return *usd > 0 && *usd < 0.01 ? fmt::format("{:.4f}", *usd) : fmt::format("{:.2f}", *usd);
}

std::string show_memory_size(const std::optional<std::uint64_t>& megabytes) {
  if (!megabytes) return "unknown";
  return *megabytes % kMegabytesPerGigabyte == 0
             ? std::to_string(*megabytes / kMegabytesPerGigabyte) + " GB"
             : std::to_string(*megabytes) + " MB";
}

Pairs instance_pairs(const std::string& type, const std::optional<platform::Sku>& offer) {
  const std::string tee(platform::to_string(platform::hardware_of(type)));
  return {{"Hardware", "TEE: " + tee + size_words(offer)}, {"Price", price_words(offer)}};
}

base::Json instance_document(const std::string& type, const std::optional<platform::Sku>& offer) {
  const platform::Sku known = offer.value_or(platform::Sku{});
  const platform::Hardware hardware = platform::hardware_of(type);
  return base::Json::object({{"name", type},
                             {"hardware", platform::to_string(hardware)},
                             {"hasTee", tee_or_null(hardware)},
                             {"vcpus", number_or_null(known.vcpus)},
                             {"memoryMb", number_or_null(known.memory_mb)},
                             {"hourlyUsd", number_or_null(known.hourly_usd)},
                             {"monthlyUsd", number_or_null(known.monthly_usd)}});
}

JsonField instance_json_field() {
  return {"instance",
          "with --dry-run: name, hardware, hasTee, vcpus, memoryMb, hourlyUsd, monthlyUsd of the "
          "instance type, as the platform tells them; null where it does not"};
}

void confirm_hardware(Context& context, const Values& values, const std::string& type) {
  if (platform::has_tee(platform::hardware_of(type))) return;
  const Source source = values.origin("instance-type").source;
  const bool chosen =
      source == Source::kFlag || source == Source::kVariable || source == Source::kProjectFile;
  if (context.terminal().options().yes && !chosen) {
    throw Error(Category::kUsage, "deploy.no_tee",
                platform::hardware_warning(type) + "; --yes does not agree to that by itself",
                "name the type together with --yes: --instance-type " + type +
                    ", or choose one with a TEE: ecloud compute instance-types");
  }
  context.terminal().confirm("Use " + type + " without the protection of a TEE?");
}

}  // namespace ecloud::cli
