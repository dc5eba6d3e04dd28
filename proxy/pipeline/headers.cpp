// Which headers pass, in either direction, and what the gateway says in headers of its own.
#include "core/digest.h"
#include "core/version.h"
#include "detectors/literal.h"
#include "proxy/http/characters.h"
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/own_placeholders.h"

#include <algorithm>
#include <array>
#include <ranges>
#include <span>
#include <utility>

namespace menshen::pipeline {
namespace {

using protocol::LeafKind;

// Of all APIs: what ties a call to what it is a part of, and to its repetition.
bool may_go_to_providers(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 6> names{
      "traceparent",     "tracestate",        "x-request-id",
      "idempotency-key", "x-idempotency-key", "x-client-request-id"};
  return std::ranges::find(names, name) != names.end();
}

bool tells_repetitions(std::string_view name) noexcept {
  return name == "idempotency-key" || name == "x-idempotency-key";
}

// All callers share the gateway's account at a provider. So that nobody is given another's answer,
// each has keys of his own there, and the same one for each repetition.
std::string set_apart(std::string_view key, const core::Subject& caller, std::string_view secret) {
  std::string of = "idempotency\n";
  of.append(core::to_string(caller.kind));
  for (const std::string* name : {&caller.id, &caller.actor}) {
    of.append("\n").append(std::to_string(name->size())).append("\n").append(*name);
  }
  of.append("\n").append(key);
  return core::to_hex(core::as_text(core::hmac_sha256(secret, of)).substr(0, 16));
}

bool may_go_to_clients(std::string_view name) noexcept {
  static constexpr std::array<std::string_view, 6> names{"retry-after",    "retry-after-ms",
                                                         "x-should-retry", "x-request-id",
                                                         "request-id",     "x-client-request-id"};
  return std::ranges::find(names, name) != names.end();
}

bool passes(const Exchange& ex, const Target& target, std::string_view name) noexcept {
  const protocol::Adapter::Facts& facts = ex.adapter().facts();
  return may_go_to_providers(name) ||
         std::ranges::find(facts.to_provider, name) != facts.to_provider.end() ||
         (std::ranges::find(facts.of_account, name) != facts.of_account.end() &&
          std::ranges::find(target.account_headers, name) != target.account_headers.end());
}

bool is_printable(std::string_view value) noexcept {
  return std::ranges::all_of(value,
                             [](char c) { return http::is_visible(c) || http::is_blank(c); });
}

core::Error bad_header(std::string code, std::string_view name, std::string_view problem) {
  std::string message = "The header ";
  message.append(name).append(" ").append(problem);
  core::Error error =
      core::client_error(core::ErrorKind::invalid_request, std::move(code), std::move(message));
  error.where = name;
  return error;
}

std::string redacted(std::string_view value, std::span<const Redaction> spans, Replacer& replacer) {
  std::string out;
  std::size_t done = 0;
  for (const auto& [finding, as] : spans) {
    out.append(value.substr(done, finding.begin - done));
    const std::string_view found = value.substr(finding.begin, finding.end - finding.begin);
    out.append(replacer.replacement(finding, found, as));
    done = finding.end;
  }
  return out.append(value.substr(done));
}

// An asterisk at the end of a name of the list stands for whatever follows, in which nothing may be
// found: the provider chose it.
bool is_listed(std::span<const std::string_view> names, std::string_view name, ScannerPool& pool) {
  constexpr std::size_t rest_bytes_max = 64;
  return std::ranges::any_of(names, [&](std::string_view listed) {
    if (!listed.ends_with('*')) return listed == name;
    listed.remove_suffix(1);
    if (!name.starts_with(listed)) return false;
    const std::string_view rest = name.substr(listed.size());
    return !rest.empty() && rest.size() <= rest_bytes_max && pool.is_clean(rest);
  });
}

bool repeats_secret(std::span<const core::Finding> findings) noexcept {
  return std::ranges::any_of(findings, [](const core::Finding& finding) {
    return finding.type == &detectors::provider_credential;
  });
}

}  // namespace

core::Result<void> check_headers(const Exchange& ex) {
  const Headers& headers = ex.client.head().headers;
  for (const auto& [name, value] : headers) {
    if (!passes(ex, ex.admission->targets.front(), name)) continue;
    const bool one_alone = std::ranges::count(headers, name, &Headers::value_type::first) == 1;
    if (tells_repetitions(name) && (value.empty() || !one_alone))
      return bad_header("bad_header_value", name, "must stand once, with a value.");
    if (value.size() > passed_header_bytes_max) {
      return bad_header("header_too_long", name,
                        "is longer than " + std::to_string(passed_header_bytes_max) + " bytes.");
    }
    if (!is_printable(value)) {
      return bad_header("bad_header_value", name, "may have visible ASCII characters and blanks.");
    }
  }
  return {};
}

core::Result<std::vector<FoundHeader>> find_in_headers(Exchange& ex) {
  std::vector<FoundHeader> found;
  const Headers& headers = ex.client.head().headers;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!passes(ex, ex.admission->targets.front(), headers[i].first)) continue;
    auto findings = ex.scanners->scan(headers[i].second);
    if (!findings) return findings.error();
    if (!findings->empty()) found.push_back({i, std::move(*findings)});
  }
  return found;
}

std::vector<TextBeside> passed_headers(const Exchange& ex) {
  std::vector<TextBeside> out;
  const Headers& headers = ex.client.head().headers;
  auto found = ex.inspection->in_headers.begin();  // in the order of the headers
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto& [name, value] = headers[i];
    if (!passes(ex, ex.admission->targets.front(), name)) continue;
    const bool has_findings = found != ex.inspection->in_headers.end() && found->index == i;
    out.push_back({value, has_findings ? std::span<const core::Finding>(found->findings)
                                       : std::span<const core::Finding>()});
    if (has_findings) ++found;
  }
  return out;
}

core::Result<std::vector<RedactedHeader>> redact_headers(const Exchange& ex, Judge& judge,
                                                         Replacer& replacer) {
  std::vector<RedactedHeader> out;
  for (const auto& [index, findings] : ex.inspection->in_headers) {
    const auto& [name, value] = ex.client.head().headers[index];
    if (auto allowed = judge.judge(findings, LeafKind::text, core::Role::metadata); !allowed) {
      core::Error error = allowed.error();
      error.where = name;
      return error;
    }
    if (judge.redactions().empty()) continue;
    out.push_back({index, redacted(value, judge.redactions(), replacer)});
  }
  return out;
}

Headers provider_headers(const Exchange& ex, const Target& target, std::string_view secret) {
  const Headers& sent = ex.client.head().headers;
  const std::vector<RedactedHeader>& redacted = ex.plan.redacted_headers();
  Headers headers;
  headers.reserve(8);  // the transport adds its own
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto& [name, value] = sent[i];
    if (!passes(ex, target, name)) continue;
    if (tells_repetitions(name)) {
      headers.emplace_back(name, set_apart(value, ex.identity.subject(), secret));
      continue;
    }
    const auto other = std::ranges::find(redacted, i, &RedactedHeader::index);
    headers.emplace_back(name, other == redacted.end() ? value : other->value);
  }
  if (ex.request->document) headers.emplace_back("content-type", "application/json");
  headers.emplace_back("accept",
                       ex.request->stream ? ex.adapter().facts().stream_type : "application/json");
  headers.emplace_back("user-agent", core::user_agent());
  return headers;
}

core::Result<Headers> pass_answer_headers(Exchange& ex, const TextRules& rules) {
  Headers passed;
  Judge& judge = rules.judge;
  const auto& secrets = ex.delivery->secrets;
  ScannerPool told(*ex.scanners, secrets ? secrets->all() : std::span<const detectors::Literal>());
  for (const auto& [name, value] : ex.delivery->call->headers()) {
    if (value.size() > passed_header_bytes_max || !is_printable(value)) continue;
    if (!may_go_to_clients(name) && !is_listed(ex.adapter().facts().to_client, name, told))
      continue;
    auto findings = told.scan(value);
    if (!findings) {
      const auto& defaults = ex.arrival->policy->defaults();
      if (auto let = judge.could_not_tell(defaults, findings.error()); !let) return let.error();
      findings = std::vector<core::Finding>();
    }
    if (repeats_secret(*findings)) continue;
    if (rules.own != nullptr) findings = outside_of_own(*findings, value, *rules.own, false);
    if (auto allowed = judge.judge(*findings, LeafKind::text, core::Role::metadata); !allowed) {
      core::Error error = allowed.error();
      error.where = name;
      return error;
    }
    passed.emplace_back(name, redacted(value, judge.redactions(), ex.replacer));
  }
  return passed;
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
