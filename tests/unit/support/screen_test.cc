#include "support/screen.h"

#include "support/catch.h"

using ecloud::testing::Screen;

namespace {

Screen shown(std::string_view octets, std::size_t columns = 10) {
  Screen screen(columns);
  screen.feed(octets);
  return screen;
}

}  // namespace

TEST_CASE("A carriage return writes over the row", "[support][screen]") {
  CHECK(shown("abc\rx\r\nd").text() == "xbc\nd\n");
  CHECK(shown("abc\r\x1b[Kx").text() == "x\n");
}

TEST_CASE("A line that is too long goes on in the next row", "[support][screen]") {
  CHECK(shown("0123456789").text() == "0123456789\n");
  CHECK(shown("0123456789\r\nx").text() == "0123456789\nx\n");
  CHECK(shown("0123456789ab\r\x1b[Kx").text() == "0123456789\nx\n");
}

TEST_CASE("The cursor goes up and what is below is erased", "[support][screen]") {
  CHECK(shown("one\r\ntwo\r\nthree\r\n\x1b[2A\x1b[Jnew\r\n").text() == "one\nnew\n");
}

TEST_CASE("Styles are seen and not shown", "[support][screen]") {
  const Screen screen = shown("\x1b[1mbold\x1b[0m");
  CHECK(screen.text() == "bold\n");
  CHECK(screen.has_style());
  CHECK_FALSE(screen.style_left_on());
  CHECK(shown("\x1b[31mred").style_left_on());
  CHECK_FALSE(shown("plain").has_style());
}

TEST_CASE("A character of several octets takes one column", "[support][screen]") {
  Screen screen(3);
  screen.feed("\xc3");
  screen.feed(
      "\xa4\xe2\x9c\x93"
      "b");
  CHECK(screen.text() ==
        "\xc3\xa4\xe2\x9c\x93"
        "b\n");
}

TEST_CASE("What is not understood is kept", "[support][screen]") {
  CHECK(shown("\x1b[5;5Hx").problems() == std::vector<std::string>{"CSI 5;5H"});
  CHECK(shown("\x1b]0;title\x07").problems().size() == 2);
  CHECK(shown("plain\r\n").problems().empty());
}
