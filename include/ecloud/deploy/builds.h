#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/clock.h"
#include "ecloud/deploy/services.h"
#include "ecloud/platform/build_api.h"
#include "ecloud/platform/provenance.h"

namespace ecloud::deploy {

/// How often a build is asked about, and how long unless told otherwise: what the platform's own
/// client does.
constexpr base::Milliseconds kBuildPollInterval{2'000};
constexpr base::Milliseconds kDefaultBuildTimeout{1'800'000};

/// Submits the build and remembers on this machine what it is made from
/// (STATE/builds/ENVIRONMENT/ID.json), so that a later run finds it. Returns its id.
/// `parallel` as for platform::BuildApi::submit.
std::string submit_build(const Services& services, platform::BuildApi& api, const Signer& account,
                         const platform::BuildRequest& request, bool parallel = false);

/// The newest build of the account that succeeded, or still goes on, and was made from exactly
/// that: same repository, commit, Dockerfile, context, Caddyfile and dependencies. The last four
/// are known from the build's provenance or from this machine's memory; a build of which they are
/// not known is none. Looks at the account's last 100 builds.
std::optional<platform::Build> find_build(const Services& services, platform::BuildApi& api,
                                          const Signer& account,
                                          const platform::BuildRequest& request);

struct FollowOptions {
  base::Milliseconds timeout = kDefaultBuildTimeout;
  /// What the hints tell to type to wait again.
  std::string wait_command;
  /// Gets what the log has grown by: whole lines, printable, each part once. Empty: the log is not
  /// asked for.
  std::function<void(std::string_view)> log;
};

/// Asks every 2 seconds until the build has ended; failures of the API are waited out. Errors:
///   kImage       build.failed         it failed, with its message; the hint says where the log is
///   kPending     build.still_pending  the time ran out
///   kInterrupted with a hint how to wait again
///   kNotFound    build.not_found      still unknown after 30 seconds
///   kNetwork     json.shape, json.syntax  five answers in a row could not be read
platform::Build follow_build(const Services& services, platform::BuildApi& api,
                             const std::string& id, const FollowOptions& options);

/// The error of a build that has failed.
Error build_failed(const Services& services, const platform::Build& build);

/// What is expected of something verified. What is empty is not asked.
struct BuildExpectation {
  /// The image: any of these (an index and the amd64 manifest in it).
  std::vector<oci::Digest> digests;
  std::string repo, commit;
};

/// The outcome of comparing a statement with what was expected.
enum class Match {
  kMatches,
  kNotNamed,  ///< the provenance does not say
};
std::string_view to_string(Match match);  ///< "matches", "not named"

/// Something that the server calls verified and whose provenance does not contradict it.
struct VerifiedBuild {
  platform::Build build;
  std::string payload_type;
  platform::Provenance provenance;
  oci::Digest digest;  ///< of the image, as the provenance names it
  Match repository = Match::kNotNamed;
  Match commit = Match::kNotNamed;
};

/// Asks the server to verify `what` (id, digest or commit) and compares here: that the record is of
/// what was asked, that the provenance is about the record's image, and that it names no other
/// repository or commit. The signature of the provenance is not checked: the platform publishes no
/// key for it. Errors, all kVerification:
///   build.not_verified         the server does not call it verified
///   build.bad_provenance       there is no provenance, or it cannot be read
///   build.provenance_mismatch  record, provenance and what was asked contradict each other
VerifiedBuild verify_build(const Services& services, platform::BuildApi& api,
                           const std::string& what, const BuildExpectation& expected);

/// The comparisons of verify_build with a verdict that was obtained before; throws as that does.
VerifiedBuild check_verdict(const platform::BuildVerdict& verdict, const std::string& what,
                            const BuildExpectation& expected);

/// What `log` has grown by since `shown`, whole lines alone unless `complete`; all of it when it
/// was begun anew. `shown` is what was given out before, and grows by it.
std::string grown_part(std::string_view log, std::string& shown, bool complete);

}  // namespace ecloud::deploy
