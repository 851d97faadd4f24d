#include <algorithm>
#include <set>
#include <utility>

#include "deploy/release_facts.h"
#include "ecloud/base/error.h"
#include "ecloud/base/hex.h"
#include "ecloud/base/text.h"
#include "ecloud/chain/chain.h"
#include "ecloud/deploy/controller_reads.h"
#include "ecloud/deploy/release_wallet.h"
#include "ecloud/deploy/rollback_app.h"
#include "ecloud/platform/app_environment.h"

namespace ecloud::deploy {
namespace {

/// Blocks asked for in one batch.
constexpr std::size_t kBlocksPerBatch = 20;
/// What public nodes give in one range of events, and where halving it ends: the smallest limit
/// that is known is 10 blocks (Alchemy's free plan).
constexpr std::uint64_t kWidestRange = 10'000;
constexpr std::uint64_t kNarrowestRange = 5;
constexpr int kMostRanges = 500;

/// Digits below which a prefix of a digest may be met by chance, or be a number.
constexpr std::size_t kShortestDigest = 7;

bool is_hex(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string as_on_chain(std::string_view digest) {
  return "sha256:" + digest_digits(digest);
}

PastRelease past_release(platform::AppUpgraded event) {
  PastRelease out;
  out.id = event.release_id;
  out.block = event.block;
  out.release = std::move(event.release);
  if (!out.release.artifacts.empty()) {
    out.image_name = base::printable_line(out.release.artifacts.front().registry);
    out.image_digest = "sha256:" + base::to_hex(out.release.artifacts.front().digest);
  }
  PublicEnvironment public_environment = read_public_environment(out.release.public_env);
  out.instance_type = std::move(public_environment.instance_type);
  out.public_variables = std::move(public_environment.variables);
  return out;
}

/// Collects the releases of one app.
class Search {
 public:
  Search(const Services& services, const eth::Address& app) : services_(services) {
    out_.app = app;
  }

  void ask_controller() {
    const auto view = [&](const base::Bytes& data) {
      return chain::eth_call(services_.environment.app_controller, data);
    };
    const auto results = services_.rpc.batch(
        {view(platform::encode_app_creator(out_.app)), view(platform::encode_app_status(out_.app)),
         view(platform::encode_latest_release_block(out_.app)),
         view(platform::encode_pending_release_block(out_.app)), view(platform::encode_version())});
    out_.controller_version = deploy::controller_version(services_, results[4]);
    const auto data = [&](std::size_t i) {
      return chain::read_data(chain::value_or_throw(results[i], "eth_call"));
    };
    if (platform::decode_address(data(0)).is_zero()) {
      throw Error(Category::kNotFound, "app.not_found",
                  "there is no app " + out_.app.to_string() + " on " +
                      platform::chain_name(services_.environment.chain_id),
                  "see your apps: ecloud compute app list, or check --environment");
    }
    const eth::U256 status = platform::decode_number(data(1));
    if (status <= eth::U256(5)) out_.status = static_cast<platform::ChainStatus>(status.to_u64());
    out_.current_block = platform::decode_number(data(2)).to_u64();
    // Controllers that know no pending releases revert.
    if (std::holds_alternative<base::Json>(results[3])) {
      const std::uint64_t pending = platform::decode_number(data(3)).to_u64();
      if (pending > 0) out_.pending_block = pending;
    }
  }

  /// False when the platform does not answer.
  bool ask_platform(platform::UserApi& api) {
    try {
      for (const platform::ReleaseRecord& one : api.details(out_.app).releases) {
        if (one.created_at_block)
          listed_[*one.created_at_block].insert(as_on_chain(one.image_digest));
      }
      return true;
    } catch (const Error& error) {
      if (error.category() == Category::kInterrupted) throw;
      services_.observer.note("the platform does not list the app's releases: " + error.message());
      return false;
    }
  }

  void read_listed_blocks() {
    std::set<std::uint64_t> blocks = {newest_block()};
    for (const auto& [block, digests] : listed_) blocks.insert(block);
    blocks.erase(0);
    const std::vector<std::uint64_t> all(blocks.begin(), blocks.end());
    for (std::size_t first = 0; first < all.size(); first += kBlocksPerBatch) {
      const std::size_t count = std::min(kBlocksPerBatch, all.size() - first);
      std::vector<chain::RpcCall> calls;
      for (std::size_t i = 0; i < count; ++i)
        calls.push_back(logs_of(all[first + i], all[first + i]));
      const auto results = services_.rpc.batch(calls);
      for (std::size_t i = 0; i < count; ++i) {
        take(chain::read_logs(chain::value_or_throw(results[i], "eth_getLogs")));
      }
    }
    compare_with_list();
  }

  void walk_back(const std::function<bool(const PastReleases&)>& enough) {
    services_.observer.phase("looking for releases through the chain");
    std::uint64_t end = newest_block();
    std::uint64_t width = kWidestRange;
    for (int i = 0; i < kMostRanges && end > 0 && !has_first() && !enough(out_); ++i) {
      const std::uint64_t begin = end > width ? end - width + 1 : 1;
      std::string problem;
      if (!read_range(begin, end, problem)) {
        if (width / 2 < kNarrowestRange) {
          services_.observer.warning("the node gives no older events: " + problem);
          return;
        }
        width /= 2;
        continue;
      }
      services_.observer.detail("block " + std::to_string(begin));
      end = begin - 1;
    }
  }

  const PastReleases& found() const { return out_; }
  PastReleases take_all() { return std::move(out_); }

 private:
  std::uint64_t newest_block() const {
    return std::max(out_.current_block, out_.pending_block.value_or(0));
  }
  bool has_first() const { return !out_.list.empty() && out_.list.front().id == 0; }

  chain::RpcCall logs_of(std::uint64_t begin, std::uint64_t end) const {
    return chain::get_logs(services_.environment.app_controller, begin, end,
                           {std::nullopt, platform::topic_of_address(out_.app)});
  }

  /// False, with the reason, when the node refuses: it may take a shorter range. Some say that with
  /// the error for who asks too often.
  bool read_range(std::uint64_t begin, std::uint64_t end, std::string& problem) {
    try {
      const auto result = services_.rpc.batch({logs_of(begin, end)}).front();
      if (const auto* error = std::get_if<chain::RpcError>(&result)) {
        problem = base::printable_line(error->message);
        return false;
      }
      take(chain::read_logs(std::get<base::Json>(result)));
      return true;
    } catch (const Error& error) {
      if (error.category() != Category::kNetwork) throw;
      problem = error.message();
      return false;
    }
  }

  void take(const std::vector<chain::LogEntry>& logs) {
    for (platform::AppUpgraded& event :
         platform::find_all_app_upgraded(logs, services_.environment.app_controller, out_.app)) {
      const bool known = std::any_of(out_.list.begin(), out_.list.end(),
                                     [&](const auto& one) { return one.id == event.release_id; });
      if (!known) out_.list.push_back(past_release(std::move(event)));
    }
    std::sort(out_.list.begin(), out_.list.end(),
              [](const PastRelease& a, const PastRelease& b) { return a.id < b.id; });
  }

  /// The chain is believed, and what the platform says besides is told.
  void compare_with_list() const {
    for (const auto& [block, digests] : listed_) {
      std::set<std::string> on_chain;
      for (const PastRelease& one : out_.list) {
        if (one.block == block) on_chain.insert(one.image_digest);
      }
      for (const std::string& digest : digests) {
        if (on_chain.contains(digest)) continue;
        services_.observer.warning(
            "the platform lists a release of block " + std::to_string(block) + " with the image " +
            base::printable_line(digest, 80) +
            (on_chain.empty() ? ", and the chain has none there; it is left out"
                              : ", and the chain has " + *on_chain.begin() + ", which counts"));
      }
    }
  }

  const Services& services_;
  PastReleases out_;
  std::map<std::uint64_t, std::set<std::string>> listed_;  ///< digests by block
};

}  // namespace

bool PastReleases::is_complete() const {
  return !list.empty() && list.front().id == 0 && list.back().id + 1 == list.size();
}

ReleaseName ReleaseName::parse(std::string_view text) {
  ReleaseName out;
  out.text_ = text;
  const bool of_chain = text.starts_with("id:");
  const bool digest = text.starts_with("sha256:");
  const std::string_view rest = text.substr(of_chain ? 3 : digest ? 7 : 0);
  const auto number = digest ? std::nullopt : base::parse_decimal(rest);
  if (of_chain && number) {
    out.id_ = *number;
    return out;
  }
  if (!of_chain && number && *number > 0 && rest.size() < kShortestDigest) {
    out.id_ = *number - 1;
    return out;
  }
  if (!of_chain && is_hex(rest) && rest.size() >= kShortestDigest) {
    out.digest_ = base::to_lower(rest);
    return out;
  }
  throw Error(Category::kUsage, "rollback.bad_release",
              "--to takes the number of a release, id:NUMBER, or seven digits and more of its "
              "digest; " +
                  base::printable_line(text, 80) + " is none",
              "see them: ecloud compute app rollback APP --list");
}

bool ReleaseName::means(std::uint64_t id, std::string_view image_digest) const {
  if (id_) return *id_ == id;
  constexpr std::string_view kPrefix = "sha256:";
  return image_digest.starts_with(kPrefix) &&
         image_digest.substr(kPrefix.size()).starts_with(digest_);
}

PastReleases find_releases(const Services& services, platform::UserApi& api,
                           const eth::Address& app,
                           const std::function<bool(const PastReleases&)>& enough) {
  Search search(services, app);
  search.ask_controller();
  const bool listed = search.ask_platform(api);
  search.read_listed_blocks();
  const bool all = search.found().is_complete();
  if (!all && !enough(search.found())) search.walk_back(enough);
  if (!search.found().is_complete()) {
    services.observer.note(listed ? "the platform does not list all releases of the app"
                                  : "there may be older releases than those that were found");
  }
  return search.take_all();
}

const PastRelease* choose_release(const PastReleases& releases,
                                  const std::optional<ReleaseName>& name) {
  const auto& list = releases.list;
  if (!name) {
    // The one before the newest, when that is known to be it.
    const bool next = list.size() > 1 && list[list.size() - 2].id + 1 == list.back().id;
    return next ? &list[list.size() - 2] : nullptr;
  }
  for (auto one = list.rbegin(); one != list.rend(); ++one) {
    if (name->means(one->id, one->image_digest)) return &*one;
  }
  return nullptr;
}

std::optional<FoundPhrase> find_phrase(const Services& services, const Signer& signer,
                                       platform::UserApi& api, const eth::Address& app) {
  const auto search = [&](const PastReleases& releases) -> std::optional<FoundPhrase> {
    for (std::size_t i = releases.list.size(); i-- > 0;) {
      const PastRelease& release = releases.list[i];
      try {
        const auto wallet = read_release_wallet(release.release.encrypted_env, app);
        if (!wallet) continue;
        auto phrase = open_phrase(signer, app, wallet->sealed_phrase);
        if (phrase) return FoundPhrase{std::move(*phrase), release.number()};
      } catch (const Error& error) {
        if (error.code() != "wallet.forged") throw;
      }
    }
    return std::nullopt;
  };
  return search(find_releases(
      services, api, app, [&](const PastReleases& found) { return search(found).has_value(); }));
}

}  // namespace ecloud::deploy
