#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ecloud/base/bytes.h"
#include "ecloud/base/secret.h"
#include "ecloud/crypto/random.h"

namespace ecloud::crypto {

/// BIP-39 with the English word list.

/// `entropy` is 16, 20, 24, 28 or 32 octets. Words are separated by one blank.
base::Secret mnemonic_from_entropy(base::ByteView entropy);

/// A fresh phrase of 24 words (256 bits).
base::Secret generate_mnemonic(Random& random);

/// Why `phrase` is no valid mnemonic, without repeating any of its words ("has 23 words, not 12,
/// 15, 18, 21 or 24", "word 3 is not in the English list", "its checksum is wrong"); empty when it
/// is.
std::string mnemonic_problem(std::string_view phrase);

/// Lower case, one blank between words, none around: the form that is stored and derived from.
base::Secret normalize_mnemonic(std::string_view phrase);

/// PBKDF2-HMAC-SHA512, 2048 rounds, salt "mnemonic" || passphrase: 64 octets. `phrase` is taken in
/// its normalize_mnemonic() form and not otherwise checked. Both texts must be NFKD already, which
/// all ASCII text is.
base::Secret mnemonic_seed(std::string_view phrase, std::string_view passphrase = {});

/// The 2048 words, in order.
const std::vector<std::string_view>& english_word_list();

}  // namespace ecloud::crypto
