#include "ecloud/base/error.h"
#include "ecloud/deploy/rollback_app.h"
#include "support/catch.h"

using namespace ecloud;
using deploy::PastRelease;
using deploy::PastReleases;
using deploy::ReleaseName;

namespace {

const std::string kDigest = "sha256:0934b1c23c5a" + std::string(52, '7');

bool means(std::string_view name, std::uint64_t id, const std::string& digest = kDigest) {
  return ReleaseName::parse(name).means(id, digest);
}

PastReleases releases(const std::vector<std::uint64_t>& ids) {
  PastReleases out;
  for (const std::uint64_t id : ids) {
    PastRelease one;
    one.id = id;
    one.image_digest = kDigest;
    out.list.push_back(one);
  }
  return out;
}

}  // namespace

TEST_CASE("A release is named by number, by id or by digest", "[deploy][rollback]") {
  CHECK(means("1", 0));
  CHECK_FALSE(means("1", 1));
  CHECK(means("id:1", 1));
  CHECK(means("id:0", 0));
  CHECK(means("sha256:0934b1c", 5));
  CHECK(means("0934B1C23C5A", 5));
  CHECK(means(kDigest, 5));
  CHECK_FALSE(means("0934b1d", 5));
  // Seven digits are a digest's, and so is no number of a release.
  CHECK(means("0934777", 0, "sha256:0934777" + std::string(57, 'a')));
  CHECK_FALSE(means("1234567", 1'234'566));
}

TEST_CASE("What names no release is refused", "[deploy][rollback]") {
  for (const char* bad : {"", "0", "-1", "latest", "id:", "id:x", "sha256:", "sha256:0934b1",
                          "0934b1", "0x01", "1.5", "99999999999999999999999"}) {
    INFO(bad);
    try {
      ReleaseName::parse(bad);
      // Digits in any number may begin a digest.
      CHECK(std::string_view(bad).size() >= 7);
    } catch (const Error& error) {
      CHECK(error.code() == "rollback.bad_release");
    }
  }
}

TEST_CASE("Without a name the release before the newest is meant, when it is known",
          "[deploy][rollback]") {
  const PastReleases three = releases({0, 1, 2});
  REQUIRE(deploy::choose_release(three, std::nullopt) != nullptr);
  CHECK(deploy::choose_release(three, std::nullopt)->id == 1);
  CHECK(three.is_complete());
  const PastReleases gap = releases({0, 2});
  CHECK(deploy::choose_release(gap, std::nullopt) == nullptr);
  CHECK_FALSE(gap.is_complete());
  CHECK(deploy::choose_release(releases({0}), std::nullopt) == nullptr);
  CHECK(deploy::choose_release(releases({}), std::nullopt) == nullptr);
}

TEST_CASE("Of several releases with one image the newest is meant", "[deploy][rollback]") {
  const PastReleases three = releases({0, 1, 2});
  const auto* found = deploy::choose_release(three, ReleaseName::parse("sha256:0934b1c"));
  REQUIRE(found != nullptr);
  CHECK(found->id == 2);
  CHECK(found->number() == 3);
  CHECK(deploy::choose_release(three, ReleaseName::parse("9")) == nullptr);
}
