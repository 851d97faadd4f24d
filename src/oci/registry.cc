#include "ecloud/oci/registry.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "blob_reader.h"
#include "docker_hub.h"
#include "ecloud/base/text.h"
#include "manifest.h"
#include "pusher.h"
#include "registry_errors.h"
#include "registry_session.h"

namespace ecloud::oci {
namespace {

constexpr std::size_t kMaxManifestBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxConfigBytes = std::size_t{8} << 20;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;

/// A manifest with its bytes and their digest.
struct FetchedManifest {
  Manifest manifest;
  std::string body;
  Digest digest;
  bool with_credentials;
};

Error digest_mismatch(std::string_view what, const Digest& found, std::string_view expected) {
  return wrong_octets(fmt::format("{} hashes to {}, and not to {}", what, found.to_string(),
                                  base::printable_line(expected, 100)));
}

Error too_large(std::string_view what, std::size_t max_bytes) {
  return {Category::kImage, "image.not_an_image",
          fmt::format("{} is larger than {} MiB", what, max_bytes >> 20),
          "no image needs so much: check what was pushed"};
}

std::string accepted_types() {
  return fmt::format("{}, {}, {}, {}", kOciIndexType, kDockerListType, kOciManifestType,
                     kDockerManifestType);
}

/// Refuses bytes that are not what was asked for.
void check_digest(std::string_view what, const Digest& found, const std::optional<Digest>& expected,
                  const net::Response& response) {
  if (expected && !(found == *expected)) {
    throw digest_mismatch(what, found, expected->to_string());
  }
  const std::string announced = response.header("Docker-Content-Digest").value_or("");
  if (announced.starts_with("sha256:") && announced != found.to_string()) {
    throw digest_mismatch(what, found, announced);
  }
}

void check_size(std::string_view what, std::size_t found, std::uint64_t expected) {
  if (found == expected) return;
  throw wrong_octets(
      fmt::format("{} has {} bytes, and not {} as announced", what, found, expected));
}

class RepositoryBlobs final : public BlobSource {
 public:
  RepositoryBlobs(RegistryClient& client, Reference reference)
      : client_(client), reference_(std::move(reference)) {}
  void read(const Descriptor& blob, const OctetSink& sink) override {
    client_.read_blob(reference_, blob, sink);
  }

 private:
  RegistryClient& client_;
  const Reference reference_;
};

}  // namespace

struct RegistryClient::Impl {
  Impl(net::Transport& the_transport, CredentialSource& credentials, RegistryOptions the_options)
      : transport(the_transport),
        options(std::move(the_options)),
        session(the_transport, credentials, options) {}

  net::Transport& transport;
  const RegistryOptions options;
  RegistrySession session;

  /// The session's answer when its status is 200, and everything else as an error.
  RegistrySession::Reply fetch(const Reference& reference, const RegistrySession::Ask& ask);
  /// `size_bytes` is given for an entry of an index.
  FetchedManifest fetch_manifest(const Reference& reference, const std::string& tag_or_digest,
                                 const std::optional<Digest>& expected,
                                 std::optional<std::uint64_t> size_bytes);
  /// The linux/amd64 manifest of an index; the next one when one turns out to be an artifact.
  FetchedManifest fetch_amd64(const Reference& reference, const FetchedManifest& index);
  FetchedManifest fetch_entry(const Reference& reference, const Descriptor& entry);
  std::string fetch_config(const Reference& reference, const Descriptor& config);
};

RegistrySession::Reply RegistryClient::Impl::fetch(const Reference& reference,
                                                   const RegistrySession::Ask& ask) {
  RegistrySession::Reply reply;
  try {
    reply = session.send(reference, ask);
  } catch (const Error& error) {
    if (error.code() != "net.too_large") throw;
    throw too_large(ask.what, ask.max_response_bytes);
  }
  const net::Response& response = reply.response;
  if (response.status < 500 && is_html(response)) throw html_answer(reference, response);
  if (response.status == kUnauthorized || response.status == kForbidden) {
    throw refused_access(reference, reply.identity, response);
  }
  if (response.status != 200 && response.status != kNotFound) {
    throw failed_answer(reference, ask.what, response);
  }
  return reply;
}

FetchedManifest RegistryClient::Impl::fetch_manifest(const Reference& reference,
                                                     const std::string& tag_or_digest,
                                                     const std::optional<Digest>& expected,
                                                     std::optional<std::uint64_t> size_bytes) {
  const std::string name = reference.to_string();
  const bool is_entry = size_bytes.has_value();
  const std::string what = (is_entry ? "the linux/amd64 manifest of " : "the manifest of ") + name;
  const RegistrySession::Reply reply = fetch(
      reference,
      {"/manifests/" + tag_or_digest, what, {{"Accept", accepted_types()}}, kMaxManifestBytes});
  if (reply.response.status == kNotFound) {
    if (is_entry) throw failed_answer(reference, what, reply.response);
    throw explain_not_found(transport, options.docker_hub_url, reference, reply.response);
  }
  const std::string& body = reply.response.body;
  const Digest digest = Digest::of(base::as_bytes(body));
  if (is_entry) check_size(what, body.size(), *size_bytes);
  check_digest(what, digest, expected, reply.response);
  const std::string type = reply.response.header("Content-Type").value_or("");
  return {parse_manifest(name, type, body), body, digest, reply.identity.with_credentials};
}

FetchedManifest RegistryClient::Impl::fetch_amd64(const Reference& reference,
                                                  const FetchedManifest& index) {
  const std::string name = reference.to_string();
  const std::vector<IndexEntry> entries = amd64_entries(name, index.manifest);
  std::optional<Error> artifact;
  for (const IndexEntry& entry : entries) {
    try {
      return fetch_entry(reference, entry.descriptor);
    } catch (const Error& error) {
      if (error.code() != "image.not_an_image") throw;
      if (!artifact) artifact = error;
    }
  }
  throw *artifact;
}

FetchedManifest RegistryClient::Impl::fetch_entry(const Reference& reference,
                                                  const Descriptor& entry) {
  const std::string name = reference.to_string();
  FetchedManifest out =
      fetch_manifest(reference, entry.digest.to_string(), entry.digest, entry.size_bytes);
  if (out.manifest.is_index()) {
    throw Error(
        Category::kImage, "image.not_an_image",
        name + " is an index of indexes, which the platform cannot start",
        "name the inner one by digest: " + reference.name() + "@" + entry.digest.to_string());
  }
  return out;
}

std::string RegistryClient::Impl::fetch_config(const Reference& reference,
                                               const Descriptor& config) {
  const std::string what = "the configuration of " + reference.to_string();
  if (config.size_bytes > kMaxConfigBytes) throw too_large(what, kMaxConfigBytes);
  const RegistrySession::Reply reply =
      fetch(reference, {"/blobs/" + config.digest.to_string(), what, {}, kMaxConfigBytes});
  if (reply.response.status == kNotFound) throw failed_answer(reference, what, reply.response);
  const std::string& body = reply.response.body;
  check_size(what, body.size(), config.size_bytes);
  check_digest(what, Digest::of(base::as_bytes(body)), config.digest, {});
  return body;
}

RegistryClient::RegistryClient(net::Transport& transport, CredentialSource& credentials,
                               RegistryOptions options)
    : impl_(std::make_unique<Impl>(transport, credentials, std::move(options))) {}

RegistryClient::~RegistryClient() = default;

FetchedImage RegistryClient::fetch(const Reference& reference) {
  const std::string wanted = reference.digest ? reference.digest->to_string() : reference.tag;
  FetchedManifest found = impl_->fetch_manifest(reference, wanted, reference.digest, std::nullopt);
  std::optional<Digest> index_digest;
  std::string index;
  if (found.manifest.is_index()) {
    index_digest = found.digest;
    index = found.body;
    found = impl_->fetch_amd64(reference, found);
  }
  std::string config = impl_->fetch_config(reference, *found.manifest.config);
  return {read_image(reference.to_string(), found.manifest.media_type, std::move(found.body),
                     std::move(config)),
          index_digest, found.with_credentials, std::move(index)};
}

void RegistryClient::read_blob(const Reference& reference, const Descriptor& blob,
                               const OctetSink& sink) {
  BlobReader(impl_->session, reference, blob, impl_->options.clock).read(sink);
}

std::unique_ptr<BlobSource> RegistryClient::blobs_of(const Reference& reference) {
  return std::make_unique<RepositoryBlobs>(*this, reference);
}

PushReport RegistryClient::push(const PushRequest& request, PushObserver& observer) {
  return Pusher(impl_->session, impl_->options.clock, request, observer).run();
}

Traffic RegistryClient::traffic() const {
  return impl_->session.traffic();
}

ResolvedImage RegistryClient::resolve(const Reference& reference) {
  return fetch(reference).resolved(reference);
}

ResolvedImage FetchedImage::resolved(const Reference& reference) const {
  return {.reference = reference,
          .digest = image.digest,
          .manifest_media_type = image.manifest_type,
          .index_digest = index_digest,
          .entrypoint = image.details.entrypoint,
          .command = image.details.command,
          .labels = image.details.labels,
          .exposed_ports = image.details.exposed_ports,
          .compressed_size_bytes = image.compressed_size_bytes(),
          .with_credentials = with_credentials,
          .has_platform_client = image.has_platform_client};
}

}  // namespace ecloud::oci
