#include "deploy/tee_tools.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "deploy/image_cache.h"
#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/layer_image.h"
#include "ecloud/oci/compression.h"
#include "ecloud/oci/tar.h"

namespace ecloud::deploy {
namespace {

/// What a program of ours may weigh unpacked. Caddy 2.10 has 50 MB.
constexpr std::uint64_t kMaxToolBytes = std::uint64_t{512} << 20;
/// Where the platform's images and the official ones keep programs.
constexpr std::array<std::string_view, 4> kFolders = {"eigen/bin/", "usr/local/bin/", "usr/bin/",
                                                      "bin/"};
constexpr std::string_view kCaBundlePath = "etc/ssl/certs/ca-certificates.crt";
/// What the certificate program is called in images that the platform published until 2026.
constexpr char kOlderTlsClient[] = "tls-keygen";
/// e_machine of x86-64 in an ELF header (System V ABI, AMD64 supplement).
constexpr char kMachineX86_64 = 62;

/// The name of the program at that path; empty for other files.
std::string program_at(const std::string& path, const std::set<std::string>& wanted) {
  if (path == kCaBundlePath) return wanted.contains(kCaBundle) ? kCaBundle : std::string();
  for (const std::string_view folder : kFolders) {
    if (!path.starts_with(folder)) continue;
    std::string name = path.substr(folder.size());
    if (wanted.contains(name)) return name;
  }
  return {};
}

/// Takes the wanted programs out of a layer.
class Picker final : public oci::TarVisitor {
 public:
  Picker(std::set<std::string> wanted, std::filesystem::path scratch, Programs& found)
      : wanted_(std::move(wanted)), scratch_(std::move(scratch)), found_(found) {}

  oci::TarWish entry(const oci::TarEntry& entry) override {
    if (wanted_.empty()) return oci::TarWish::kStop;
    name_ = entry.type == oci::TarType::kFile ? program_at(entry.path, wanted_) : std::string();
    if (name_.empty() || entry.size_bytes == 0) return oci::TarWish::kNext;
    file_.emplace(scratch_);
    return oci::TarWish::kContent;
  }
  bool content(base::ByteView piece) override {
    file_->write(piece);
    return true;
  }
  bool end_of_content() override {
    found_[name_] = file_->finish();
    wanted_.erase(name_);
    return !wanted_.empty();
  }

 private:
  std::set<std::string> wanted_;
  std::filesystem::path scratch_;
  Programs& found_;
  std::string name_;
  std::optional<oci::ScratchFile> file_;
};

void check_machine(const std::string& name, const oci::Content& content) {
  std::array<char, 20> start{};
  content.read(0, start.data(), start.size());
  if (std::string_view(start.data(), 4) !=
      "\x7f"
      "ELF")
    return;
  if (start[18] == kMachineX86_64 && start[19] == 0) return;
  throw Error(Category::kImage, "image.no_tools",
              "the program " + name + " is for another machine than x86-64",
              "name an image with programs for linux/amd64: --tools-ref REF");
}

Error unknown_runtime(const platform::EvidencePathScan& scan, const std::string& client) {
  return Error(Category::kImage, "image.unknown_runtime",
               client + (scan.is_ambiguous()
                             ? " asks for the evidence of more than one runtime generation: which "
                               "VM image it needs is not known"
                             : " asks for the evidence of no known runtime generation: which VM "
                               "image it needs is not known"),
               "find the platform's current client: ecloud image tools");
}

Error mixed(const std::string& message, const std::string& hint) {
  return Error(Category::kUsage, "image.mixed_runtime",
               message + ": the app would get no variables and never start", hint);
}

std::vector<oci::Reference> images_for(const Services& services,
                                       const std::vector<oci::Reference>& instead, bool with_tls) {
  if (!instead.empty()) return instead;
  const platform::Environment& environment = services.environment;
  std::vector<std::string> names = {environment.kms_client_image};
  if (with_tls) {
    names.push_back(environment.tls_client_image);
    names.push_back(environment.caddy_image);
  }
  std::vector<oci::Reference> out;
  for (const std::string& name : names) {
    if (!name.empty()) out.push_back(oci::Reference::parse(name));
  }
  return out;
}

Error not_found(const Services& services, const std::string& name,
                const std::vector<oci::Reference>& images) {
  std::vector<std::string> asked;
  for (const oci::Reference& image : images) asked.push_back(image.to_string());
  const bool none = asked.empty();
  return Error(Category::kImage, "image.no_tools",
               none ? "environment " + services.environment.name +
                          " names no image with the platform's programs"
                    : "there is no program " + name + " in " + base::join(asked, ", "),
               "name an image that has it under /eigen/bin: --tools-ref REF");
}

/// The generation of the client in `image`, which configuration and labels must agree with.
platform::RuntimeGeneration checked_runtime(const platform::Environment& environment,
                                            const oci::Content& client, const std::string& image,
                                            bool is_given) {
  const platform::EvidencePathScan scan = scan_client(client);
  const auto runtime = scan.generation();
  if (!runtime) throw unknown_runtime(scan, "the KMS client in " + image);
  const bool is_set = environment.runtime_origin == platform::RuntimeOrigin::kConfigured ||
                      (environment.runtime_origin == platform::RuntimeOrigin::kPinned && !is_given);
  if (is_set && environment.runtime != *runtime) {
    throw mixed("the KMS client in " + image + " is of the generation " +
                    std::string(to_string(*runtime)) + ", and environment " + environment.name +
                    " is set to " + std::string(to_string(environment.runtime)),
                "set environments." + environment.name + ".runtimeGeneration to " +
                    std::string(to_string(*runtime)) + ", or remove it");
  }
  const std::string problem = platform::label_problem(environment.image_labels, *runtime);
  if (!problem.empty()) {
    throw mixed("the KMS client in " + image + " is of the generation " +
                    std::string(to_string(*runtime)) + ", and " + problem,
                "remove the label from environments." + environment.name + ".imageLabels");
  }
  return *runtime;
}

}  // namespace

void pick_programs(const SourceImage& source, std::set<std::string> wanted,
                   const std::filesystem::path& scratch, Programs& found) {
  if (wanted.contains(kTlsClient)) wanted.insert(kOlderTlsClient);
  const bool takes_client = wanted.contains(kKmsClient) && !found.contains(kKmsClient);
  if (takes_client) wanted.insert(kCaBundle);
  // The upper layers come first: they hide lower ones.
  for (auto layer = source.image.layers.rbegin(); layer != source.image.layers.rend(); ++layer) {
    std::erase_if(wanted, [&](const std::string& name) { return found.contains(name); });
    if (wanted.empty()) break;
    Picker picker(wanted, scratch, found);
    const std::string name = "a layer of " + source.image.name;
    oci::TarReader tar(picker, name);
    oci::Decompressor unpacked([&](base::ByteView octets) { return tar.write(octets); }, name,
                               {.max_bytes = kMaxToolBytes});
    // Read to its end, also after all is found: the digest is checked there.
    source.blobs->read(*layer, [&](base::ByteView octets) {
      unpacked.write(octets);
      return true;
    });
    unpacked.finish();
    tar.finish();
  }
  if (takes_client && !found.contains(kKmsClient)) found.erase(kCaBundle);
  if (auto older = found.extract(kOlderTlsClient)) {
    found.try_emplace(kTlsClient, std::move(older.mapped()));
  }
}

SourceImage open_tools(const Services& services, const oci::Reference& reference) {
  const ImageCache cache(services.paths);
  try {
    if (auto kept = cache.find(reference)) {
      return {.image = std::move(*kept),
              .blobs = cache.blobs(services.registry.blobs_of(reference)),
              .repository = reference};
    }
    SourceImage source = open_registry_image(services, reference);
    cache.keep(source.image);
    source.blobs = cache.blobs(std::move(source.blobs));
    return source;
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    // Whose images they are, because the user named another one.
    throw Error(error.category(), error.code(),
                "the platform's programs cannot be had: " + error.message(),
                "try again, or name a copy of the image: --tools-ref REF");
  }
}

platform::EvidencePathScan scan_client(const oci::Content& client) {
  platform::EvidencePathScan out;
  oci::read_all(client, [&](base::ByteView piece) {
    out.write(piece);
    return true;
  });
  return out;
}

platform::RuntimeGeneration runtime_of_client(const Services& services,
                                              const oci::Reference& image) {
  Programs found;
  pick_programs(open_tools(services, image), {kKmsClient}, scratch_directory(services.paths),
                found);
  if (!found.contains(kKmsClient)) throw not_found(services, kKmsClient, {image});
  const platform::EvidencePathScan scan = scan_client(*found[kKmsClient]);
  if (const auto runtime = scan.generation()) return *runtime;
  throw unknown_runtime(scan, "the KMS client in " + image.to_string());
}

FetchedTools fetch_tools(const Services& services, const std::vector<oci::Reference>& instead,
                         bool with_tls) {
  std::set<std::string> wanted = {kKmsClient};
  if (with_tls) wanted.insert({kTlsClient, "caddy"});
  const std::vector<oci::Reference> images = images_for(services, instead, with_tls);
  Programs found;
  FetchedTools out;
  const auto has_all = [&] {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](const std::string& name) { return found.contains(name); });
  };
  for (const oci::Reference& image : images) {
    if (has_all()) break;
    pick_programs(open_tools(services, image), wanted, scratch_directory(services.paths), found);
    if (out.kms_client_image.empty() && found.contains(kKmsClient)) {
      out.kms_client_image = image.to_string();
    }
  }
  for (const std::string& name : wanted) {
    if (!found.contains(name)) throw not_found(services, name, images);
    check_machine(name, *found[name]);
  }
  out.runtime = checked_runtime(services.environment, *found[kKmsClient], out.kms_client_image,
                                !instead.empty());
  out.tools = {.kms_client = found[kKmsClient],
               .ca_bundle = found[kCaBundle],
               .tls_client = found[kTlsClient],
               .caddy = found["caddy"]};
  return out;
}

}  // namespace ecloud::deploy
