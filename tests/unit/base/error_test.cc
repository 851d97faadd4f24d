#include "ecloud/base/error.h"

#include "support/catch.h"

namespace ecloud {
namespace {

TEST_CASE("categories are the documented exit codes", "[base]") {
  CHECK(exit_code(Category::kFailure) == 1);
  CHECK(exit_code(Category::kUsage) == 2);
  CHECK(exit_code(Category::kImage) == 3);
  CHECK(exit_code(Category::kTransaction) == 4);
  CHECK(exit_code(Category::kCredentials) == 5);
  CHECK(exit_code(Category::kNotFound) == 6);
  CHECK(exit_code(Category::kNetwork) == 7);
  CHECK(exit_code(Category::kPending) == 8);
  CHECK(exit_code(Category::kVerification) == 9);
  CHECK(exit_code(Category::kBug) == 70);
  CHECK(exit_code(Category::kInterrupted) == 130);
}

TEST_CASE("an error carries code, message and hint", "[base]") {
  const Error error(Category::kNotFound, "app.missing", "no app 0xabc", "ecloud app list");
  CHECK(error.category() == Category::kNotFound);
  CHECK(error.code() == "app.missing");
  CHECK(error.message() == "no app 0xabc");
  CHECK(error.hint() == "ecloud app list");
  CHECK(std::string(error.what()) == "no app 0xabc");
  CHECK(Error(Category::kUsage, "a.b", "c").hint() == "");
}

TEST_CASE("another hint leaves the rest as it was", "[base]") {
  const Error error(Category::kUsage, "a.b", "message", "old");
  const Error changed = error.with_hint("new");
  CHECK(changed.hint() == "new");
  CHECK(changed.message() == "message");
  CHECK(changed.code() == "a.b");
  CHECK(changed.category() == Category::kUsage);
  CHECK(error.hint() == "old");
}

TEST_CASE("a broken expectation is our bug and names itself", "[base]") {
  try {
    fail_bug("the list is sorted");
  } catch (const Error& error) {
    CHECK(error.category() == Category::kBug);
    CHECK(error.code() == "bug.unexpected");
    CHECK(error.message() == "internal error: the list is sorted");
  }
}

}  // namespace
}  // namespace ecloud
