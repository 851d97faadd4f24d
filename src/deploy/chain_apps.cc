// Which apps an account has, as the chain knows it. getAppsByDeveloper walks all apps of the
// platform and asks for each whether the account is one of its admins, 6,716 gas an app: nodes lend
// a call 50 million, so that on a platform of more than about 7,400 apps it cannot be answered.
// Then getApps gives all apps page by page, each for little gas, and those that the account created
// are picked here. Who the admins of the others are is not asked, and the list says so.

#include <algorithm>
#include <set>

#include "ecloud/base/error.h"
#include "ecloud/chain/chain.h"
#include "ecloud/deploy/controller_reads.h"
#include "ecloud/deploy/find_app.h"
#include "ecloud/platform/app_listing.h"
#include "ecloud/platform/permissions.h"

namespace ecloud::deploy {
namespace {

using platform::RecordLayout;

constexpr std::uint64_t kPageSize = 100;
constexpr std::size_t kPagesInBatch = 10;
/// Far more than anybody has: a node that answers full pages for ever must end somewhere.
constexpr std::size_t kMaxApps = 100'000;
/// Of the whole platform: pages as they are asked for at first, and the smallest.
constexpr std::uint64_t kWalkPage = 200, kSmallestWalkPage = 10;
constexpr std::uint64_t kMaxPlatformApps = 1'000'000;
constexpr std::size_t kQuestionsInBatch = 100;

Error too_many_apps() {
  return {Category::kNetwork, "platform.too_many_apps",
          "the node lists more apps of the account than there can be",
          "try another node: --rpc-url URL"};
}

class ChainAppsReader {
 public:
  ChainAppsReader(const Services& services, const eth::Address& account)
      : services_(services), account_(account) {}

  ChainApps read() {
    const auto first =
        services_.rpc.batch({view(platform::encode_version()),
                             view(platform::encode_pending_release_block({})), developer_page(0)});
    out_.controller_version = controller_version(services_, first[0]);
    choose_layout(first[1]);
    if (!read_by_developer(first[2])) read_all();
    return std::move(out_);
  }

 private:
  chain::RpcCall view(const base::Bytes& data) const {
    return chain::eth_call(services_.environment.app_controller, data);
  }
  chain::RpcCall developer_page(std::uint64_t offset) const {
    return view(platform::encode_apps_by_developer(account_, offset, kPageSize));
  }

  /// A controller that calls itself 1.5.0 and has no pending releases is one with team roles.
  void choose_layout(const chain::RpcResult& pending_release) {
    const auto generation = platform::generation_of(out_.controller_version);
    layout_ = generation == platform::Generation::kThreeFields ? RecordLayout::kFourWords
              : is_revert(pending_release)                     ? RecordLayout::kTimelocked
                                                               : RecordLayout::kPending;
  }

  std::vector<platform::AppRecord> records_in(const chain::RpcResult& result) const {
    return platform::decode_app_records(layout_, controller_data(services_, result));
  }

  /// False when the node cannot say it.
  bool read_by_developer(const chain::RpcResult& first) {
    if (std::holds_alternative<chain::RpcError>(first)) return false;
    bool more = add_page(first);
    for (std::uint64_t offset = kPageSize; more;) {
      std::vector<chain::RpcCall> calls;
      for (std::size_t i = 0; i < kPagesInBatch; ++i, offset += kPageSize) {
        calls.push_back(developer_page(offset));
      }
      for (const chain::RpcResult& result : services_.rpc.batch(calls)) {
        if (more && std::holds_alternative<chain::RpcError>(result)) return false;
        more = more && add_page(result);
      }
    }
    return true;
  }

  /// An app that was created meanwhile may shift the others into the next page. Whether there may
  /// be more after this one.
  bool add_page(const chain::RpcResult& result) {
    const std::vector<platform::AppRecord> page = records_in(result);
    for (const platform::AppRecord& app : page) {
      if (seen_.insert(app.app).second) out_.apps.push_back(app);
    }
    if (page.size() > kPageSize || out_.apps.size() > kMaxApps) throw too_many_apps();
    return page.size() == kPageSize;
  }

  void read_all() {
    out_.apps.clear();
    seen_.clear();
    std::set<eth::Address> known;
    const AppRecords records(services_.paths.state, services_.environment.name);
    for (const AppRecord& record : records.all()) known.insert(record.app);
    for (const platform::AppRecord& app : walk()) {
      const bool candidate = app.creator == account_ || known.contains(app.app);
      if (candidate && seen_.insert(app.app).second) out_.apps.push_back(app);
    }
    keep_administered();
    out_.incomplete =
        "the platform has " + std::to_string(walked_) +
        " apps, too many for the node to search for all that the account administers; apps that "
        "other accounts created may be missing";
  }

  std::vector<platform::AppRecord> walk() {
    std::vector<platform::AppRecord> all;
    std::uint64_t offset = 0, size = kWalkPage;
    for (bool more = true; more;) {
      services_.observer.detail("read " + std::to_string(offset) + " apps of the platform");
      std::vector<chain::RpcCall> calls;
      for (std::size_t i = 0; i < kPagesInBatch; ++i) {
        calls.push_back(view(platform::encode_apps(offset + i * size, size)));
      }
      for (const chain::RpcResult& result : services_.rpc.batch(calls)) {
        if (std::holds_alternative<chain::RpcError>(result) && size > kSmallestWalkPage) {
          size /= 2;
          break;
        }
        const std::vector<platform::AppRecord> page = records_in(result);
        all.insert(all.end(), page.begin(), page.end());
        offset += size;
        if (page.size() > size || offset > kMaxPlatformApps) throw too_many_apps();
        more = page.size() == size;
        if (!more) break;
      }
    }
    walked_ = all.size();
    return all;
  }

  /// What an account created and gave away is not among its apps.
  void keep_administered() {
    std::vector<platform::AppRecord> kept;
    for (std::size_t first = 0; first < out_.apps.size(); first += kQuestionsInBatch) {
      const std::size_t end = std::min(first + kQuestionsInBatch, out_.apps.size());
      std::vector<chain::RpcCall> calls;
      for (std::size_t i = first; i < end; ++i) {
        calls.push_back(chain::eth_call(services_.environment.permission_controller,
                                        platform::encode_is_admin(out_.apps[i].app, account_)));
      }
      const auto results = services_.rpc.batch(calls);
      for (std::size_t i = first; i < end; ++i) {
        const base::Json& value = chain::value_or_throw(results[i - first], "eth_call");
        if (platform::decode_boolean(chain::read_data(value))) kept.push_back(out_.apps[i]);
      }
    }
    out_.apps = std::move(kept);
  }

  const Services& services_;
  const eth::Address& account_;
  RecordLayout layout_ = RecordLayout::kPending;
  std::set<eth::Address> seen_;
  std::size_t walked_ = 0;
  ChainApps out_;
};

}  // namespace

ChainApps chain_apps(const Services& services, const eth::Address& account) {
  return ChainAppsReader(services, account).read();
}

}  // namespace ecloud::deploy
