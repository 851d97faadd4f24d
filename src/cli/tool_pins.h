#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/image_input.h"
#include "cli/output.h"
#include "cli/workflow.h"
#include "ecloud/deploy/find_tools.h"

namespace ecloud::cli {

/// A tool that was found, beside the one that the environment pins.
struct ToolPin {
  std::string program;  ///< "kms-client"
  std::string found;    ///< reference by digest
  std::string pinned;   ///< the same of the environment's setting; may be empty
  std::string key;      ///< of config.yaml

  bool is_current() const { return found == pinned; }
};

/// kms-client first; without what the platform's builder does not use.
std::vector<ToolPin> compare_pins(const platform::Environment& environment,
                                  const deploy::FoundTools& found);

/// A table for people: program, digest, whether it is pinned; then generation and source.
std::string pins_text(const Terminal& terminal, Stream stream,
                      const platform::Environment& environment, const deploy::FoundTools& found,
                      const std::vector<ToolPin>& pins);

/// Finds the tools as `search` says; the account is that of the key, when one is known without a
/// password.
deploy::FoundTools search_tools(Context& context, Workflow& workflow, const std::string& from);

/// Writes the pins and the generation to the user's config.yaml, and lets the context's environment
/// have them. Warns of stronger settings.
void save_pins(Context& context, const std::vector<ToolPin>& pins,
               platform::RuntimeGeneration runtime);

/// Before an image is layered with the environment's tools: when they are of a generation that is
/// not served any more, offers to find and pin the current ones at a terminal. Elsewhere, and when
/// they are still old after that, throws Error{kUsage, "image.old_runtime"}. Does nothing with
/// --allow-old-runtime or --tools-ref, for an image that is layered already, and while the
/// generation is not known before the client is read.
void settle_runtime(Context& context, Workflow& workflow, const ImageInput& input);

}  // namespace ecloud::cli
