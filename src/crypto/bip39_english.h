#pragma once

namespace ecloud::crypto {

/// The 2048 words of BIP-39's english.txt in its order, one blank between two.
extern const char* const kEnglishWords;

}  // namespace ecloud::crypto
