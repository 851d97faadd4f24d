#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "ecloud/base/error.h"
#include "ecloud/oci/compression.h"
#include "ecloud/oci/tar.h"
#include "support/catch.h"
#include "support/child_process.h"

namespace ecloud::oci {

/// Runs `program` with `input` on its standard input, and returns what it writes.
inline std::string run_filter(std::vector<std::string> argv, std::string input) {
  testing::ProcessOptions options;
  options.argv = std::move(argv);
  options.input = std::move(input);
  testing::ProcessResult result = testing::run_process(options);
  // Not describe(), which would print the octets.
  INFO(options.argv.front() << " says: " << result.err);
  REQUIRE(result.exit_code == 0);
  return std::move(result.out);
}

/// Gives `octets` to `take` in pieces of `piece` octets, until it wants no more.
template <typename Take>
void in_pieces(std::string_view octets, std::size_t piece, Take take) {
  for (std::size_t at = 0; at < octets.size(); at += piece) {
    if (!take(base::as_bytes(octets.substr(at, piece)))) return;
  }
}

inline std::string decompress(std::string_view octets, std::size_t piece = 70'000,
                              DecompressLimits limits = {}) {
  std::string out;
  Decompressor decompressor(
      [&](base::ByteView more) {
        out += base::as_chars(more);
        return true;
      },
      "layer 1 of app.tar", limits);
  in_pieces(octets, piece, [&](base::ByteView part) { return decompressor.write(part); });
  decompressor.finish();
  CHECK(decompressor.bytes_out() == out.size());
  return out;
}

/// The entries of an archive with their content.
class TarList final : public TarVisitor {
 public:
  struct Item {
    TarEntry entry;
    std::string content;
    bool complete = false;
  };
  TarWish entry(const TarEntry& entry) override {
    items.push_back({entry, {}, false});
    return TarWish::kContent;
  }
  bool content(base::ByteView piece) override {
    items.back().content += base::as_chars(piece);
    return true;
  }
  bool end_of_content() override {
    items.back().complete = true;
    return true;
  }
  std::vector<Item> items;
};

inline std::vector<TarList::Item> list_tar(std::string_view octets, std::size_t piece = 70'000) {
  TarList list;
  TarReader reader(list, "layer 1 of app.tar");
  in_pieces(octets, piece, [&](base::ByteView part) { return reader.write(part); });
  reader.finish();
  return list.items;
}

/// A record of 512 octets as no writer of ours makes them; the checksum is right.
struct RawHeader {
  std::string name;
  char type = '0';
  std::string size = "00000000000";
  std::string link;
  std::string prefix;

  std::string record() const {
    std::string out(512, '\0');
    const auto put = [&](std::size_t at, const std::string& text) {
      std::copy(text.begin(), text.end(), out.begin() + static_cast<long>(at));
    };
    put(0, name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, size);
    put(136, "00000000000");
    out[156] = type;
    put(157, link);
    put(257, "ustar");
    put(263, "00");
    put(345, prefix);
    return with_checksum(out);
  }
  static std::string with_checksum(std::string record) {
    for (int i = 0; i < 8; ++i) record[148 + static_cast<std::size_t>(i)] = ' ';
    unsigned sum = 0;
    for (const char c : record) sum += static_cast<unsigned char>(c);
    for (std::size_t i = 6; i-- > 0; sum >>= 3) record[148 + i] = static_cast<char>('0' + sum % 8);
    record[154] = '\0';
    return record;
  }
};

/// `content` filled up to whole records.
inline std::string records_of(std::string content) {
  content.resize((content.size() + 511) / 512 * 512, '\0');
  return content;
}

inline std::string octal(std::uint64_t value) {
  std::string out(11, '0');
  for (std::size_t i = out.size(); i-- > 0; value >>= 3)
    out[i] = static_cast<char>('0' + value % 8);
  return out;
}

/// An entry of any type with its content.
inline std::string raw_entry(const std::string& name, char type, const std::string& content,
                             const std::string& link = {}) {
  return RawHeader{name, type, octal(content.size()), link, {}}.record() + records_of(content);
}

inline const std::string kEndOfTar(1024, '\0');

/// The error of `action`, which has to throw one.
inline Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  throw std::logic_error("not reached");
}

/// Octets that look like those of files: text with repetitions, runs, and noise.
inline std::string sample_octets(std::uint32_t seed, std::size_t size) {
  std::mt19937 random(seed);
  std::string out;
  while (out.size() < size) {
    const std::size_t count = 1 + random() % 3'000;
    switch (random() % 4) {
      case 0:
        for (std::size_t i = 0; i < count; ++i) out += static_cast<char>(random());
        break;
      case 1:
        out.append(count, static_cast<char>(random() % 3));
        break;
      case 2:
        for (std::size_t i = 0; i < count; ++i) out += "etaoin shrdlu\n"[random() % 14];
        break;
      default: {
        const std::size_t back = 1 + random() % std::min<std::size_t>(out.size() + 1, 60'000);
        for (std::size_t i = 0; i < count && back <= out.size(); ++i) out += out[out.size() - back];
        break;
      }
    }
  }
  out.resize(size);
  return out;
}

}  // namespace ecloud::oci
