#include "devnet/sample_image.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "ecloud/base/hex.h"
#include "ecloud/base/json.h"
#include "ecloud/crypto/hash.h"
#include "ecloud/oci/digest.h"

namespace ecloud::devnet {
namespace {

constexpr std::size_t kTarBlock = 512;
constexpr std::size_t kStoredBlockBytes = 0xffff;
constexpr std::string_view kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr std::string_view kLayerType = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";

void octal(char* field, std::size_t width, std::uint64_t value) {
  const std::string digits = fmt::format("{:0{}o}", value, width - 1);
  std::memcpy(field, digits.data(), std::min(digits.size(), width - 1));
}

std::array<char, kTarBlock> tar_header(const LayerFile& file) {
  std::array<char, kTarBlock> header{};
  std::memcpy(header.data(), file.path.data(), std::min<std::size_t>(file.path.size(), 100));
  octal(header.data() + 100, 8, file.mode);
  octal(header.data() + 108, 8, 0);
  octal(header.data() + 116, 8, 0);
  octal(header.data() + 124, 12, file.content.size());
  octal(header.data() + 136, 12, 0);
  header[156] = '0';
  std::memcpy(header.data() + 257, "ustar\00000", 8);
  std::memcpy(header.data() + 265, "root", 4);
  std::memcpy(header.data() + 297, "root", 4);
  // The checksum is taken with its own field full of blanks.
  std::memset(header.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  octal(header.data() + 148, 7, sum);
  return header;
}

std::uint32_t crc32(base::ByteView content) {
  std::uint32_t crc = 0xffffffffu;
  for (const std::uint8_t octet : content) {
    crc ^= octet;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

void little_endian(base::Bytes& out, std::uint32_t value, int octets) {
  for (int i = 0; i < octets; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

base::Json descriptor(std::string_view type, base::ByteView content) {
  return base::Json::object({{"mediaType", type},
                             {"digest", oci::Digest::of(content).to_string()},
                             {"size", std::uint64_t{content.size()}}});
}

}  // namespace

base::Bytes tar_archive(const std::vector<LayerFile>& files) {
  base::Bytes out;
  for (const LayerFile& file : files) {
    const auto header = tar_header(file);
    base::append(out, base::as_bytes({header.data(), header.size()}));
    base::append(out, base::as_bytes(file.content));
    out.resize((out.size() + kTarBlock - 1) / kTarBlock * kTarBlock);
  }
  out.resize(out.size() + 2 * kTarBlock);
  return out;
}

base::Bytes gzip_stored(base::ByteView content) {
  base::Bytes out{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
  std::size_t start = 0;
  do {
    const std::size_t size = std::min(kStoredBlockBytes, content.size() - start);
    out.push_back(start + size == content.size() ? 1 : 0);
    little_endian(out, static_cast<std::uint32_t>(size), 2);
    little_endian(out, static_cast<std::uint32_t>(~size), 2);
    base::append(out, content.subspan(start, size));
    start += size;
  } while (start < content.size());
  little_endian(out, crc32(content), 4);
  little_endian(out, static_cast<std::uint32_t>(content.size()), 4);
  return out;
}

BuiltImage build_image(const ImageRecipe& recipe) {
  BuiltImage image;
  const base::Bytes archive = tar_archive(recipe.files);
  image.layer = gzip_stored(archive);
  base::Json run =
      base::Json::object({{"Env", base::Json::strings({"PATH=/usr/local/bin:/usr/bin:/bin"})}});
  if (!recipe.entrypoint.empty()) run.set("Entrypoint", base::Json::strings(recipe.entrypoint));
  if (!recipe.command.empty()) run.set("Cmd", base::Json::strings(recipe.command));
  if (!recipe.user.empty()) run.set("User", recipe.user);
  if (!recipe.exposed_ports.empty()) {
    base::Json ports = base::Json::object();
    for (const std::string& port : recipe.exposed_ports) ports.set(port, base::Json::object());
    run.set("ExposedPorts", ports);
  }
  if (!recipe.labels.empty()) {
    base::Json labels = base::Json::object();
    for (const auto& [name, value] : recipe.labels) labels.set(name, value);
    run.set("Labels", labels);
  }
  const base::Json config = base::Json::object(
      {{"created", "1970-01-01T00:00:00Z"},
       {"architecture", recipe.architecture},
       {"os", recipe.os},
       {"config", run},
       {"rootfs", base::Json::object(
                      {{"type", "layers"},
                       {"diff_ids", base::Json::strings({oci::Digest::of(archive).to_string()})}})},
       {"history", base::Json::array({base::Json::object(
                       {{"created", "1970-01-01T00:00:00Z"}, {"created_by", "ecloud devnet"}})})}});
  image.config = base::to_bytes(config.dump());
  const base::Json manifest =
      base::Json::object({{"schemaVersion", 2},
                          {"mediaType", kManifestType},
                          {"config", descriptor(kConfigType, image.config)},
                          {"layers", base::Json::array({descriptor(kLayerType, image.layer)})}});
  image.manifest = base::to_bytes(manifest.dump());
  return image;
}

ImageRecipe hello_recipe() {
  ImageRecipe recipe;
  recipe.files = {{"app/hello.sh", 0755,
                   "#!/bin/sh\necho \"hello from the devnet's sample image\"\n"
                   "while :; do sleep 60; done\n"},
                  // Nothing runs these images; what looks for a shell finds one.
                  {"bin/sh", 0755, "the place of a shell\n"}};
  recipe.command = {"/app/hello.sh"};
  recipe.exposed_ports = {"8080/tcp"};
  return recipe;
}

ImageRecipe layered_recipe() {
  ImageRecipe recipe = hello_recipe();
  recipe.files.push_back({"usr/local/bin/compute-source-env.sh", 0755,
                          "#!/bin/sh\nset -e\necho 'ECLOUD_READY runtime_bootstrapped'\n"
                          "exec \"$@\"\n"});
  recipe.files.push_back({"usr/local/bin/kms-client", 0755,
                          kms_client_program(platform::RuntimeGeneration::kBoundEvidence)});
  recipe.entrypoint = {"/usr/local/bin/compute-source-env.sh"};
  recipe.user = "root";
  recipe.labels = {
      {"tee.launch_policy.log_redirect", "always"},
      {"tee.launch_policy.monitoring_memory_allow", "always"},
      {"tee.launch_policy.allow_env_override", "ECLOUD_PD_EXPECTED,ECLOUD_PLATFORM_HOST"},
      {"eigenx_cli_version", "0.1.0"},
      {"eigenx_vm_image", "eigen"},
      {"eigenx_container_contract", "v1"}};
  return recipe;
}

}  // namespace ecloud::devnet
