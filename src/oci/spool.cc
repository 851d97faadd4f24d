#include "spool.h"

namespace ecloud::oci {

ContentPtr spool(const std::filesystem::path& directory,
                 const std::function<void(const OctetSink&)>& fill) {
  ScratchFile file(directory);
  fill([&](base::ByteView octets) {
    file.write(octets);
    return true;
  });
  return file.finish();
}

}  // namespace ecloud::oci
