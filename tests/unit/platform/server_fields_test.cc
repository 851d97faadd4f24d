#include "platform/server_fields.h"

#include <catch2/catch.hpp>

#include "ecloud/base/error.h"

namespace ecloud::platform {
namespace {

ServerFields read(std::string_view text) {
  return ServerFields(base::Json::parse(text, "userapi"));
}

TEST_CASE("members are found under every spelling", "[server_fields]") {
  const char* const kSpellings[] = {"createdAtBlock",   "created_at_block", "CreatedAtBlock",
                                    "Created_At_Block", "CREATED_AT_BLOCK", "createdatblock"};
  for (const char* spelling : kSpellings) {
    CAPTURE(spelling);
    const auto fields = read(R"({"other":1,")" + std::string(spelling) + R"(":"7","more":null})");
    CHECK(fields.whole("createdAtBlock") == 7u);
  }
  CHECK(read(R"({"app_status":"a","appStatus":"b"})").text("appStatus") == "b");
  CHECK(read(R"({"appStatus":null,"App_Status":"b"})").text("appStatus") == "b");
  CHECK(read(R"({"Hidden":5})").place("skus", {"hidden"}).as_u64() == 5);
  CHECK(read(R"({"SKUs":[1,2]})").list("skus").size() == 2);
  CHECK(read("[1]").text("name").empty());
  CHECK(read(R"({"a":{"some_name":"x"}})").object("a").text("someName") == "x");
  CHECK(read(R"({"a":[]})").object("a").text("someName").empty());
}

TEST_CASE("numbers are numbers or decimal text", "[server_fields]") {
  struct Case {
    const char* json;
    std::optional<std::uint64_t> whole;
    std::optional<double> decimal;
  };
  const Case kCases[] = {
      {"7", 7, 7.0},
      {"\"7\"", 7, 7.0},
      {"\" 7 \"", 7, 7.0},
      {"7.0", 7, 7.0},
      {"\"007\"", 7, 7.0},
      {"1.5", {}, 1.5},
      {"\"1.5\"", {}, 1.5},
      {"-1", {}, -1.0},
      {"\"-1.25\"", {}, -1.25},
      {"1e3", 1000, 1000.0},
      {"\"1e3\"", {}, 1000.0},
      {"18446744073709551615", UINT64_MAX, 18446744073709551615.0},
      {"\"18446744073709551615\"", UINT64_MAX, 18446744073709551615.0},
      {"\"18446744073709551616\"", {}, 18446744073709551616.0},
      {"1e300", {}, 1e300},
      {"\"1e999\"", {}, {}},
      {"\"nan\"", {}, {}},
      {"\"inf\"", {}, {}},
      {"\"0x10\"", {}, {}},
      {"\"1,5\"", {}, {}},
      {"\"\"", {}, {}},
      {"\"seven\"", {}, {}},
      {"null", {}, {}},
      {"true", {}, {}},
      {"[7]", {}, {}},
      {R"({"value":7})", {}, {}},
  };
  for (const Case& one : kCases) {
    CAPTURE(one.json);
    const auto fields = read(R"({"n":)" + std::string(one.json) + "}");
    CHECK(fields.whole("n") == one.whole);
    CHECK(fields.decimal("n") == one.decimal);
  }
  CHECK_FALSE(read("{}").whole("n").has_value());
}

TEST_CASE("booleans are booleans or text", "[server_fields]") {
  CHECK(read(R"({"b":true})").boolean("b") == true);
  CHECK(read(R"({"b":"False"})").boolean("b") == false);
  CHECK(read(R"({"b":" true "})").boolean("b") == true);
  for (const char* json : {"1", "\"yes\"", "\"\"", "null", "[]", "{}"}) {
    CHECK_FALSE(read(R"({"b":)" + std::string(json) + "}").boolean("b").has_value());
  }
}

TEST_CASE("times are Unix seconds or RFC 3339 and are shown as RFC 3339", "[server_fields]") {
  const std::pair<const char*, const char*> kCases[] = {
      {"1796039875", "2026-11-30T11:57:55Z"},
      {"\"1796039875\"", "2026-11-30T11:57:55Z"},
      {"1796039875.75", "2026-11-30T11:57:55Z"},
      {"\"2026-11-30T12:57:55.5+01:00\"", "2026-11-30T11:57:55Z"},
      {"\"2026-11-30 11:57:55\"", "2026-11-30T11:57:55Z"},
      {"0", ""},
      {"\"0\"", ""},
      {"-5", ""},
      {"\"0001-01-01T00:00:00Z\"", ""},
      {"\"yesterday\"", ""},
      {"1796039875000000", ""},
      {"null", ""},
      {"[1796039875]", ""},
  };
  for (const auto& [json, expected] : kCases) {
    CAPTURE(json);
    CHECK(read(R"({"created_at":)" + std::string(json) + "}").time_text("createdAt") == expected);
  }
}

TEST_CASE("text is printable and bounded, and IDs may be numbers", "[server_fields]") {
  CHECK(read(R"({"id":12})").text_or_number("id") == "12");
  CHECK(read(R"({"id":1.5})").text_or_number("id") == "1.5");
  CHECK(read(R"({"id":"12"})").text_or_number("id") == "12");
  CHECK(read(R"({"id":[12]})").text_or_number("id").empty());
  CHECK(read(R"({"id":"a\u001bb\nc"})").text("id") == "a?b c");
  CHECK(read(R"({"id":"abcdef"})").text("id", 3) == "abc...");
  CHECK(read(R"({"d":"a\nb"})").paragraph("d", 100) == "a\nb");
  for (const char* json : {"null", "true", "12", "[]", "{}"}) {
    CHECK(read(R"({"id":)" + std::string(json) + "}").text("id").empty());
  }
}

TEST_CASE("required members name their path when they are missing", "[server_fields]") {
  const auto document = base::Json::parse(R"({"apps":[{"app_status":5,"empty":" "}]})", "userapi");
  const ServerFields root(document);
  const ServerFields app(root.required_list("apps").front());
  const auto message_of = [](auto&& read_it) -> std::string {
    try {
      read_it();
    } catch (const Error& error) {
      CHECK(error.code() == "json.shape");
      CHECK(error.category() == Category::kNetwork);
      return error.message();
    }
    return {};
  };
  CHECK(message_of([&] { app.required_text("appStatus"); }) ==
        "userapi: $.apps[0].app_status: expected a string, found number");
  CHECK(message_of([&] { app.required_text("name"); }) ==
        "userapi: $.apps[0].name: expected a string, found nothing");
  CHECK(message_of([&] { app.required_text("empty"); }) == "userapi: $.apps[0].empty: is empty");
  CHECK(message_of([&] { root.required_list("skus"); }) ==
        "userapi: $.skus: expected an array, found nothing");
}

}  // namespace
}  // namespace ecloud::platform
