#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ecloud/deploy/verify_app.h"
#include "ecloud/oci/digest.h"
#include "ecloud/oci/image.h"
#include "ecloud/platform/controller.h"

namespace ecloud::deploy {

/// The blobs of a material as what holds layers; every octet that comes out was checked.
class MaterialBlobs final : public oci::BlobSource {
 public:
  /// `material` outlives the object.
  explicit MaterialBlobs(const VerifyMaterial& material) : material_(material) {}
  void read(const oci::Descriptor& blob, const oci::OctetSink& sink) override;
  /// A document or layer. Throws Error{kImage}: image.missing_layer, image.digest_mismatch.
  const std::string& get(const std::string& digest) const;
  bool has(const std::string& digest) const { return material_.blobs.contains(digest); }

 private:
  const VerifyMaterial& material_;
};

/// The image out of its documents, which are checked. Throws Error{kImage} as oci::read_image.
oci::Image open_image(const ImageEvidence& evidence, const MaterialBlobs& blobs);

/// Not checked, or failed when the absence contradicts.
void add_absence(attest::Evidence& evidence, const std::string& name, const Absence& absence);

/// What the links before have shown, for those after them.
struct VerifyState {
  const VerifyMaterial& material;
  const JudgePolicy& policy;
  std::shared_ptr<MaterialBlobs> blobs;
  std::optional<platform::Release> release;
  std::uint64_t release_block = 0;
  /// Why `digest` is not known to be that of the release; empty when release-event is verified.
  std::string release_gap;
  std::optional<oci::Digest> digest;  ///< of the release's image
  std::string image_name;
  std::optional<oci::Image> image;
  std::vector<std::string> evm_addresses;
};

std::vector<attest::Finding> judge_release(VerifyState& state);
std::vector<attest::Finding> judge_image(VerifyState& state);
std::vector<attest::Finding> judge_binaries(VerifyState& state);
std::vector<attest::Finding> judge_provenance(VerifyState& state);
std::vector<attest::Finding> judge_addresses(VerifyState& state);
std::vector<attest::Finding> judge_live(VerifyState& state);
std::vector<attest::Finding> judge_attestation(VerifyState& state);

/// A success that only the maker of the bundle saw does not count for the reader.
void demote(std::vector<attest::Finding>& findings, std::string_view name, const std::string& why);

/// Whether the platform's builder made the image: its start script is the entrypoint and a label
/// chooses the VM image, but there is no client's version.
bool is_platform_built(const oci::Image& image);

/// The findings of judge_image and judge_binaries about such an image.
constexpr const char* kBuiltByPlatform =
    "the platform built the image: its programs are compared with the recipe of the build";
void judge_built_binaries(attest::Evidence& evidence, const VerifyState& state);

/// "it has not been found out which image the release names": for links after a release that there
/// is not.
extern const std::string kNoRelease;

}  // namespace ecloud::deploy
