#include "ecloud/base/base64.h"

#include "support/catch.h"

namespace ecloud::base {
namespace {

// RFC 4648 section 10.
const std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"}};

std::string without_padding(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

TEST_CASE("the vectors of RFC 4648 hold for both alphabets", "[base]") {
  for (const auto& vector : kVectors) {
    const std::string padded = vector.second;
    CHECK(to_base64(as_bytes(vector.first)) == padded);
    CHECK(from_base64(padded) == to_bytes(vector.first));
    CHECK(to_base64url(as_bytes(vector.first)) == without_padding(padded));
    CHECK(from_base64url(without_padding(padded)) == to_bytes(vector.first));
  }
}

TEST_CASE("the alphabets differ in their last two characters", "[base]") {
  const Bytes octets{0xfb, 0xef, 0xff};
  CHECK(to_base64(octets) == "++//");
  CHECK(to_base64url(octets) == "--__");
  CHECK(from_base64("++//") == octets);
  CHECK(from_base64url("--__") == octets);
  CHECK_FALSE(from_base64("--__"));
  CHECK_FALSE(from_base64url("++//"));
  // RFC 7515 appendix C.
  CHECK(to_base64url(Bytes{3, 236, 255, 224, 193}) == "A-z_4ME");
}

TEST_CASE("every length survives the way there and back", "[base]") {
  Bytes octets;
  for (int i = 0; i < 300; ++i) {
    CHECK(from_base64(to_base64(octets)) == octets);
    CHECK(from_base64url(to_base64url(octets)) == octets);
    octets.push_back(static_cast<std::uint8_t>(i * 7));
  }
}

TEST_CASE("base64 is refused unless canonical", "[base]") {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Zm9v=", "Zm9v==", "Zm9v====", "=",
                           "==", "===", "====", "A===", "Z", "Zg==Zg==", "Z=g=", "=Zg=", "Zm 9v",
                           "Zm9v\n", " Zm9v", "Zm9\xc3",
                           // Stray bits: "Zh==" and "Zm9=" would decode as "Zg==" and "Zm8=" do.
                           "Zh==", "Zm9="}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

TEST_CASE("base64url is refused with padding, white space or stray bits", "[base]") {
  for (const char* text :
       {"Zg==", "Zm8=", "=", "A", "AAAAA", "Zm9v\n", " Zg", "Z g", "Zh", "Zm9", "Z.g", "Zg\t"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64url(text));
  }
  CHECK_FALSE(from_base64url(std::string_view("AA\0A", 4)));
}

}  // namespace
}  // namespace ecloud::base
