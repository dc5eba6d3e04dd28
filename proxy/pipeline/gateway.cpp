#include "proxy/pipeline/gateway.h"

#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/stages.h"

#include <boost/asio/cancellation_state.hpp>

#include <new>

namespace menshen::pipeline {
namespace {

using Step = asio::awaitable<core::Result<void>> (Stages::*)(Exchange&);

struct Stage {
  StageInfo info;
  Step run = nullptr;
};

constexpr Stage order[] = {
    {{"open", "an exchange has an id, a clock and a policy before anything can go wrong"},
     &Stages::open},
    {{"route_path", "what is not a known endpoint is refused before anything of it is read"},
     &Stages::route_path},
    {{"identify", "a stranger costs no body, no parse and no scan"}, &Stages::identify},
    {{"read", "the body is whole before it is judged, and bounded while it is read"},
     &Stages::read},
    {{"parse", "from here on the gateway and the provider read the same document"}, &Stages::parse},
    {{"admit", "who may not use a model is refused before the texts are scanned"}, &Stages::admit},
    {{"inspect", "findings do not depend on where the request goes"}, &Stages::inspect},
    {{"prepare", "content rules depend on the zone, so they follow the choice of a target"},
     &Stages::prepare},
    {{"intend", "the intent is on disk before the first byte leaves for the provider"},
     &Stages::intend},
    {{"forward", "retries and failover end where the provider's answer begins"}, &Stages::forward},
    {{"relay", "the answer is inspected and released piece by piece, up to its last bytes"},
     &Stages::relay},
};

constexpr auto make_infos() {
  std::array<StageInfo, std::size(order)> infos{};
  for (std::size_t i = 0; i < infos.size(); ++i) infos[i] = order[i].info;
  return infos;
}
constexpr auto infos = make_infos();

}  // namespace

struct Gateway::Impl : Stages {
  using Stages::Stages;

  asio::awaitable<std::optional<core::Error>> run(Exchange& ex) {
    for (const Stage& stage : order) {
      auto done = co_await (this->*stage.run)(ex);
      if (!done) co_return done.error();
    }
    co_return std::nullopt;
  }

  // An exception is a bug or exhausted memory: the exchange is refused like any other failure.
  asio::awaitable<std::optional<core::Error>> run_guarded(Exchange& ex) {
    try {
      co_return co_await run(ex);
    } catch (const std::bad_alloc&) {
      co_return core::gateway_error(core::ErrorKind::unavailable, "out_of_memory",
                                    "The gateway is out of memory; try again later.");
    } catch (const std::exception&) {
      co_return core::gateway_error(core::ErrorKind::internal, "internal_error",
                                    "The gateway failed on this exchange.");
    }
  }

  // What fails at the exit fails closed: nothing more leaves, and the connection breaks.
  asio::awaitable<void> close_guarded(Exchange& ex, const std::optional<core::Error>& error) {
    try {
      co_return co_await close(ex, error);
    } catch (...) {
      ex.client.abort();
    }
    if (!ex.observed) services.observer->closed(ex.record, 0, false);
  }
};

Gateway::Gateway(const Services& services, Upstreams& upstreams)
    : impl_(std::make_unique<Impl>(services, upstreams)) {}
Gateway::~Gateway() = default;

std::span<const StageInfo> Gateway::stages() noexcept { return infos; }

asio::awaitable<void> Gateway::handle(Client& client) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  Exchange ex(client);
  impl_->services.observer->opened();
  const auto error = co_await impl_->run_guarded(ex);
  // The record is written whatever becomes of the client.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  co_await impl_->close_guarded(ex, error);
}

}  // namespace menshen::pipeline
