#pragma once

namespace ecloud::platform {

/// The KMS public keys of the public environments, as the platform publishes them: RSA-4096 for
/// encryption, P-256 for what the KMS signs.
extern const char kSepoliaKmsEncryptionKey[];
extern const char kSepoliaKmsSigningKey[];
extern const char kMainnetKmsEncryptionKey[];
extern const char kMainnetKmsSigningKey[];

}  // namespace ecloud::platform
