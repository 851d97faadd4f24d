#include "deploy/verify_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/oci/compression.h"
#include "ecloud/platform/tee_layer.h"

namespace ecloud::deploy {
namespace {

constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMaxWantedBytes = std::size_t{1} << 20;
constexpr std::size_t kLongestValue = 120;
constexpr std::size_t kMostListed = 5;
constexpr std::string_view kKmsClientPath = "usr/local/bin/kms-client";
/// How platform::tee_layer begins the top layer's line of the history.
constexpr std::string_view kMadeByUs = "ecloud image layer (";

class LayerReader final : public oci::TarVisitor {
 public:
  explicit LayerReader(std::string wanted) : wanted_(std::move(wanted)) {}

  oci::TarWish entry(const oci::TarEntry& entry) override {
    path_ = entry.path;
    const auto [place, is_new] = entries.try_emplace(path_);
    const LayerEntry before = std::exchange(place->second, {.type = entry.type,
                                                            .mode = entry.mode,
                                                            .uid = entry.uid,
                                                            .gid = entry.gid,
                                                            .link_target = entry.link_target,
                                                            .content = {},
                                                            .ambiguity = entry.ambiguity,
                                                            .attribute = entry.attribute,
                                                            .position = ++position_,
                                                            .evidence = {}});
    if (!is_new) {
      const bool directories =
          before.type == oci::TarType::kDirectory && entry.type == oci::TarType::kDirectory;
      place->second.repeated = before.repeated || !directories;
      if (place->second.ambiguity.empty()) place->second.ambiguity = before.ambiguity;
      if (place->second.attribute.empty()) place->second.attribute = before.attribute;
    }
    // Of two entries at the path the last counts.
    if (path_ == wanted_) kept.reset();
    if (entry.type != oci::TarType::kFile) return oci::TarWish::kNext;
    keep_ = path_ == wanted_ && entry.size_bytes <= kMaxWantedBytes;
    if (keep_) kept.emplace();
    if (entry.size_bytes == 0) {
      place->second.content = oci::Digest::of({});
      return oci::TarWish::kNext;
    }
    hash_.emplace();
    return oci::TarWish::kContent;
  }
  bool content(base::ByteView piece) override {
    hash_->update(piece);
    if (path_ == kKmsClientPath) entries[path_].evidence.write(piece);
    if (keep_) kept->append(base::as_chars(piece));
    return true;
  }
  bool end_of_content() override {
    entries[path_].content = oci::Digest(hash_->finish());
    return true;
  }

  std::map<std::string, LayerEntry> entries;
  std::optional<std::string> kept;

 private:
  std::string wanted_, path_;
  std::size_t position_ = 0;
  bool keep_ = false;
  std::optional<crypto::Sha256Stream> hash_;
};

std::string octal(unsigned mode) {
  return fmt::format("{:04o}", mode);
}

/// Why it is not sure what the entry is, whatever it is; empty when it is sure.
std::string oddity(const LayerEntry& entry) {
  if (!entry.ambiguity.empty()) return " is read differently by programs: " + entry.ambiguity;
  if (!entry.attribute.empty()) {
    return " has the attribute " + base::printable_line(entry.attribute, 80);
  }
  return entry.repeated ? " is there more than once" : "";
}

/// Why the entry is not the file; empty when it is.
std::string file_difference(const oci::AddedFile& expected, const LayerEntry& found) {
  if (found.type != oci::TarType::kFile) return " is no regular file";
  const oci::Digest wanted = digest_of(*expected.content);
  if (!found.content || *found.content != wanted) {
    return " is " + (found.content ? found.content->to_string() : std::string("nothing")) +
           " instead of " + wanted.to_string();
  }
  if (found.mode != expected.mode) {
    return " has mode " + octal(found.mode) + " instead of " + octal(expected.mode);
  }
  if (found.uid != 0 || found.gid != 0) {
    return fmt::format(" belongs to {}:{} instead of root", found.uid, found.gid);
  }
  return oddity(found);
}

/// Whether the entry is a directory on the way to one of the files, and comes before those in it.
/// Another one would take the place of what the base has there, or change its mode.
bool leads_to(const std::vector<oci::AddedFile>& files, const LayerContent& layer,
              const std::string& path, const LayerEntry& entry) {
  const bool plain = entry.type == oci::TarType::kDirectory && entry.mode == 0755 &&
                     entry.uid == 0 && entry.gid == 0 && oddity(entry).empty();
  const std::string start = path.empty() ? path : path + "/";
  bool leads = false;
  for (const oci::AddedFile& file : files) {
    if (!file.path.starts_with(start)) continue;
    const auto there = layer.entries.find(file.path);
    if (there != layer.entries.end() && there->second.position < entry.position) return false;
    leads = true;
  }
  return plain && leads;
}

std::string shown(const base::Json& value) {
  return value.exists() ? base::printable_line(value.dump(), kLongestValue) : "nothing";
}

void compare(const base::Json& expected, const base::Json& found, const std::string& path,
             std::vector<std::string>& out) {
  if (expected.equals(found) && expected.exists() == found.exists()) return;
  if (!expected.is_object() || !found.is_object()) {
    out.push_back(path + " is " + shown(found) + " instead of " + shown(expected));
    return;
  }
  const std::string before = path.empty() ? "" : path + ".";
  for (const auto& [name, value] : expected.members()) {
    compare(value, found[name], before + base::printable_line(name, 80), out);
  }
  for (const auto& [name, value] : found.members()) {
    if (expected[name].exists()) continue;
    out.push_back(before + base::printable_line(name, 80) + " was added: " + shown(value));
  }
}

/// Without what says how the layers came about, and without the top one.
base::Json what_runs(const std::string& text) {
  const base::Json document = base::Json::parse(text, "configuration", Category::kImage);
  base::Json out = base::Json::object();
  for (const auto& [name, value] : document.members()) {
    if (name == "history" || name == "created" || name == "rootfs") continue;
    out.set(name, value);
  }
  std::vector<base::Json> layers = document["rootfs"]["diff_ids"].elements();
  if (!layers.empty()) layers.pop_back();
  out.set("diff_ids", base::Json::array(std::move(layers)));
  return out;
}

/// A name as Go's decoder compares it: without regard to case, where two letters outside ASCII are
/// lower and upper case of k and s (Unicode, CaseFolding.txt: U+212A and U+017F).
std::string folded(std::string name) {
  constexpr std::array<std::pair<std::string_view, char>, 2> kOthers = {
      {{"\xe2\x84\xaa", 'k'}, {"\xc5\xbf", 's'}}};
  for (const auto& [letter, plain] : kOthers) {
    for (std::size_t at = name.find(letter); at != std::string::npos; at = name.find(letter, at)) {
      name.replace(at, letter.size(), 1, plain);
    }
  }
  return base::to_lower(name);
}

/// Goes over a document that base::Json can read; that keeps only the last of equal members.
class MemberScan {
 public:
  explicit MemberScan(std::string_view text) : text_(text) {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '{' || c == '[') open();
      if ((c == '}' || c == ']') && !open_.empty()) open_.pop_back();
      if (c == '"') at = text_at(at);
    }
  }
  std::vector<std::string> take() { return {found_.begin(), found_.end()}; }

 private:
  struct Place {
    std::string path, member;  // of the member that comes
    bool named_freely = false;
    std::set<std::string> names;
  };

  void open() {
    Place place;
    if (!open_.empty()) {
      const Place& around = open_.back();
      place.path = around.path;
      if (!around.member.empty()) place.path += (place.path.empty() ? "" : ".") + around.member;
      const std::string name = folded(around.member);
      place.named_freely =
          std::find(kNamedFreely.begin(), kNamedFreely.end(), name) != kNamedFreely.end();
    }
    open_.push_back(std::move(place));
  }

  /// Returns where the text that begins there ends.
  std::size_t text_at(std::size_t start) {
    std::size_t end = start + 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    const std::size_t next = text_.find_first_not_of(" \t\r\n", end + 1);
    const bool is_name = next != std::string_view::npos && text_[next] == ':';
    if (is_name && !open_.empty()) take_name(text_.substr(start, end - start + 1));
    return end;
  }

  void take_name(std::string_view quoted) {
    const auto value = base::Json::try_parse(quoted);
    const std::string name = value ? value->as_string() : std::string(quoted);
    Place& place = open_.back();
    place.member = base::printable_line(name, 80);
    if (place.names.insert(place.named_freely ? name : folded(name)).second) return;
    found_.insert((place.path.empty() ? "" : place.path + ".") + place.member);
  }

  static constexpr std::array<std::string_view, 4> kNamedFreely = {"labels", "annotations",
                                                                   "volumes", "exposedports"};
  std::string_view text_;
  std::vector<Place> open_;
  std::set<std::string> found_;
};

}  // namespace

LayerContent read_layer(const oci::Descriptor& layer, oci::BlobSource& blobs,
                        const std::string& name, const std::string& wanted) {
  LayerReader reader(wanted);
  oci::TarReader tar(reader, name);
  crypto::Sha256Stream plain;
  oci::Decompressor unpacked(
      [&](base::ByteView octets) {
        plain.update(octets);
        tar.write(octets);
        return true;
      },
      name, {.max_bytes = kMaxUnpackedBytes});
  blobs.read(layer, [&](base::ByteView octets) {
    unpacked.write(octets);
    return true;
  });
  unpacked.finish();
  tar.finish_layer();
  return {.diff_id = oci::Digest(plain.finish()),
          .entries = std::move(reader.entries),
          .wanted = std::move(reader.kept)};
}

oci::Digest digest_of(const oci::Content& content) {
  crypto::Sha256Stream hash;
  oci::read_all(content, [&](base::ByteView octets) {
    hash.update(octets);
    return true;
  });
  return oci::Digest(hash.finish());
}

std::vector<std::string> layer_differences(const std::vector<oci::AddedFile>& expected,
                                           const LayerContent& found) {
  std::vector<std::string> out;
  std::map<std::string, LayerEntry> left = found.entries;
  for (const oci::AddedFile& file : expected) {
    const auto entry = left.find(file.path);
    if (entry == left.end()) {
      out.push_back(file.path + " is missing");
      continue;
    }
    const std::string difference = file_difference(file, entry->second);
    if (!difference.empty()) out.push_back(file.path + difference);
    left.erase(entry);
  }
  for (const auto& [path, entry] : left) {
    if (leads_to(expected, found, path, entry)) continue;
    out.push_back((path.empty() ? "the root directory" : base::printable_line(path)) +
                  " was added" + (entry.ambiguity.empty() ? "" : ", and" + oddity(entry)));
  }
  return out;
}

std::vector<std::string> configuration_differences(const std::string& expected,
                                                   const std::string& found) {
  std::vector<std::string> out;
  compare(what_runs(expected), what_runs(found), "", out);
  for (const std::string& member : ambiguous_members(found)) {
    out.push_back(member + " is there more than once");
  }
  return out;
}

std::vector<std::string> ambiguous_members(const std::string& document) {
  return MemberScan(document).take();
}

std::string named_base(const oci::Image& image) {
  const auto label = image.details.labels.find(platform::kBaseLabel);
  if (label == image.details.labels.end()) return {};
  std::vector<std::string> made_by;
  for (const oci::HistoryEntry& entry : image.details.history) {
    if (!entry.empty_layer) made_by.push_back(entry.created_by);
  }
  const bool tells = !made_by.empty() && made_by.size() == image.layers.size();
  return tells && !made_by.back().starts_with(kMadeByUs) ? std::string() : label->second;
}

std::string listed(const std::vector<std::string>& differences) {
  std::vector<std::string> some(
      differences.begin(),
      differences.begin() + static_cast<std::ptrdiff_t>(std::min(differences.size(), kMostListed)));
  std::string out = base::join(some, "; ");
  if (differences.size() > kMostListed) {
    out += "; and " + std::to_string(differences.size() - kMostListed) + " more";
  }
  return out;
}

}  // namespace ecloud::deploy
