#include "pusher.h"

#include <functional>
#include <set>
#include <string>
#include <utility>

#include "auth_challenge.h"
#include "blob_reader.h"
#include "blob_upload.h"
#include "ecloud/base/concurrent.h"
#include "spool.h"

namespace ecloud::oci {
namespace {

constexpr std::size_t kAtOnce = 4;
constexpr std::uint64_t kInMemoryBytes = std::uint64_t{1} << 20;

/// Ends what goes on after another blob has failed; nobody sees it.
struct Stopped {};

}  // namespace

PushReport Pusher::run() {
  try {
    push_blobs();
    const Digest digest = push_manifest();
    return {digest, sent_bytes_, fetched_bytes_, present_, mounted_, sent_};
  } catch (const Error& error) {
    if (!error.code().starts_with("net.")) throw;
    throw Error(error.category(), error.code(),
                "cannot push " + request_.target.to_string() + ": " + error.message(),
                error.hint());
  }
}

void Pusher::push_blobs() {
  std::vector<std::function<void()>> tasks;
  std::set<std::string> seen;
  for (const BlobToPush& blob : request_.blobs) {
    if (!seen.insert(blob.descriptor.digest.to_string()).second) continue;
    tasks.push_back([this, &blob] {
      try {
        push_blob(blob);
      } catch (const Stopped&) {
      } catch (...) {
        stopped_ = true;
        throw;
      }
    });
  }
  base::run_concurrently(std::move(tasks), kAtOnce);
}

void Pusher::check_stopped() const {
  if (stopped_) throw Stopped{};
}

void Pusher::push_blob(const BlobToPush& blob) {
  const Descriptor& descriptor = blob.descriptor;
  if (has_blob(session_, request_.target, descriptor)) {
    ++present_;
    observer_.blob(descriptor, BlobStep::kPresent, descriptor.size_bytes);
    return;
  }
  Mount mounted;
  if (may_mount(blob)) mounted = mount(blob);
  if (mounted.done) {
    ++mounted_;
    observer_.blob(descriptor, BlobStep::kMounted, descriptor.size_bytes);
    return;
  }
  check_stopped();
  const ContentPtr content = content_of_blob(blob);
  send(blob, *content, std::move(mounted.upload));
  ++sent_;
  observer_.blob(descriptor, BlobStep::kSent, descriptor.size_bytes);
}

bool Pusher::may_mount(const BlobToPush& blob) const {
  return blob.from && blob.from->host == request_.target.host &&
         blob.from->repository != request_.target.repository;
}

/// A registry that cannot or will not mount is no reason to stop: whatever it answers, an upload
/// tells what is wrong.
Pusher::Mount Pusher::mount(const BlobToPush& blob) {
  RegistrySession::Ask ask;
  ask.method = "POST";
  ask.path = "/blobs/uploads/?mount=" + percent_encode(blob.descriptor.digest.to_string()) +
             "&from=" + percent_encode(blob.from->repository);
  ask.access = Access::kPush;
  ask.mount_from = blob.from->repository;
  try {
    const net::Response response = session_.send(request_.target, ask).response;
    if (response.status == 202) {
      const std::string asked = session_.url_of(request_.target, ask.path);
      return {false, upload_location(session_, request_.target, asked, response)};
    }
    if (response.status != 201) return {};
    check_stored(blob.descriptor.digest, "the mounted blob", response);
    return {true, std::nullopt};
  } catch (const Error& error) {
    // A token service may not know how to give a token for two repositories.
    if (error.code() != "image.unauthorized" && error.code() != "image.registry_failed") throw;
    return {};
  }
}

ContentPtr Pusher::content_of_blob(const BlobToPush& blob) {
  if (blob.content) {
    const std::uint64_t size = blob.content->size_bytes();
    if (size == blob.descriptor.size_bytes) return blob.content;
    throw wrong_octets("the blob " + blob.descriptor.digest.to_string() + " has " +
                       std::to_string(size) + " bytes, and not " +
                       std::to_string(blob.descriptor.size_bytes) + " as announced");
  }
  if (!blob.from) fail_bug("a blob to push has content or a place that it comes from");
  return fetch(blob);
}

ContentPtr Pusher::fetch(const BlobToPush& blob) {
  std::uint64_t done = 0;
  const auto read_into = [&](const OctetSink& sink) {
    BlobReader(session_, *blob.from, blob.descriptor, clock_).read([&](base::ByteView octets) {
      check_stopped();
      done += octets.size();
      fetched_bytes_ += octets.size();
      observer_.blob(blob.descriptor, BlobStep::kFetching, done);
      return sink(octets);
    });
  };
  if (blob.descriptor.size_bytes > kInMemoryBytes)
    return spool(request_.spool_directory, read_into);
  std::string octets;
  read_into([&](base::ByteView piece) {
    octets.append(base::as_chars(piece));
    return true;
  });
  return content_of(std::move(octets));
}

void Pusher::send(const BlobToPush& blob, const Content& content,
                  std::optional<net::Location> upload) {
  const auto on_progress = [&](std::uint64_t done, std::size_t given) {
    check_stopped();
    sent_bytes_ += given;
    observer_.blob(blob.descriptor, BlobStep::kSending, done);
  };
  BlobUpload(session_, request_.target, blob.descriptor, content, clock_, on_progress)
      .run(std::move(upload));
}

bool Pusher::has_manifest(const Digest& digest) {
  RegistrySession::Ask ask;
  ask.path = "/manifests/" + digest.to_string();
  ask.what = "the manifest just pushed";
  ask.access = Access::kPush;
  ask.headers = {{"Accept", request_.manifest_type}};
  const net::Response response = session_.send(request_.target, ask).response;
  return response.ok() && response.body == request_.manifest;
}

Digest Pusher::push_manifest() {
  const Reference& target = request_.target;
  const Digest digest = Digest::of(base::as_bytes(request_.manifest));
  RegistrySession::Ask ask;
  ask.method = "PUT";
  ask.path = "/manifests/" + (target.tag.empty() ? digest.to_string() : target.tag);
  ask.access = Access::kPush;
  ask.headers = {{"Content-Type", request_.manifest_type}};
  ask.body = request_.manifest;
  const std::string what = "the manifest of " + target.to_string();
  const RegistrySession::Reply reply = session_.send(target, ask);
  const bool accepted = reply.response.ok() && !is_html(reply.response);
  // The specification's answer is 201. Another success without the digest may come from something
  // in front of the registry, so the registry has to show the manifest.
  const bool stored = accepted && (reply.response.status == 201 ||
                                   reply.response.header("Docker-Content-Digest").has_value() ||
                                   has_manifest(digest));
  if (!stored) {
    throw refused_push(target, reply.identity, what, reply.response);
  }
  check_stored(digest, what, reply.response);
  return digest;
}

}  // namespace ecloud::oci
