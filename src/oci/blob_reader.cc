#include "blob_reader.h"

#include <algorithm>

#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

using namespace std::chrono_literals;

constexpr int kPartialContent = 206;
constexpr int kNotFound = 404;
constexpr int kRangeNotSatisfiable = 416;
constexpr std::size_t kErrorBodyBytes = std::size_t{1} << 20;

/// The first octet of a Content-Range header (RFC 9110 section 14.4): 7 of "bytes 7-9/10".
std::optional<std::uint64_t> first_octet(const net::Response& head) {
  const std::string range = head.header("Content-Range").value_or("");
  const std::string_view unit = "bytes ";
  if (!range.starts_with(unit)) return std::nullopt;
  return base::parse_decimal(base::trim(range.substr(unit.size(), range.find('-') - unit.size())));
}

}  // namespace

BlobReader::BlobReader(RegistrySession& session, const Reference& reference, const Descriptor& blob,
                       base::Clock* clock)
    : session_(session),
      reference_(reference),
      blob_(blob),
      what_("the blob " + blob.digest.to_string() + " of " + reference.name()),
      patience_(clock) {}

void BlobReader::read(const OctetSink& sink) {
  for (;;) {
    const std::uint64_t before = done_bytes_;
    try {
      if (attempt(sink) == Outcome::kDone) return;
    } catch (const Error& error) {
      if (!may_pass(error)) throw;
      if (done_bytes_ > before) patience_.progressed();
      if (!patience_.wait(nullptr)) throw;
    }
  }
}

BlobReader::Outcome BlobReader::attempt(const OctetSink& sink) {
  RegistrySession::Ask ask;
  ask.path = "/blobs/" + blob_.digest.to_string();
  ask.what = what_;
  // What a server packs on its own has another digest.
  ask.headers = {{"Accept-Encoding", "identity"}};
  if (done_bytes_ > 0 && with_ranges_) {
    ask.headers.push_back({"Range", "bytes=" + std::to_string(done_bytes_) + "-"});
  }
  ask.max_response_bytes =
      static_cast<std::size_t>(std::min<std::uint64_t>(blob_.size_bytes, SIZE_MAX / 2)) +
      kErrorBodyBytes;
  ask.timeout = 12h;
  ask.stall_timeout = 60s;
  skip_bytes_ = 0;
  ask.on_answer = [this](const net::Response& head) { check_head(head); };
  ask.sink = [&](std::string_view octets) { return take(octets, sink); };
  const RegistrySession::Reply reply = session_.send(reference_, ask);
  return ended_early_ ? Outcome::kDone : check_answer(reply);
}

void BlobReader::check_head(const net::Response& head) {
  if (is_html(head)) throw html_answer(reference_, head);
  if (head.status != kPartialContent) {
    skip_bytes_ = done_bytes_;
  } else if (first_octet(head) != done_bytes_) {
    throw Error(Category::kNetwork, "image.registry_failed",
                reference_.host + " gave another part of " + what_ + " than was asked for",
                "try again in a few minutes");
  }
}

bool BlobReader::take(std::string_view octets, const OctetSink& sink) {
  const std::size_t skipped = std::min<std::uint64_t>(skip_bytes_, octets.size());
  skip_bytes_ -= skipped;
  octets.remove_prefix(skipped);
  if (octets.empty()) return true;
  if (octets.size() > blob_.size_bytes - done_bytes_) {
    throw wrong_octets(what_ + " has more than the " + std::to_string(blob_.size_bytes) +
                       " bytes that were announced");
  }
  hash_.update(base::as_bytes(octets));
  done_bytes_ += octets.size();
  ended_early_ = !sink(base::as_bytes(octets));
  return !ended_early_;
}

BlobReader::Outcome BlobReader::check_answer(const RegistrySession::Reply& reply) {
  const net::Response& response = reply.response;
  if (response.ok()) {
    check_end();
    return Outcome::kDone;
  }
  if (response.status == kRangeNotSatisfiable && done_bytes_ > 0 && with_ranges_) {
    with_ranges_ = false;
    return Outcome::kAgain;
  }
  if (may_pass(response) && patience_.wait(&response)) return Outcome::kAgain;
  if (response.status == kNotFound) {
    throw Error(Category::kImage, "image.missing_layer",
                reference_.host + " does not have " + what_,
                "the image is not whole: push it again");
  }
  if (response.status == 401 || response.status == 403) {
    throw refused_access(reference_, reply.identity, response);
  }
  throw failed_answer(reference_, what_, response);
}

void BlobReader::check_end() {
  if (done_bytes_ != blob_.size_bytes) {
    throw wrong_octets(what_ + " has " + std::to_string(done_bytes_) + " bytes, and not " +
                       std::to_string(blob_.size_bytes) + " as announced");
  }
  const Digest found(hash_.finish());
  if (found == blob_.digest) return;
  throw wrong_octets(what_ + " hashes to " + found.to_string());
}

}  // namespace ecloud::oci
