// Short texts: URLs, times, amounts, keys, and what is looked for in logs and layers.
#include <arpa/inet.h>
#include <curl/curl.h>

#include <memory>
#include <string>

#include "cli/credentials.h"
#include "cli/values.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/bip39.h"
#include "ecloud/crypto/hd.h"
#include "ecloud/deploy/log_text.h"
#include "ecloud/eth/u256.h"
#include "ecloud/net/location.h"
#include "ecloud/net/retry.h"
#include "ecloud/platform/build_api.h"
#include "ecloud/platform/credits.h"
#include "fuzz/scripted.h"
#include "fuzz/targets.h"
#include "net/redirect.h"
#include "oci/auth_challenge.h"
#include "oci/value_matcher.h"

namespace ecloud::fuzz {
namespace {

/// A part of a URL as libcurl, which opens the connection, understands it.
std::string curl_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  const std::unique_ptr<char, void (*)(void*)> owner(text, curl_free);
  return text;
}

/// Whether libcurl means that host; it writes numbers such as 0x7f.1 as dotted addresses, and IPv6
/// in a form of its own.
bool same_host(const std::string& curls, const std::string& ours) {
  if (curls == ours || curls.find_first_not_of("0123456789.") == std::string::npos) return true;
  if (!curls.starts_with("[") || !curls.ends_with("]")) return false;
  in6_addr one{}, other{};
  return ::inet_pton(AF_INET6, curls.substr(1, curls.size() - 2).c_str(), &one) == 1 &&
         ::inet_pton(AF_INET6, ours.c_str(), &other) == 1 && IN6_ARE_ADDR_EQUAL(&one, &other);
}

/// What is checked is where the connection goes.
void require_same_place(const net::Url& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.to_string().c_str(), 0) != CURLUE_OK) return;
  const std::string host = curl_part(parsed.get(), CURLUPART_HOST);
  require(curl_part(parsed.get(), CURLUPART_SCHEME) == url.scheme, "one scheme");
  require(curl_part(parsed.get(), CURLUPART_PORT) == std::to_string(url.port), "one port");
  require(net::is_private_host(host) == net::is_private_host(url.host), "one kind of host");
  require(same_host(host, url.host), "one host");
}

void run_url(base::ByteView input) {
  const auto texts = parts(base::as_chars(input), 2);
  const auto url = net::Url::parse(texts[0]);
  if (url) {
    const auto again = net::Url::parse(url->to_string());
    require(again && again->to_string() == url->to_string(), "a URL survives printing");
    require_same_place(*url);
    const auto led = url->resolve(texts.back());
    if (led) require_same_place(*led);
  }
  accepts([&] { oci::parse_url_host(texts[0]); });
  platform::repository_key(texts[0]);
  platform::build_request_problem({std::string(texts[0]), std::string(texts.back())});
}

/// Where a server sends us.
void run_location(base::ByteView input) {
  const std::string location(base::as_chars(input));
  const std::string asked = "https://registry.example/v2/a/blobs/uploads/?x=1";
  accepts([&] {
    const net::Location to = net::checked_location(asked, location);
    const auto url = net::Url::parse(to.url);
    require(url && url->scheme == "https", "https stays https");
    require(!net::is_private_host(url->host), "a public host leads to no private one");
    require(to.same_origin == url->same_origin(*net::Url::parse(asked)), "an origin is one");
    require_same_place(*url);
  });
  net::Response response{307, {{"Location", location}}, "", ""};
  accepts([&] {
    const auto from = *net::Url::parse("http://127.0.0.1:5000/");
    const auto to = net::redirect_target({from, false}, from, response);
    require(!to || to->scheme == "https" || net::is_loopback_host(to->host),
            "plain http stays on the machine");
  });
}

void run_times(base::ByteView input) {
  const std::string text(base::as_chars(input));
  const auto wait = net::retry_after({429, {{"Retry-After", text}}, "", ""}, 1'800'000'000);
  require(!wait || (wait->count() >= 0 && wait->count() <= 7 * 24 * 3'600'000), "at most a week");
  if (const auto date = net::parse_http_date(text)) {
    require(*date > -100'000'000'000 && *date < 300'000'000'000, "years have four digits");
  }
  // An offset may lead out of the years of four digits.
  constexpr std::int64_t kYearZero = -62'167'219'200, kYear10000 = 253'402'300'800;
  const auto time = base::parse_rfc3339(text);
  if (time && *time >= kYearZero && *time < kYear10000) {
    const std::string written = base::format_rfc3339(*time);
    require(base::parse_rfc3339(written) == time, "a time survives printing");
  }
  if (const auto duration = cli::parse_duration(text)) {
    require(duration->count() >= 0, "no time is negative");
  }
  deploy::log_line_time(text);
}

void run_log(base::ByteView input) {
  const std::string_view text = base::as_chars(input);
  deploy::log_since(text, 1'800'000'000);
  require(deploy::log_tail(text, 2).size() <= text.size(), "an end is not longer");
  base::printable(text, 100);
  // A log that only grows is given out whole, and once.
  deploy::LogStream growing;
  std::string shown;
  for (std::size_t piece = 1; piece <= 4; ++piece) {
    const auto news = growing.take(std::string(text.substr(0, text.size() * piece / 4)));
    require(!news.rotated, "growing is no rotation");
    shown += news.text;
  }
  require(shown + growing.rest() == text, "a log is shown whole");
  deploy::LogStream rotated;
  for (const std::string_view look : parts(text, 4)) rotated.take(std::string(look));
}

void run_amounts(base::ByteView input) {
  const std::string_view text = base::as_chars(input);
  if (const auto number = eth::U256::from_decimal(text)) {
    require(eth::U256::from_decimal(number->to_decimal()) == number, "decimals survive");
    require(eth::U256::from_hex(number->to_hex()) == number, "hex survives");
    const auto word = number->to_word();
    require(eth::U256::from_big_endian(word) == number, "words survive");
    if (!number->is_zero()) {
      const eth::U256 seven(7);
      require(*number / seven * seven + *number % seven == *number, "division is exact");
    }
  }
  for (const unsigned decimals : {0u, 6u, 18u}) {
    if (const auto amount = eth::parse_units(text, decimals)) {
      require(eth::parse_units(eth::format_units(*amount, decimals), decimals) == amount,
              "amounts survive");
    }
  }
  if (const auto dollars = platform::parse_usdc(text)) platform::format_usdc(*dollars);
}

void run_keys(base::ByteView input) {
  const std::string_view text = base::as_chars(input);
  accepts([&] { cli::parse_private_key(text, "--private-key"); });
  accepts([&] {
    if (const auto path = crypto::parse_derivation_path(text)) {
      const base::Secret seed(base::Bytes(32, 7));
      crypto::HdKey::from_seed(seed.reveal()).derive(*path);
    }
  });
  const bool valid = accepts([&] {
    const auto key = crypto::HdKey::from_extended(text);
    require(key.extended_private().reveal_text() == text, "extended keys have one form");
  });
  require(!valid || crypto::valid_extended_key(text), "what is read is valid");
  const base::Secret phrase = crypto::normalize_mnemonic(text);
  crypto::mnemonic_problem(phrase.reveal_text());
  const std::string cleaned = base::without_keys(text);
  require(base::without_keys(cleaned) == cleaned, "nothing is left to hide");
}

/// Many values found at once, compared with looking for one after the other.
void run_matcher(base::ByteView input) {
  const auto texts = parts(base::as_chars(input), 6);
  const std::string_view all = texts.back();
  oci::ValueMatcher matcher;
  for (std::size_t i = 0; i + 1 < texts.size(); ++i) {
    if (!texts[i].empty()) matcher.add(base::as_bytes(texts[i]), i);
  }
  matcher.build();
  std::vector<bool> found(texts.size());
  const base::ByteView octets = base::as_bytes(all);
  matcher.feed(octets.subspan(0, octets.size() / 2), found);
  matcher.feed(octets.subspan(octets.size() / 2), found);
  for (std::size_t i = 0; i + 1 < texts.size(); ++i) {
    const bool is_there = !texts[i].empty() && all.find(texts[i]) != std::string_view::npos;
    require(found[i] == is_there, "what is there is found");
  }
}

}  // namespace

std::vector<Target> word_targets() {
  return {{"amounts", run_amounts}, {"keys", run_keys},       {"location", run_location},
          {"log", run_log},         {"matcher", run_matcher}, {"times", run_times},
          {"url", run_url}};
}

}  // namespace ecloud::fuzz
