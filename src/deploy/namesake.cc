#include <algorithm>

#include "ecloud/base/error.h"
#include "ecloud/base/text.h"
#include "ecloud/deploy/find_app.h"

namespace ecloud::deploy {

NamesakeSearch find_namesake(const Services& services, const Signer& signer, std::string_view name,
                             const std::vector<eth::Address>& except) {
  NamesakeSearch out;
  const std::string_view wanted = base::trim(name);
  if (wanted.empty()) return out;
  try {
    const AppList list = list_apps(services, signer, {.all = false});
    out.problem = list.problem.empty() ? list.incomplete : list.problem;
    for (const ListedApp& app : list.apps) {
      const bool excepted = std::find(except.begin(), except.end(), app.chain.app) != except.end();
      if (excepted || !base::equal_ignoring_case(base::trim(app.name), wanted)) continue;
      out.found = Namesake{app.chain.app, app.name, app.chain.status};
      break;
    }
  } catch (const Error& error) {
    if (error.category() == Category::kInterrupted) throw;
    out.problem = error.message();
  }
  return out;
}

}  // namespace ecloud::deploy
