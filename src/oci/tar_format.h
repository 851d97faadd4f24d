#pragma once

#include <cstddef>
#include <cstdint>

namespace ecloud::oci {

// IEEE 1003.1-1988, section 10.1.1: records of 512 octets, and where the fields of a header are.
inline constexpr std::size_t kTarRecordBytes = 512;

struct TarField {
  std::size_t offset;
  std::size_t size;
};

inline constexpr TarField kTarName{0, 100};
inline constexpr TarField kTarMode{100, 8};
inline constexpr TarField kTarUid{108, 8};
inline constexpr TarField kTarGid{116, 8};
inline constexpr TarField kTarSize{124, 12};
inline constexpr TarField kTarTime{136, 12};
inline constexpr TarField kTarChecksum{148, 8};
inline constexpr TarField kTarType{156, 1};
inline constexpr TarField kTarLink{157, 100};
inline constexpr TarField kTarMagic{257, 6};
inline constexpr TarField kTarVersion{263, 2};
inline constexpr TarField kTarDeviceMajor{329, 8};
inline constexpr TarField kTarDeviceMinor{337, 8};
inline constexpr TarField kTarPrefix{345, 155};

/// How many octets fill the last record of `size_bytes` octets.
inline constexpr std::size_t tar_padding(std::uint64_t size_bytes) {
  return static_cast<std::size_t>((kTarRecordBytes - size_bytes % kTarRecordBytes) %
                                  kTarRecordBytes);
}

}  // namespace ecloud::oci
