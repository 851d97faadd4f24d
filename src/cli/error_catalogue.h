#pragma once

#include <string_view>
#include <vector>

#include "ecloud/base/error.h"

namespace ecloud::cli {

/// What `ecloud explain` tells about an error of this program. The texts are sentences.
struct ErrorEntry {
  std::string_view code;  ///< "deploy.quota", as in the error document and with --verbose
  /// The exit codes that it comes with; more than one where the place decides.
  std::vector<Category> categories;
  std::string_view what;   ///< what happened
  std::string_view cause;  ///< what it usually means
  std::string_view todo;   ///< what to do, with the commands to type
};

/// Every code that the program can end with, in alphabetical order; a test compares them with the
/// sources.
const std::vector<ErrorEntry>& error_catalogue();

/// Null for a code that there is not.
const ErrorEntry* find_error_entry(std::string_view code);

// The parts, one source each; see error_catalogue_*.cc.
std::vector<ErrorEntry> command_line_errors();   ///< options, files, configuration, terminal
std::vector<ErrorEntry> key_errors();            ///< keys, wallets, cryptography
std::vector<ErrorEntry> chain_errors();          ///< chain, deployments, apps
std::vector<ErrorEntry> service_errors();        ///< network, platform's services, registries
std::vector<ErrorEntry> image_content_errors();  ///< what is in images and their archives
std::vector<ErrorEntry> evidence_errors();       ///< quotes, tokens and what belongs to them

}  // namespace ecloud::cli
