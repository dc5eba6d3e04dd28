// An API, as the rest of the gateway sees it: one object, in one folder. Immutable; any thread.
//
//   const auto call = find_call({method, path, query, headers});   // which endpoint of which API
//   auto document = Document::parse_request(body, *call->endpoint, limits, call->model);
//   upstream.get(call->adapter().target(*call->endpoint, model, query));
//   reply(error_body(error, exchange));                            // in the API's own words
//
// A folder NAME with a NAME_adapter.cpp that defines `const Adapter& NAME_adapter()` is an API:
// CMake registers it, and no other file names it (tests/style).
#pragma once

#include "core/error.h"
#include "core/score.h"
#include "proxy/protocol/endpoint.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::protocol {

class Vocabulary;

using HeaderViews = std::span<const std::pair<std::string, std::string>>;

// The head of a request, as far as it says which API is called. Names of headers in lower case.
struct Head {
  std::string_view method;
  std::string_view path;   // without the query
  std::string_view query;  // without the question mark
  HeaderViews headers;
};
[[nodiscard]] bool has_header(const Head& head, std::string_view name) noexcept;

// How much speaks for it that a head is of an API's client, where its path alone does not tell.
enum class Claim : std::uint8_t {
  none,
  anybody,  // what most clients speak: the API that answers whom nobody claims
  own,      // its paths, or a header that no other API's clients send
};

// What parts the events of its streams.
enum class Framing : std::uint8_t {
  sse,    // server-sent events
  lines,  // a document in each line (NDJSON)
};

// When to come back, as the head of a provider's answer says it; empty: it does not.
struct RetryHint {
  std::string_view after;     // of the header retry-after
  std::string_view after_ms;  // of the header retry-after-ms
};

// What was judged of a streamed exchange, in the words of the headers of a whole answer.
struct Judgement {
  std::string_view decision;
  std::string_view annotations;  // empty: nothing was annotated
  const core::Scores& scores;    // of the answer
};

struct HeaderLine {
  std::string_view name;
  std::string_view value;
};

class Adapter {
 public:
  // What of an API is data.
  struct Facts {
    std::string_view name;  // of upstreams[].apis
    std::span<const Endpoint> endpoints;
    const Vocabulary* words;
    HeaderLine credential;         // the header that has it, and what stands before it there
    std::string_view stream_type;  // the content type of its streams
    Framing framing = Framing::sse;
    // Headers that may pass, beside those of all APIs (pipeline/headers.cpp). Of answers, an
    // asterisk at the end of a name stands for whatever follows.
    std::span<const std::string_view> to_provider = {};
    std::span<const std::string_view> to_client = {};
    // Headers to the provider that choose whose account pays: only where a route says so.
    std::span<const std::string_view> of_account = {};
    std::string_view listing_path;  // where its providers list their models
    std::span<const HeaderLine> listing_headers = {};
  };

  explicit constexpr Adapter(const Facts& facts) noexcept : facts_(facts) {}
  virtual ~Adapter() = default;
  Adapter(const Adapter&) = delete;
  Adapter& operator=(const Adapter&) = delete;

  [[nodiscard]] const Facts& facts() const noexcept { return facts_; }

  // Calls.
  [[nodiscard]] virtual Claim claim(const Head& head) const noexcept = 0;
  // Whether a query that is not empty may pass: it is a text that nobody inspects.
  [[nodiscard]] virtual bool takes_query(const Endpoint& endpoint,
                                         std::string_view query) const noexcept = 0;
  // Path and query at a provider. `model`: its name there.
  [[nodiscard]] virtual std::string target(const Endpoint& endpoint, std::string_view model,
                                           std::string_view query) const;

  // Voice: what the gateway itself says, in the shape of the API, so that SDKs raise their own
  // exceptions and tolerate pings.
  [[nodiscard]] virtual std::string error_body(const core::Error& error,
                                               std::string_view exchange) const = 0;
  // The same as the last event of a stream that is already open. After it the connection's stream
  // ends.
  [[nodiscard]] virtual std::string error_event(const Endpoint& endpoint, const core::Error& error,
                                                std::string_view exchange) const = 0;
  // What keeps a silent stream alive, between two of its events.
  [[nodiscard]] virtual std::string_view ping() const noexcept = 0;
  // Scores (and decision) of a streamed answer, in what the SDKs ignore. Its place is before the
  // terminal event, behind which nobody reads.
  [[nodiscard]] virtual std::string scores_event(const Endpoint& endpoint,
                                                 const Judgement& judgement) const = 0;
  // A provider's error whose body is not passed, in the API's shape: `error` says why.
  [[nodiscard]] virtual std::string provider_error_body(unsigned status, const core::Error& error,
                                                        std::string_view exchange) const = 0;
  // A provider's error that comes when the stream is already open: its `body`, a JSON document, as
  // the API's last event. Where the head of an answer would say it, the event has its `status` and,
  // unless they are empty, `retry_after` and `retry_after_ms`.
  [[nodiscard]] virtual std::string provider_error_event(const Endpoint& endpoint, unsigned status,
                                                         std::string_view body, RetryHint retry,
                                                         std::string_view exchange) const = 0;

  // Lists of models. The names in a provider's list; an error of source provider ("bad_model_list")
  // if it is none.
  [[nodiscard]] virtual core::Result<std::vector<std::string>> parse_model_list(
      std::string_view body) const = 0;
  [[nodiscard]] virtual std::string model_list(std::span<const std::string> ids) const = 0;
  [[nodiscard]] virtual std::string model_object(std::string_view id) const = 0;

 private:
  Facts facts_;
};

// The APIs of this build, sorted by name.
[[nodiscard]] std::span<const Adapter* const> adapters();
// Null: there is no such API.
[[nodiscard]] const Adapter* find_adapter(std::string_view name);
// The headers of all APIs that choose whose account pays.
[[nodiscard]] std::vector<std::string_view> account_headers();
// Null: no API has an endpoint of this name.
[[nodiscard]] const Endpoint* find_endpoint(std::string_view name);

struct Call {
  const Endpoint* endpoint = nullptr;
  std::string model;  // that the path names, its escapes decoded

  [[nodiscard]] const Adapter& adapter() const { return endpoint->adapter(); }
};

// HEAD is called as GET is. Errors: not_found "unknown_path", method_not_allowed
// "method_not_allowed". Percent-encoded, doubled or dotted forms of a known path are unknown.
core::Result<Call> find_call(const Head& head);

// The methods that some endpoint has at this path, as in the header `allow`: "GET, POST".
[[nodiscard]] std::string allowed_methods(std::string_view path);

// The API in whose shape a caller most likely wants an error, before or without a known path.
[[nodiscard]] const Adapter& likely_adapter(const Head& head);

// A name as one segment of a path, with escapes (RFC 3986).
[[nodiscard]] std::string path_segment(std::string_view name);
// Letters, digits and `=&_-`, up to 64 bytes: what lists are paged by.
[[nodiscard]] bool is_paging_query(std::string_view query) noexcept;

}  // namespace menshen::protocol
