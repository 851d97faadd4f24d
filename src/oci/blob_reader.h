#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ecloud/crypto/hash.h"
#include "ecloud/oci/image.h"
#include "patience.h"
#include "registry_session.h"

namespace ecloud::oci {

/// One blob on its way out of a repository.
class BlobReader {
 public:
  /// All outlive the reader; `clock` may be null.
  BlobReader(RegistrySession& session, const Reference& reference, const Descriptor& blob,
             base::Clock* clock);
  /// RegistryClient::read_blob; once.
  void read(const OctetSink& sink);

 private:
  enum class Outcome { kDone, kAgain };

  Outcome attempt(const OctetSink& sink);
  void check_head(const net::Response& head);
  bool take(std::string_view octets, const OctetSink& sink);
  Outcome check_answer(const RegistrySession::Reply& reply);
  void check_end();

  RegistrySession& session_;
  const Reference& reference_;
  const Descriptor& blob_;
  const std::string what_;
  Patience patience_;
  crypto::Sha256Stream hash_;
  std::uint64_t done_bytes_ = 0;
  std::uint64_t skip_bytes_ = 0;  // of an answer that begins where we have been
  bool with_ranges_ = true;
  bool ended_early_ = false;
};

}  // namespace ecloud::oci
