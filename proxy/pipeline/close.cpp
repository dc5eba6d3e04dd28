// The one exit of every exchange: the outcome is made durable, then the last bytes leave, or the
// error does.
#include "proxy/pipeline/stages.h"

#include <tuple>

namespace menshen::pipeline {
namespace {

void copy_rules(const Tally& tally, std::vector<audit::FiredRule>& rules) {
  for (const Tally::Fired& fired : tally.rules) {
    rules.push_back({std::string(fired.rule), std::string(core::to_string(fired.action)),
                     fired.enforced, fired.count});
  }
}

void copy_counts(const Tally& tally, std::map<std::string, std::uint32_t>& found,
                 std::map<std::string, std::uint32_t>& redacted) {
  for (const Tally::Count& count : tally.counts) {
    if (count.found > 0) found[std::string(count.type->name)] += count.found;
    if (count.redacted > 0) redacted[std::string(count.type->name)] += count.redacted;
  }
}

ResponseHead error_head(const Exchange& ex, const core::Error& error) {
  ResponseHead head{static_cast<unsigned>(core::http_status(error.kind)),
                    reply_headers(ex, "application/json")};
  if (error.kind == core::ErrorKind::unauthenticated)
    head.headers.emplace_back("www-authenticate", "Bearer");
  if (error.kind == core::ErrorKind::unavailable || error.kind == core::ErrorKind::rate_limited) {
    head.headers.emplace_back("retry-after", "1");
  }
  return head;
}

// Once pings have gone out, a whole document can no longer take the stream's place; a provider's
// error still can, as the last event.
std::optional<core::Error> fit_into_stream(Exchange& ex) {
  if (ex.reply_head.status < 400) {
    return core::provider_error(core::ErrorKind::bad_upstream, "not_a_stream",
                                "The provider did not answer with a stream.");
  }
  const Headers& headers = ex.reply_head.headers;
  const protocol::RetryHint retry{find_header(headers, "retry-after").value_or(""),
                                  find_header(headers, "retry-after-ms").value_or("")};
  ex.reply =
      ex.adapter->provider_error_event(*ex.endpoint, ex.reply_head.status, ex.reply, retry, ex.id);
  return std::nullopt;
}

void copy_scores(const core::Scores& scores, std::map<std::string, float>& out) {
  for (const core::Score& score : scores.all()) out.emplace(score.kind->name, score.value);
}

}  // namespace

void fill_outcome(Exchange& ex, const std::optional<core::Error>& error, std::int64_t now_ns) {
  audit::Record& record = ex.record;
  record.type = audit::RecordType::outcome;
  copy_rules(ex.request_tally, record.rules);
  copy_rules(ex.response_tally, record.rules);
  copy_counts(ex.request_tally, record.findings_request, record.redactions);
  copy_counts(ex.response_tally, record.findings_response, record.redactions);
  copy_scores(ex.request_tally.scores, record.scores_request);
  copy_scores(ex.response_tally.scores, record.scores_response);
  record.scanned_bytes = ex.request_tally.scanned_bytes + ex.response_tally.scanned_bytes;
  record.scanned_segments = ex.request_tally.scanned_segments + ex.response_tally.scanned_segments;
  record.opaque_parts = ex.request_tally.opaque_parts + ex.response_tally.opaque_parts;
  record.input_tokens = ex.usage.input_tokens;
  record.output_tokens = ex.usage.output_tokens;
  record.duration_us = (now_ns - ex.opened_ns) / 1000;
  record.upstream_wait_us = ex.upstream_wait_ns / 1000;
  if (ex.first_release_ns > 0) record.first_byte_us = (ex.first_release_ns - ex.opened_ns) / 1000;
  record.response_bytes = ex.released_bytes + (error ? 0 : ex.reply.size());
  record.complete = !error;
  if (error) {
    const bool refused = error->kind == core::ErrorKind::forbidden;
    record.decision = refused ? "deny" : "error";
    record.error = error->code;
    record.error_source = core::to_string(error->source);
    record.status = static_cast<std::uint32_t>(core::http_status(error->kind));
  } else {
    record.decision = core::to_string(strongest(ex));
    record.status = ex.streamed ? 200 : ex.reply_head.status;
    if (record.released_commitment.empty()) {
      record.released_commitment =
          ex.reply_commitment.empty() ? ex.commitment(ex.reply) : ex.reply_commitment;
    }
    if (ex.provider_fault.empty()) return;
    record.complete = false;
    record.error = ex.provider_fault;
    record.error_source = core::to_string(core::ErrorSource::provider);
  }
}

// What was refused to a caller whom nobody identified is a part of a sum: a stranger causes no
// write of his own. Nothing of it has left, so there is nothing to wait for.
asio::awaitable<core::Result<void>> Stages::write_outcome(Exchange& ex) {
  if (!ex.identified) {
    services.strangers->refused(ex.record);
    co_return core::Result<void>{};
  }
  const auto written = co_await journal.append(ex.record);
  if (!written) co_return written.error();
  co_return core::Result<void>{};
}

asio::awaitable<void> Stages::close(Exchange& ex, std::optional<core::Error> error) {
  ex.call.reset();
  if (ex.writer) co_await ex.writer->stop();
  if (!error && !ex.streamed && ex.writer && ex.writer->started()) error = fit_into_stream(ex);
  // Who asks for a path that does not exist may have a key; his refusals have records.
  if (!ex.identify_tried) std::ignore = co_await identify(ex);
  fill_outcome(ex, error, services.clock->monotonic_ns());
  const auto written = co_await write_outcome(ex);
  ex.observed = true;
  services.observer->closed(ex.record, ex.request_tally.failed_open + ex.response_tally.failed_open,
                            written.has_value());
  if (error && error->kind == core::ErrorKind::cancelled) {
    ex.client.abort();
    co_return;
  }
  const std::optional<core::Error> shown =
      written ? error : std::optional<core::Error>(written.error());
  if (shown) ex.record.decision = shown->kind == core::ErrorKind::forbidden ? "deny" : "error";
  co_await release(ex, shown);
}

// Only close() calls this, after the outcome is durable or with the error that says that it is not.
asio::awaitable<void> Stages::release(Exchange& ex, const std::optional<core::Error>& error) {
  const bool open_stream = ex.writer && ex.writer->started();
  core::Result<void> sent;
  if (!error && (ex.streamed || open_stream)) {
    sent = co_await ex.writer->write(ex.reply);
    if (sent) sent = co_await ex.client.finish();
  } else if (!error) {
    sent = co_await ex.client.send(std::move(ex.reply_head), std::move(ex.reply));
  } else if (open_stream) {
    sent = co_await ex.writer->write(ex.adapter->error_event(*ex.endpoint, *error, ex.id));
    if (sent) sent = co_await ex.client.finish();
  } else {
    sent = co_await ex.client.send(error_head(ex, *error), ex.adapter->error_body(*error, ex.id));
  }
  if (!sent) ex.client.abort();
}

}  // namespace menshen::pipeline
