#include "devnet/controller_kind.h"

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"

namespace ecloud::devnet {

ControllerKind controller_kind_of(platform::Generation generation) {
  return generation == platform::Generation::kFourFields ? ControllerKind::kV1_5
                                                         : ControllerKind::kV1_1;
}

std::string_view version_of(ControllerKind kind) {
  return kind == ControllerKind::kTeams ? to_string(ControllerKind::kV1_5) : to_string(kind);
}

platform::Generation release_generation_of(ControllerKind kind) {
  return kind == ControllerKind::kV1_5 ? platform::Generation::kFourFields
                                       : platform::Generation::kThreeFields;
}

std::string_view to_string(ControllerKind kind) {
  switch (kind) {
    case ControllerKind::kV1_1:
      return "1.1.1";
    case ControllerKind::kV1_4:
      return "1.4.0";
    case ControllerKind::kV1_5:
      return "1.5.0";
    case ControllerKind::kTeams:
      return "1.5.0-teams";
  }
  fail_bug("a controller without a name");
}

ControllerKind parse_controller_kind(std::string_view text) {
  for (const ControllerKind kind : {ControllerKind::kV1_1, ControllerKind::kV1_4,
                                    ControllerKind::kV1_5, ControllerKind::kTeams}) {
    const std::string_view word = to_string(kind);
    if (text == word || (text.size() == 3 && word.starts_with(text))) return kind;
  }
  throw Error(Category::kUsage, "devnet.generation",
              "unknown generation " + base::printable_line(text) +
                  ": it must be one of 1.1, 1.4, 1.5, 1.5.0-teams");
}

}  // namespace ecloud::devnet
