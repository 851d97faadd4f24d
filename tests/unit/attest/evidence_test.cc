#include "ecloud/attest/evidence.h"

#include "support/catch.h"

namespace ecloud::attest {

TEST_CASE("findings fold to the worst of them", "[attest]") {
  const Finding good{"a", Result::kVerified, ""}, bad{"b", Result::kFailed, ""},
      open{"c", Result::kNotChecked, ""};
  CHECK(fold({}) == Result::kNotChecked);
  CHECK(fold({good, good}) == Result::kVerified);
  CHECK(fold({good, open}) == Result::kNotChecked);
  CHECK(fold({open, bad, good}) == Result::kFailed);
  CHECK(result_word(Result::kVerified) == "verified");
  CHECK(result_word(Result::kFailed) == "failed");
  CHECK(result_word(Result::kNotChecked) == "not checked");
}

TEST_CASE("a check is worth what it rests on", "[attest]") {
  Evidence evidence;
  evidence.verified("signature", "by a key");
  evidence.failed("chain", "expired");
  evidence.compared("one", true, "equal", {"signature"});
  evidence.compared("two", true, "equal", {"signature", "chain"});
  evidence.compared("three", false, "differs", {"chain"});
  evidence.compared("four", true, "equal", {"two"});
  evidence.compared("five", true, "equal", {"six"});
  const auto& findings = evidence.findings();
  CHECK(find_finding(findings, "one")->result == Result::kVerified);
  CHECK(find_finding(findings, "two")->result == Result::kNotChecked);
  CHECK(find_finding(findings, "two")->text ==
        "equal; this rests on another check, and chain failed");
  CHECK(find_finding(findings, "three")->result == Result::kFailed);
  CHECK(find_finding(findings, "four")->text ==
        "equal; this rests on another check, and two was not checked");
  CHECK(find_finding(findings, "five")->result == Result::kNotChecked);
  CHECK(find_finding(findings, "six") == nullptr);
}

TEST_CASE("texts of findings are one printable line", "[attest]") {
  Evidence evidence;
  evidence.failed("a", "two\nlines\x1b[31m and " + std::string(5000, 'x'));
  CHECK(evidence.findings()[0].text.find('\n') == std::string::npos);
  CHECK(evidence.findings()[0].text.find('\x1b') == std::string::npos);
  CHECK(evidence.findings()[0].text.size() < 1010);
}

}  // namespace ecloud::attest
