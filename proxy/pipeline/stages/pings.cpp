// The client's side of a stream: it is opened by the first ping or by the first text, pinged while
// nothing comes, and never after the exchange.
#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace menshen::pipeline {

class Pings : public Stage {
 public:
  explicit Pings(Lane& lane) : lane_(lane) {}

  Step before(Exchange& ex) override {
    if (!ex.request->stream) return {};
    return start(ex);
  }

  Pending after(Exchange& ex, Ending& ending) override {
    if (ex.writer->get() == nullptr) return std::nullopt;
    return stop(ex, ending);
  }

 private:
  asio::awaitable<core::Result<void>> start(Exchange& ex) {
    auto& writer = ex.writer.value_;
    writer = std::make_unique<StreamWriter>(
        co_await asio::this_coro::executor, ex.client, ex.adapter().ping(),
        std::chrono::milliseconds(lane_.services.limits.ping_interval_ms), [&ex](Headers passed) {
          ResponseHead head{200, stream_headers(ex)};
          for (auto& header : passed) head.headers.push_back(std::move(header));
          return head;
        });
    writer->start_pings();
    co_return core::Result<void>{};
  }

  static asio::awaitable<void> stop(Exchange& ex, Ending& ending) {
    StreamWriter& writer = **ex.writer;
    co_await writer.stop();
    if (!ending.error && !ex.last.ends_stream() && writer.started()) fit_into_stream(ex, ending);
  }

  // Once pings have gone out, a whole document can no longer take the stream's place; a provider's
  // error still can, as the last event.
  static void fit_into_stream(Exchange& ex, Ending& ending) {
    const ResponseHead& head = ex.last.head();
    // Where a stream is lines of JSON, one document is a stream of one line.
    if (head.status < 400 && ex.adapter().facts().framing == protocol::Framing::lines) {
      std::string line = ex.last.bytes();
      std::ranges::replace_if(
          line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
      line.push_back('\n');
      return ex.last.become_event(std::move(line));
    }
    if (head.status < 400) {
      ending.error = core::provider_error(core::ErrorKind::bad_upstream, "not_a_stream",
                                          "The provider did not answer with a stream.");
      return;
    }
    const protocol::RetryHint retry{find_header(head.headers, "retry-after").value_or(""),
                                    find_header(head.headers, "retry-after-ms").value_or("")};
    ex.last.become_event(ex.adapter().provider_error_event(*ex.called->endpoint, head.status,
                                                           ex.last.bytes(), retry, ex.arrival->id));
  }

  Lane& lane_;
};

constinit const StageKind pings_stage = stage_kind<Pings>("pings");

}  // namespace menshen::pipeline
