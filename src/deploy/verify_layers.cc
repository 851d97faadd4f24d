#include "deploy/verify_layers.h"

#include <fmt/format.h>

#include <algorithm>

#include "ecloud/base/json.h"
#include "ecloud/base/text.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/oci/compression.h"

namespace ecloud::deploy {
namespace {

constexpr std::uint64_t kMaxUnpackedBytes = std::uint64_t{1} << 30;
constexpr std::size_t kMaxWantedBytes = std::size_t{1} << 20;
constexpr std::size_t kLongestValue = 120;
constexpr std::size_t kMostListed = 5;

class LayerReader final : public oci::TarVisitor {
 public:
  explicit LayerReader(std::string wanted) : wanted_(std::move(wanted)) {}

  oci::TarWish entry(const oci::TarEntry& entry) override {
    path_ = entry.path;
    LayerEntry& place = entries[path_];
    place = {.type = entry.type,
             .mode = entry.mode,
             .uid = entry.uid,
             .gid = entry.gid,
             .link_target = entry.link_target,
             .content = {}};
    if (entry.type != oci::TarType::kFile) return oci::TarWish::kNext;
    keep_ = path_ == wanted_ && entry.size_bytes <= kMaxWantedBytes;
    if (keep_) kept.emplace();
    if (entry.size_bytes == 0) {
      place.content = oci::Digest::of({});
      return oci::TarWish::kNext;
    }
    hash_.emplace();
    return oci::TarWish::kContent;
  }
  bool content(base::ByteView piece) override {
    hash_->update(piece);
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
  bool keep_ = false;
  std::optional<crypto::Sha256Stream> hash_;
};

std::string octal(unsigned mode) {
  return fmt::format("{:04o}", mode);
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
  return {};
}

bool is_plain_directory(const LayerEntry& entry) {
  return entry.type == oci::TarType::kDirectory && entry.mode == 0755 && entry.uid == 0 &&
         entry.gid == 0;
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
  tar.finish();
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
    if (!is_plain_directory(entry)) out.push_back(base::printable_line(path) + " was added");
  }
  return out;
}

std::vector<std::string> configuration_differences(const std::string& expected,
                                                   const std::string& found) {
  std::vector<std::string> out;
  compare(what_runs(expected), what_runs(found), "", out);
  return out;
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
