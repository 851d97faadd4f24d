#include "ecloud/oci/leaks.h"

#include <algorithm>
#include <utility>

#include "ecloud/base/base64.h"
#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "layer_reader.h"
#include "value_matcher.h"

namespace ecloud::oci {
namespace {

constexpr std::size_t kMaxPerVariable = 10;
constexpr std::size_t kMiddleBytes = 64;
constexpr std::size_t kWordBytes = 16;
// Shorter ones hide nothing that a reader could not guess, and would garble the texts.
constexpr std::size_t kMinHidden = 4;
constexpr std::size_t kMaxInstruction = 200;
constexpr std::string_view kHidden = "(hidden)";

bool is_plain_word(std::string_view value) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const std::string_view rest = value.substr(1);
  const bool starts = is_lower(value[0]) || is_upper(value[0]);
  return value.size() < kWordBytes && starts &&
         (std::all_of(rest.begin(), rest.end(), is_lower) ||
          std::all_of(value.begin(), value.end(), is_upper));
}

/// A value as it stands between the quotes of JSON.
base::Secret json_form(std::string_view value) {
  std::string dumped = base::Json(value).dump();
  base::Secret out(base::as_bytes(std::string_view(dumped).substr(1, dumped.size() - 2)));
  base::wipe(dumped.data(), dumped.size());
  return out;
}

/// Without the last group, which depends on what stands behind the value.
base::Secret base64_form(base::ByteView value) {
  return base::Secret(base::to_base64(value.first(value.size() / 3 * 3)));
}

base::ByteView middle_of(base::ByteView text) {
  if (text.size() <= kMiddleBytes) return text;
  return text.subspan((text.size() - kMiddleBytes) / 2, kMiddleBytes);
}

/// A builder that makes one layer of several instructions names the last one for it, which is often
/// one that makes no files.
bool makes_files(std::string_view instruction) {
  static constexpr std::string_view kMark = "#(nop)";
  static constexpr std::string_view kNoFiles[] = {
      "CMD",    "ENTRYPOINT", "USER",       "ENV",   "LABEL",   "EXPOSE",     "ARG",
      "VOLUME", "STOPSIGNAL", "MAINTAINER", "SHELL", "ONBUILD", "HEALTHCHECK"};
  const std::size_t mark = instruction.find(kMark);
  if (mark != std::string_view::npos) instruction.remove_prefix(mark + kMark.size());
  instruction = base::trim(instruction);
  const std::string_view word = instruction.substr(0, instruction.find(' '));
  return std::find(std::begin(kNoFiles), std::end(kNoFiles), word) == std::end(kNoFiles);
}

std::string instruction_of(const Image& image, std::size_t layer) {
  std::size_t at = 0;
  for (const HistoryEntry& entry : image.details.history) {
    if (entry.empty_layer) continue;
    if (at++ == layer) return makes_files(entry.created_by) ? entry.created_by : std::string();
  }
  return {};
}

class LeakSearch final : public TarVisitor {
 public:
  LeakSearch(const Image& image, const PrivateValues& wanted, const LeakOptions& options)
      : image_(image), wanted_(wanted), options_(options) {
    for (const auto& [name, value] : wanted) add_value(name, value);
    matcher_.build();
    found_.resize(variables_.size());
    counts_.resize(variables_.size());
  }

  bool has_values() const { return !variables_.empty(); }

  void search_documents() {
    const ImageConfig& config = image_.details;
    for (const std::string& variable : config.environment) {
      const std::size_t equals = std::min(variable.find('='), variable.size());
      in_text(variable, "environment variable " + hide(variable.substr(0, equals)));
    }
    for (const auto& [name, value] : config.labels) {
      in_text(name + "\n" + value, "label " + hide(name));
    }
    for (std::size_t i = 0; i < config.history.size(); ++i) {
      in_text(config.history[i].created_by, "history, line " + std::to_string(i + 1));
    }
    for (const std::string& word : config.entrypoint) in_text(word, "entrypoint");
    for (const std::string& word : config.command) in_text(word, "command");
    // Whatever else stands there: health checks, authors, annotations.
    search_rest(image_.config, "configuration");
    search_rest(image_.manifest, "manifest");
  }

  void begin_layer(std::size_t layer) {
    layer_ = layer;
    instruction_ = hide(instruction_of(image_, layer));
  }

  TarWish entry(const TarEntry& entry) override {
    if (options_.cancel != nullptr) options_.cancel->check();
    path_ = entry.path;
    if (match(entry.path) || match(entry.link_target)) report("file name", true);
    matcher_.reset();
    return TarWish::kContent;
  }
  bool content(base::ByteView piece) override {
    matcher_.feed(piece, found_);
    return true;
  }
  bool end_of_content() override {
    report("file", true);
    return true;
  }

  LeakReport take_report() { return std::move(out_); }
  void leave_out(std::size_t layer) { out_.unread.push_back(layer); }

 private:
  void add_value(const std::string& name, const base::Secret& value) {
    const std::string_view text = value.reveal_text();
    if (text.size() < std::max<std::size_t>(options_.minimum_value_bytes, 1) ||
        is_plain_word(text)) {
      out_.skipped.push_back(name);
      return;
    }
    const std::size_t number = variables_.size();
    variables_.push_back(name);
    matcher_.add(middle_of(value.reveal()), number);
    const base::Secret json = json_form(text);
    if (json.reveal_text() != text) matcher_.add(middle_of(json.reveal()), number);
    const base::Secret base64 = base64_form(value.reveal());
    if (base64.size() >= options_.minimum_value_bytes) {
      matcher_.add(middle_of(base64.reveal()), number);
    }
  }

  bool match(std::string_view text) {
    matcher_.reset();
    return matcher_.feed(base::as_bytes(text), found_);
  }

  void in_text(std::string_view text, const std::string& where) {
    if (match(text)) report(where, false);
  }

  /// Only of variables that were found at no better place.
  void search_rest(std::string_view text, const std::string& where) {
    match(text);
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (counts_[i] != 0) found_[i] = false;
    }
    report(where, false);
  }

  /// What was found since the last report.
  void report(const std::string& where, bool in_layer) {
    for (std::size_t i = 0; i < found_.size(); ++i) {
      if (!found_[i]) continue;
      found_[i] = false;
      if (++counts_[i] > kMaxPerVariable) continue;
      Leak leak{variables_[i], where, std::nullopt, {}, {}};
      if (in_layer) {
        leak.layer = layer_;
        leak.instruction = instruction_;
        leak.path = hide(path_);
      }
      out_.leaks.push_back(std::move(leak));
    }
  }

  /// `text` fit to print, without any value.
  std::string hide(std::string text) {
    for (const auto& [name, value] : wanted_) {
      if (value.size() < kMinHidden) continue;
      for (std::size_t at = text.find(value.reveal_text()); at != std::string::npos;
           at = text.find(value.reveal_text(), at + kHidden.size())) {
        text.replace(at, value.size(), kHidden);
      }
    }
    std::vector<bool> found(variables_.size());
    matcher_.reset();
    if (matcher_.feed(base::as_bytes(text), found)) return std::string(kHidden);
    return base::printable_line(text, kMaxInstruction);
  }

  const Image& image_;
  const PrivateValues& wanted_;
  const LeakOptions& options_;
  ValueMatcher matcher_;
  std::vector<std::string> variables_;
  std::vector<bool> found_;
  std::vector<std::size_t> counts_;  // reported, of each variable
  std::size_t layer_ = 0;
  std::string instruction_;
  std::string path_;
  LeakReport out_;
};

}  // namespace

LeakReport find_leaks(const Image& image, BlobSource& blobs, const PrivateValues& wanted,
                      const LeakOptions& options) {
  LeakSearch search(image, wanted, options);
  if (!search.has_values()) return search.take_report();
  search.search_documents();
  std::uint64_t budget = options.budget_bytes;
  for (std::size_t layer = image.layers.size(); layer-- > 0;) {
    search.begin_layer(layer);
    const bool complete =
        budget > 0 && read_layer(image, layer, blobs, search, budget) == LayerEnd::kComplete;
    if (!complete) {
      static_cast<void>(search.end_of_content());  // what the part of a cut file gave
      search.leave_out(layer);
    }
  }
  return search.take_report();
}

}  // namespace ecloud::oci
