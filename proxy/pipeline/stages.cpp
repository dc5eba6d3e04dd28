// From the request's head to the intent: every stage before the provider is called.
#include "proxy/pipeline/stages.h"

#include "core/digest.h"
#include "detectors/scores.h"

#include <algorithm>
#include <array>

namespace menshen::pipeline {
namespace {

using core::ErrorKind;

core::Error refuse(ErrorKind kind, std::string code, std::string message, std::string where = {}) {
  return core::client_error(kind, std::move(code), std::move(message), std::move(where));
}

// Queries that the SDKs send; anything else would be text that nobody inspects.
bool query_allowed(const protocol::Endpoint& endpoint, std::string_view query) {
  if (query.empty()) return true;
  if (endpoint.family == protocol::Family::anthropic && query == "beta=true") return true;
  if (endpoint.api != protocol::Api::models) return false;
  return query.size() <= 64 && std::ranges::all_of(query, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '=' || c == '&' || c == '_' || c == '-';
         });
}

bool is_json(std::string_view content_type) {
  std::string lower;
  for (const char c : content_type) {
    if (c != ' ') lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return lower == "application/json" || lower == "application/json;charset=utf-8";
}

// Nothing that a stranger wrote stands in a record.
std::string_view known_method(std::string_view method) {
  constexpr std::array<std::string_view, 7> known{"GET",   "HEAD",   "POST",   "PUT",
                                                  "PATCH", "DELETE", "OPTIONS"};
  const auto found = std::ranges::find(known, method);
  return found == known.end() ? "(unknown)" : *found;
}

}  // namespace

asio::awaitable<core::Result<void>> Stages::open(Exchange& ex) {
  const RequestHead& head = ex.client.head();
  ex.opened_ns = head.received_ns;
  ex.record.wall_ns = services.clock->wall_ns();
  ex.id = core::uuid_v7(ex.record.wall_ns);
  ex.record.exchange = ex.id;
  ex.record.gateway = MENSHEN_VERSION;
  const std::string& key = services.journal->commitment_key();
  ex.salt = std::string(core::as_text(core::hmac_sha256(key, ex.id)));
  ex.record.client = core::to_hex(
      core::as_text(core::hmac_sha256(key, "client\n" + head.client_address)).substr(0, 8));
  ex.record.method = known_method(head.method);
  ex.record.path = "(unknown)";
  const auto path = std::string_view(head.target).substr(0, head.target.find('?'));
  ex.family = protocol::family_of(path, find_header(head.headers, "anthropic-version").has_value());
  InForce now = services.in_force();
  ex.policy = std::move(now.policy);
  ex.routes = std::move(now.routes);
  if (!ex.policy) {
    co_return core::gateway_error(ErrorKind::unavailable, "no_policy",
                                  "No policy set is in force.");
  }
  ex.record.policy = ex.policy->version();
  ex.scanners.emplace(scanners, ex.policy->catalog());
  co_return core::Result<void>{};
}

asio::awaitable<core::Result<void>> Stages::route_path(Exchange& ex) {
  const std::string_view target = ex.client.head().target;
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  if (mark != std::string_view::npos) ex.query = target.substr(mark + 1);
  const auto found = protocol::find_endpoint(ex.client.head().method, path);
  if (!found) co_return found.error();
  ex.endpoint = *found;
  if (ex.endpoint->api != protocol::Api::models && ex.endpoint->api != protocol::Api::model) {
    ex.family = ex.endpoint->family;
  }
  ex.record.path = ex.endpoint->path;
  ex.record.api = ex.endpoint->name;
  ex.record.operation = core::to_string(ex.endpoint->operation);
  if (ex.endpoint->api == protocol::Api::model) {
    ex.listed_model = protocol::listed_model(*ex.endpoint, path);
  }
  if (!query_allowed(*ex.endpoint, ex.query)) {
    co_return refuse(ErrorKind::invalid_request, "unknown_query",
                     "This endpoint takes no such query parameters.");
  }
  co_return core::Result<void>{};
}

asio::awaitable<core::Result<void>> Stages::read(Exchange& ex) {
  if (ex.endpoint->method == "GET") co_return core::Result<void>{};
  const auto encoding = find_header(ex.client.head().headers, "content-encoding");
  if (encoding && *encoding != "identity") {
    co_return refuse(ErrorKind::unsupported_media, "unsupported_content_encoding",
                     "The request must not be compressed.");
  }
  const auto type = find_header(ex.client.head().headers, "content-type");
  if (!type || !is_json(*type)) {
    co_return refuse(ErrorKind::unsupported_media, "unsupported_content_type",
                     "The content type must be application/json.");
  }
  auto body = co_await ex.client.read_body();
  if (!body) co_return body.error();
  ex.record.request_bytes = body->size();
  ex.forwarded = std::move(*body);
  co_return core::Result<void>{};
}

asio::awaitable<core::Result<void>> Stages::run_long(Exchange& ex, const WorkerPool::Work& work) {
  const std::int64_t end_ns =
      ex.opened_ns + std::int64_t{services.limits.exchange_timeout_ms} * 1'000'000;
  co_return co_await services.long_work->run(
      work, std::chrono::nanoseconds(end_ns - services.clock->monotonic_ns()));
}

asio::awaitable<core::Result<void>> Stages::parse(Exchange& ex) {
  if (ex.endpoint->method == "GET") co_return core::Result<void>{};
  core::Result<void> parsed;
  const auto work = [&](const std::stop_token&) {
    ex.record.request_commitment = ex.commitment(ex.forwarded);
    auto document =
        protocol::Document::parse_request(std::move(ex.forwarded), *ex.endpoint, services.limits);
    if (document) {
      ex.request.emplace(std::move(*document));
    } else {
      parsed = document.error();
    }
  };
  if (ex.forwarded.size() <= core::inline_scan_bytes_max) {
    work({});
  } else {
    const WorkerPool::Work long_work = work;
    if (auto ran = co_await run_long(ex, long_work); !ran) co_return ran.error();
  }
  if (!parsed) co_return parsed.error();
  ex.record.stream = ex.request->stream() && ex.endpoint->can_stream;
  co_return core::Result<void>{};
}

core::Result<void> Stages::score_request(Exchange& ex, const std::stop_token& stop) {
  std::string scratch;
  for (const protocol::Leaf& leaf : ex.request->leaves()) {
    if (stop.stop_requested()) return {};  // nobody reads the scores
    const bool judged = leaf.role == core::Role::user || leaf.role == core::Role::tool;
    if (!judged || !is_spoken(leaf)) continue;
    const auto scores = detectors::score_text({.text = ex.request->text(leaf, scratch),
                                               .role = leaf.role,
                                               .direction = core::Direction::request,
                                               .sources = {}});
    if (!scores) return scores.error();
    ex.request_tally.scores.merge_worse(*scores);
  }
  return {};
}

core::Result<void> Stages::scan_request(Exchange& ex, ScannerPool& pool,
                                        const std::stop_token& stop) {
  try {
    auto inspected = pipeline::inspect(*ex.request, pool, stop);
    if (!inspected) return inspected.error();
    ex.inspected = std::move(*inspected);
    return score_request(ex, stop);
  } catch (const std::exception&) {
    return core::gateway_error(ErrorKind::internal, "detector_failed", "A detector failed.");
  }
}

asio::awaitable<core::Result<void>> Stages::inspect(Exchange& ex) {
  if (!ex.request) co_return core::Result<void>{};
  core::Result<void> scanned;
  if (ex.request->bytes().size() <= core::inline_scan_bytes_max) {
    scanned = scan_request(ex, *ex.scanners, {});
  } else {
    const WorkerPool::Work work = [&](const std::stop_token& stop) {
      ScannerPool own(ex.policy->catalog());
      scanned = scan_request(ex, own, stop);
    };
    if (auto ran = co_await run_long(ex, work); !ran) co_return ran.error();
  }
  if (!scanned) {
    if (ex.policy->defaults().on_error != core::Action::allow) co_return scanned.error();
    ++ex.request_tally.failed_open;
  }
  ex.request_tally.scanned_bytes = ex.inspected.scanned_bytes;
  ex.request_tally.scanned_segments = ex.inspected.scanned_segments;
  co_return core::Result<void>{};
}

asio::awaitable<core::Result<void>> Stages::write_intent(Exchange& ex, const Target& target) {
  audit::Record intent = ex.record;
  intent.type = audit::RecordType::intent;
  intent.attempts = ex.record.attempts + 1;
  intent.upstream = target.name;
  intent.upstream_model = target.model;
  intent.zone = target.zone;
  const auto access = std::ranges::find(ex.zone_access, target.zone, &ZoneAccess::zone);
  if (access != ex.zone_access.end()) ex.record.access_rule = access->decision.rule;
  intent.access_rule = ex.record.access_rule;
  intent.decision = core::to_string(strongest(ex));
  intent.forwarded_commitment = ex.forwarded_commitment;
  ex.record.forwarded_commitment = intent.forwarded_commitment;
  const auto written = co_await journal.append(intent);
  if (!written) co_return written.error();
  ex.intent_written = true;
  co_return core::Result<void>{};
}

asio::awaitable<core::Result<void>> Stages::intend(Exchange& ex) {
  if (ex.request) co_return co_await write_intent(ex, ex.targets.front());
  const Target listing{0, "(listing)", "", ""};  // named: gcc 12 destroys such a temporary twice
  co_return co_await write_intent(ex, listing);
}

}  // namespace menshen::pipeline
