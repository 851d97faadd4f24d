#include "ecloud/deploy/log_text.h"

#include "support/catch.h"

using namespace ecloud;
using deploy::log_line_time;
using deploy::log_since;
using deploy::LogStream;

TEST_CASE("Times are found where logs put them", "[deploy][logs]") {
  // 2026-01-31T12:00:00Z is 1769860800 (date -u -d @1769860800).
  for (const char* line :
       {"2026-01-31T12:00:00Z hello", "2026-01-31T12:00:00.123456789Z hello",
        "2026-01-31T14:00:00+02:00 hello", "2026-01-31 12:00:00,123 INFO hello",
        "2026/01/31 12:00:00 hello", "[2026-01-31T12:00:00Z] hello", "[2026-01-31 12:00:00] hello",
        "time=2026-01-31T12:00:00Z level=info", "time=\"2026-01-31T12:00:00Z\" level=info",
        "ts=2026-01-31T12:00:00.5Z", R"({"time":"2026-01-31T12:00:00Z","msg":"x"})",
        R"({"timestamp": "2026-01-31T12:00:00Z"})", R"({"@timestamp":"2026-01-31T12:00:00Z"})",
        "2026-01-31T12:00:00-not an offset", "2026-01-31T12:00:00"}) {
    INFO(line);
    CHECK(log_line_time(line) == 1769860800);
  }
  for (const char* line : {"", "hello", "2026-01-31", "2026-13-31T12:00:00Z",
                           "2026-01-31T25:00:00Z", "x 2026-01-31T12:00:00Z", "20260131T120000Z"}) {
    INFO(line);
    CHECK_FALSE(log_line_time(line));
  }
}

TEST_CASE("Lines without a time belong to the one before", "[deploy][logs]") {
  const std::string log =
      "banner\n2026-01-31T12:00:00Z a\n  trace\n2026-01-31T13:00:00Z b\n  trace\n";
  CHECK(log_since(log, 1769860801) == "2026-01-31T13:00:00Z b\n  trace\n");
  CHECK(log_since(log, 1769860800) == log);
  CHECK(log_since(log, 1999999999) == "");
  CHECK_FALSE(log_since("a\nb\n", 0));
}

TEST_CASE("The last lines are counted as tail does", "[deploy][logs]") {
  CHECK(deploy::log_tail("a\nb\nc\n", 2) == "b\nc\n");
  CHECK(deploy::log_tail("a\nb\nc", 2) == "b\nc");
  CHECK(deploy::log_tail("a\nb\n", 9) == "a\nb\n");
  CHECK(deploy::log_tail("a\nb\n", 0).empty());
  CHECK(deploy::log_tail("", 3).empty());
}

TEST_CASE("A stream gives out each line once", "[deploy][logs]") {
  LogStream stream;
  CHECK(stream.take("a\nb").text == "a\n");
  CHECK(stream.take("a\nbc\nd").text == "bc\n");
  CHECK(stream.take("a\nbc\nd").text == "d");
  CHECK(stream.take("a\nbc\nd").text.empty());
  CHECK(stream.take("a\nbc\nde\n").text == "e\n");
  CHECK(stream.rest().empty());
}

TEST_CASE("After rotation what is new begins where the old text ends", "[deploy][logs]") {
  LogStream stream;
  stream.take("a\nb\nc\n");
  const auto cut = stream.take("c\nd\n");
  CHECK(cut.rotated);
  CHECK(cut.text == "d\n");
  // "d" alone would be an accident: only whole lines count.
  const auto anew = stream.take("d again\nx\n");
  CHECK(anew.rotated);
  CHECK(anew.text == "d again\nx\n");
  const auto emptied = stream.take("");
  CHECK(emptied.rotated);
  CHECK(emptied.text.empty());
  CHECK(stream.take("d again\n").text == "d again\n");
}

TEST_CASE("A long log that loses its beginning is found again", "[deploy][logs]") {
  std::string log;
  for (int i = 0; i < 5000; ++i) log += "line " + std::to_string(i) + "\n";
  LogStream stream;
  stream.take(log);
  const auto news = stream.take(log.substr(log.find("line 300\n")) + "the new one\n");
  CHECK(news.rotated);
  CHECK(news.text == "the new one\n");
}

TEST_CASE("A log of one line again and again is not lost", "[deploy][logs]") {
  LogStream stream;
  std::string log;
  for (int i = 0; i < 3000; ++i) log += "tick\n";
  stream.take(log);
  CHECK(stream.take(log + "tick\n").text == "tick\n");
}
