#include "proxy/pipeline/gateway.h"

#include "proxy/pipeline/exchange.h"
#include "proxy/pipeline/lane.h"
#include "proxy/pipeline/stages.h"

#include <boost/asio/cancellation_state.hpp>

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <new>
#include <ranges>
#include <utility>
#include <vector>

namespace menshen::pipeline {
namespace {

constexpr std::nullopt_t for_all = std::nullopt;
constexpr Course for_inference = Course::inference;
constexpr Course for_listing = Course::listing;

// before() and piece() in this order, after() in reverse.
constexpr StageRow order[] = {
    {&sample_stage, for_all, "what nobody waits for is begun when all has left"},
    {&reply_stage, for_all, "the last bytes leave after all else, the outcome included"},
    {&remember_stage, for_all,
     "what an answer gives out is known before its last bytes leave, for a client may send it back "
     "at once, and only when its outcome is durable"},
    {&open_stage, for_all,
     "an exchange has an id, a clock and a policy before anything can go wrong, and its outcome is "
     "written when everything behind has ended"},
    {&deadline_stage, for_all, "whatever takes time from here on takes it from the exchange's"},
    {&route_path_stage, for_all,
     "what is not a known endpoint is refused before anything of it is read"},
    {&identify_stage, for_all, "a stranger costs no body, no parse and no scan"},
    {&admit_listing_stage, for_listing, "who may list nothing costs no upstream a question"},
    {&list_stage, for_listing, "which models are listed is judged when they are known"},
    {&read_stage, for_inference,
     "the body is whole and bounded before it is judged, and from here on the gateway and the "
     "provider read the same document"},
    {&admit_stage, for_inference,
     "who may not use a model is refused before the texts are scanned"},
    {&inspect_stage, for_inference, "findings do not depend on where the request goes"},
    {&prepare_stage, for_inference,
     "content rules depend on the zone, so they follow the choice of a target"},
    {&intend_stage, for_inference,
     "the intent is on disk before the first byte leaves for the provider"},
    {&pings_stage, for_inference,
     "a client that waits for a stream hears of it while the provider works"},
    {&forward_stage, for_inference, "retries and failover end where the provider's answer begins"},
    {&examine_stage, for_inference, "nothing of an answer goes on before it is inspected"},
    {&scores_stage, for_inference,
     "scores are about a whole answer, and may refuse it before its end is released"},
    {&relay_stage, for_inference,
     "what is left of a piece leaves, and its last bytes are kept for the outcome"},
};

[[nodiscard]] Course course_of(const Exchange& ex) noexcept {
  return ex.called->endpoint->operation == core::Operation::models ? for_listing : for_inference;
}

struct Begun {
  const StageKind* kind;
  Stage* stage;
};

// The stages of one exchange whose before() was begun, in one piece of memory.
class Stages {
 public:
  Stages(std::size_t count, std::size_t bytes)
      : count_(count), memory_(bytes + count * sizeof(Begun)), all_(&memory_) {}
  Stages(const Stages&) = delete;
  Stages& operator=(const Stages&) = delete;
  ~Stages() {
    while (!all_.empty()) {
      all_.back().stage->~Stage();
      all_.pop_back();
    }
  }

  Stage& begin(const StageKind& kind, Lane& lane) {
    all_.reserve(count_);
    return *all_.emplace_back(Begun{&kind, kind.make(lane, memory_)}).stage;
  }
  [[nodiscard]] std::span<const Begun> all() const noexcept { return all_; }

 private:
  std::size_t count_;
  Memory memory_;
  std::pmr::vector<Begun> all_;
};

}  // namespace

struct Gateway::Impl {
  using MaybeError = std::optional<core::Error>;

  Impl(const Services& services, Upstreams& upstreams, std::span<const StageRow> rows)
      : lane(services, upstreams), order(rows) {
    for (const StageRow& row : rows) bytes += row.kind->bytes + alignof(std::max_align_t);
  }

  asio::awaitable<MaybeError> run(Exchange& ex, Stages& begun) {
    for (const StageRow& row : order) {
      if (row.course && *row.course != course_of(ex)) continue;
      Stage& stage = begun.begin(*row.kind, lane);
      if (!row.kind->has_before) continue;
      Step step = stage.before(ex);
      if (auto* const rest = std::get_if<asio::awaitable<core::Result<void>>>(&step)) {
        step = co_await std::move(*rest);
      }
      if (const auto& done = std::get<core::Result<void>>(step); !done) co_return done.error();
    }
    if (ex.delivery->call) co_return co_await relay(ex, begun);
    co_return std::nullopt;
  }

  // The provider's answer, piece by piece, through the stages.
  asio::awaitable<MaybeError> relay(Exchange& ex, const Stages& begun) {
    Piece piece;
    while (!piece.end && !piece.error) {
      const std::int64_t began = lane.now_ns();
      const auto read = co_await ex.delivery->call->read();
      ex.record.waited_for_upstream(lane.now_ns() - began);
      if (read) {
        piece.bytes = *read;
      } else {
        piece.fail(read.error());
      }
      for (const Begun& b : begun.all()) {
        if (!b.kind->has_piece) continue;
        if (Pending pending = b.stage->piece(ex, piece)) co_await std::move(*pending);
      }
    }
    co_return std::move(piece.error);
  }

  // An exception is a bug or exhausted memory: the exchange is refused like any other failure.
  asio::awaitable<MaybeError> run_guarded(Exchange& ex, Stages& begun) {
    try {
      co_return co_await run(ex, begun);
    } catch (const std::bad_alloc&) {
      co_return core::out_of_memory();
    } catch (const std::exception&) {
      co_return core::gateway_error(core::ErrorKind::internal, "internal_error",
                                    "The gateway failed on this exchange.");
    }
  }

  // What fails at the exit fails closed: nothing more leaves, and the connection breaks. The stages
  // before it still have their turn.
  asio::awaitable<void> leave(Exchange& ex, Stages& begun, Ending ending) {
    for (const Begun& b : begun.all() | std::views::reverse) {
      if (!b.kind->has_after) continue;
      try {
        if (Pending pending = b.stage->after(ex, ending)) co_await std::move(*pending);
      } catch (...) {
        ending.broken = true;
        ex.client.abort();
      }
    }
  }

  Lane lane;
  std::span<const StageRow> order;
  std::size_t bytes = 0;  // of the stages of an exchange
};

Gateway::Gateway(const Services& services, Upstreams& upstreams, std::span<const StageRow> rows)
    : impl_(std::make_unique<Impl>(services, upstreams, rows)) {}
Gateway::~Gateway() = default;

std::span<const StageRow> Gateway::stages() noexcept { return order; }

asio::awaitable<void> Gateway::handle(Client& client) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  Exchange ex(client, *impl_->lane.services.redactor);
  Stages begun(impl_->order.size(), impl_->bytes);
  Ending ending;
  ending.error = co_await impl_->run_guarded(ex, begun);
  // The record is written whatever becomes of the client.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  if (begun.all().empty()) client.abort();  // no memory for the first stage
  co_await impl_->leave(ex, begun, std::move(ending));
}

}  // namespace menshen::pipeline
