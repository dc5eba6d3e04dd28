// The body of the request: read whole, and parsed once.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"
#include "proxy/protocol/tokens/encoding.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace menshen::pipeline {
namespace {

bool is_json(std::string_view content_type) {
  std::string lower;
  for (const char c : content_type) {
    if (c != ' ') lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  return lower == "application/json" || lower == "application/json;charset=utf-8" ||
         lower == R"(application/json;charset="utf-8")";
}

// What is compressed, or not JSON, is not read.
core::Result<void> can_be_read(const Headers& headers) {
  using core::ErrorKind;
  const auto encoding = find_header(headers, "content-encoding");
  if (encoding && *encoding != "identity") {
    return core::client_error(ErrorKind::unsupported_media, "unsupported_content_encoding",
                              "The request must not be compressed.");
  }
  // The body has to be JSON whatever is said of it, and goes on as JSON.
  const auto type = find_header(headers, "content-type");
  if (type && !is_json(*type)) {
    return core::client_error(ErrorKind::unsupported_media, "unsupported_content_type",
                              "The content type must be application/json, or be left out; curl "
                              "wants -H 'content-type: application/json'.");
  }
  return {};
}

// The name of the model for those who get the request; empty: they do not read tokens alike.
std::string_view served_as(const Exchange& ex) {
  const std::vector<Target>& targets = ex.admission->targets;
  // What a path names is a deployment, whose model nobody says.
  if (targets.empty() || !ex.called->path_model.empty()) return {};
  const auto encoding_of = [](const Target& target) {
    return protocol::tokens::encoding_of(target.model);
  };
  const auto* first = encoding_of(targets.front());
  const bool alike = std::ranges::all_of(
      targets, [&](const Target& target) { return encoding_of(target) == first; });
  return alike && first != nullptr ? std::string_view(targets.front().model) : std::string_view();
}

}  // namespace

class Read : public Stage {
 public:
  explicit Read(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override { return read(ex); }

  static std::optional<protocol::Document> take(Exchange& ex) {
    return std::exchange(ex.request.value_.document, std::nullopt);
  }

  static asio::awaitable<core::Result<void>> read_again(Lane& lane, Exchange& ex) {
    const std::string_view model = served_as(ex);
    if (!ex.request->document->has_token_lists() || model.empty()) co_return core::Result<void>{};
    core::Result<void> parsed;
    const WorkerPool::Work work = [&](const std::stop_token&) {
      protocol::Document& document = *ex.request.value_.document;
      auto again =
          protocol::Document::parse_request(std::string(document.bytes()), *ex.called->endpoint,
                                            lane.services.limits, ex.called->path_model, model);
      if (again) {
        document = std::move(*again);
      } else {
        parsed = again.error();
      }
    };
    // A few numbers may stand for a long text, and the first make the vocabulary's index.
    if (auto ran = co_await run_long(lane, ex, work); !ran) co_return ran.error();
    co_return parsed;
  }

 private:
  asio::awaitable<core::Result<void>> read(Exchange& ex) {
    if (auto readable = can_be_read(ex.client.head().headers); !readable) co_return readable;
    auto body = co_await ex.client.read_body();
    if (!body) co_return body.error();
    ex.record.received_request(body->size());
    core::Result<void> parsed;
    if (body->size() <= core::inline_scan_bytes_max) {
      parsed = parse(ex, std::move(*body));
    } else {
      const WorkerPool::Work work = [&](const std::stop_token&) {
        parsed = parse(ex, std::move(*body));
      };
      if (auto ran = co_await run_long(lane_, ex, work); !ran) co_return ran.error();
    }
    if (!parsed) co_return parsed;
    Request& request = ex.request.value_;
    request.stream = request.document->stream() && ex.called->endpoint->can_stream();
    if (request.stream) ex.record.asked_for_stream();
    co_return core::Result<void>{};
  }

  core::Result<void> parse(Exchange& ex, std::string body) {
    Request& request = ex.request.value_;
    request.commitment = ex.arrival->commitment(body);
    ex.record.committed_request(request.commitment);
    auto document = protocol::Document::parse_request(std::move(body), *ex.called->endpoint,
                                                      lane_.services.limits, ex.called->path_model);
    if (!document) return document.error();
    request.document.emplace(std::move(*document));
    return {};
  }

  Lane& lane_;
};

std::optional<protocol::Document> take_request(Exchange& ex) { return Read::take(ex); }

asio::awaitable<core::Result<void>> read_tokens(Lane& lane, Exchange& ex) {
  return Read::read_again(lane, ex);
}

constinit const StageKind read_stage = stage_kind<Read>("read");

}  // namespace menshen::pipeline
