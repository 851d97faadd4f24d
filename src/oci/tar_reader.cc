#include <algorithm>
#include <optional>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/oci/tar.h"
#include "tar_format.h"
#include "tar_header.h"

namespace ecloud::oci {
namespace {

constexpr std::uint64_t kMaxExtensionBytes = std::uint64_t{1} << 20;
constexpr std::uint64_t kMaxEntries = 1'000'000;
constexpr std::uint64_t kModeBits = 07777;
// In a continuation of GNU's old sparse map: whether another one follows.
constexpr std::size_t kSparseIsExtended = 504;

Error unsafe(std::string_view name, std::string_view path, const std::string& reason) {
  return {Category::kImage, "image.unsafe_path",
          std::string(name) + " holds \"" + base::printable_line(path, 120) + "\", which " + reason,
          "do not use the image: no builder makes such an archive"};
}

TarType type_of(const TarHeader& header) {
  switch (header.type) {
    case '\0':
    case '0':
    case '7':
    case 'S':
      // Before 1988 a slash made the directory.
      return header.type == '\0' && header.name.ends_with('/') ? TarType::kDirectory
                                                               : TarType::kFile;
    case '1':
      return TarType::kHardLink;
    case '2':
      return TarType::kSymbolicLink;
    case '5':
      return TarType::kDirectory;
    default:
      return TarType::kOther;
  }
}

/// Whether octets follow that belong to the entry. Devices, pipes, directories and links have none,
/// whatever their size says (as in Go's archive/tar, with which most images are read).
bool has_content(char stored, TarType type) {
  return type != TarType::kDirectory && (stored < '1' || stored > '6');
}

constexpr char kTwoNames[] = "it has a name or a link in two forms";
constexpr char kGlobal[] = "a global pax header stands before it";

}  // namespace

std::string normal_tar_path(std::string_view path, std::string_view name) {
  if (path.find('\0') != std::string_view::npos) throw unsafe(name, path, "has a NUL octet");
  std::vector<std::string_view> parts;
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (parts.empty()) {
      throw unsafe(name, path, "leaves the root");
    } else {
      parts.pop_back();
    }
  }
  std::string out;
  for (const std::string_view part : parts) {
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

struct TarReader::Impl {
  enum class State { kHeader, kSparseMap, kExtension, kContent, kPadding, kEnd, kStopped };

  Impl(TarVisitor& to, std::string what) : visitor(to), name(std::move(what)) {}

  TarVisitor& visitor;
  const std::string name;
  State state = State::kHeader;
  std::string record;          // a header or map that is not complete yet
  std::uint64_t position = 0;  // octets of the archive so far
  std::uint64_t entries = 0;
  bool after_zeros = false;       // one record of zeros came
  std::uint64_t left = 0;         // of the content or the padding
  std::uint64_t padding = 0;      // that follows the content
  TarWish wish = TarWish::kNext;  // of the visitor for the current content
  TarHeader header;
  char extension_type = 0;
  std::string extension;
  PaxValues pax;  // for the next entry
  bool has_pax = false;
  std::optional<std::string> long_name, long_link;  // GNU's, for the next entry
  std::string doubt;                                // TarEntry::ambiguity of the next entry
  bool after_global = false;                        // one that may change all entries behind it

  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(Category::kImage, "image.broken_layer", name + " is no tar archive: " + reason,
                "build the image anew, or push it again");
  }

  std::string place() const { return "at octet " + std::to_string(position); }

  /// Takes from the front of `octets` what the state needs.
  void step(base::ByteView& octets) {
    switch (state) {
      case State::kHeader:
      case State::kSparseMap:
        return take_record(octets);
      case State::kExtension:
      case State::kContent:
      case State::kPadding:
        return take_octets(octets);
      case State::kEnd:
      case State::kStopped:
        octets = {};
        return;
    }
  }

  void advance(base::ByteView& octets, std::size_t by) {
    octets = octets.subspan(by);
    position += by;
  }

  void take_record(base::ByteView& octets) {
    const std::size_t part = std::min(octets.size(), kTarRecordBytes - record.size());
    record += base::as_chars(octets.first(part));
    advance(octets, part);
    if (record.size() < kTarRecordBytes) return;
    if (state == State::kSparseMap) {
      if (record[kSparseIsExtended] == '\0') begin_entry();
    } else if (record.find_first_not_of('\0') == std::string::npos) {
      state = after_zeros ? State::kEnd : State::kHeader;
      after_zeros = true;
    } else {
      take_header();
    }
    record.clear();
  }

  void take_header() {
    if (after_zeros) fail("an entry follows an empty record " + place());
    const auto parsed = parse_tar_header(record);
    if (!parsed) fail("the header before octet " + std::to_string(position) + " is broken");
    header = *parsed;
    if (header.type == 'x' || header.type == 'g' || header.type == 'L' || header.type == 'K') {
      if (header.size_bytes > kMaxExtensionBytes) fail("a name of more than 1 MiB " + place());
      extension_type = header.type;
      extension.clear();
      begin_octets(State::kExtension, header.size_bytes);
    } else if (header.sparse_continues) {
      state = State::kSparseMap;
    } else {
      begin_entry();
    }
  }

  void begin_octets(State next, std::uint64_t size_bytes) {
    state = next;
    left = size_bytes;
    padding = tar_padding(size_bytes);
    if (left == 0) end_octets();
  }

  void take_octets(base::ByteView& octets) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), left));
    const base::ByteView piece = octets.first(part);
    advance(octets, part);
    left -= part;
    if (state == State::kExtension) extension += base::as_chars(piece);
    if (state == State::kContent && wish == TarWish::kContent && !visitor.content(piece)) {
      state = State::kStopped;
    }
    if (left == 0 && state != State::kStopped) end_octets();
  }

  void end_octets() {
    if (state == State::kExtension) take_extension();
    if (state == State::kContent && wish == TarWish::kContent && !visitor.end_of_content()) {
      state = State::kStopped;
      return;
    }
    state = padding != 0 ? State::kPadding : State::kHeader;
    left = padding;
    padding = 0;
  }

  void take_extension() {
    if (extension_type == 'g') return take_global();
    if (extension_type == 'x') {
      auto parsed = parse_pax(extension);
      if (!parsed) fail("broken pax records " + place());
      if (has_pax) doubt = kTwoNames;
      has_pax = true;
      pax = std::move(*parsed);
      return;
    }
    std::optional<std::string>& meant = extension_type == 'L' ? long_name : long_link;
    if (meant) doubt = kTwoNames;
    // It ends with NUL.
    meant = extension.substr(0, extension.find('\0'));
    if (meant->empty()) doubt = "it has an empty long name";
  }

  /// Go's archive/tar makes an entry of it, which takes what came before; others apply its records
  /// to all that follow.
  void take_global() {
    const auto parsed = parse_pax(extension);
    if (!parsed || !parsed->comment || has_pax || long_name || long_link) after_global = true;
    forget_extensions();
  }

  void forget_extensions() {
    pax = {};
    has_pax = false;
    long_name.reset();
    long_link.reset();
  }

  /// Go's order: GNU's long name over the one of pax, and above all that of a sparse file.
  void name_entry() {
    const bool two = (long_name && pax.path) || (long_link && pax.link_path);
    if (two) doubt = kTwoNames;
    if (pax.path) header.name = *pax.path;
    if (long_name && !long_name->empty()) header.name = *long_name;
    if (pax.sparse_name && header.type != 'S') header.name = *pax.sparse_name;
    if (pax.link_path) header.link = *pax.link_path;
    if (long_link && !long_link->empty()) header.link = *long_link;
  }

  std::string ambiguity(TarType type) const {
    if (!doubt.empty()) return doubt;
    if (after_global) return kGlobal;
    if (header.type == 'S' || pax.sparse) return "it is stored as a sparse file";
    if (header.other_prefix) return "its header has a prefix that not all programs read";
    if (header.type != '\0' && (header.type < '0' || header.type > '6')) {
      return "its type is known to few programs";
    }
    const bool sized = pax.size_bytes.value_or(header.size_bytes) != 0;
    if (sized && !has_content(header.type, type)) return "it has a size, and can have no content";
    if (type == TarType::kFile && header.name.ends_with('/')) {
      return "it is a file with the name of a directory";
    }
    return {};
  }

  TarEntry make_entry() {
    name_entry();
    TarEntry out;
    out.path = normal_tar_path(header.name, name);
    out.type = type_of(header);
    out.mode = static_cast<std::uint32_t>(header.mode & kModeBits);
    out.uid = pax.uid.value_or(header.uid);
    out.gid = pax.gid.value_or(header.gid);
    out.content_offset = position;
    out.ambiguity = ambiguity(out.type);
    out.attribute = pax.attribute;
    if (out.type == TarType::kFile) out.size_bytes = pax.size_bytes.value_or(header.size_bytes);
    if (out.type == TarType::kHardLink) out.link_target = normal_tar_path(header.link, name);
    if (out.type == TarType::kSymbolicLink) {
      if (header.link.find('\0') != std::string::npos) {
        throw unsafe(name, header.link, "has a NUL octet");
      }
      out.link_target = header.link;
    }
    return out;
  }

  void begin_entry() {
    if (++entries > kMaxEntries) fail("it has more than a million entries");
    const TarEntry entry = make_entry();
    const std::uint64_t size =
        has_content(header.type, entry.type) ? pax.size_bytes.value_or(header.size_bytes) : 0;
    forget_extensions();
    doubt.clear();
    wish = visitor.entry(entry);
    if (wish == TarWish::kStop) {
      state = State::kStopped;
      return;
    }
    if (entry.type != TarType::kFile) wish = TarWish::kNext;
    begin_octets(State::kContent, size);
  }
};

TarReader::TarReader(TarVisitor& visitor, std::string name)
    : impl_(std::make_unique<Impl>(visitor, std::move(name))) {}
TarReader::~TarReader() = default;

bool TarReader::write(base::ByteView octets) {
  while (!octets.empty() && impl_->state != Impl::State::kStopped) impl_->step(octets);
  return impl_->state != Impl::State::kStopped;
}

void TarReader::finish_layer() {
  if (impl_->position > 0 || !impl_->record.empty()) finish();
}

void TarReader::finish() {
  switch (impl_->state) {
    case Impl::State::kEnd:
    case Impl::State::kStopped:
      return;
    case Impl::State::kHeader:
      // Some writers leave the empty records away.
      if (impl_->record.empty() && (impl_->entries > 0 || impl_->after_zeros)) return;
      break;
    default:
      break;
  }
  if (impl_->position < kTarRecordBytes) impl_->fail("it ends " + impl_->place());
  throw Error(Category::kImage, "image.broken_layer",
              impl_->name + " is cut off: it ends in the middle of an entry, " + impl_->place(),
              "build the image anew, or push it again");
}

}  // namespace ecloud::oci
