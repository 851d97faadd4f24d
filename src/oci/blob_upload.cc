#include "blob_upload.h"

#include <algorithm>
#include <utility>

#include "auth_challenge.h"
#include "ecloud/base/text.h"

namespace ecloud::oci {
namespace {

using namespace std::chrono_literals;

// Below it one request with all octets costs less than two.
constexpr std::uint64_t kMonolithicBytes = std::uint64_t{1} << 20;
constexpr int kMaxForgotten = 2;
constexpr int kNotFound = 404;
constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kTooLarge = 413;
constexpr int kRangeNotSatisfiable = 416;
constexpr int kTooManyRequests = 429;
// What is tried where a request is too large: below the limits of proxies in the cloud (100 MB),
// below common settings, and the default of nginx (client_max_body_size 1m).
constexpr std::uint64_t kPieces[] = {std::uint64_t{64} << 20, std::uint64_t{8} << 20,
                                     std::uint64_t{1} << 20};

bool is_forgotten(const net::Response& response) {
  return response.status == kNotFound || response.status == kRangeNotSatisfiable;
}

/// How many octets the Range header of an upload's answer tells ("0-1023", in some registries
/// "bytes=0-1023"); nothing without it. "0-0" is none: that is what docker-registry says of an
/// upload that has just begun.
std::optional<std::uint64_t> octets_received(const net::Response& response) {
  std::string range = response.header("Range").value_or("");
  if (range.starts_with("bytes=")) range.erase(0, 6);
  if (!range.starts_with("0-")) return std::nullopt;
  const auto last = base::parse_decimal(base::trim(range.substr(2)));
  if (!last || *last > INT64_MAX) return std::nullopt;
  return *last == 0 ? 0 : *last + 1;
}

std::string blob_name(const Reference& target, const Descriptor& blob) {
  return "the blob " + blob.digest.to_string() + " for " + target.name();
}

}  // namespace

bool has_blob(RegistrySession& session, const Reference& target, const Descriptor& blob) {
  RegistrySession::Ask ask;
  ask.method = "HEAD";
  ask.path = "/blobs/" + blob.digest.to_string();
  ask.access = Access::kPush;
  const RegistrySession::Reply reply = session.send(target, ask);
  const int status = reply.response.status;
  if (status == 200 && !is_html(reply.response)) return true;
  // Some registries and proxies forbid HEAD; whether pushing is allowed shows in the upload.
  const bool forbids = status >= 400 && status < 500 && status != kUnauthorized;
  if (forbids && status != kTooManyRequests) return false;
  throw refused_push(target, reply.identity, "a look for " + blob_name(target, blob),
                     reply.response);
}

net::Location upload_location(RegistrySession& session, const Reference& target,
                              std::string_view asked, const net::Response& response) {
  const auto location = response.header("Location");
  if (!location || location->empty()) {
    throw senseless_answer(
        target, "HTTP " + std::to_string(response.status) + " and without a place for the upload");
  }
  return session.locate(target, response.final_url.empty() ? asked : response.final_url, *location);
}

void check_stored(const Digest& expected, const std::string& what, const net::Response& response) {
  const std::string stored = response.header("Docker-Content-Digest").value_or("");
  if (!stored.starts_with("sha256:") || stored == expected.to_string()) return;
  throw wrong_octets("the registry stored " + what + " as " + base::printable_line(stored, 100));
}

BlobUpload::BlobUpload(RegistrySession& session, const Reference& target, const Descriptor& blob,
                       const Content& content, base::Clock* clock, OnProgress on_progress)
    : session_(session),
      target_(target),
      blob_(blob),
      content_(content),
      what_(blob_name(target, blob)),
      patience_(clock),
      on_progress_(std::move(on_progress)),
      piece_bytes_(content.size_bytes()) {}

void BlobUpload::run(std::optional<net::Location> begun) {
  for (int forgotten = 0;;) {
    at_ = begun ? *std::exchange(begun, std::nullopt) : begin();
    const Outcome outcome =
        content_.size_bytes() <= kMonolithicBytes ? send_whole() : send_streamed();
    if (outcome == Outcome::kDone) return;
    if (outcome == Outcome::kIncomplete) heeds_ranges_ = true;
    if (outcome == Outcome::kTooLarge) continue;
    if (has_blob(session_, target_, blob_)) return;
    if (outcome == Outcome::kForgotten && ++forgotten > kMaxForgotten) {
      throw senseless_answer(target_, "HTTP 404: it forgets uploads while they are under way");
    }
  }
}

/// The specification's answer is 202; some registries say 200 or 201.
net::Location BlobUpload::begin() {
  RegistrySession::Ask ask;
  ask.method = "POST";
  ask.path = "/blobs/uploads/";
  ask.access = Access::kPush;
  const std::string asked = session_.url_of(target_, ask.path);
  const RegistrySession::Reply reply = session_.send(target_, ask);
  if (!reply.response.ok() || is_html(reply.response)) {
    throw refused_push(target_, reply.identity, what_, reply.response);
  }
  return upload_location(session_, target_, asked, reply.response);
}

bool BlobUpload::use_smaller_pieces() {
  for (const std::uint64_t size : kPieces) {
    if (size >= piece_bytes_) continue;
    piece_bytes_ = size;
    return true;
  }
  return false;
}

std::optional<RegistrySession::Reply> BlobUpload::attempt(const RegistrySession::Ask& ask) {
  RegistrySession::Reply reply;
  try {
    reply = session_.send(target_, ask);
  } catch (const Error& error) {
    if (!may_pass(error) || !patience_.wait(nullptr)) throw;
    return std::nullopt;
  }
  if (!may_pass(reply.response)) return reply;
  if (patience_.wait(&reply.response)) return std::nullopt;
  throw refused_push(target_, reply.identity, what_, reply.response);
}

RegistrySession::Ask BlobUpload::patch(std::uint64_t offset, std::uint64_t end) {
  RegistrySession::Ask ask;
  ask.method = "PATCH";
  ask.at = at_;
  ask.access = Access::kPush;
  ask.safe_to_repeat = false;
  ask.timeout = 12h;
  ask.stall_timeout = 60s;
  ask.headers = {{"Content-Type", "application/octet-stream"}};
  // From the start on it is the streamed upload that every registry takes from Docker, which tells
  // no range; some bound the size of what has one.
  if (offset > 0 || end < content_.size_bytes()) {
    ask.headers.push_back(
        {"Content-Range", std::to_string(offset) + "-" + std::to_string(end - 1)});
  }
  ask.upload =
      net::UploadBody{end - offset, [this, offset](std::uint64_t at, char* out, std::size_t size) {
                        const std::size_t given = content_.read(offset + at, out, size);
                        on_progress_(offset + at + given, given);
                        return given;
                      }};
  return ask;
}

RegistrySession::Ask BlobUpload::put() {
  RegistrySession::Ask ask;
  ask.method = "PUT";
  ask.at = at_;
  ask.at->url += (at_.url.find('?') == std::string::npos ? "?digest=" : "&digest=") +
                 percent_encode(blob_.digest.to_string());
  ask.access = Access::kPush;
  ask.safe_to_repeat = false;
  ask.headers = {{"Content-Type", "application/octet-stream"}};
  // A registry may read and move all of the blob before it answers.
  ask.timeout = 30min;
  return ask;
}

BlobUpload::Outcome BlobUpload::check_end(const RegistrySession::Reply& reply) {
  const int status = reply.response.status;
  const bool refused = status == kBadRequest || status == kRangeNotSatisfiable;
  if (refused && is_doubtful_ && !heeds_ranges_) return Outcome::kIncomplete;
  if (is_forgotten(reply.response)) return Outcome::kForgotten;
  if (!reply.response.ok() || is_html(reply.response)) {
    throw refused_push(target_, reply.identity, what_, reply.response);
  }
  check_stored(blob_.digest, what_, reply.response);
  return Outcome::kDone;
}

BlobUpload::Outcome BlobUpload::send_whole() {
  RegistrySession::Ask ask = put();
  ask.body.resize(static_cast<std::size_t>(content_.size_bytes()));
  content_.read(0, ask.body.data(), ask.body.size());
  on_progress_(ask.body.size(), ask.body.size());
  const auto reply = attempt(ask);
  return reply ? check_end(*reply) : Outcome::kNothingThere;
}

std::uint64_t BlobUpload::received_after(const RegistrySession::Reply& reply, std::uint64_t offset,
                                         std::uint64_t end) {
  if (reply.response.header("Location")) {
    at_ = upload_location(session_, target_, at_.url, reply.response);
  }
  const std::uint64_t told = octets_received(reply.response).value_or(end);
  if (told != end) is_doubtful_ = true;
  return heeds_ranges_ && told > offset && told < end ? told : end;
}

BlobUpload::Outcome BlobUpload::send_streamed() {
  const std::uint64_t size = content_.size_bytes();
  is_doubtful_ = false;
  for (std::uint64_t offset = 0;;) {
    const bool complete = offset == size;
    const std::uint64_t end = std::min(size, offset + piece_bytes_);
    const auto reply = attempt(complete ? put() : patch(offset, end));
    if (reply && complete) return check_end(*reply);
    std::uint64_t received = 0;
    if (!reply) {
      if (complete && has_blob(session_, target_, blob_)) return Outcome::kDone;
      const auto told = ask_for_offset();
      if (!told) return Outcome::kForgotten;
      if (*told == 0 || *told > size) return Outcome::kNothingThere;
      is_doubtful_ = true;
      received = *told;
    } else {
      if (is_forgotten(reply->response)) return Outcome::kForgotten;
      if (reply->response.status == kTooLarge && use_smaller_pieces()) return Outcome::kTooLarge;
      if (!reply->response.ok() || is_html(reply->response)) {
        throw refused_push(target_, reply->identity, what_, reply->response);
      }
      received = received_after(*reply, offset, end);
    }
    if (received > offset) patience_.progressed();
    offset = received;
  }
}

std::optional<std::uint64_t> BlobUpload::ask_for_offset() {
  RegistrySession::Ask ask;
  ask.at = at_;
  ask.what = "how much arrived of " + what_;
  ask.access = Access::kPush;
  std::optional<RegistrySession::Reply> reply;
  while (!reply) reply = attempt(ask);
  if (is_forgotten(reply->response)) return std::nullopt;
  if (!reply->response.ok()) throw refused_push(target_, reply->identity, what_, reply->response);
  if (reply->response.header("Location")) {
    at_ = upload_location(session_, target_, at_.url, reply->response);
  }
  return octets_received(reply->response).value_or(0);
}

}  // namespace ecloud::oci
