// A running witness: WitnessStore (audit/witness_store.h) behind HTTP, as C2SP tlog-witness v1.0.0
// has it: POST /add-checkpoint, and nothing else.
//
//   auto server = WitnessServer::start({.listen = {{"127.0.0.1", 8181}}, .store = {...}}, log);
//   ... (*server)->stop();
//
// One thread: a head is durable before its cosignature is sent, and the next one waits for it. What
// is refused is answered with a sentence, and a contradiction stands in the log.
#pragma once

#include "audit/witness_store.h"
#include "core/error.h"
#include "proxy/config/config.h"
#include "proxy/gateway/log.h"
#include "proxy/transport/server.h"

#include <cstdint>
#include <memory>

namespace menshen::gateway {

class WitnessServer {
 public:
  struct Options {
    config::Listen listen;
    audit::WitnessStore::Options store;
  };

  // Errors: those of WitnessStore::open() and transport::Server::start(). The log outlives it.
  [[nodiscard]] static core::Result<std::unique_ptr<WitnessServer>> start(Options options,
                                                                          Log& log);
  WitnessServer(std::unique_ptr<audit::WitnessStore> store, Log& log)
      : store_(std::move(store)), log_(log) {}

  [[nodiscard]] std::uint16_t port() const noexcept { return server_->port(); }
  // Reads certificate and key again; after an error the former stay.
  void reload_certificates();
  // Answers what is open, and ends.
  void stop() { server_->stop(); }

 private:
  [[nodiscard]] boost::asio::awaitable<void> serve(http::Transaction& transaction);
  [[nodiscard]] http::Reply add_checkpoint(std::string_view body);
  void tell(const audit::WitnessAnswer& answer);

  const std::unique_ptr<audit::WitnessStore> store_;
  Log& log_;
  std::unique_ptr<transport::Server> server_;
};

}  // namespace menshen::gateway
