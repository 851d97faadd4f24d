#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/builds.h"

namespace ecloud::deploy {
namespace {

Error mismatch(const std::string& message) {
  return Error(Category::kVerification, "build.provenance_mismatch", message,
               "do not rely on this image");
}

bool holds(const std::vector<oci::Digest>& list, const oci::Digest& digest) {
  return std::find(list.begin(), list.end(), digest) != list.end();
}

std::string listed(const std::vector<oci::Digest>& digests) {
  std::vector<std::string> out;
  for (const oci::Digest& digest : digests) out.push_back(digest.to_string());
  return out.empty() ? "none" : base::join(out, ", ");
}

/// Whether the server answered about what it was asked.
void check_record(const platform::Build& build, const std::string& what,
                  const BuildExpectation& expected) {
  const std::string verdict = "the server calls " + what + " verified, but its record is of ";
  const bool is_digest = oci::Digest::parse(what).has_value();
  if (is_digest && build.image_digest && build.image_digest->to_string() != what) {
    throw mismatch(verdict + "image " + build.image_digest->to_string());
  }
  if (platform::is_commit(what) && build.commit != base::to_lower(what)) {
    throw mismatch(verdict + "commit " + (build.commit.empty() ? "(none)" : build.commit));
  }
  if (!is_digest && !platform::is_commit(what) && build.id != what) {
    throw mismatch(verdict + "build " + (build.id.empty() ? "(none)" : build.id));
  }
  if (!expected.digests.empty() && build.image_digest &&
      !holds(expected.digests, *build.image_digest)) {
    throw mismatch(verdict + "image " + build.image_digest->to_string() + ", not " +
                   listed(expected.digests));
  }
  if (!expected.commit.empty() && build.commit != base::to_lower(expected.commit)) {
    throw mismatch(verdict + "commit " + build.commit + ", not " + expected.commit);
  }
  if (!expected.repo.empty() &&
      platform::repository_key(build.repo) != platform::repository_key(expected.repo)) {
    throw mismatch(verdict + "the repository " + build.repo + ", not " + expected.repo);
  }
}

/// The image of the record, which the provenance has to be about.
oci::Digest checked_digest(const platform::Build& build, const platform::Provenance& provenance,
                           const std::string& what, const BuildExpectation& expected) {
  std::vector<oci::Digest> wanted = expected.digests;
  if (const auto digest = oci::Digest::parse(what)) wanted = {*digest};
  if (build.image_digest) wanted = {*build.image_digest};
  if (wanted.empty()) {
    throw mismatch("the server calls " + what + " verified, but names no image");
  }
  for (const oci::Digest& digest : wanted) {
    if (provenance.is_about(digest)) return digest;
  }
  throw mismatch("the provenance is about image " + listed(provenance.subjects) + ", not about " +
                 listed(wanted));
}

Match compare(bool named_at_all, bool named, const std::string& what,
              const std::vector<std::string>& found, const std::string& wanted) {
  if (!named_at_all || wanted.empty()) return Match::kNotNamed;
  if (named) return Match::kMatches;
  throw mismatch("the provenance names the " + what + " " + base::join(found, ", ") + ", not " +
                 wanted);
}

}  // namespace

std::string_view to_string(Match match) {
  return match == Match::kMatches ? "matches" : "not named";
}

VerifiedBuild verify_build(const Services& services, platform::BuildApi& api,
                           const std::string& what, const BuildExpectation& expected) {
  services.observer.phase("verifying " + what);
  return check_verdict(api.verify(what), what, expected);
}

VerifiedBuild check_verdict(const platform::BuildVerdict& verdict, const std::string& what,
                            const BuildExpectation& expected) {
  if (!verdict.verified) {
    throw Error(Category::kVerification, "build.not_verified",
                "the server does not call " + what + " verified" +
                    (verdict.error.empty() ? "" : ": " + verdict.error),
                "see what it is: ecloud compute build list");
  }
  check_record(verdict.build, what, expected);
  platform::Provenance provenance = platform::read_provenance(verdict.payload);
  const oci::Digest digest = checked_digest(verdict.build, provenance, what, expected);
  const std::string& repo = verdict.build.repo;
  const std::string& commit = verdict.build.commit;
  const Match repository =
      compare(!provenance.repositories.empty(), provenance.names_repository(repo), "repository",
              provenance.repositories, repo);
  const Match revision = compare(!provenance.commits.empty(), provenance.names_commit(commit),
                                 "commit", provenance.commits, commit);
  return {.build = verdict.build,
          .payload_type = verdict.payload_type,
          .provenance = std::move(provenance),
          .digest = digest,
          .repository = repository,
          .commit = revision};
}

}  // namespace ecloud::deploy
