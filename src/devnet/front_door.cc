#include "devnet/front_door.h"

#include <algorithm>

#include "ecloud/base/error.h"

namespace ecloud::devnet {
namespace {

// Faults of single JSON-RPC calls; the service itself answers with them.
bool concerns_call(const std::string& kind, FaultAction action) {
  const bool rpc =
      (kind.starts_with("rpc:") || kind.starts_with("rpc-")) && !kind.ends_with(":batch");
  return rpc && (action == FaultAction::kWrongShape || action == FaultAction::kRpcError ||
                 action == FaultAction::kRevert || action == FaultAction::kNull ||
                 action == FaultAction::kWrongId);
}

HttpResponse bare(const FaultRule& rule, int default_status) {
  HttpResponse response;
  response.status = rule.status != 0 ? rule.status : default_status;
  response.body = rule.body;
  if (rule.body.starts_with("<")) response.content_type = "text/html; charset=utf-8";
  response.headers = rule.headers;
  return response;
}

// The answer that the rule makes of `right`, which is empty when nothing was done.
HttpResponse spoil(const FaultRule& rule, HttpResponse right) {
  HttpResponse response;
  switch (rule.action) {
    case FaultAction::kStatus:
      response = bare(rule, 500);
      if (rule.body.empty()) response.body = R"({"error":"injected fault"})";
      return response;
    case FaultAction::kBody:
      return bare(rule, 200);
    case FaultAction::kGarbage:
      for (int octet = 0; octet < 256; ++octet) response.body.push_back(static_cast<char>(octet));
      return response;
    case FaultAction::kClose:
      response.ending = HttpResponse::Ending::kClose;
      return response;
    case FaultAction::kReset:
      response.ending = HttpResponse::Ending::kReset;
      return response;
    case FaultAction::kCut:
      right.ending = HttpResponse::Ending::kCut;
      return right;
    case FaultAction::kNull:
      response.body = "null";
      return response;
    default:
      response.body = R"({"unexpected":{"shape":[]}})";
      return response;
  }
}

}  // namespace

/// Counts a request for settle().
class FrontDoor::UnderWay {
 public:
  explicit UnderWay(FrontDoor& door) : door_(door) {
    const std::lock_guard lock(door_.mutex_);
    ++door_.under_way_;
  }
  ~UnderWay() {
    const std::lock_guard lock(door_.mutex_);
    --door_.under_way_;
    door_.interruption_.notify_all();
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;

 private:
  FrontDoor& door_;
};

FrontDoor::FrontDoor() : start_(std::chrono::steady_clock::now()) {}

void FrontDoor::add(std::string prefix, Service& service) {
  routes_.push_back({std::move(prefix), &service, false});
}

void FrontDoor::add_quiet(std::string prefix, Service& service) {
  routes_.push_back({std::move(prefix), &service, true});
}

const FrontDoor::Route* FrontDoor::find(const std::string& path) const {
  const Route* best = nullptr;
  for (const Route& route : routes_) {
    const bool inside = path.starts_with(route.prefix) &&
                        (path.size() == route.prefix.size() || path[route.prefix.size()] == '/');
    if (inside && (best == nullptr || route.prefix.size() > best->prefix.size())) best = &route;
  }
  return best;
}

std::int64_t FrontDoor::elapsed_ms() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start_)
      .count();
}

void FrontDoor::set_latency(std::string kind, std::chrono::milliseconds latency) {
  const std::lock_guard lock(mutex_);
  latency_[std::move(kind)] = latency;
}

void FrontDoor::clear_latency() {
  const std::lock_guard lock(mutex_);
  latency_.clear();
}

void FrontDoor::settle() {
  std::unique_lock lock(mutex_);
  ++settlings_;
  ++settlers_;
  interruption_.notify_all();
  interruption_.wait(lock, [this] { return under_way_ == 0; });
  --settlers_;
}

void FrontDoor::interrupt() {
  const std::lock_guard lock(mutex_);
  interrupted_ = true;
  interruption_.notify_all();
}

void FrontDoor::resume() {
  const std::lock_guard lock(mutex_);
  interrupted_ = false;
}

void FrontDoor::wait(std::chrono::milliseconds duration) {
  if (duration.count() <= 0) return;
  std::unique_lock lock(mutex_);
  const std::uint64_t before = settlings_;
  // A request that is under way may begin to wait only when another one waits for it already.
  interruption_.wait_for(lock, duration,
                         [&] { return interrupted_ || settlers_ > 0 || settlings_ != before; });
}

std::chrono::milliseconds FrontDoor::latency_of(const std::vector<std::string>& kinds) {
  const std::lock_guard lock(mutex_);
  std::chrono::milliseconds most{0};
  for (const auto& [pattern, latency] : latency_) {
    const std::string& asked = pattern;
    if (std::any_of(kinds.begin(), kinds.end(),
                    [&](const std::string& kind) { return kind_matches(asked, kind); })) {
      most = std::max(most, latency);
    }
  }
  return most;
}

HttpResponse FrontDoor::handle_faulty(Service& service, const HttpRequest& request,
                                      const std::vector<std::string>& kinds) {
  wait(latency_of(kinds));
  std::vector<std::optional<FaultRule>> call_faults(kinds.size());
  std::optional<FaultRule> fault;
  std::chrono::milliseconds late{0};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    auto struck = faults_.take(kinds[i]);
    if (!struck) continue;
    if (struck->action == FaultAction::kDelay && struck->after_acting) {
      late += struck->delay;
    } else if (struck->action == FaultAction::kDelay) {
      wait(struck->delay);
    } else if (concerns_call(kinds[i], struck->action)) {
      call_faults[i] = std::move(struck);
    } else if (!fault) {
      fault = std::move(struck);
    }
  }
  // Half an answer needs a whole one.
  const bool twice = fault && fault->action == FaultAction::kDuplicate;
  const bool act = !fault || fault->after_acting || twice || fault->action == FaultAction::kCut;
  HttpResponse response;
  if (twice) service.handle(request, call_faults);
  if (act) response = service.handle(request, call_faults);
  wait(late);
  return fault && !twice ? spoil(*fault, std::move(response)) : response;
}

HttpResponse FrontDoor::serve(const Route& route, const HttpRequest& request,
                              const std::vector<std::string>& kinds) {
  try {
    if (route.quiet) return route.service->handle(request, {});
    return handle_faulty(*route.service, request, kinds);
  } catch (const Error& error) {
    return error_response(error.category() == Category::kNotFound ? 404 : 400, error.message());
  } catch (const std::exception& error) {
    return error_response(500, error.what());
  }
}

HttpResponse FrontDoor::handle(const HttpRequest& request) {
  const Route* route = find(request.path);
  if (route == nullptr) return error_response(404, "nothing is served here");
  if (route->quiet) return serve(*route, request, {});
  const UnderWay counted(*this);
  RequestRecord record;
  record.kinds = route->service->kinds(request);
  record.method = request.method;
  record.path = request.target;
  record.client_id = request.header("x-client-id");
  record.client_port = request.client_port;
  record.started_ms = elapsed_ms();
  const std::uint64_t number = log_.begin(record);
  HttpResponse response = serve(*route, request, record.kinds);
  const bool answered = response.ending == HttpResponse::Ending::kNormal ||
                        response.ending == HttpResponse::Ending::kCut;
  log_.finish(number, answered ? response.status : 0, elapsed_ms());
  return response;
}

}  // namespace ecloud::devnet
