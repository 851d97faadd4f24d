#include "ecloud/base/secret.h"

#include <sstream>
#include <type_traits>
#include <utility>

#include "ecloud/base/json.h"
#include "support/catch.h"

namespace ecloud::base {
namespace {

template <typename Stream, typename T>
concept Streamable = requires(Stream& out, const T& value) {
  out << value;
};

static_assert(Streamable<std::ostream, std::string_view>, "the concept works at all");
static_assert(!Streamable<std::ostream, Secret>);
static_assert(!Streamable<std::ostringstream, Secret>);
static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(std::is_nothrow_move_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_constructible_v<std::string, Secret>);
static_assert(!std::is_constructible_v<Json, Secret>);
// Taken on purpose alone, and never by copying a string that stays behind.
static_assert(!std::is_convertible_v<std::string, Secret>);
static_assert(!std::is_constructible_v<Secret, const std::string&>);

TEST_CASE("a secret takes its text and wipes the string that it came in", "[base]") {
  std::string text = "a long enough text to live on the heap, not in the string itself";
  const std::string copy = text;
  const char* memory = text.data();
  const Secret secret(std::move(text));
  CHECK(secret.reveal_text() == copy);
  CHECK(secret.size() == copy.size());
  CHECK_FALSE(secret.empty());
  REQUIRE(text.empty());           // NOLINT(bugprone-use-after-move): what is tested
  REQUIRE(text.data() == memory);  // the string still owns it, so that it can be looked at
  CHECK(std::string(text.data(), copy.size()) == std::string(copy.size(), '\0'));
}

TEST_CASE("a short text is wiped in the string as well", "[base]") {
  std::string text = "short";
  const Secret secret(std::move(text));
  CHECK(secret.reveal_text() == "short");
  CHECK(std::string(text.data(), 5) == std::string(5, '\0'));  // NOLINT(bugprone-use-after-move)
}

TEST_CASE("a moved secret leaves nothing behind", "[base]") {
  Secret first(ByteView(Bytes{1, 2, 3}));
  Secret second(std::move(first));
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): what is tested
  CHECK(second.size() == 3);
  Secret third(ByteView(Bytes{9}));
  third = std::move(second);
  CHECK(second.empty());  // NOLINT(bugprone-use-after-move): what is tested
  CHECK(third.reveal()[2] == 3);
  Secret& same = third;
  third = std::move(same);
  CHECK(third.size() == 3);
}

TEST_CASE("a clone is a secret of its own", "[base]") {
  Secret first(ByteView(Bytes{1, 2, 3}));
  const Secret copy = first.clone();
  first = Secret();
  CHECK(copy.reveal()[0] == 1);
  CHECK(copy.size() == 3);
  CHECK(Secret().clone().empty());
}

TEST_CASE("a secret holds any octets", "[base]") {
  const Secret secret(std::string("a\0b", 3));
  CHECK(secret.reveal_text() == std::string_view("a\0b", 3));
  CHECK(Secret(std::string()).empty());
}

TEST_CASE("wiping overwrites with zeros", "[base]") {
  Bytes octets{1, 2, 3, 4};
  wipe(octets.data() + 1, 2);
  CHECK(octets == Bytes{1, 0, 0, 4});
  wipe(nullptr, 0);
}

}  // namespace
}  // namespace ecloud::base
