#pragma once

#include <string>
#include <string_view>

#include "ecloud/base/error.h"
#include "ecloud/net/transport.h"
#include "ecloud/oci/reference.h"

namespace ecloud::oci {

/// What a request wants from a repository.
enum class Access { kPull, kPush };

/// As whom a request was sent, in so far as errors tell it.
struct Identity {
  bool with_credentials = false;
  std::string username;  ///< empty for an identity token
  /// Why credentials were not used although there may be some; empty otherwise.
  std::string note;
  std::string note_hint = {};  ///< what to do about `note`, when that is known
};

/// The registry's own words in an error answer, on one line: the "errors" of the distribution
/// specification, "details", "message" or "error" of other JSON, or a short plain text. Empty when
/// it says nothing.
std::string error_words(const net::Response& response);

/// By its content type or its first bytes.
bool is_html(const net::Response& response);

/// The credentials themselves are refused.
Error refused_credentials(const Reference& reference, const Identity& identity,
                          const net::Response& response);

/// The credentials, or their absence, do not open this repository.
Error refused_access(const Reference& reference, const Identity& identity,
                     const net::Response& response, Access access = Access::kPull);

/// 200 and 404 alike: there is a web server and no registry.
Error html_answer(const Reference& reference, const net::Response& response);

/// No such tag, or no such repository when the registry says that.
Error image_not_found(const Reference& reference, const net::Response& response);

/// Any other status; 429 becomes the words for a pull limit. `what` is what was asked for.
Error failed_answer(const Reference& reference, std::string_view what,
                    const net::Response& response);

/// An answer to a push that is no success. `what` is what the registry was to take.
Error refused_push(const Reference& reference, const Identity& identity, std::string_view what,
                   const net::Response& response);

/// An answer to a push that is none of the specification's.
Error senseless_answer(const Reference& reference, const std::string& why);

/// Octets that are not those of their descriptor.
Error wrong_octets(std::string message);

/// "docker login" and the host where it needs one.
std::string login_command(const Reference& reference);

}  // namespace ecloud::oci
