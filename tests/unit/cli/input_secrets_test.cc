#include "cli/input_secrets.h"

#include "support/catch.h"

namespace ecloud::cli {
namespace {

/// `message` after `input` was given.
std::string hidden(std::string_view input, std::string_view message) {
  InputSecrets secrets;
  secrets.add(input);
  return secrets.hide(message);
}

/// The input itself, repeated.
std::string echoed(std::string_view input) {
  return hidden(input, input);
}

std::string echoed_url(std::string_view input) {
  InputSecrets secrets;
  secrets.add_url(input);
  return secrets.hide(input);
}

const std::string kKey = "8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63";
constexpr char kApiKey[] = "pT4xUvQ9rKz2LmN8sWd6YcBa";

TEST_CASE("private keys are hidden wherever they were given", "[cli][echo]") {
  CHECK(echoed("0x" + kKey) == "0x(hidden)");
  CHECK(echoed("A=" + kKey + ",B") == "A=(hidden),B");
  // Also a part of one, as a message that is cut has it, and in another case.
  CHECK(hidden(kKey, "no app " + kKey.substr(0, 40) + "...") == "no app (hidden)...");
  CHECK(hidden("8F2A5594" + kKey.substr(8), "no app " + kKey) == "no app (hidden)");
  // Digests, addresses and commits are not secret.
  for (const std::string& text :
       {"sha256:" + kKey, "app@sha256:" + kKey, kKey.substr(24), "0x" + kKey.substr(24)}) {
    CHECK(echoed(text) == text);
  }
}

TEST_CASE("phrases are hidden, whatever separates their words", "[cli][echo]") {
  CHECK(echoed("letter advice cage absurd amount doctor acoustic avoid letter advice cage above") ==
        "(hidden)");
  CHECK(hidden("letter\nadvice\ncage\nabsurd\namount\ndoctor", "x letter advice cage absurd. y") ==
        "x (hidden). y");
  CHECK(echoed("Letter Advice Cage Absurd Amount Doctor") == "(hidden)");
  CHECK(echoed("letter advice cage absurd amount") == "letter advice cage absurd amount");
  const std::string sentence = "a letter of advice for the cage of an absurd doctor";
  CHECK(echoed(sentence) == sentence);
}

TEST_CASE("passwords and keys of URLs are hidden and their hosts are not", "[cli][echo]") {
  const std::string key(kApiKey);
  CHECK(echoed("https://eth.example/v2/" + key) == "https://eth.example/v2/(hidden)");
  CHECK(echoed("eth.example/v3/" + key) == "eth.example/v3/(hidden)");
  CHECK(echoed("wss://eth.example/" + key + "/x") == "wss://eth.example/(hidden)/x");
  CHECK(echoed("https://eth.example/0123456789abcdef0123456789abcdef") ==
        "https://eth.example/(hidden)");
  CHECK(echoed("https://eth.example/?apikey=s3cr3t&chain=1") ==
        "https://eth.example/?apikey=(hidden)&chain=1");
  CHECK(echoed("postgres://me:pa55word@db.example/x") == "postgres://me:(hidden)@db.example/x");
  CHECK(echoed("https://ghp_abc@git.example/x") == "https://(hidden)@git.example/x");
  CHECK(echoed("me:pa55word@proxy:3128") == "me:(hidden)@proxy:3128");
  for (const char* text :
       {"ghcr.io/acme/my-app:2024-01-02", "/home/Me/Project-2024-ABCdefGHIjkl/ecloud.yaml",
        "https://github.com/acme/app.git", "git@github.com:acme/app.git", "my-app:1@sha256:00",
        "--name", "./Some-Path-With-Digits-1234/x"}) {
    CHECK(echoed(text) == text);
  }
}

TEST_CASE("where a URL of a node belongs, misspelled ones are hidden as well", "[cli][echo]") {
  const std::string key(kApiKey);
  for (const std::string& before :
       {"\"https://h.example/v2/", "'https://h.example/v2/", "<https://h.example/v2/",
        "https:/h/v2/", "https//h/v2/", "htps://h/v2/", "h/v2/", ""}) {
    CHECK(echoed_url(before + key) == before + "(hidden)");
  }
  CHECK(echoed_url("https://h.example/v1/short") == "https://h.example/v1/(hidden)");
  CHECK(echoed_url("http://127.0.0.1:8545/rpc-nologs") == "http://127.0.0.1:8545/rpc-nologs");
  CHECK(echoed_url("htpp://u:S3cretpw@proxy:3128") == "htpp://u:(hidden)@proxy:3128");
}

TEST_CASE("without secrets nothing is hidden", "[cli][echo]") {
  InputSecrets secrets;
  secrets.add("deploy");
  CHECK(secrets.empty());
  CHECK(secrets.hide("deploy " + kKey) == "deploy " + kKey);
  CHECK(hidden(kKey, "").empty());
}

}  // namespace
}  // namespace ecloud::cli
