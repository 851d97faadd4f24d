// Where the image comes from, as far as the platform's build service is to be believed.
#include "deploy/verify_links.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/builds.h"

namespace ecloud::deploy {
namespace {

using attest::Evidence;

constexpr const char* kNames[] = {"build-record", "provenance-source", "provenance-signature"};

/// Ends with `why` for the first that is not there yet; the others rest on it.
std::vector<attest::Finding> leave(Evidence& evidence, const std::string& why) {
  if (evidence.findings().empty()) evidence.not_checked(kNames[0], why);
  for (const char* name : kNames) {
    if (attest::find_finding(evidence.findings(), name) != nullptr) continue;
    evidence.not_checked(name, evidence.missing({kNames[0]}));
  }
  return evidence.take();
}

void check_source(Evidence& evidence, const VerifiedBuild& build) {
  const bool both = build.repository == Match::kMatches && build.commit == Match::kMatches;
  const std::string source = build.build.repo + " at " + build.build.commit;
  if (both) {
    return evidence.compared("provenance-source", true, "record and provenance name " + source,
                             {"build-record"});
  }
  evidence.not_checked("provenance-source",
                       "the record names " + source + "; the provenance does not name " +
                           (build.repository == Match::kMatches ? "the commit"
                            : build.commit == Match::kMatches   ? "the repository"
                                                                : "either"));
}

std::vector<attest::Finding> judge(const VerifyState& state) {
  Evidence evidence;
  const auto& build = state.material.build;
  if (!state.digest) return leave(evidence, kNoRelease);
  if (!build) return leave(evidence, "the build service was not asked");
  if (build->absence) {
    add_absence(evidence, "build-record", *build->absence);
    return leave(evidence, {});
  }
  const std::string digest = state.digest->to_string();
  if (!build->verdict.verified) {
    return leave(evidence, "the platform has no verified build of " + digest +
                               (build->verdict.error.empty() ? "" : ": " + build->verdict.error));
  }
  try {
    const VerifiedBuild verified = check_verdict(
        build->verdict, digest, {.digests = {*state.digest}, .repo = {}, .commit = {}});
    evidence.verified("build-record", "build " + verified.build.id +
                                          " and its provenance are about " + digest +
                                          ", as the build service tells them");
    check_source(evidence, verified);
  } catch (const Error& error) {
    evidence.failed("build-record", error.message());
    return leave(evidence, {});
  }
  evidence.not_checked("provenance-signature",
                       "the platform publishes no key for its signature: that it was built so is "
                       "the word of the build service");
  return evidence.take();
}

}  // namespace

std::vector<attest::Finding> judge_provenance(VerifyState& state) {
  std::vector<attest::Finding> out = judge(state);
  if (!state.material.from_bundle) return out;
  for (const char* name : {"build-record", "provenance-source"}) {
    demote(out, name,
           "no signature binds that to the build service: it is what the maker of the bundle says "
           "that it answered; ask it, without --offline");
  }
  return out;
}

}  // namespace ecloud::deploy
