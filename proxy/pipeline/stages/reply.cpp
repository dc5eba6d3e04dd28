// What leaves last: the answer's last bytes, or the error that is told instead.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

namespace menshen::pipeline {
namespace {

ResponseHead error_head(const Exchange& ex, const core::Error& error) {
  ResponseHead head{static_cast<unsigned>(core::http_status(error.kind)),
                    reply_headers(ex, "application/json", &error)};
  if (error.kind == core::ErrorKind::unauthenticated)
    head.headers.emplace_back("www-authenticate", "Bearer");
  if (error.kind == core::ErrorKind::method_not_allowed)
    head.headers.emplace_back("allow", protocol::allowed_methods(head_of(ex.client.head()).path));
  // SDKs ask again after a 502, and nobody but the operator can mend this one.
  if (error.code == "upstream_credential_refused")
    head.headers.emplace_back("x-should-retry", "false");
  if (error.kind == core::ErrorKind::unavailable || error.kind == core::ErrorKind::rate_limited) {
    head.headers.emplace_back("retry-after", "1");
  }
  return head;
}

}  // namespace

class Reply : public Stage {
 public:
  explicit Reply(Lane&) {}

  Pending after(Exchange& ex, Ending& ending) override {
    const bool gone = ending.error && ending.error->kind == core::ErrorKind::cancelled;
    if (!ending.broken && !gone) return send(ex, ending);
    ex.client.abort();
    return std::nullopt;
  }

 private:
  static asio::awaitable<void> send(Exchange& ex, const Ending& ending) {
    StreamWriter* const writer = ex.writer->get();
    const bool is_open = writer != nullptr && writer->started();
    const std::string_view id = ex.arrival->id;
    core::Result<void> sent;
    if (!ending.error && (ex.last.ends_stream() || is_open)) {
      sent = co_await writer->write(ex.last.bytes());
      if (sent) sent = co_await ex.client.finish();
    } else if (!ending.error) {
      sent = co_await ex.client.send(ex.last.take_head(), ex.last.take_bytes());
    } else if (is_open) {
      sent =
          co_await writer->write(ex.adapter().error_event(*ex.called->endpoint, *ending.error, id));
      if (sent) sent = co_await ex.client.finish();
    } else {
      sent = co_await ex.client.send(error_head(ex, *ending.error),
                                     ex.adapter().error_body(*ending.error, id));
    }
    if (!sent) ex.client.abort();
  }
};

constinit const StageKind reply_stage = stage_kind<Reply>("reply");

}  // namespace menshen::pipeline
