#include "ecloud/oci/leaks.h"

#include <string>

#include "archive_fixture.h"
#include "ecloud/base/base64.h"
#include "memory_image.h"
#include "oci/value_matcher.h"

namespace ecloud::oci {
namespace {

using base::Json;

const std::string kKey = "sk-live-4f9a0c\"quote";
const std::string kPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnotarealkeyatall\n"
    "oUQDQgAEnotarealkeyeitherbutlongenoughtofilltwolinesofapemfileyes\n"
    "-----END PRIVATE KEY-----\n";

PrivateValues values(const std::vector<std::pair<std::string, std::string>>& pairs) {
  PrivateValues out;
  for (const auto& [name, value] : pairs) out.emplace(name, base::Secret(base::as_bytes(value)));
  return out;
}

/// One line a finding.
std::string text_of(const LeakReport& report) {
  std::string out;
  for (const Leak& leak : report.leaks) {
    out += leak.variable + ": " + leak.where;
    if (leak.layer) out += ", layer " + std::to_string(*leak.layer);
    if (!leak.path.empty()) out += ", " + leak.path;
    if (!leak.instruction.empty()) out += ", " + leak.instruction;
    out += "\n";
  }
  for (const std::string& name : report.skipped) out += "skipped " + name + "\n";
  for (const std::size_t layer : report.unread) out += "unread " + std::to_string(layer) + "\n";
  return out;
}

std::string find(MemoryImage& app, const std::vector<std::pair<std::string, std::string>>& pairs,
                 const LeakOptions& options = {}) {
  return text_of(find_leaks(app.image, app.blobs, values(pairs), options));
}

TEST_CASE("Values in the configuration are found by their place", "[oci]") {
  const Json config = Json::object(
      {{"Env", Json::strings({"PATH=/bin", "OTHER_NAME=" + kKey})},
       {"Labels", Json::object({{"note", "uses " + kKey}})},
       {"Entrypoint", Json::strings({"/app", "--key", kKey})},
       {"Cmd", Json::strings({"run"})},
       {"Healthcheck", Json::object({{"Test", Json::strings({"CMD", "second-secret"})}})}});
  const Json history = Json::array(
      {Json::object({{"created_by", "ADD rootfs"}}),
       Json::object({{"created_by", "ENV OTHER_NAME=" + kKey}, {"empty_layer", true}})});
  MemoryImage app({write_tar({{"a", 0644, "clean", false}})}, config, history);
  CHECK(find(app, {{"API_KEY", kKey}, {"SECOND", "second-secret"}, {"THIRD", "not-in-there"}}) ==
        "API_KEY: environment variable OTHER_NAME\n"
        "API_KEY: label note\n"
        "API_KEY: history, line 2\n"
        "API_KEY: entrypoint\n"
        "SECOND: configuration\n");
}

TEST_CASE("Values in files are found with their layer and what made it", "[oci]") {
  const Json history =
      Json::array({Json::object({{"created_by", "ADD rootfs"}}),
                   Json::object({{"created_by", "ENV A=b"}, {"empty_layer", true}}),
                   Json::object({{"created_by", "COPY . /app"}})});
  MemoryImage app({write_tar({{"etc/old", 0644, "x" + kKey + "y", false}}),
                   write_tar({{"app/.env", 0600, "API_KEY=" + kKey + "\nPEM='" + kPem + "'", false},
                              {"app/clean", 0644, "sk-live-4f9a0cquote", false}})},
                  Json::object(), history);
  CHECK(find(app, {{"API_KEY", kKey}, {"PEM", kPem}}) ==
        "API_KEY: file, layer 1, app/.env, COPY . /app\n"
        "PEM: file, layer 1, app/.env, COPY . /app\n"
        "API_KEY: file, layer 0, etc/old, ADD rootfs\n");
}

TEST_CASE("An instruction that makes no files is not named for a layer", "[oci]") {
  // What buildah 1.28 writes without --layers: one layer, under its last instruction.
  for (const char* last : {R"(/bin/sh -c #(nop) CMD ["/bin/sh"])", "/bin/sh -c #(nop)  USER 1000",
                           R"(ENTRYPOINT ["/app"])"}) {
    const Json history = Json::array({Json::object({{"created_by", last}})});
    MemoryImage app({write_tar({{"app/.env", 0600, kKey, false}})}, Json::object(), history);
    CHECK(find(app, {{"API_KEY", kKey}}) == "API_KEY: file, layer 0, app/.env\n");
  }
  const Json history =
      Json::array({Json::object({{"created_by", "/bin/sh -c #(nop) COPY dir:1 in /app"}})});
  MemoryImage app({write_tar({{"app/.env", 0600, kKey, false}})}, Json::object(), history);
  CHECK(find(app, {{"API_KEY", kKey}}) ==
        "API_KEY: file, layer 0, app/.env, /bin/sh -c #(nop) COPY dir:1 in /app\n");
}

TEST_CASE("Values are found as JSON and in base64 and in another frame", "[oci]") {
  const std::string with_line_feed = base::to_base64(base::as_bytes(kKey + "\n"));
  const std::string reframed = kPem.substr(28, kPem.size() - 28 - 26);
  MemoryImage app({write_tar({{"1.json", 0644, Json(kKey).dump(), false},
                              {"2.yaml", 0644, "data: " + with_line_feed, false},
                              {"3.json", 0644, Json(kPem).dump(), false},
                              {"4.txt", 0644, reframed, false}})});
  CHECK(find(app, {{"KEY", kKey}, {"PEM", kPem}}) ==
        "KEY: file, layer 0, 1.json\n"
        "KEY: file, layer 0, 2.yaml\n"
        "PEM: file, layer 0, 3.json\n"
        "PEM: file, layer 0, 4.txt\n");
}

TEST_CASE("A value is found wherever the pieces of its file are cut", "[oci]") {
  std::string content = sample_octets(4, 300'000);
  content.insert(131'072 - 7, kKey);
  MemoryImage app({write_tar({{"f", 0644, content, false}})});
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1'000}, std::size_t{1} << 20}) {
    app.blobs.piece = piece;
    CHECK(find(app, {{"KEY", kKey}}) == "KEY: file, layer 0, f\n");
  }
}

TEST_CASE("A value does not come together from two files", "[oci]") {
  MemoryImage app(
      {raw_entry("a", '0', std::string(508, 'x') + "ab-9") + raw_entry("b", '0', "8-cd-secret")});
  CHECK(find(app, {{"KEY", "ab-98-cd-secret"}}).empty());
}

TEST_CASE("Names with a value are found and not repeated", "[oci]") {
  MemoryImage app({write_tar({{"keys/tok-12345678.txt", 0644, "", false}})},
                  Json::object({{"Env", Json::strings({"X_tok-12345678=tok-12345678"})}}),
                  Json::array({Json::object({{"created_by", "RUN touch tok-12345678.txt"}})}));
  const std::string text = find(app, {{"TOKEN", "tok-12345678"}});
  CHECK(text ==
        "TOKEN: environment variable X_(hidden)\n"
        "TOKEN: history, line 1\n"
        "TOKEN: file name, layer 0, keys/(hidden).txt, RUN touch (hidden).txt\n");
}

TEST_CASE("No finding holds a value in any of its forms", "[oci]") {
  const std::string in_base64 = base::to_base64(base::as_bytes(kKey));
  MemoryImage app({write_tar({{in_base64, 0644, "", false}, {"a", 0644, kPem, false}})},
                  Json::object(),
                  Json::array({Json::object({{"created_by", "RUN echo " + kPem.substr(30)}})}));
  CHECK(find(app, {{"KEY", kKey}, {"PEM", kPem}}) ==
        "PEM: history, line 1\n"
        "KEY: file name, layer 0, (hidden), (hidden)\n"
        "PEM: file, layer 0, a, (hidden)\n");
}

TEST_CASE("Values that stand everywhere are not looked for", "[oci]") {
  MemoryImage app({write_tar({{"f", 0644, "true production 1234567 Postgres DATABASE", false}})});
  CHECK(find(app, {{"A", "true"},
                   {"B", "production"},
                   {"C", "1234567"},
                   {"D", "Postgres"},
                   {"E", "DATABASE"},
                   {"F", ""}}) ==
        "skipped A\nskipped B\nskipped C\nskipped D\nskipped E\nskipped F\n");
  CHECK(app.blobs.reads.empty());
  CHECK(find(app, {{"C", "1234567"}}, {.minimum_value_bytes = 4}) == "C: file, layer 0, f\n");
}

TEST_CASE("A value in a file that the budget cuts is found", "[oci]") {
  // Octets that gzip makes nothing of, from the recurrence of Numerical Recipes.
  std::string noise(200'000, '\0');
  std::uint32_t state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  MemoryImage app({write_tar({{"app/bundle", 0644, "key=" + kKey + "\n" + noise, false}})});
  CHECK(find(app, {{"KEY", kKey}}, {.budget_bytes = 100'000}) ==
        "KEY: file, layer 0, app/bundle\nunread 0\n");
}

TEST_CASE("The newest layers are read first and what the budget leaves out is told", "[oci]") {
  const std::string noise = sample_octets(8, 600'000);
  MemoryImage app({write_tar({{"low", 0644, noise + kKey, false}}),
                   write_tar({{"middle", 0644, noise + "2" + kKey, false}}),
                   write_tar({{"high", 0644, noise + "3" + kKey, false}})});
  CHECK(app.image.layers.size() == 3);
  const std::uint64_t one = app.image.layers[2].size_bytes;
  CHECK(find(app, {{"KEY", kKey}}, {.budget_bytes = one + 10'000}) ==
        "KEY: file, layer 2, high\nunread 1\nunread 0\n");
  CHECK(find(app, {{"KEY", kKey}}) ==
        "KEY: file, layer 2, high\nKEY: file, layer 1, middle\nKEY: file, layer 0, low\n");
}

TEST_CASE("A value that stands in a hundred files is reported ten times", "[oci]") {
  std::vector<NewTarEntry> entries;
  for (int i = 0; i < 100; ++i) entries.push_back({std::to_string(i), 0644, kKey, false});
  MemoryImage app({write_tar(entries)});
  CHECK(find_leaks(app.image, app.blobs, values({{"KEY", kKey}})).leaks.size() == 10);
}

TEST_CASE("A cancelled search ends", "[oci]") {
  base::CancelToken cancel;
  cancel.cancel();
  MemoryImage app({write_tar({{"a", 0644, "x", false}})});
  CHECK(error_of([&] {
          find(app, {{"KEY", kKey}}, {.cancel = &cancel});
        }).category() == Category::kInterrupted);
}

TEST_CASE("Many texts are found at once as a plain search finds them", "[oci]") {
  std::mt19937 random(5);
  for (int round = 0; round < 50; ++round) {
    // Two letters make texts that overlap and contain each other.
    const auto word = [&](std::size_t size) {
      std::string out;
      for (std::size_t i = 0; i < size; ++i) out += static_cast<char>('a' + random() % 2);
      return out;
    };
    std::vector<std::string> texts;
    ValueMatcher matcher;
    for (unsigned i = 0; i < 12; ++i) {
      texts.push_back(word(1 + random() % 9));
      matcher.add(base::as_bytes(texts.back()), i);
    }
    matcher.build();
    const std::string content = word(random() % 60);
    std::vector<bool> found(texts.size());
    in_pieces(content, 1 + random() % 7, [&](base::ByteView part) {
      matcher.feed(part, found);
      return true;
    });
    for (std::size_t i = 0; i < texts.size(); ++i) {
      INFO(texts[i] << " in " << content);
      CHECK(found[i] == (content.find(texts[i]) != std::string::npos));
    }
  }
}

}  // namespace
}  // namespace ecloud::oci
