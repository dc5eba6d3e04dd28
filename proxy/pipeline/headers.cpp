// Which headers pass, in either direction, and what the gateway says in headers of its own.
#include "core/version.h"
#include "proxy/pipeline/exchange.h"

#include <algorithm>
#include <ranges>

namespace menshen::pipeline {
namespace {

constexpr std::size_t passed_value_bytes_max = 256;

bool is_tame(std::string_view value) {
  return value.size() <= passed_value_bytes_max && std::ranges::all_of(value, [](unsigned char c) {
           return std::isalnum(c) != 0 ||
                  std::string_view("-_.:,;= +").find(static_cast<char>(c)) !=
                      std::string_view::npos;
         });
}

// What is no header of the list, or might be content, stays behind.
Headers pass_headers(const Headers& headers, std::span<const std::string_view> names,
                     ScannerPool& scanners) {
  Headers passed;
  for (const auto& [name, value] : headers) {
    if (std::ranges::find(names, name) == names.end() || !is_tame(value)) continue;
    if (scanners.is_clean(value)) passed.emplace_back(name, value);
  }
  return passed;
}

}  // namespace

Headers provider_headers(const Exchange& ex, ScannerPool& scanners) {
  Headers headers =
      pass_headers(ex.client.head().headers, ex.adapter().facts().to_provider, scanners);
  headers.reserve(headers.size() + 8);  // the transport adds its own
  if (ex.request->document) headers.emplace_back("content-type", "application/json");
  headers.emplace_back("accept",
                       ex.request->stream ? ex.adapter().facts().stream_type : "application/json");
  headers.emplace_back("user-agent", core::user_agent());
  return headers;
}

Headers client_headers(const Exchange& ex, ScannerPool& scanners) {
  const auto& secrets = ex.delivery->secrets;
  ScannerPool told(scanners, secrets ? secrets->all() : std::span<const detectors::Literal>());
  return pass_headers(ex.delivery->call->headers(), ex.adapter().facts().to_client, told);
}

namespace {

// What every answer has; of an error, what was decided is in its kind.
Headers head_of_answer(const Exchange& ex, std::string_view content_type,
                       const core::Error* error) {
  Headers headers;
  headers.reserve(12);
  headers.emplace_back("content-type", content_type);
  headers.emplace_back("x-menshen-exchange", ex.arrival->id);
  const auto& policy = ex.arrival->policy;
  if (policy) headers.emplace_back("x-menshen-policy", policy->version());
  const bool refused = error != nullptr && error->kind == core::ErrorKind::forbidden;
  const std::string_view decision = error == nullptr ? core::to_string(ex.decision())
                                    : refused        ? "deny"
                                                     : "error";
  const Tally& request = ex.request_tally();
  const Tally& answer = *ex.answer_tally;
  headers.emplace_back("x-menshen-decision", decision_header(decision, request, answer));
  if (auto counts = redactions_header(request, answer); !counts.empty()) {
    headers.emplace_back("x-menshen-redactions", std::move(counts));
  }
  return headers;
}

}  // namespace

Headers reply_headers(const Exchange& ex, std::string_view content_type, const core::Error* error) {
  Headers headers = head_of_answer(ex, content_type, error);
  const Tally& answer = *ex.answer_tally;
  if (auto rules = annotations_header(ex.request_tally(), answer); !rules.empty()) {
    headers.emplace_back("x-menshen-annotations", std::move(rules));
  }
  for (const core::Score& score : std::views::reverse(answer.scores.all())) {
    if (!score.kind->header.empty())
      headers.emplace_back(score.kind->header, score_text(score.value));
  }
  return headers;
}

Headers stream_headers(const Exchange& ex) {
  const std::string type = std::string(ex.adapter().facts().stream_type) + "; charset=utf-8";
  Headers headers = head_of_answer(ex, type, nullptr);
  headers.emplace_back("cache-control", "no-cache");
  headers.emplace_back("x-accel-buffering", "no");
  return headers;
}

}  // namespace menshen::pipeline
