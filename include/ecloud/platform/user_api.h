#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/base/clock.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"
#include "ecloud/net/transport.h"
#include "ecloud/platform/environment.h"
#include "ecloud/platform/kms.h"

namespace ecloud::platform {

/// What the machine of an app does, as the UserAPI says. New words become kUnknown; the word itself
/// is kept beside it.
enum class RunState {
  kCreated,
  kDeploying,
  kRunning,
  kUpgrading,
  kResuming,
  kStopping,
  kStopped,
  kSuspended,
  kTerminating,
  kTerminated,
  kFailed,
  kUnknown,
};
RunState run_state_of(std::string_view word);
std::string_view to_string(RunState state);

struct AppProfile {
  std::string name, website, description, x_url, image_url;
};

/// A picture for the dashboard.
struct ProfileImage {
  std::string file_name;
  std::string content_type;  ///< "image/png" or "image/jpeg"
  std::string content;
};

/// The type of a picture by its first octets; nothing for what is neither PNG nor JPEG.
std::optional<std::string> image_content_type(std::string_view content);

/// What the UserAPI takes: 4 MiB.
constexpr std::size_t kMaxProfileImageBytes = std::size_t{4} << 20;

struct AppMetrics {
  std::optional<double> cpu_percent, memory_percent;
  std::optional<std::uint64_t> memory_used_bytes, memory_total_bytes;
};

struct AppInfo {
  eth::Address app;
  RunState state = RunState::kUnknown;
  std::string state_word;         ///< as the server wrote it, made printable; may be empty
  std::string state_problem;      ///< why state_word is empty
  std::optional<std::string> ip;  ///< nothing while none is assigned
  std::string machine_type;
  std::optional<AppProfile> profile;
  AppMetrics metrics;
  /// Nothing when the server gave none; otherwise checked against the KMS key.
  std::optional<AppAddresses> addresses;
  /// Why the addresses are not to be believed, when they are there and did not verify.
  std::optional<std::string> addresses_problem;
  /// Why the addresses cannot be read at all: an answer of another form.
  std::optional<std::string> addresses_unread;
};

struct AppStatus {
  RunState state = RunState::kUnknown;
  std::string state_word;     ///< as in AppInfo
  std::string state_problem;  ///< why state_word is empty
};

/// An instance type that the platform offers. What the server does not say is empty.
struct Sku {
  std::string name, description, friendly_name;
  std::string platform;  ///< the server's word for the hardware
  std::optional<std::uint64_t> vcpus, memory_mb;
  std::optional<double> hourly_usd, monthly_usd;
};

/// The verifiable build behind a release, as the platform tells it.
struct ReleaseBuild {
  std::string id, status, repository, commit, image_digest;
  bool has_provenance = false;  ///< the platform holds a signed provenance of it
};

/// A release as the platform lists it; what the server does not say is empty.
struct ReleaseRecord {
  std::string id;  ///< counted by the chain for each app
  std::string image_digest, registry_url;
  std::string created_at;  ///< RFC 3339 in UTC
  std::optional<std::uint64_t> created_at_block;
  /// Variables that stand on chain in clear, sorted, without the one that says the instance type.
  std::vector<std::pair<std::string, std::string>> public_variables;
  std::string instance_type;  ///< out of the public variables; may be empty
  std::optional<ReleaseBuild> build;
};

struct AppDetails {
  std::string creator, contract_status;
  std::vector<ReleaseRecord> releases;  ///< newest first; lags the chain by seconds
  std::size_t unreadable_releases = 0;  ///< entries that are not of the known form
};

/// Ids in one request of /info and /status.
constexpr std::size_t kMaxAppsPerRequest = 10;
/// Requests of one call that are under way at a time.
constexpr std::size_t kMaxRequestsAtOnce = 8;

/// The UserAPI. Answers are made printable. A member that is missing or malformed is empty in the
/// result; only a list that is asked for must be one (json.shape). Thread-safe. Errors:
///   kCredentials userapi.forbidden    401 and 403, with the address that asked
///   kNetwork     net.bot_check        403 with a page that asks whether a person is there
///   kNotFound    userapi.not_found    404
///   kPending     userapi.provisioning 425
///   kNetwork     userapi.failed       everything else, with the status and the server's words
class UserApi {
 public:
  /// `key` may be null: then only the public calls (skus, status, details) work, and logs where
  /// they are public. `domain_separator` is that of signatures.h. All outlive the object.
  UserApi(net::Transport& transport, base::Clock& clock, const Environment& environment,
          const crypto::PrivateKey* key, const base::Bytes32& domain_separator);

  /// Any number of apps, at most ten a request, eight requests at a time; in the order asked.
  std::vector<AppInfo> info(const std::vector<eth::Address>& apps);
  std::vector<AppStatus> status(const std::vector<eth::Address>& apps);
  std::vector<Sku> skus();
  /// The whole log so far, as the server gives it (not yet printable).
  std::string logs(const eth::Address& app);
  AppDetails details(const eth::Address& app);
  /// Sets the profile's name and what else is given; an empty member is not sent.
  void set_profile(const eth::Address& app, const AppProfile& profile,
                   const std::optional<ProfileImage>& image = std::nullopt);
  /// As set_profile, with empty members sent too, so that they are cleared. Gives the profile that
  /// the server says it has now, or the one asked for when it says nothing.
  AppProfile replace_profile(const eth::Address& app, const AppProfile& profile,
                             const std::optional<ProfileImage>& image = std::nullopt);

 private:
  net::Request request(std::string path, std::string purpose) const;
  void sign(net::Request& request, const base::FixedBytes<4>& permission) const;
  net::Response send(const net::Request& request) const;
  net::Response post_profile(const eth::Address& app, const AppProfile& profile,
                             const std::optional<ProfileImage>& image, bool whole) const;
  AppProfile read_confirmation(const net::Response& response, const AppProfile& asked) const;

  net::Transport& transport_;
  base::Clock& clock_;
  const Environment& environment_;
  const crypto::PrivateKey* key_;
  base::Bytes32 domain_separator_;
};

/// Why a profile name is refused ("holds a blank", "is longer than 50 characters"); empty when it
/// is not.
std::string profile_name_problem(std::string_view name);

}  // namespace ecloud::platform
