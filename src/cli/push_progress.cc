#include "cli/push_progress.h"

#include <fmt/format.h>

#include <array>

namespace ecloud::cli {

std::string short_digest(const oci::Digest& digest) {
  const std::string text = digest.to_string();
  return text.substr(text.find(':') + 1, 12);
}

std::string show_size(std::uint64_t bytes) {
  if (bytes < 1'000) return fmt::format("{} B", bytes);
  static constexpr std::array<const char*, 4> kUnits = {"KB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes) / 1'000;
  std::size_t unit = 0;
  // 999.95 would be shown as 1000.0.
  while (value >= 999.95 && unit + 1 < kUnits.size()) {
    value /= 1'000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

void PushProgress::blob(const oci::Descriptor& blob, oci::BlobStep step, std::uint64_t done_bytes) {
  const std::string name = short_digest(blob.digest);
  const auto moving = [&](const char* verb) {
    progress_.part(name, fmt::format("{}  {} {} of {}", name, verb, show_size(done_bytes),
                                     show_size(blob.size_bytes)));
  };
  switch (step) {
    case oci::BlobStep::kFetching:
      return moving("fetching");
    case oci::BlobStep::kSending:
      return moving("sending");
    case oci::BlobStep::kPresent:
      return progress_.part(name, "");
    case oci::BlobStep::kMounted:
      progress_.part(name, "");
      return progress_.detail(name + " mounted");
    case oci::BlobStep::kSent:
      progress_.part(name, "");
      return progress_.detail(fmt::format("{} sent ({})", name, show_size(blob.size_bytes)));
  }
}

}  // namespace ecloud::cli
