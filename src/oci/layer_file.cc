#include "layer_file.h"

#include <algorithm>

#include "ecloud/crypto/hash.h"
#include "ecloud/oci/compression.h"
#include "ecloud/oci/tar.h"

namespace ecloud::oci {

LayerFile write_layer(std::vector<AddedFile> files, const std::filesystem::path& scratch) {
  std::sort(files.begin(), files.end(),
            [](const AddedFile& a, const AddedFile& b) { return a.path < b.path; });
  ScratchFile out(scratch);
  crypto::Sha256Stream compressed, plain;
  StableGzipWriter gzip([&](base::ByteView octets) {
    compressed.update(octets);
    out.write(octets);
    return true;
  });
  TarWriter tar([&](base::ByteView octets) {
    plain.update(octets);
    gzip.write(octets);
    return true;
  });
  // Without entries for directories: in some images a part of the way is a symbolic link, which
  // such an entry would replace.
  for (const AddedFile& file : files) tar.add_file(file.path, file.mode, *file.content);
  tar.finish();
  gzip.finish();
  return {out.finish(), Digest(compressed.finish()), Digest(plain.finish())};
}

}  // namespace ecloud::oci
