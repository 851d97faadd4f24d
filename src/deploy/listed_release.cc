// The platform's list of releases comes from an indexer that lags the chain by seconds. What is on
// chain is known before anything here is asked: the list only shows what the platform has taken up.

#include <algorithm>

#include "deploy/release_facts.h"
#include "ecloud/base/error.h"
#include "ecloud/deploy/watch.h"

namespace ecloud::deploy {
namespace {

using platform::ReleaseRecord;

/// What the platform's own client does.
constexpr base::Milliseconds kListInterval{3'000};
constexpr base::Milliseconds kListPatience{45'000};

bool same_image(const ReleaseRecord& listed, const SentRelease& release) {
  return digest_digits(listed.image_digest) == digest_digits(release.image_digest);
}

/// The newest entry: the one of the highest block, or the first where blocks are not told.
const ReleaseRecord& newest_of(const std::vector<ReleaseRecord>& releases) {
  const bool all_tell = std::all_of(releases.begin(), releases.end(), [](const auto& one) {
    return one.created_at_block.has_value();
  });
  if (!all_tell) return releases.front();
  return *std::max_element(releases.begin(), releases.end(), [](const auto& a, const auto& b) {
    return *a.created_at_block < *b.created_at_block;
  });
}

ListedRelease compare(const platform::AppDetails& details, const SentRelease& release) {
  using State = ListedRelease::State;
  if (details.releases.empty()) return {State::kLagging, "", ""};
  const ReleaseRecord& newest = newest_of(details.releases);
  if (newest.image_digest.empty()) {
    return {State::kUnknown, "", "its newest release has no image digest that can be read"};
  }
  const std::string digest = "sha256:" + digest_digits(newest.image_digest);
  if (newest.created_at_block && *newest.created_at_block < release.block) {
    return {State::kLagging, digest, ""};
  }
  return {same_image(newest, release) ? State::kSettled : State::kOther, digest, ""};
}

}  // namespace

bool is_listed(const platform::AppDetails& details, const SentRelease& release) {
  if (details.releases.empty()) return false;
  const bool by_block = std::any_of(details.releases.begin(), details.releases.end(),
                                    [&](const ReleaseRecord& listed) {
                                      return listed.created_at_block.value_or(0) >= release.block;
                                    });
  const ReleaseRecord& first = details.releases.front();
  if (by_block || first.created_at_block) return by_block;
  if (first.image_digest.empty()) {
    throw Error(Category::kNetwork, "json.shape",
                "userapi: $.releases[0]: neither createdAtBlock nor imageDigest can be read");
  }
  return same_image(first, release);
}

ListedRelease wait_until_listed(const Services& services, platform::UserApi& api,
                                const eth::Address& app, const SentRelease& release) {
  using State = ListedRelease::State;
  const base::Milliseconds end = services.clock.monotonic() + kListPatience;
  for (;;) {
    ListedRelease out;
    bool may_change = true;
    try {
      out = compare(api.details(app), release);
      // Without blocks an older release looks like another image.
      may_change = out.state == State::kLagging || out.state == State::kOther;
    } catch (const Error& error) {
      if (error.category() == Category::kInterrupted) throw;
      out.problem = error.message();
      may_change = error.code() != "json.shape";
    }
    if (!may_change || services.clock.monotonic() + kListInterval > end) return out;
    services.clock.sleep(kListInterval);
  }
}

}  // namespace ecloud::deploy
