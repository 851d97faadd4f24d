#include "blob_upload.h"

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
constexpr int kRangeNotSatisfiable = 416;

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
  if (reply.response.status == 200 && !is_html(reply.response)) return true;
  if (reply.response.status == kNotFound) return false;
  throw refused_push(target, reply.identity, "a look for " + blob_name(target, blob),
                     reply.response);
}

net::Location upload_location(RegistrySession& session, const Reference& target,
                              const net::Response& response) {
  const auto location = response.header("Location");
  if (!location || location->empty()) {
    throw senseless_answer(
        target, "HTTP " + std::to_string(response.status) + " and without a place for the upload");
  }
  return session.locate(target, *location);
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
      on_progress_(std::move(on_progress)) {}

void BlobUpload::run(std::optional<net::Location> begun) {
  for (int forgotten = 0;;) {
    at_ = begun ? *std::exchange(begun, std::nullopt) : begin();
    const Outcome outcome =
        content_.size_bytes() <= kMonolithicBytes ? send_whole() : send_streamed();
    if (outcome == Outcome::kDone || has_blob(session_, target_, blob_)) return;
    if (outcome == Outcome::kForgotten && ++forgotten > kMaxForgotten) {
      throw senseless_answer(target_, "HTTP 404: it forgets uploads while they are under way");
    }
  }
}

net::Location BlobUpload::begin() {
  RegistrySession::Ask ask;
  ask.method = "POST";
  ask.path = "/blobs/uploads/";
  ask.access = Access::kPush;
  const RegistrySession::Reply reply = session_.send(target_, ask);
  if (reply.response.status != 202) {
    throw refused_push(target_, reply.identity, what_, reply.response);
  }
  return upload_location(session_, target_, reply.response);
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

RegistrySession::Ask BlobUpload::patch(std::uint64_t offset) {
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
  if (offset > 0) {
    ask.headers.push_back({"Content-Range", std::to_string(offset) + "-" +
                                                std::to_string(content_.size_bytes() - 1)});
  }
  ask.upload = net::UploadBody{content_.size_bytes() - offset,
                               [this, offset](std::uint64_t at, char* out, std::size_t size) {
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

BlobUpload::Outcome BlobUpload::send_streamed() {
  const std::uint64_t size = content_.size_bytes();
  for (std::uint64_t offset = 0;;) {
    const bool complete = offset == size;
    const auto reply = attempt(complete ? put() : patch(offset));
    if (reply && complete) return check_end(*reply);
    if (!reply && complete && has_blob(session_, target_, blob_)) return Outcome::kDone;
    std::optional<std::uint64_t> received;
    if (!reply) {
      received = ask_for_offset();
      if (!received) return Outcome::kForgotten;
      if (*received == 0) return Outcome::kNothingThere;
    } else {
      if (is_forgotten(reply->response)) return Outcome::kForgotten;
      if (!reply->response.ok() || is_html(reply->response)) {
        throw refused_push(target_, reply->identity, what_, reply->response);
      }
      at_ = upload_location(session_, target_, reply->response);
      received = octets_received(reply->response).value_or(size);
    }
    if (*received > size || (reply && *received <= offset)) {
      throw senseless_answer(target_, "a range of " + std::to_string(*received) +
                                          " bytes in an upload of " + std::to_string(size));
    }
    if (*received > offset) patience_.progressed();
    offset = *received;
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
    at_ = upload_location(session_, target_, reply->response);
  }
  return octets_received(reply->response).value_or(0);
}

}  // namespace ecloud::oci
