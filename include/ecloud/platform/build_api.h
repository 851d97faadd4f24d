#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/clock.h"
#include "ecloud/crypto/secp256k1.h"
#include "ecloud/eth/address.h"
#include "ecloud/net/transport.h"
#include "ecloud/oci/digest.h"
#include "ecloud/platform/environment.h"

namespace ecloud::platform {

/// What a build is made from: a commit of a public Git repository.
struct BuildRequest {
  std::string repo;    ///< https://…
  std::string commit;  ///< 40 lower-case hex digits
  std::string dockerfile = "Dockerfile";
  std::string context = ".";
  std::string caddyfile;  ///< may be empty
  std::vector<oci::Digest> dependencies;

  bool operator==(const BuildRequest&) const = default;
};

/// Why the platform would refuse it ("the commit \"main\" is not 40 hex digits"); empty when it
/// would not. Names no more of a URL with a password than its host.
std::string build_request_problem(const BuildRequest& request);

/// 40 hex digits.
bool is_commit(std::string_view text);

/// "github.com/me/app" for https://github.com/me/app.git/ and its like: what two spellings of one
/// repository have in common.
std::string repository_key(std::string_view url);

enum class BuildState { kBuilding, kSuccess, kFailed, kUnknown };
BuildState build_state_of(std::string_view word);

/// A build as the service describes it; texts are printable, missing and malformed members empty.
struct Build {
  std::string id;
  std::optional<eth::Address> account;  ///< who submitted it
  std::string repo, commit;
  BuildState state = BuildState::kUnknown;
  std::string state_word;     ///< as the server wrote it
  std::string state_problem;  ///< why state_word is empty
  std::string type;
  std::string image_name;
  std::string image_url;  ///< registry and repository, with a tag or without
  std::optional<oci::Digest> image_digest;
  std::string provenance;  ///< JSON, exactly as given
  std::string provenance_signature;
  std::string error_message;
  std::string created_at, updated_at;  ///< RFC 3339 in UTC
  std::vector<Build> dependencies;     ///< each with its image_digest
};

/// What the service says when it is asked to verify something.
struct BuildVerdict {
  bool verified = false;
  std::string error;  ///< why not
  Build build;        ///< what the verdict is about; empty when not verified
  std::string payload_type;
  std::string payload;  ///< exactly as given: JSON, or base64 of it
};

/// Builds in one page of list().
constexpr std::uint64_t kMaxBuildsPerPage = 100;

/// The Build API, on the host of the UserAPI. Answers are bounded and made printable; a member that
/// is missing or malformed is empty in the result. What contradicts the question (another ID,
/// account or image) is json.shape. Thread-safe. Errors:
///   kNetwork     net.bot_check    403 with a page that asks whether a person is there
///   kCredentials build.forbidden  401 and 403, with the address that asked
///   kNotFound    build.not_found  404
///   kUsage       build.refused    400 and 422: the service does not take the request
///   kFailure     build.running    409 to a submission: another build of the account is running
///   kNetwork     build.failed_request  everything else, with the status and the server's words
/// GET requests are repeated by the transport's policy, submissions never.
class BuildApi {
 public:
  /// `key` may be null: then only the public calls (build, of_image, list, verify) work. All
  /// outlive the object.
  BuildApi(net::Transport& transport, base::Clock& clock, const Environment& environment,
           const crypto::PrivateKey* key);

  /// Returns the build's id. When no answer came, the error's hint says how to find out whether the
  /// build was taken. `parallel`: also while another build is running, which costs credits.
  std::string submit(const BuildRequest& request, bool parallel = false);
  Build build(const std::string& id);
  /// The newest one that made the image.
  Build of_image(const oci::Digest& digest);
  /// Newest first; `limit` is at most kMaxBuildsPerPage.
  std::vector<Build> list(const eth::Address& account, std::uint64_t limit, std::uint64_t offset);
  /// The whole log so far, as the server gives it (not yet printable); at most 64 MiB.
  std::string logs(const std::string& id);
  /// `what` is a build's id, "sha256:…" or a commit. What cannot be verified is no error.
  BuildVerdict verify(const std::string& what);

 private:
  net::Request request(std::string path, std::string purpose) const;
  void sign(net::Request& request) const;
  net::Response send(const net::Request& request) const;

  net::Transport& transport_;
  base::Clock& clock_;
  const Environment& environment_;
  const crypto::PrivateKey* key_;
};

/// Throws Error{kUsage, "build.bad_id"} for what can be no id, digest or commit.
void check_build_id(std::string_view text);

}  // namespace ecloud::platform
