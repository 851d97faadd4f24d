#include "ecloud/base/json.h"

#include "support/catch.h"

namespace ecloud::base {
namespace {

/// The message of the error that `action` throws, after a check of its category and code.
template <typename Action>
std::string message_of(const std::string& code, Category category, Action action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.code() == code);
    CHECK(error.category() == category);
    return error.message();
  }
  return "nothing thrown";
}

std::string syntax_error(std::string_view text) {
  return message_of("json.syntax", Category::kUsage,
                    [&] { Json::parse(text, "config.json", Category::kUsage); });
}

template <typename Action>
std::string shape_error(Action action) {
  return message_of("json.shape", Category::kNetwork, action);
}

Json userapi(std::string_view text) {
  return Json::parse(text, "userapi");
}

TEST_CASE("a document is read place by place", "[base]") {
  const Json doc = userapi(R"({"apps":[{"ip":"1.2.3.4","ok":true,"n":7,"x":1.5,"none":null}]})");
  const Json app = doc["apps"].at(0);
  CHECK(app["ip"].as_string() == "1.2.3.4");
  CHECK(app["ok"].as_bool());
  CHECK(app["n"].as_u64() == 7);
  CHECK(app["n"].as_i64() == 7);
  CHECK(app["n"].as_double() == 7.0);
  CHECK(app["x"].as_double() == 1.5);
  CHECK(app["none"].is_null());
  CHECK(app["none"].exists());
  CHECK_FALSE(app["missing"].exists());
  CHECK_FALSE(app["missing"].is_null());
  CHECK(doc["apps"].size() == 1);
  CHECK(app.size() == 5);
  CHECK(app["ip"].size() == 0);
  CHECK(app["ip"].path() == "$.apps[0].ip");
}

TEST_CASE("each type is told from the others", "[base]") {
  const Json doc = userapi(R"([{}, [], "s", 1, -1, 1.5, true, null])");
  const auto kinds = [](const Json& value) {
    std::string out;
    if (value.is_object()) out += "object ";
    if (value.is_array()) out += "array ";
    if (value.is_string()) out += "string ";
    if (value.is_number()) out += "number ";
    if (value.is_bool()) out += "bool ";
    if (value.is_null()) out += "null ";
    return out;
  };
  const std::vector<std::string> expected = {"object ", "array ",  "string ", "number ",
                                             "number ", "number ", "bool ",   "null "};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(kinds(doc.at(i)) == expected[i]);
  CHECK(kinds(doc.at(8)) == "");
}

TEST_CASE("a wrong shape is reported with source, place and what was found", "[base]") {
  const Json doc = userapi(R"({"apps":[{"ip":null,"name":"x","big":-1,"list":{},"half":0.5}]})");
  const Json app = doc["apps"].at(0);
  CHECK(shape_error([&] { app["ip"].as_string(); }) ==
        "userapi: $.apps[0].ip: expected a string, found null");
  CHECK(shape_error([&] { app["name"].as_bool(); }) ==
        "userapi: $.apps[0].name: expected true or false, found string");
  CHECK(shape_error([&] { app["big"].as_u64(); }) ==
        "userapi: $.apps[0].big: expected a whole number that is not negative, found number");
  CHECK(shape_error([&] { app["half"].as_i64(); }) ==
        "userapi: $.apps[0].half: expected a whole number, found number");
  CHECK(shape_error([&] { app["name"].as_double(); }) ==
        "userapi: $.apps[0].name: expected a number, found string");
  CHECK(shape_error([&] { app["list"].elements(); }) ==
        "userapi: $.apps[0].list: expected an array, found object");
  CHECK(shape_error([&] { doc["apps"].members(); }) ==
        "userapi: $.apps: expected an object, found array");
  CHECK(shape_error([&] { doc["none"].as_string(); }) ==
        "userapi: $.none: expected a string, found nothing");
  CHECK(shape_error([&] { doc["none"]["deeper"].at(3).as_string(); }) ==
        "userapi: $.none.deeper[3]: expected a string, found nothing");
  CHECK(shape_error([&] { doc["apps"].at(1).as_string(); }) ==
        "userapi: $.apps[1]: expected a string, found nothing");
  CHECK(shape_error([&] { doc.as_string(); }) == "userapi: $: expected a string, found object");
  CHECK(shape_error([&] { throw app["ip"].error("no address yet"); }) ==
        "userapi: $.apps[0].ip: no address yet");
}

TEST_CASE("the error of a place has the category of its document", "[base]") {
  const Json doc = Json::parse("{}", "ecloud.json", Category::kUsage);
  CHECK(message_of("json.shape", Category::kUsage, [&] { doc["a"].as_string(); }) ==
        "ecloud.json: $.a: expected a string, found nothing");
}

TEST_CASE("missing and null are nothing, another type is an error", "[base]") {
  const Json doc = userapi(R"({"s":"x","n":5,"d":0.5,"null":null})");
  CHECK(doc["s"].opt_string() == "x");
  CHECK(doc["n"].opt_u64() == 5u);
  CHECK(doc["d"].opt_double() == 0.5);
  for (const char* name : {"null", "missing"}) {
    CHECK_FALSE(doc[name].opt_string());
    CHECK_FALSE(doc[name].opt_u64());
    CHECK_FALSE(doc[name].opt_double());
  }
  CHECK(shape_error([&] { doc["n"].opt_string(); }) ==
        "userapi: $.n: expected a string, found number");
  CHECK(shape_error([&] { doc["s"].opt_u64(); }) ==
        "userapi: $.s: expected a whole number that is not negative, found string");
  CHECK(shape_error([&] { doc["s"].opt_double(); }) ==
        "userapi: $.s: expected a number, found string");
}

TEST_CASE("whole numbers keep all their digits", "[base]") {
  const Json doc = userapi("[18446744073709551615, 9223372036854775807, -9223372036854775808, 0]");
  CHECK(doc.at(0).as_u64() == UINT64_MAX);
  CHECK(doc.at(1).as_i64() == INT64_MAX);
  CHECK(doc.at(2).as_i64() == INT64_MIN);
  CHECK(doc.at(3).as_u64() == 0);
  CHECK(doc.dump() == "[18446744073709551615,9223372036854775807,-9223372036854775808,0]");
  CHECK(shape_error([&] { doc.at(0).as_i64(); }) ==
        "userapi: $[0]: expected a whole number, found number");
  // More than 64 bits would be rounded.
  const Json large = userapi("[18446744073709551616, 1.0, 1e3]");
  for (std::size_t i = 0; i < 3; ++i) CHECK_THROWS_AS(large.at(i).as_u64(), Error);
}

TEST_CASE("numbers made here are read as those of a text", "[base]") {
  CHECK(Json(5).as_u64() == 5);
  CHECK(Json(std::int64_t{5}).as_u64() == 5);
  CHECK(Json(std::uint64_t{5}).as_i64() == 5);
  CHECK(Json(-5).as_i64() == -5);
  CHECK_THROWS_AS(Json(-5).as_u64(), Error);
  CHECK_THROWS_AS(Json(5.0).as_u64(), Error);
}

TEST_CASE("a syntax error has line and column", "[base]") {
  CHECK(syntax_error("{\"a\":}") == "config.json: not valid JSON at line 1, column 6");
  CHECK(syntax_error("{\n  \"a\": 1,\n  oops\n}") ==
        "config.json: not valid JSON at line 3, column 3");
  CHECK(syntax_error("") == "config.json: not valid JSON at line 1, column 1");
  CHECK(syntax_error("[1] x") == "config.json: not valid JSON at line 1, column 5");
}

TEST_CASE("what RFC 8259 does not allow is refused", "[base]") {
  for (const char* text :
       {"",        " ",     "{",        "[1,]",    "{\"a\":1,}",  "'a'",   "{a:1}", "01",
        "+1",      ".5",    "1.",       "NaN",     "Infinity",    "nul",   "\"a",   "\"\t\"",
        "// c\n1", "1e999", "\"\xff\"", "\"\\x\"", "\"\\ud800\"", "[1 2]", "1 2"}) {
    CAPTURE(text);
    CHECK_FALSE(Json::try_parse(text));
  }
  CHECK(Json::try_parse("\"\\ud83d\\ude00\"")->as_string() == "\xf0\x9f\x98\x80");
}

TEST_CASE("nesting is limited to 64 levels", "[base]") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(Json::try_parse(nested(64)));
  CHECK(syntax_error(nested(65)) == "config.json: nested too deeply");
  CHECK(syntax_error(std::string(1000000, '[')) == "config.json: nested too deeply");
  // Brackets in a text are no nesting.
  CHECK(Json::try_parse("\"" + std::string(100, '[') + "\\\"" + std::string(100, '{') + "\""));
}

TEST_CASE("members keep their order, and the last of a name wins", "[base]") {
  const Json doc = userapi(R"({"z":1,"a":2,"m":3,"a":4})");
  CHECK(doc["a"].as_u64() == 4);
  std::string names;
  for (const auto& member : doc.members()) names += member.first;
  CHECK(names == "zam");
  CHECK(doc.dump() == R"({"z":1,"a":4,"m":3})");
}

TEST_CASE("a document is built and written", "[base]") {
  Json doc = Json::object();
  doc.set("name", "app").set("n", 5).set("big", std::uint64_t{UINT64_MAX}).set("ok", true);
  doc.set("none", nullptr).set("list", Json::array({Json(1), Json("two")}));
  doc.set("tags", Json::strings({"a", "b"})).set("name", std::string("other"));
  doc.set("inner", Json::object({{"x", 1.5}, {"y", std::string_view("v")}}));
  CHECK(doc.dump() == R"({"name":"other","n":5,"big":18446744073709551615,"ok":true,"none":null,)"
                      R"("list":[1,"two"],"tags":["a","b"],"inner":{"x":1.5,"y":"v"}})");
  CHECK(Json().dump() == "null");
  CHECK(Json::array().dump() == "[]");
  CHECK(Json::object().dump() == "{}");
  CHECK(Json::strings({}).dump() == "[]");
  Json list = Json::array();
  list.push(1).push(Json::array());
  CHECK(list.dump() == "[1,[]]");
}

TEST_CASE("pretty output is indented by two", "[base]") {
  CHECK(userapi(R"({"a":[1,{"b":null}],"c":{}})").pretty() ==
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": {}\n}");
}

TEST_CASE("text is written as UTF-8 and escaped where it must be", "[base]") {
  CHECK(Json("gr\xc3\xbc\xc3\x9f\"\\\n\x01/").dump() ==
        "\"gr\xc3\xbc\xc3\x9f\\\"\\\\\\n\\u0001/\"");
  CHECK(Json("a\xff"
             "b")
            .dump() ==
        "\"a\xef\xbf\xbd"
        "b\"");
}

TEST_CASE("a copy does not change with its original", "[base]") {
  Json first = Json::object({{"a", 1}});
  const Json copy = first;
  const Json place = first["a"];
  first.set("a", 2).set("self", first);
  CHECK(copy.dump() == R"({"a":1})");
  CHECK(place.as_u64() == 1);
  CHECK(first.dump() == R"({"a":2,"self":{"a":2}})");
}

TEST_CASE("a place outlives its document", "[base]") {
  Json place;
  {
    const Json doc = userapi(R"({"a":{"b":"text"}})");
    place = doc["a"];
  }
  CHECK(place["b"].as_string() == "text");
  CHECK(place["b"].path() == "$.a.b");
  CHECK(place.dump() == R"({"b":"text"})");
}

TEST_CASE("a missing place put into a document is null", "[base]") {
  const Json source = userapi("{}");
  Json doc = Json::object();
  doc.set("a", source["none"]);
  CHECK(doc.dump() == R"({"a":null})");
  CHECK(source["none"].dump() == "null");
}

TEST_CASE("changing what is no object, no array or a place inside is our bug", "[base]") {
  const auto bug = [](auto action) { return message_of("bug.unexpected", Category::kBug, action); };
  CHECK(bug([] { Json::array().set("a", 1); }) ==
        "internal error: a member is set on something that is no object");
  CHECK(bug([] { Json::object().push(1); }) ==
        "internal error: an element is added to something that is no array");
  CHECK(bug([] {
          const Json doc = Json::parse(R"({"a":{}})", "x");
          doc["a"].set("b", 1);
        }) == "internal error: a place inside a document is changed: $.a");
}

TEST_CASE("equality is deep and ignores the order of members", "[base]") {
  CHECK(userapi(R"({"a":1,"b":[1,2]})").equals(userapi(R"({"b":[1,2],"a":1})")));
  CHECK_FALSE(userapi("[1,2]").equals(userapi("[2,1]")));
  CHECK_FALSE(userapi(R"({"a":1})").equals(userapi(R"({"a":1,"b":null})")));
  CHECK_FALSE(userapi("\"1\"").equals(userapi("1")));
  CHECK(Json(1).equals(userapi("1")));
}

}  // namespace
}  // namespace ecloud::base
