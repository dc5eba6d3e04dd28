#include "proxy/gateway/witness_server.h"

#include "proxy/http/problem.h"

#include <string>
#include <utility>

namespace menshen::gateway {
namespace {

using audit::WitnessVerdict;

// A request is one small body that a program sends at once; who is slower keeps others out.
constexpr std::uint32_t request_timeout_ms = 5'000;
constexpr std::string_view add_path = "/add-checkpoint";

http::Reply plain(unsigned status, std::string body) {
  return {{status, {{"content-type", "text/plain; charset=utf-8"}}}, std::move(body)};
}

unsigned status_of(WitnessVerdict verdict) {
  switch (verdict) {
    case WitnessVerdict::cosigned: return 200;
    case WitnessVerdict::malformed: return 400;
    case WitnessVerdict::not_signed: return 403;
    case WitnessVerdict::unknown_log: return 404;
    case WitnessVerdict::other_size: return 409;
    case WitnessVerdict::other_root: return 409;
    case WitnessVerdict::wrong_proof: return 422;
    case WitnessVerdict::unavailable: return 503;
  }
  return 503;
}

http::Reply reply_of(const audit::WitnessAnswer& answer) {
  const unsigned status = status_of(answer.verdict);
  if (answer.verdict == WitnessVerdict::cosigned) return plain(status, answer.line);
  if (answer.verdict != WitnessVerdict::other_size) return plain(status, answer.what + "\n");
  // This one names the size to go on from; of another root at the same size there is none.
  return {{status, {{"content-type", "text/x.tlog.size"}}}, std::to_string(answer.size) + "\n"};
}

http::Reply refusal_of(const http::RequestHead& head) {
  if (head.target != add_path) {
    return http::problem(core::client_error(core::ErrorKind::not_found, "unknown_path",
                                            "There is no such path; there is: /add-checkpoint."));
  }
  http::Reply reply = http::problem(core::client_error(
      core::ErrorKind::method_not_allowed, "method_not_allowed", "This path takes: POST."));
  reply.head.headers.emplace_back("allow", "POST");
  return reply;
}

}  // namespace

core::Result<std::unique_ptr<WitnessServer>> WitnessServer::start(Options options, Log& log) {
  auto store = audit::WitnessStore::open(std::move(options.store), core::system_clock());
  if (!store) return store.error();
  auto out = std::make_unique<WitnessServer>(std::move(*store), log);
  core::Limits limits;
  limits.request_body_bytes_max = audit::submission_bytes_max;
  limits.connections_max = core::admin_connections_max;
  limits.tls_handshake_timeout_ms = request_timeout_ms;
  limits.header_timeout_ms = request_timeout_ms;
  limits.body_timeout_ms = request_timeout_ms;
  limits.write_timeout_ms = request_timeout_ms;
  auto server = transport::Server::start(
      {.listen = std::move(options.listen),
       .limits = limits,
       .threads = 1,
       .error_reply = [](const core::Error& error,
                         std::string_view) { return http::problem(error); },
       .upstreams = nullptr,
       .bodies = nullptr,
       .on_full =
           [self = out.get()] { self->log_.warn("connections_full", "connections were closed"); }},
      [self = out.get()](boost::asio::any_io_executor, pipeline::Upstreams&) {
        return [self](http::Transaction& transaction) { return self->serve(transaction); };
      });
  if (!server) return server.error();
  out->server_ = std::move(*server);
  out->log_.notice("witness_listening",
                   "port " + std::to_string(out->port()) + ", " + out->store_->key().vkey());
  return out;
}

void WitnessServer::reload_certificates() {
  if (const auto loaded = server_->reload_certificates(); !loaded) {
    log_.error("certificates_refused", core::to_string(loaded.error()));
  } else {
    log_.notice("certificates_reloaded");
  }
}

boost::asio::awaitable<void> WitnessServer::serve(http::Transaction& transaction) {
  const http::RequestHead& head = transaction.head();
  http::Reply reply;
  if (head.method == "POST" && head.target == add_path) {
    const auto body = co_await transaction.read_body();
    if (!body && body.error().kind == core::ErrorKind::cancelled) {
      transaction.abort();
      co_return;
    }
    reply = body ? add_checkpoint(*body) : http::problem(body.error());
  } else {
    reply = refusal_of(head);
  }
  const auto sent = co_await transaction.send(std::move(reply.head), std::move(reply.body));
  if (!sent) transaction.abort();
}

http::Reply WitnessServer::add_checkpoint(std::string_view body) {
  const audit::WitnessAnswer answer = store_->add(body);
  tell(answer);
  return reply_of(answer);
}

void WitnessServer::tell(const audit::WitnessAnswer& answer) {
  const std::string of_log = answer.origin + ", " + std::to_string(answer.size) + " records";
  if (!answer.contradiction.empty())
    return log_.error("log_contradicted", of_log + ", and another root: " + answer.contradiction);
  switch (answer.verdict) {
    case WitnessVerdict::cosigned: return log_.info("head_cosigned", of_log);
    // Proofs are not signed: it may be a stranger's that came with the log's head.
    case WitnessVerdict::wrong_proof:
      return log_.warn("proof_refused", of_log + ": " + answer.what);
    case WitnessVerdict::unavailable: return log_.error("witness_failed", answer.what);
    // Anybody may send these.
    default: return;
  }
}

}  // namespace menshen::gateway
